/** Key presses and tool buttons → acts. */

import { typing } from "../lib/dom.js";
import { chord } from "../viewer/keymap.js";

/**
 * Two-key acts wait for their second key: U then a letter, Y then a digit.
 * @param {{ acts: Record<string, (key: string) => void>, second: Record<string, { prompt: string, take: (key: string) => void }>,
 *   say: (words: string) => void, hide: (bare: boolean) => void }} options
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
