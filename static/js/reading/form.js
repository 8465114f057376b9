/** The questions beside the image: fields follow the answers, and the answers follow the fields. */

/** @import { Answers } from "./answers.js" */
/** @import { Board } from "./board.js" */

import { el } from "../lib/dom.js";
import { NOBODY, isEmpty } from "./answers.js";
import { FIELDS, ranksOf } from "./kinds.js";
import { area } from "../viewer/contour.js";

export class Form {
  /**
   * @param {HTMLFormElement} form
   * @param {Answers} answers
   * @param {Board} board
   */
  constructor(form, answers, board) {
    Object.assign(this, { form, answers, board });
    this.sets = new Map([...form.querySelectorAll("[data-question]")].map((set) => [set.dataset.question, set]));
    form.addEventListener("input", (event) => this.typed(event.target));
    form.addEventListener("click", (event) => this.clicked(event.target));
    // Enter in a field would send the form, and a sent form is a finished reading.
    form.addEventListener("keydown", (event) => event.key === "Enter" && event.target.matches("input") && event.preventDefault());
    form.addEventListener("focusin", (event) => this.focused(event.target));
    answers.addEventListener("change", () => this.show());
    this.show();
  }

  codeOf(node) {
    return node.closest("[data-question]")?.dataset.question;
  }

  focused(target) {
    const code = this.codeOf(target);
    if (code) this.answers.setCurrent(code);
  }

  typed(target) {
    const code = this.codeOf(target);
    if (!code) return;
    const { kind, unit } = this.answers.question(code);
    if (target.matches("[data-part]")) this.part(code, target);
    else if (target.matches("[data-choice]")) this.choose(code, target.value);
    else if (target.matches("[data-number]")) {
      const value = target.value === "" ? undefined : { kind, number: Number(target.value), unit };
      this.answers.markToFill(code);
      this.answers.set(code, value, "Number", { typed: true });
    } else if (target.matches("[data-cannot]")) this.cannot(code, target.checked);
    else if (target.matches("[data-reason]")) this.reason(code, target.value);
  }

  /** A field of a kind with several fields. */
  part(code, target) {
    const { kind, many } = this.answers.question(code);
    const before = this.answers.get(code);
    const value = FIELDS[kind].read(this.sets.get(code), target, before?.kind === kind ? before : undefined);
    if (!many) this.answers.markToFill(code);
    this.answers.set(code, value, this.answers.question(code).title, { typed: target.matches("input:not([type=checkbox])") });
    this.show();
  }

  /** A digit on a set takes or leaves a code, on a ranking puts an option next, on points chooses one. */
  digitOf({ code, kind, choices }, chosen) {
    const value = this.answers.get(code);
    if (kind === "landmarks") {
      this.board.choosePoint(chosen.code);
      this.board.setTool("point");
      return this.board.say(`${chosen.title}: click where it is`);
    }
    if (kind === "multilabel") {
      const codes = value?.codes ?? [];
      const taken = codes.includes(chosen.code) ? codes.filter((one) => one !== chosen.code) : [...codes, chosen.code];
      this.answers.set(code, taken.length ? { kind, codes: taken } : undefined, chosen.title);
      return this.board.say(`${chosen.title} ${taken.includes(chosen.code) ? "taken" : "left"}`);
    }
    const ranks = value?.order ? {} : { ...(value?.ranks ?? ranksOf(value?.order)) };
    ranks[chosen.code] = Math.max(0, ...Object.values(ranks)) + 1;
    const all = choices.map((choice) => choice.code);
    const order = all.every((one) => ranks[one]) ? all.toSorted((a, b) => ranks[a] - ranks[b]).map((one) => [one]) : null;
    this.answers.set(code, { kind, order, ranks }, chosen.title);
    return this.board.say(`${chosen.title}: place ${ranks[chosen.code]}`);
  }

  choose(code, chosen) {
    const { kind, choices } = this.answers.question(code);
    const value = kind === "grade" ? { kind, level: chosen } : { kind, code: chosen };
    const words = choices.find((choice) => choice.code === chosen).title;
    this.answers.markToFill(code);
    this.answers.set(code, value, words);
    this.board.say(words);
  }

  /** The answer with this digit, to the current question; then the next that has none. */
  digit(number) {
    const { code, choices, about } = this.answers.question();
    const choice = choices[number - 1];
    if (!choice) return this.board.say(choices.length ? `There is no answer ${number}` : "This question is not answered by a digit");
    if (about && !this.answers.markOf(code)) return this.board.say("Add or choose a mark first");
    if (FIELDS[this.answers.question().kind]) return this.digitOf(this.answers.question(), choice);
    this.choose(code, choice.code);
    return this.next();
  }

  /** Go on to the next question without an answer; stay where none is left. */
  next() {
    const { questions, current } = this.answers;
    const from = questions.findIndex((question) => question.code === current);
    const rest = questions.slice(from + 1).find(({ code, about }) => !this.answers.get(code) && (!about || this.answers.markOf(code)));
    if (rest) this.goTo(rest.code);
  }

