/** The dialogs that leave the case: signing it, and giving it back. A refusal keeps everything. */

import { $, el } from "../lib/dom.js";
import { send } from "../lib/http.js";

/** Digest of what was shown: the server's own, else that of the evidence the page carries. */
export async function shownDigest(data) {
  if (data.shown_digest) return data.shown_digest;
  if (!globalThis.crypto?.subtle) return "";
  const text = $("case-data").textContent;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function parts(id) {
  const dialog = $(id);
  const form = dialog.querySelector("form");
  const problem = dialog.querySelector("[role=alert]");
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  const tell = (words) => {
    problem.hidden = !words;
    problem.textContent = words;
  };
  return { dialog, form, tell };
}

/**
 * A dialog whose form is sent once; what the server refuses is said inside it.
 * @param {() => Promise<{next?: string}>} act
 */
function sent(id, act) {
  const { dialog, form, tell } = parts(id);
  const go = form.querySelector("[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    tell("");
    try {
      const answer = await act();
      if (answer.next) window.location.assign(answer.next);
    } catch (error) {
      tell(error.words ?? String(error));
    } finally {
      go.disabled = false;
    }
  });
  return { dialog, tell };
}

export function signing({ data, frame, panel, autosave, lease }) {
  const password = $("password");
  let digest = "";
  const { dialog, tell } = sent("signing", async () => {
    if (!password.value) {
      password.focus();
      return tell("Your password is needed for each signature.") ?? {};
    }
    const body = { fence: fence(frame), ...panel.content(), password: password.value, shown_digest: digest };
    password.value = "";
    const answer = await send(data.decision_url, { body });
    autosave.stop();
    lease.stop();
    return { next: answer.next ?? data.next_url };
  });
  return async () => {
    if (panel.missing().length || panel.workspace.readOnly) return panel.workspace.say(panel.form.querySelector("#missing").textContent || "The case is read-only");
    await autosave.now();
    digest = await shownDigest(data);
    const facts = [["Case", frame.dataset.case], ["Question", frame.dataset.question], ...panel.facts(), ...(digest ? [["Evidence", digest.slice(0, 8)]] : [])];
    $("signing-facts")?.replaceChildren(...facts.map(([name, words]) => el("div", {}, el("dt", {}, name), el("dd", {}, words || "–"))));
    tell("");
    dialog.showModal();
    return password.focus();
  };
}

/** @param {{ data: any, frame: HTMLElement, autosave: any, lease: any }} page */
export const givingBack = (page) => leaving(page, "giving-back", "reason", page.data.skip_url);

/** Hand the case to a panel. */
export const referring = (page) => leaving(page, "referring", "referral", page.data.refer_url);

function leaving({ data, frame, autosave, lease }, id, field, url) {
  const reason = $(field);
  const { dialog, tell } = sent(id, async () => {
    if (!reason.value.trim()) return tell("A reason is needed: the next person reads it.") ?? {};
    const answer = await send(url, { body: { fence: fence(frame), reason: reason.value.trim() } });
    autosave.stop();
    lease.stop();
    return { next: answer.next ?? data.next_url };
  });
  return async () => {
    await autosave.now();
    tell("");
    dialog.showModal();
    reason.focus();
  };
}

/** The answer from the image alone: kept, and the page comes again with what the readers said. */
export function looking({ data, frame, panel, autosave, lease }) {
  return async () => {
    const missing = panel.missing();
    if (missing.length) return panel.workspace.say(panel.form.querySelector("#missing").textContent);
    try {
      const { next } = await send(data.look_url, { body: { fence: fence(frame), ...panel.content() } });
      autosave.stop();
      lease.stop();
      return window.location.assign(next);
    } catch (error) {
      return panel.workspace.say(error.words ?? String(error));
    }
  };
}

export function fence({ dataset }) {
  return /^\d+$/.test(dataset.fence ?? "") ? Number(dataset.fence) : dataset.fence;
}
