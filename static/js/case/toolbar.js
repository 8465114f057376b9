/** Panes, tool buttons and key sheet, built from the tables of the viewer. */

import { el } from "../lib/dom.js";
import { KEYS, hint } from "../viewer/keymap.js";
import { SliceView } from "../viewer/slice_view.js";

const NAMES = { axial: "Axial", coronal: "Coronal", sagittal: "Sagittal" };
const PANE_KEYS = "Arrow up and down change the slice. Question mark shows all keys.";

/** @returns {Record<string, SliceView>} */
export function buildPanes(holder, workspace, hasImage) {
  const planes = hasImage && workspace.shape[0] > 1 ? ["axial", "coronal", "sagittal"] : ["axial"];
  holder.classList.toggle("three", planes.length === 3);
  return Object.fromEntries(planes.map((plane) => {
    const name = workspace.oriented || planes.length === 3 ? NAMES[plane] : "Image";
    const pane = el("div", { class: "pane", tabindex: "0", role: "application", "aria-label": `${name} pane. ${PANE_KEYS}`, "data-plane": plane });
    holder.append(pane);
    const view = new SliceView(pane, workspace, plane);
    pane.append(el("span", { class: "pane-name" }, name));
    return [plane, view];
  }));
}

const button = (act, words, extra = {}) => el("button", { type: "button", "data-act": act, ...extra }, words, " ", el("kbd", {}, hint(act)));
const separator = () => el("span", { class: "sep" });

export function buildTools(holder, workspace, { hasImage, paints }) {
  const tools = ["crosshair", "window", "pan", "zoom"].filter((tool) => hasImage || tool === "pan" || tool === "zoom");
  if (paints) tools.push("brush", "eraser");
  const several = workspace.shape[0] > 1;
  holder.append(
    ...tools.map((tool) => button(`tool.${tool}`, `${tool[0].toUpperCase()}${tool.slice(1)}`, { "data-tool": tool })),
    separator(),
    button("view.finding", "Finding"), button("view.fit", "Fit"), button("view.map", "Map"), button("view.hide", "Hide"),
    ...(several ? [separator(), button("slice.disputed", "Next disputed")] : []),
    el("span", { class: "grow" }),
    ...(hasImage ? [el("span", { class: "dim small nowrap", id: "levels" })] : []),
  );
  const show = () => {
    for (const item of holder.querySelectorAll("[data-tool]")) item.setAttribute("aria-pressed", String(item.dataset.tool === workspace.tool));
    holder.querySelector('[data-act="view.map"]')?.setAttribute("aria-pressed", String(workspace.map));
    holder.querySelector('[data-act="view.hide"]')?.setAttribute("aria-pressed", String(workspace.bare));
    const levels = holder.querySelector("#levels");
    if (levels) levels.textContent = `L ${Math.round(workspace.window.center)} W ${Math.round(workspace.window.width)}`;
  };
  workspace.addEventListener("state", show);
  show();
}

export function buildSheet(holder) {
  const groups = [...new Set(KEYS.map((key) => key.group))];
  holder.append(...groups.map((group) => el("section", {}, el("h3", {}, group),
    ...KEYS.filter((key) => key.group === group).map(({ chord, also = [], words }) =>
      el("div", {}, el("span", {}, words), el("span", { class: "nowrap" }, ...[chord, ...also].flatMap((key) => [el("kbd", {}, key), " "])))))));
}