  step(by) {
    const { questions, current } = this.answers;
    const at = questions.findIndex((question) => question.code === current);
    this.goTo(questions[(at + by + questions.length) % questions.length].code);
  }

  /** Make a question the current one and take up its tool. */
  goTo(code) {
    this.answers.setCurrent(code);
    const { kind, title } = this.answers.question(code);
    this.sets.get(code).scrollIntoView({ block: "nearest" });
    const tool = { mask: "brush", polygon: "polygon", box: "box", landmarks: "point", measurement: "ruler" }[kind] ?? "crosshair";
    // An open outline is not lost by going on to another question.
    if (this.board.voxels && !this.board.ring && (tool !== "ruler" || this.board.spacing)) this.board.setTool(tool);
    this.board.say(title);
  }

  cannot(code, on) {
    if (this.answers.question(code).about && !this.answers.markOf(code)) return this.board.say("Add or choose a mark first");
    const field = this.sets.get(code).querySelector("[data-reason]");
    if (on && this.answers.question(code).many && this.answers.marks(code).length) {
      this.show();
      return this.board.say("Remove the marks first: both cannot stand");
    }
    if (!on && this.answers.get(code)?.kind === "cannot_assess") this.answers.set(code, undefined, "Can be assessed");
    this.asking = on ? code : null;
    this.show();
    if (on) field.focus();
    return null;
  }

  reason(code, text) {
    const mark = this.answers.question(code).many ? "" : this.answers.markOf(code);
    const reason = text.trim();
    this.answers.set(code, reason ? { kind: "cannot_assess", reason } : undefined, "Reason", { mark, typed: true });
  }

  /** "Nothing found": no mark at all, or a mask of no voxel. */
  nothing() {
    const { code, many, kind } = this.answers.question();
    if (many && this.answers.marks(code).length) return this.board.say("Remove the marks first: both cannot stand");
    if (kind === "interval") {
      this.answers.set(code, { kind, spans: [] }, "Nothing marked");
      return this.board.say("Nothing marked");
    }
    if (!many && kind !== "mask") return this.board.say("This question has an answer in every case");
    const value = many ? { kind: "nothing_found" } : { kind, mask: NOBODY };
    if (many) this.answers.select(code, "");
    this.answers.set(code, value, "Nothing found", { mark: many ? "" : this.answers.markOf(code) });
    return this.board.say("Nothing found");
  }

  /** The question whose marks are meant by the keys for marks. */
  markedQuestion() {
    const question = this.answers.question();
    const code = question.about || question.code;
    return this.answers.question(code).many ? code : this.answers.questions.find(({ many }) => many)?.code;
  }

  addMark() {
    const code = this.markedQuestion();
    if (!code) return this.board.say("No question here takes several marks");
    const mark = this.answers.addMark(code);
    this.goTo(code);
    return this.board.say(`Mark ${mark}: draw it`);
  }

  stepMark(by) {
    const code = this.markedQuestion();
    const marks = code ? this.answers.marks(code) : [];
    if (!marks.length) return this.board.say("There is no mark");
    const at = marks.indexOf(this.answers.selected.get(code));
    return this.select(code, marks[(at + by + marks.length) % marks.length]);
  }

  select(code, mark) {
    this.answers.select(code, mark);
    const value = this.answers.get(code, mark);
    const shown = value ? this.board.outlineOf(value, code).mask?.box : null;
    if (shown) this.board.moveTo("axial", (shown[0] + shown[1] - 1) >> 1);
    this.board.say(`Mark ${mark}`);
  }

  remove(code, mark) {
    this.answers.removeMark(code, mark);
    this.board.say(`Mark ${mark} removed; Ctrl+Z brings it back`);
  }

  removeCurrent() {
    const code = this.markedQuestion();
    const mark = code && this.answers.selected.get(code);
    if (mark) return this.remove(code, mark);
    return this.clear(this.answers.current);
  }

  clear(code) {
    if (!this.answers.get(code)) return this.board.say("There is no answer to take back");
    this.answers.set(code, undefined, "Answer taken back");
    return this.board.say("Answer taken back");
  }

  clicked(target) {
    const act = target.closest("[data-do]");
    if (!act) return;
    const code = this.codeOf(act);
    this.answers.setCurrent(code);
    const { mark } = act.dataset;
    if (act.dataset.do === "add") this.addMark();
    else if (act.dataset.do === "select") this.select(code, mark);
    else if (act.dataset.do === "remove") this.remove(code, mark);
    else if (act.dataset.do === "nothing") this.nothing();
    else if (act.dataset.do === "point") {
      this.goTo(code);
      this.board.choosePoint(act.dataset.point);
    }
    else if (act.dataset.do === "clear") this.clear(code);
    else this.goTo(code);
  }

