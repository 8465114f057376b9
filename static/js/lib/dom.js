/** Small helpers for building elements. No page is known here. */

/**
 * @param {string} id
 * @returns {any}  the page is ours: what it must hold, it holds
 */
export const $ = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {Record<string, string | number | boolean | null | undefined>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function el(name, attributes = {}, ...children) {
  return /** @type {HTMLElement} */ (filled(document.createElement(name), attributes, children));
}

/**
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  return /** @type {SVGElement} */ (filled(document.createElementNS(SVG, name), attributes, children));
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Data that the page hands over (json_script).
 */
export function data(id) {
  const holder = document.getElementById(id);
  return holder ? JSON.parse(holder.textContent ?? "null") : null;
}

/** Whether keys typed now belong to a field. */
export function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|range|button|submit)$/.test(target.type)));
}
