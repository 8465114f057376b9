/** The keys of the reading page: one table for the hints on buttons and the key sheet. */

import { el } from "../lib/dom.js";

/** @type {{ chord: string, also?: string[], act: string, words: string, group: string }[]} */
export const KEYS = [
  { group: "Answer", chord: "1", also: ["…9"], act: "answer", words: "Answer the current question" },
  { group: "Answer", chord: "N", also: ["Shift+N"], act: "question.next", words: "Next or previous question" },
  { group: "Answer", chord: "A", act: "mark.add", words: "Add a mark" },
  { group: "Answer", chord: "J", also: ["K"], act: "mark.next", words: "Next or previous mark" },
  { group: "Answer", chord: "Delete", act: "mark.remove", words: "Remove the mark, or the last point of an open outline" },
  { group: "Answer", chord: "0", act: "nothing", words: "Nothing found" },
  { group: "Answer", chord: "X", act: "cannot", words: "Cannot assess, with a reason" },
  { group: "Answer", chord: "Ctrl+Z", also: ["Ctrl+Y"], act: "undo", words: "Undo or redo" },
  { group: "Answer", chord: "Ctrl+S", act: "save", words: "Save now" },
  { group: "Answer", chord: "Ctrl+Enter", act: "finish", words: "Finish, and open the next case" },
  { group: "Draw", chord: "B", act: "tool.brush", words: "Brush" },
  { group: "Draw", chord: "E", act: "tool.eraser", words: "Eraser" },
  { group: "Draw", chord: "[", also: ["]"], act: "tool.size", words: "Brush size" },
  { group: "Draw", chord: "P", act: "tool.polygon", words: "Outline: click points, drag a point" },
  { group: "Draw", chord: "O", act: "tool.box", words: "Box: two corners, or drag" },
  { group: "Draw", chord: "L", act: "tool.point", words: "Point: click where it is; a digit chooses which" },
  { group: "Draw", chord: "Enter", also: ["Esc"], act: "ring", words: "Close or leave the open outline" },
  { group: "Draw", chord: "M", act: "tool.ruler", words: "Ruler: two points" },
  { group: "Draw", chord: "Shift+arrows", act: "cursor", words: "Move the cursor (with Ctrl: ten pixels)" },
  { group: "Draw", chord: "Space", act: "press", words: "Use the tool at the cursor" },
  { group: "View", chord: "↑", also: ["↓"], act: "slice.step", words: "Previous or next slice (also the wheel)" },
  { group: "View", chord: "PgUp", also: ["PgDn", "Home", "End"], act: "slice.jump", words: "Ten slices; first, last" },
  { group: "View", chord: "=", act: "view.fit", words: "Fit the image" },
  { group: "View", chord: "+", also: ["−"], act: "view.zoom", words: "Zoom in or out (also Ctrl and wheel)" },
  { group: "View", chord: "Shift+1", also: ["…5"], act: "view.preset", words: "Window presets" },
  { group: "View", chord: "I", act: "view.invert", words: "Invert the greys" },
  { group: "View", chord: "Q", act: "view.hide", words: "Hide the drawing while held" },
  { group: "View", chord: "H", act: "tool.crosshair", words: "Crosshair: move all panes here" },
  { group: "View", chord: "W", act: "tool.window", words: "Window and level (also Shift and drag)" },
  { group: "View", chord: "T", act: "tool.pan", words: "Pan (also the middle button)" },
  { group: "View", chord: "Z", act: "tool.zoom", words: "Zoom (also the right button)" },
  { group: "View", chord: "?", act: "sheet", words: "This sheet" },
];

export function hint(act) {
  return KEYS.find((key) => key.act === act)?.chord ?? "";
}

export function buildSheet(holder) {
  const groups = [...new Set(KEYS.map((key) => key.group))];
  const keys = ({ chord, also = [] }) => el("span", { class: "nowrap" }, ...[chord, ...also].flatMap((key) => [el("kbd", {}, key), " "]));
  holder.append(...groups.map((group) => el("section", {}, el("h3", {}, group),
    ...KEYS.filter((key) => key.group === group).map((key) => el("div", {}, el("span", {}, key.words), keys(key))))));
}
