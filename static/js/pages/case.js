/** The adjudication page: reads what the page hands over, builds one workspace, wires keys, buttons and fields. */

import { givingBack, fence, looking, referring, signing } from "../case/signing.js";
import { loadOutlines, loadVoxels, workspaceOf } from "../case/loading.js";
import { Panel } from "../case/panel.js";
import { buildPanes, buildSheet, buildTools, hint } from "../case/toolbar.js";
import { Autosave } from "../lib/autosave.js";
import { $, data as handed } from "../lib/dom.js";
import { send } from "../lib/http.js";
import { Lease } from "../lib/lease.js";
import { Live } from "../lib/live.js";
import { listen } from "../viewer/keymap.js";
import { decodeRuns } from "../viewer/mask.js";

const data = handed("case-data");
const frame = $("workspace");
const hasImage = Boolean(data.image);
const spatial = ["mask", "polygon", "box"];
const kinds = new Set([frame.dataset.kind, ...(data.reads ?? []).map((read) => read.kind)]);
const kind = frame.dataset.kind || (kinds.has("polygon") ? "polygon" : "mask");
const paints = spatial.includes(kind) && hasImage;

const workspace = workspaceOf(data);
const live = new Live($("status"));
workspace.addEventListener("said", (event) => live.say(event.detail));
const panes = buildPanes($("panes"), workspace, hasImage);
buildTools($("tools"), workspace, { hasImage, paints });
buildSheet($("sheet-keys"));
if (!hasImage) {
  workspace.tool = "pan";
  panes.axial.note.textContent = "Pixels are not part of this data set; outlines only";
} else if (!workspace.oriented) panes.axial.note.textContent = "Orientation not recorded";

const form = $("decision");
/** @type {Autosave | undefined} */
let autosave;
/** @type {Lease | undefined} */
let lease;
const panel = new Panel(form, workspace, {
  kind,
  unit: frame.dataset.unit ?? "",
  paints,
  looks: data.must_look,
  onChange: () => {
    autosave?.touch();
    lease?.work();
  },
});
autosave = new Autosave({ save: () => send(data.draft_url, { method: "PUT", body: { fence: fence(frame), ...panel.content() } }), line: $("saved") });
lease = new Lease({
  seconds: data.seconds_left ?? 0,
  line: $("lease"),
  renew: () => send(data.renew_url, { body: { fence: fence(frame) } }),
  onWarn: () => live.say("Two minutes left: work on, or the case goes back to the queue. Your draft is kept"),
  onEnd: async () => {
    await autosave?.now();
    autosave?.stop();
    panel.lock();
    live.say("The case is no longer held. The page is read-only, your draft is kept; reload to take it again");
  },
});
form.addEventListener("focusout", () => autosave?.now());

const page = { data, frame, panel, autosave, lease };
const sign = data.must_look ? looking(page) : signing(page);
const refer = $("referring") ? referring(page) : () => live.say("This case cannot be referred here");
const giveBack = givingBack(page);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  sign();
});

const step = (by) => workspace.moveTo("axial", workspace.index.axial + by);
const showFinding = () => panes.axial.fit(workspace.extentOfFinding());
const paintTool = (tool) => (paints ? workspace.setTool(tool) : workspace.say("This question is not answered by painting"));
const openSheet = () => $("sheet").showModal();
const letters = workspace.letters.join(", ");

