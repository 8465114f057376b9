/** The reading page: one case, the reader's own answers, and on to the next. */

import { loadVoxels } from "../case/loading.js";
import { Autosave } from "../lib/autosave.js";
import { $, data as handed } from "../lib/dom.js";
import { send } from "../lib/http.js";
import { Live } from "../lib/live.js";
import { Answers } from "../reading/answers.js";
import { Board } from "../reading/board.js";
import { ActiveClock } from "../reading/clock.js";
import { Form } from "../reading/form.js";
import { buildSheet, hint } from "../reading/keys.js";
import { saveDrafts } from "../reading/saving.js";
import { buildPanes, buildTools } from "../reading/toolbar.js";
import { listen } from "../viewer/keymap.js";

const data = handed("case-data");
const hasImage = Boolean(data.image);
const shape = data.canvas ? [data.canvas.slices, data.canvas.height, data.canvas.width] : [1, 512, 512];
const answers = new Answers(data.questions, data.drafts, shape);
const board = new Board({ shape, spacing: data.spacing_mm, oriented: data.image?.orientation === "LPS", window: data.image?.window ?? null, start: data.start_slice, letters: [] }, answers);
const live = new Live($("status"));
board.addEventListener("said", (event) => live.say(event.detail));
const panes = buildPanes($("panes"), board, hasImage);
buildTools($("tools"), board, { hasImage, kinds: data.questions.map((question) => question.kind) });
buildSheet($("sheet-keys"));
const form = new Form($("reading"), answers, board);
const autosave = new Autosave({ save: () => saveDrafts(answers, data), line: $("saved"), every: 5000 });

function isUnsaved() {
  const { answers: changed, gone } = answers.unsaved();
  return changed.length + gone.length > 0;
}

function follow() {
  if (isUnsaved()) autosave.touch();
  const missing = answers.missing();
  $("missing").textContent = missing.length ? `Still needed: ${missing.map(({ words }) => words).slice(0, 2).join(", ")}${missing.length > 2 ? ` and ${missing.length - 2} more` : ""}` : "Complete";
  $("missing").className = missing.length ? "warn" : "good";
}
answers.addEventListener("change", follow);
$("reading").addEventListener("focusout", () => autosave.now());

const clock = new ActiveClock((seconds) => answers.spend(seconds));
for (const name of ["pointerdown", "pointermove", "wheel", "keydown"]) {
  document.addEventListener(name, () => clock.work(performance.now()), { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => (document.hidden ? clock.hide(performance.now()) : clock.work(performance.now())));

let finishing = false;
async function finish() {
  if (finishing) return;
  if (board.ring) {
    board.say("An outline is open: Enter closes it, Esc leaves it");
    return;
  }
  const [first, ...more] = answers.missing();
  if (first) {
    form.focusMissing(first);
    board.say(`Still needed: ${first.words}${more.length ? ` and ${more.length} more` : ""}`);
    return;
  }
  finishing = true;
  try {
    await autosave.now();
    const refused = answers.missing()[0];
    if (refused) {
      form.focusMissing(refused);
      throw new Error(refused.words);
    }
    if (isUnsaved()) throw new Error("Not finished: the answers could not be saved. They are kept here; try again");
    const { next } = await send(data.finish_url);
    autosave.stop();
    window.location.assign(next);
  } catch (error) {
    board.say(error.words ?? error.message);
  } finally {
    finishing = false;
  }
}
$("reading").addEventListener("submit", (event) => {
  event.preventDefault();
  finish();
});

const step = (by) => board.moveTo("axial", board.index.axial + by);
const fit = () => panes.axial.fit(null);
const drop = () => (board.ring ? board.takePointBack() : form.removeCurrent());
function cannot() {
  const box = form.sets.get(answers.current).querySelector("[data-cannot]");
  form.cannot(answers.current, !box.checked);
}

/** @type {Record<string, (key: string) => void>} */
const acts = {
  "↑": () => step(-1), "↓": () => step(1), PgUp: () => step(-10), PgDn: () => step(10),
  Home: () => board.moveTo("axial", 0), End: () => board.moveTo("axial", board.shape[0] - 1),
  N: () => form.step(1), "Shift+N": () => form.step(-1), A: () => form.addMark(), J: () => form.stepMark(1), K: () => form.stepMark(-1),
  Delete: drop, 0: () => form.nothing(), X: cannot,
  "=": fit, "+": () => panes.axial.zoomBy(1.25), "−": () => panes.axial.zoomBy(0.8), I: () => board.invert(),
  H: () => board.setTool("crosshair"), W: () => board.setTool("window"), T: () => board.setTool("pan"), Z: () => board.setTool("zoom"),
  B: () => board.setTool("brush"), E: () => board.setTool("eraser"), P: () => board.setTool("polygon"), M: () => board.setTool("ruler"), O: () => board.setTool("box"), L: () => board.setTool("point"),
  "[": () => board.resize(-1), "]": () => board.resize(1),
  Enter: () => board.closeRing(), Escape: () => board.cancelRing(), Space: () => board.press() || fit(),
  "Ctrl+Z": () => board.undo(), "Ctrl+Y": () => board.redo(), "Ctrl+Shift+Z": () => board.redo(),
  "Ctrl+S": () => autosave.now(), "Ctrl+Enter": finish, "?": () => $("sheet").showModal(),
};
for (const [key, x, y] of [["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["↑", 0, -1], ["↓", 0, 1]]) {
  acts[`Shift+${key}`] = () => board.nudge(x, y);
  acts[`Ctrl+Shift+${key}`] = () => board.nudge(10 * x, 10 * y);
}
for (let digit = 1; digit <= 9; digit++) {
  acts[digit] = () => form.digit(digit);
  if (digit <= 5) acts[`Shift+${digit}`] = () => board.setPreset(digit - 1);
}
listen({ acts, second: {}, say: (words) => live.say(words), hide: (bare) => board.setBare(bare) });

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.getAttribute("data-act");
  if (act === "view.hide") board.setBare(!board.bare);
  else if (act) acts[hint(act)](act);
  if (event.target.closest("#sheet [data-close]")) $("sheet").close();
});
for (const mark of document.querySelectorAll("[data-hint]")) mark.textContent = hint(mark.getAttribute("data-hint") ?? "");
board.addEventListener("state", () => {
  $("place").textContent = `Slice ${board.index.axial + 1} of ${board.shape[0]}`;
});

async function start() {
  const unread = hasImage ? await loadVoxels(board, data.image).then(() => null, (error) => error) : null;
  if (!hasImage) {
    board.tool = "pan";
    panes.axial.note.textContent = "Pixels are not part of this data set: look at the image in your own viewer and answer here. Nothing can be drawn.";
  } else if (unread) panes.axial.note.textContent = `This image cannot be shown (${unread.words ?? unread.message}). Your draft is kept; report it and go on with the next case.`;
  else if (!board.oriented) panes.axial.note.textContent = "Orientation not recorded";
  follow();
  if (answers.questions.length) form.goTo(answers.missing()[0]?.code ?? answers.current);
  board.say(unread ? "The pixels are missing" : "Ready");
  document.body.dataset.ready = "";
  panes.axial.pane.focus({ preventScroll: true });
}

start();
