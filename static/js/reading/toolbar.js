/** Panes and tool buttons of the reading page. */

import { el } from "../lib/dom.js";
import { DrawingView } from "./drawing_view.js";
import { hint } from "./keys.js";

const NAMES = { axial: "Axial", coronal: "Coronal", sagittal: "Sagittal" };
const PANE_KEYS = "Arrow up and down change the slice. Shift and arrows move the cursor, space uses the tool there. Question mark shows all keys.";

/** @returns {Record<string, DrawingView>} */
export function buildPanes(holder, board, hasImage) {
  const planes = hasImage && board.shape[0] > 1 ? ["axial", "coronal", "sagittal"] : ["axial"];
  holder.classList.toggle("three", planes.length === 3);
  return Object.fromEntries(planes.map((plane) => {
    const name = planes.length === 3 ? NAMES[plane] : "Image";
    const pane = el("div", { class: "pane", tabindex: "0", role: "application", "aria-label": `${name} pane. ${PANE_KEYS}`, "data-plane": plane });
    holder.append(pane);
    const view = new DrawingView(pane, board, plane);
    pane.append(el("span", { class: "pane-name" }, name));
    return [plane, view];
  }));
}

/** @param {string[]} kinds  of the questions, which decide what there is to draw with */
export function buildTools(holder, board, { hasImage, kinds }) {
  const button = (act, words, extra = {}) => el("button", { type: "button", "data-act": act, ...extra }, words, " ", el("kbd", {}, hint(act)));
  const tool = (name) => button(`tool.${name}`, `${name[0].toUpperCase()}${name.slice(1)}`, { "data-tool": name });
  const draws = [
    ...(kinds.includes("mask") ? ["brush", "eraser"] : []),
    ...(kinds.includes("polygon") ? ["polygon"] : []),
    ...(kinds.includes("box") ? ["box"] : []),
    ...(kinds.includes("landmarks") ? ["point"] : []),
    ...(kinds.includes("measurement") && board.spacing ? ["ruler"] : []),
  ];
  holder.append(
    ...(hasImage ? ["crosshair", "window"] : []).map(tool), tool("pan"), tool("zoom"),
    ...(hasImage && draws.length ? [el("span", { class: "sep" }), ...draws.map(tool)] : []),
    el("span", { class: "sep" }), button("view.fit", "Fit"), button("view.hide", "Hide"),
    el("span", { class: "grow" }),
    ...(hasImage ? [el("span", { class: "dim small nowrap", id: "levels" })] : []),
  );
  const show = () => {
    for (const item of holder.querySelectorAll("[data-tool]")) item.setAttribute("aria-pressed", String(item.dataset.tool === board.tool));
    holder.querySelector('[data-act="view.hide"]').setAttribute("aria-pressed", String(board.bare));
    const levels = holder.querySelector("#levels");
    if (levels) levels.textContent = `L ${Math.round(board.window.center)} W ${Math.round(board.window.width)}`;
  };
  board.addEventListener("state", show);
  show();
}