  /** The first thing that is missing gets the focus. */
  focusMissing({ code, mark }) {
    const question = this.answers.question(code);
    if (mark) this.answers.select(question.about || code, mark);
    this.goTo(code);
    this.sets.get(code).querySelector("[data-reason]:not([hidden]), [data-choice]:enabled, [data-part]:enabled, [data-number]:enabled, button")?.focus();
  }

  show() {
    const missing = new Set(this.answers.missing().map(({ code }) => code));
    for (const question of this.answers.questions) this.showOne(question, missing);
  }

  showOne(question, missing) {
    const { code, many, about } = question;
    const set = this.sets.get(code);
    const value = this.answers.get(code);
    const ofCase = many ? this.answers.get(code, "") : value;
    const without = about && !this.answers.markOf(code);
    set.toggleAttribute("data-current", code === this.answers.current);
    set.disabled = Boolean(without);
    set.querySelector("[data-state]").textContent = missing.has(code) ? "" : without ? "no mark" : "answered";
    for (const radio of set.querySelectorAll("[data-choice]")) radio.checked = radio.value === (value?.code ?? value?.level);
    const number = set.querySelector("[data-number]");
    if (number && Number(number.value || "NaN") !== value?.number) number.value = value?.number ?? "";
    FIELDS[question.kind]?.show(set, value, code === this.answers.current && question.kind === "landmarks" ? this.board.pointToSet() : undefined);
    const words = set.querySelector("[data-words]");
    if (words) words.textContent = this.words(question, value);
    const of = set.querySelector("[data-of]");
    if (of) of.textContent = without ? "of a mark: add one first" : `of mark ${this.answers.markOf(code)}`;
    this.showReason(set, code, ofCase);
    if (many) this.showMarks(set, question, ofCase);
  }

  showReason(set, code, value) {
    const refused = value?.kind === "cannot_assess";
    if (value && !refused && this.asking === code) this.asking = null;
    const on = refused || this.asking === code;
    const [box, field] = [set.querySelector("[data-cannot]"), set.querySelector("[data-reason]")];
    box.checked = on;
    field.hidden = !on;
    if (document.activeElement !== field) field.value = refused ? value.reason : "";
  }

  /** A drawn answer in words. */
  words({ code, kind }, value) {
    if (value?.kind === "box") return this.boxWords(value);
    if (!value || !["mask", "polygon"].includes(value.kind)) return value?.kind === "cannot_assess" ? "cannot be assessed" : "nothing drawn yet";
    if (kind === "mask") return isEmpty(value.mask) ? "Nothing found" : this.board.amount(value.mask);
    const { rings } = this.board.outlineOf(value, code);
    const slices = new Set(rings.map((ring) => ring.slice + 1));
    const pixels = rings.reduce((sum, ring) => sum + Math.abs(area(ring.points)), 0);
    const { spacing } = this.board;
    const size = spacing && slices.size === 1 ? `${(pixels * spacing[1] * spacing[2]).toFixed(0)} mm²` : spacing ? this.board.amount(this.board.outlineOf(value, code).mask) : `${pixels.toFixed(0)} pixels`;
    return `${slices.size === 1 ? `slice ${[...slices][0]}` : `${slices.size} slices`}, ${size}`;
  }

  boxWords({ low, high }) {
    const [height, width] = [high[1] - low[1], high[2] - low[2]];
    const { spacing } = this.board;
    const size = spacing ? `${(width * spacing[2]).toFixed(1)} × ${(height * spacing[1]).toFixed(1)} mm` : `${width.toFixed(1)} × ${height.toFixed(1)} pixels`;
    return `${high[0] - low[0] > 1 ? `slices ${low[0] + 1}–${high[0]}` : `slice ${low[0] + 1}`}, ${size}`;
  }

  showMarks(set, question, ofCase) {
    const { code } = question;
    const chosen = this.answers.selected.get(code);
    const marks = this.answers.marks(code);
    const listed = chosen && !marks.includes(chosen) ? [...marks, chosen] : marks;
    const rows = listed.map((mark) => el("li", {},
      el("button", { type: "button", class: "quiet", "data-do": "select", "data-mark": mark, "aria-pressed": String(mark === chosen) }, `Mark ${mark}`),
      el("span", { class: "summary" }, this.words(question, this.answers.get(code, mark))),
      el("button", { type: "button", class: "quiet", "data-do": "remove", "data-mark": mark, "aria-label": `Remove mark ${mark}` }, "Remove")));
    const held = document.activeElement?.closest("[data-marks]") === set.querySelector("[data-marks]") ? document.activeElement.dataset : null;
    set.querySelector("[data-marks]").replaceChildren(...rows);
    if (held) set.querySelector(`[data-do="${held.do}"][data-mark="${CSS.escape(held.mark)}"]`)?.focus();
    set.querySelector('[data-do="nothing"]').setAttribute("aria-pressed", String(ofCase?.kind === "nothing_found"));
  }
}