/** @type {Record<string, (key: string) => void>} */
const acts = {
  "↑": () => step(-1), "↓": () => step(1), PgUp: () => step(-10), PgDn: () => step(10),
  Home: () => workspace.moveTo("axial", 0), End: () => workspace.moveTo("axial", workspace.shape[0] - 1),
  N: () => workspace.moveToDisputed(1), "Shift+N": () => workspace.moveToDisputed(-1),
  F: showFinding, "=": () => panes.axial.fit(null), Space: () => panes.axial.fit(null),
  "+": () => panes.axial.zoomBy(1.25), "−": () => panes.axial.zoomBy(0.8),
  I: () => workspace.invert(), D: () => workspace.toggleMap(),
  H: () => workspace.setTool("crosshair"), W: () => workspace.setTool("window"), T: () => workspace.setTool("pan"), Z: () => workspace.setTool("zoom"),
  B: () => paintTool("brush"), E: () => paintTool("eraser"),
  "[": () => workspace.resize(-1), "]": () => workspace.resize(1),
  "Ctrl+Z": () => workspace.undo(), "Ctrl+Y": () => workspace.redo(), "Ctrl+Shift+Z": () => workspace.redo(),
  K: () => panel.take("consensus"), Delete: () => panel.take("nothing"), X: () => panel.take("exclude"),
  "Shift+U": () => panel.take("union"), "Shift+I": () => panel.take("intersection"),
  J: () => $("rationale").focus(), S: () => (data.skip_url ? giveBack() : live.say("This case cannot be given back here")),
  R: refer, "Ctrl+S": () => autosave?.now(), "Ctrl+Enter": () => sign(), "?": openSheet,
};
for (let digit = 1; digit <= 9; digit++) {
  if (digit <= 5) acts[digit] = () => workspace.setPreset(digit - 1);
  acts[`Shift+${digit}`] = () => workspace.letters[digit - 1] && workspace.toggleReader(workspace.letters[digit - 1]);
}
listen({
  acts,
  second: {
    U: { prompt: `Take which reader? ${letters}; Esc leaves`, take: (key) => panel.take("reader", key) },
    Y: { prompt: "Which cause? Its number; Esc leaves", take: (key) => (/^[1-9]$/.test(key) ? panel.cause(Number(key)) : live.say("No cause chosen")) },
  },
  say: (words) => live.say(words),
  hide: (bare) => workspace.setBare(bare),
});

document.addEventListener("click", (event) => {
  const target = event.target;
  const act = target.closest("[data-act]")?.getAttribute("data-act");
  if (act === "view.hide") workspace.setBare(!workspace.bare);
  else if (act) acts[hint(act)](act);
  const letter = target.closest("[data-toggle]")?.getAttribute("data-toggle");
  if (letter) workspace.toggleReader(letter);
  if (target.closest("#sheet [data-close]")) $("sheet").close();
});
for (const mark of document.querySelectorAll("[data-hint]")) mark.textContent = hint(mark.getAttribute("data-hint") ?? "");
for (const button of document.querySelectorAll('[data-act="skip"]')) button.hidden = !data.skip_url;

workspace.addEventListener("state", () => {
  const { axial } = workspace.index;
  const differ = workspace.disputedBySlice?.[axial];
  $("place").textContent = `Slice ${axial + 1} of ${workspace.shape[0]}${differ ? ` · readers differ in ${differ.toLocaleString("en-GB")} pixels` : ""}${workspace.map ? " · violet: where they differ" : ""}`;
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const shown = !workspace.hidden.has(button.getAttribute("data-toggle"));
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Shown" : "Hidden";
  }
});

async function start() {
  const [{ reads, consensus, combined }, unread] = await Promise.all([
    loadOutlines(data),
    hasImage ? loadVoxels(workspace, data.image).then(() => null, (error) => error) : null,
  ]);
  workspace.setOverlays(reads, consensus, combined);
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const read = reads.find((overlay) => overlay.letter === button.getAttribute("data-toggle"));
    button.hidden = !read || !["mask", "polygon"].includes(read.kind);
    if (read?.missing) button.closest(".answer")?.querySelector(".summary")?.replaceChildren("could not be loaded; reload to retry");
  }
  if (unread) panes.axial.note.textContent = `The pixels could not be loaded (${unread.words ?? unread.message}). Outlines only; nothing can be painted.`;
  if (!hasImage) showFinding();
  if (data.draft) panel.restore(data.draft, paints && data.draft.value?.runs ? decodeRuns(data.draft.value.runs, workspace.shape) : null);
  panel.show();
  workspace.say(unread ? "Outlines ready, pixels missing" : "Ready");
  document.body.dataset.ready = "";
  panes.axial.pane.focus({ preventScroll: true });
}

start();
