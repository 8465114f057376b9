/** The one table of keys: it drives the shortcuts, the hints on buttons and the key sheet. */

import { typing } from "../lib/dom.js";

/** @typedef {{ chord: string, act: string, words: string, group: string, also?: string[] }} Key */

/** @type {Key[]} */
export const KEYS = [
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
  { group: "Case", chord: "Ctrl+S", act: "save", words: "Save now" },
  { group: "Case", chord: "Ctrl+Enter", act: "sign", words: "Sign and go on to the next case" },
  { group: "Case", chord: "?", act: "sheet", words: "This sheet" },
];

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
  const shifted = event.shiftKey && (/^[A-Z0-9]$/.test(name) || name.length > 1);
  return `${command ? "Ctrl+" : ""}${shifted ? "Shift+" : ""}${name}`;
}

export function hint(act) {
  const key = KEYS.find((entry) => entry.act === act);
  return key ? key.chord : "";
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
