/** Panes, tool buttons and key sheet, built from the tables of the viewer. */

import { el } from "../lib/dom.js";
import { SliceView } from "../viewer/slice_view.js";

/** The one table of keys: it drives the shortcuts, the hints on buttons and the key sheet. */

/** @typedef {{ chord: string, act: string, words: string, group: string, also?: string[] }} Key */

/** @type {Key[]} */
const KEYS = [
  { group: "Slices", chord: "↑", also: ["↓"], act: "slice.step", words: "Previous or next slice (also the wheel)" },
  { group: "Slices", chord: "PgUp", also: ["PgDn"], act: "slice.jump", words: "Ten slices" },
  { group: "Slices", chord: "Home", also: ["End"], act: "slice.end", words: "First or last slice" },
  { group: "Slices", chord: "N", act: "slice.disputed", words: "Next slice where readers differ" },
  { group: "Slices", chord: "Shift+N", act: "slice.disputed.back", words: "Previous slice where readers differ" },
  { group: "View", chord: "F", act: "view.finding", words: "Show the finding, large" },
  { group: "View", chord: "=", also: ["Space"], act: "view.fit", words: "Fit the image" },
  { group: "View", chord: "+", also: ["−"], act: "view.zoom", words: "Zoom in or out (also Ctrl and wheel)" },
  { group: "View", chord: "1", also: ["2", "3", "4", "5"], act: "view.preset", words: "Window presets" },
  { group: "View", chord: "I", act: "view.invert", words: "Invert the greys" },
  { group: "View", chord: "Q", act: "view.hide", words: "Hide all outlines while held" },
  { group: "View", chord: "D", act: "view.map", words: "Disagreement map" },
  { group: "View", chord: "Shift+1", also: ["…9"], act: "view.reader", words: "Show or hide a reader" },
  { group: "Tools", chord: "H", act: "tool.crosshair", words: "Crosshair: move all panes here" },
  { group: "Tools", chord: "W", act: "tool.window", words: "Window and level (also Shift and drag)" },
  { group: "Tools", chord: "T", act: "tool.pan", words: "Pan (also the middle button)" },
  { group: "Tools", chord: "Z", act: "tool.zoom", words: "Zoom (also the right button)" },
  { group: "Tools", chord: "B", act: "tool.brush", words: "Brush" },
  { group: "Tools", chord: "E", act: "tool.eraser", words: "Eraser" },
  { group: "Tools", chord: "[", also: ["]"], act: "tool.size", words: "Brush size" },
  { group: "Tools", chord: "Ctrl+Z", act: "undo", words: "Undo" },
  { group: "Tools", chord: "Ctrl+Y", act: "redo", words: "Redo" },
  { group: "Decision", chord: "U", also: ["A", "B", "…"], act: "take.reader", words: "Take that reader’s answer" },
  { group: "Decision", chord: "K", act: "take.consensus", words: "Take the consensus" },
  { group: "Decision", chord: "Shift+U", act: "take.union", words: "Union of all who marked it" },
  { group: "Decision", chord: "Shift+I", act: "take.intersection", words: "Intersection of all who marked it" },
  { group: "Decision", chord: "Delete", act: "take.nothing", words: "Nothing here: reject the finding" },
  { group: "Decision", chord: "X", act: "take.exclude", words: "Cannot be assessed" },
  { group: "Decision", chord: "Y", also: ["1", "…7"], act: "cause", words: "Cause" },
  { group: "Decision", chord: "J", act: "rationale", words: "Write the justification (Esc leaves the field)" },
  { group: "Case", chord: "S", act: "skip", words: "Give the case back, with a reason" },
  { group: "Case", chord: "R", act: "refer", words: "Refer the case to a panel, where the protocol has one" },
  { group: "Case", chord: "Ctrl+S", act: "save", words: "Save now" },
  { group: "Case", chord: "Ctrl+Enter", act: "sign", words: "Sign and go on to the next case" },
  { group: "Case", chord: "?", act: "sheet", words: "This sheet" },
];

export const hint = (act) => KEYS.find((key) => key.act === act)?.chord ?? "";

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
