/** The decision form: what is chosen, what is still missing, what a draft and a signature hold. */

/** @import { Workspace } from "../viewer/workspace.js" */

import { encodeRuns, trimmed } from "../viewer/mask.js";
import { FIELDS, isComplete, spansText } from "../reading/kinds.js";

const WORDS = { consensus: "Consensus", union: "Union of all who marked it", intersection: "Intersection of all who marked it", own: "Own answer", nothing: "Nothing here", exclude: "Cannot be assessed" };

export class Panel {
  constructor(form, workspace, { kind, unit, paints, looks = false, onChange }) {
    Object.assign(this, { form, workspace, kind, unit, paints, looks, onChange });
    this.fields = form.elements;
    this.parts = form.querySelector("[data-own]");
    this.held = undefined;
    this.resting = form.querySelector("#own-words")?.textContent;
    this.parts?.addEventListener("click", (event) => this.pressed(event.target));
    const own = form.querySelector('[data-answer="own"]');
    if (own) own.hidden = !paints;
    form.addEventListener("input", (event) => this.changed(event.target));
    workspace.addEventListener("decision", () => this.follow());
    this.show();
  }

  /** A field changed: an own answer that is typed chooses itself. */
  changed(target) {
    if (target.matches("[data-part]")) return this.hold(FIELDS[this.kind].read(this.parts, target, this.held));
    if (target.name === "own" && target.value) this.check("own");
    if (target.name === "answer" || target.name === "own") this.tell();
    this.show();
    this.onChange();
  }

  /** A button of the own answer: a point at the crosshair, or that nothing is marked. */
  pressed(target) {
    const { point, do: act } = target.closest("[data-do]")?.dataset ?? {};
    const { axial, coronal, sagittal } = this.workspace.index;
    if (point) this.hold({ kind: this.kind, points: { ...(this.held?.points ?? {}), [point]: [axial + 0.5, coronal + 0.5, sagittal + 0.5] } });
    else if (act === "nothing") this.hold({ kind: this.kind, spans: [] });
  }

  /** An own answer of several fields chooses itself. */
  hold(value) {
    this.held = value;
    FIELDS[this.kind].show(this.parts, value);
    if (value) this.check("own");
    this.tell();
    this.show();
    this.onChange();
  }

  /** What was given in several fields, where it is an answer already. */
  whole() {
    const { held, kind } = this;
    const choices = [...(this.parts?.querySelectorAll("[data-part=hidden]") ?? [])].map((box) => ({ code: box.value }));
    if (!held || !isComplete({ choices }, held)) return undefined;
    if (kind === "ranking") return { kind, order: held.order };
    return kind === "interval" ? { kind, spans: held.spans } : held;
  }

  radio(decision, letter) {
    return [...this.form.querySelectorAll("[name=answer]")].find((input) => input.value === decision && (!letter || input.dataset.letter === letter));
  }

  check(decision, letter) {
    const radio = this.radio(decision, letter);
    if (radio) radio.checked = true;
    return Boolean(radio);
  }

  get chosen() {
    return this.form.querySelector("[name=answer]:checked");
  }

  /** Tell the workspace what the form chose. */
  tell() {
    const { chosen } = this;
    if (!chosen) return;
    const letter = chosen.dataset.letter;
    const words = letter ? `Answer of ${letter}` : WORDS[chosen.value];
    const answer = this.workspace.answer;
    if (answer && answer.decision === chosen.value && answer.letter === letter) return;
    this.following = true;
    this.workspace.decide({ decision: chosen.value, letter, words }, chosen.value === "own" ? this.workspace.painted : null);
    this.following = false;
  }

  /** The workspace decided (brush, union, undo): the form follows. */
  follow() {
    if (this.following) return;
    const { answer } = this.workspace;
    if (answer) this.check(answer.decision, answer.letter);
    else if (this.chosen) this.chosen.checked = false;
    this.show();
    this.onChange();
  }

  /** Choose by key. */
  take(decision, letter) {
    if (!this.check(decision, letter)) return this.workspace.say(letter ? `There is no reader ${letter}` : "This answer is not offered here");
    this.tell();
    this.show();
    return this.onChange();
  }

  cause(number) {
    if (number >= this.fields.cause.options.length) return this.workspace.say(`There is no cause ${number}`);
    this.fields.cause.selectedIndex = number;
    this.workspace.say(`Cause: ${this.causeTitle}`);
    this.show();
    return this.onChange();
  }

  get causeTitle() {
    const { cause } = this.fields;
    return cause.value ? cause.selectedOptions[0].textContent.replace(/^\d+ · /, "") : "";
  }

  get confidence() {
    return this.form.querySelector("[name=confidence]:checked")?.value ?? "";
  }

