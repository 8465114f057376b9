/** What a key press is called, and who listens to it. The tables of keys belong to the pages. */

import { typing } from "../lib/dom.js";

const NAMES = /** @type {Record<string, string>} */ ({
  ArrowUp: "↑", ArrowDown: "↓", PageUp: "PgUp", PageDown: "PgDn", " ": "Space", "-": "−", Backspace: "Delete",
});

/**
 * The chord of a key press. Digits go by their place on the keyboard, so that Shift+1 is the same on each
 * layout; letters go by what they write. AltGr is not Ctrl: some keyboards type [ with it.
 * @param {KeyboardEvent} event
 */
export function chord(event) {
  const typed = event.getModifierState("AltGraph");
  const command = (event.ctrlKey || event.metaKey) && !typed;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  // With AltGr, or where a digit's key writes "[", the written sign counts.
  const key = digit && !typed ? digit[1] : event.key;
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const shifted = event.shiftKey && (/^[A-Z0-9↑↓]$/.test(name) || name.length > 1);
  return `${command ? "Ctrl+" : ""}${shifted ? "Shift+" : ""}${name}`;
}

/**
 * Two-key acts wait for their second key: U then a letter, Y then a digit.
 */
export function listen({ acts, second, say, hide }) {
  /** @type {string | null} */
  let pending = null;
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const key = chord(event);
    if (typing(event.target) && !/^Ctrl\+(Enter|S)$/.test(key)) {
      if (key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
      return;
    }
    if (keepsOwnKeys(event.target, key)) return;
    if (pending && !["Shift", "Control", "Alt"].includes(event.key)) {
      const waiting = second[pending];
      pending = null;
      event.preventDefault();
      if (key !== "Escape") waiting.take(key.replace("Shift+", ""));
      else say("Left");
    } else if (second[key]) {
      pending = key;
      event.preventDefault();
      say(second[key].prompt);
    } else if (key === "Q") {
      event.preventDefault();
      hide(true);
    } else if (acts[key]) {
      event.preventDefault();
      acts[key](key);
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key.toUpperCase() === "Q") hide(false);
  });
  window.addEventListener("blur", () => hide(false));
}

/** Space presses a focused button; arrows and space move within a group of choices. */
function keepsOwnKeys(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("button, a, summary")) return key === "Space" || key === "Enter";
  return target instanceof HTMLInputElement && (key === "Space" || /^[←→↑↓]|^Arrow/.test(key));
}