  missing() {
    const { chosen, workspace } = this;
    const own = chosen?.value === "own";
    const empty = own && (this.parts ? !this.whole() : this.paints ? !workspace.painted?.data.some(Boolean) : !this.fields.own?.value);
    const absent = workspace.overlays.filter((overlay) => overlay.missing).map((overlay) => overlay.letter);
    return [
      !chosen && "a decision",
      empty && (this.paints ? "an outline" : "your answer"),
      !this.looks && !this.fields.cause.value && "a cause",
      !this.looks && !this.confidence && "a confidence",
      !this.looks && !this.fields.rationale.value.trim() && "a rationale",
      absent.length && `the outline of ${absent.join(", ")} (could not be loaded: reload the page)`,
    ].filter(Boolean);
  }

  show() {
    const missing = this.missing();
    const line = this.form.querySelector("#missing");
    line.textContent = missing.length ? `Still needed: ${missing.join(", ")}` : "";
    this.form.querySelector("#sign").disabled = missing.length > 0 || this.workspace.readOnly;
    const words = this.form.querySelector("#own-words");
    const { painted, answer } = this.workspace;
    if (words && painted && answer?.decision === "own") words.textContent = `${answer.words}: ${this.workspace.amount(painted)}`;
    else if (words) words.textContent = this.resting;
  }

  /** The label of an own answer, as the label kinds write it. */
  value() {
    if (this.chosen?.value !== "own") return undefined;
    if (this.parts) return this.whole();
    const text = this.fields.own?.value;
    if (this.kind === "measurement") return text ? { kind: "measurement", number: Number(text), unit: this.unit } : undefined;
    if (this.kind === "grade") return text ? { kind: "grade", level: text } : undefined;
    if (this.kind === "category") return text ? { kind: "category", code: text } : undefined;
    const { painted, shape } = this.workspace;
    if (painted && this.kind === "box") {
      const [z0, z1, y0, y1, x0, x1] = trimmed(painted).box;
      return z1 > z0 ? { kind: "box", low: [z0, y0, x0], high: [z1, y1, x1] } : undefined;
    }
    return painted ? { kind: "mask", shape, runs: encodeRuns(painted, shape) } : undefined;
  }

  content() {
    const { chosen } = this;
    const value = this.value();
    return {
      ...(chosen ? { decision: chosen.value } : {}),
      ...(chosen?.dataset.letter ? { letter: chosen.dataset.letter } : {}),
      ...(value ? { value } : {}),
      rationale: this.fields.rationale.value,
      cause: this.fields.cause.value,
      confidence: this.confidence,
    };
  }

  /** Put a saved draft back. */
  restore(draft, painted) {
    this.fields.rationale.value = draft.rationale ?? "";
    this.fields.cause.value = draft.cause ?? "";
    const confidence = this.form.querySelector(`[name=confidence][value="${CSS.escape(draft.confidence ?? "")}"]`);
    if (confidence) confidence.checked = true;
    const { value } = draft;
    if (value && this.parts) {
      this.held = value;
      FIELDS[this.kind].show(this.parts, value);
    }
    if (value && this.fields.own && !this.paints && !this.parts) this.fields.own.value = value.number ?? value.level ?? value.code ?? "";
    if (draft.decision && this.check(draft.decision, draft.letter)) {
      if (painted) this.workspace.decide({ decision: "own", words: "Own outline" }, painted);
      else this.tell();
    }
    this.show();
  }

  /** What is signed, in words. */
  facts() {
    const { chosen, workspace } = this;
    const outline = workspace.final()?.mask;
    const own = this.fields.own;
    const typed = this.parts ? this.told() : own?.selectedOptions ? own.selectedOptions[0].textContent : own?.value && `${own.value} ${this.unit}`;
    const summary = chosen?.closest(".answer")?.querySelector(".summary")?.textContent ?? "";
    const words = chosen?.value === "own" && !this.paints ? `Own answer: ${typed}` : `${workspace.answer?.words ?? ""}${["reader", "consensus", "union", "intersection"].includes(chosen?.value) ? `: ${summary}` : ""}`;
    return [
      ["Decision", words],
      ...(outline ? [["Size", workspace.amount(outline)]] : []),
      ["Cause", this.causeTitle],
      ["Confidence", this.confidence[0].toUpperCase() + this.confidence.slice(1)],
      ["Rationale", this.fields.rationale.value.trim()],
    ];
  }

  /** An own answer of several fields in words, for the signature. */
  told() {
    const { codes, order, spans, points } = this.whole() ?? {};
    if (codes) return codes.join(", ") || "none of them";
    if (order) return order.map((tier) => tier.join(" = ")).join(" > ");
    return spans ? `${spansText(spans) || "nothing"} s` : Object.entries(points ?? {}).map(([code, at]) => `${code} ${at ? at.map((part) => part.toFixed(1)).join(", ") : "not visible"}`).join("; ");
  }

  /** No longer held: nothing can be changed. */
  lock() {
    this.workspace.readOnly = true;
    this.form.classList.add("locked");
    for (const field of this.form.elements) if (field.name) field.disabled = true;
    this.show();
  }
}
