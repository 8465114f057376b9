/**
 * A reader's answers to one case. The only place that changes them; fires "change". Knows no element and no address.
 *
 * An answer's place is its question and, for findings and what describes them, the reader's own mark. Values are
 * never changed in place: a new one takes the place of the old one.
 */

/** @import { Mask } from "../viewer/mask.js" */

import { count, decodeRuns, encodeRuns } from "../viewer/mask.js";
import { History } from "../viewer/history.js";
import { isComplete } from "./kinds.js";

export const NOBODY = { box: [0, 0, 0, 0, 0, 0], data: new Uint8Array(0) };

const place = (code, mark) => `${code}|${mark}`;

export class Answers extends EventTarget {
  /**
   * @param {any[]} questions  in order
   * @param {{question: string, mark: string, value: any, seconds: number}[]} drafts  as the server has them
   */
  constructor(questions, drafts, shape) {
    super();
    Object.assign(this, { questions, shape, history: new History(), seconds: new Map() });
    this.values = new Map();
    /** Texts as the server has them, and those that it did not take with its reason. */
    this.stored = new Map();
    this.refused = new Map();
    this.texts = new WeakMap();
    this.selected = new Map();
    for (const draft of drafts) this.take(draft);
    for (const { code, many } of questions) if (many) this.selected.set(code, this.marks(code)[0] ?? "");
    this.current = questions[0]?.code ?? "";
  }

  take({ question, mark, value, seconds }) {
    const key = place(question, mark);
    this.values.set(key, value.kind === "mask" ? { kind: "mask", mask: decodeRuns(value.runs, this.shape) } : value);
    this.stored.set(key, this.text(this.values.get(key)));
    this.seconds.set(key, seconds);
  }

  question(code = this.current) {
    return this.questions.find((question) => question.code === code);
  }

  details(code) {
    return this.questions.filter((question) => question.about === code);
  }

  /** The mark that an answer to this question would belong to now; "" for an answer to the whole case. */
  markOf(code) {
    const question = this.question(code);
    return this.selected.get(question.about || code) ?? "";
  }

  get(code, mark = this.markOf(code)) {
    return this.values.get(place(code, mark));
  }

  /** Marks that hold something, in the order of their numbers. */
  marks(code) {
    const codes = [code, ...this.details(code).map((detail) => detail.code)];
    const held = [...this.values.keys()].map((key) => key.split("|")).filter(([of, mark]) => mark && codes.includes(of));
    return [...new Set(held.map(([, mark]) => mark))].sort((a, b) => Number(a) - Number(b) || a.localeCompare(b));
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  setCurrent(code) {
    if (code === this.current) return;
    this.current = code;
    this.tell();
  }

  select(code, mark) {
    this.selected.set(code, mark);
    this.tell();
  }

  /** A number that no mark has had. */
  addMark(code) {
    const question = this.question(code);
    const numbers = this.marks(code).map(Number).filter(Number.isFinite);
    question.next_mark = Math.max(question.next_mark, ...numbers.map((number) => number + 1));
    const mark = String(question.next_mark);
    this.select(code, mark);
    return mark;
  }

  /** The mark that an answer goes to; a new one where none is chosen. */
  markToFill(code) {
    const question = this.question(code);
    return question.many && !this.markOf(code) ? this.addMark(code) : this.markOf(code);
  }

  /** Give or (undefined) take back an answer; one step of undo unless it is typed. */
  set(code, value, words, { mark = this.markOf(code), typed = false } = {}) {
    const changes = [[place(code, mark), value]];
    // A finding denies "nothing found"; both cannot stand.
    if (mark && value && this.question(code).many) changes.push([place(code, ""), undefined]);
    this.apply(changes, words, typed, [code, mark]);
  }

  removeMark(code, mark) {
    const codes = [code, ...this.details(code).map((detail) => detail.code)];
    this.apply(codes.map((of) => [place(of, mark), undefined]), `Mark ${mark} removed`, false, [code, mark]);
    this.select(code, this.marks(code)[0] ?? "");
  }

  apply(changes, words, typed, [code, mark]) {
    const before = changes.map(([key]) => [key, this.values.get(key)]);
    const put = (pairs) => {
      for (const [key, value] of pairs) {
        if (value === undefined) this.values.delete(key);
        else this.values.set(key, value);
      }
      const owner = this.question(code).about || code;
      if (this.question(owner).many && mark) this.selected.set(owner, mark);
      this.tell();
    };
    put(changes);
    if (!typed) this.history.push({ words, undo: () => put(before), redo: () => put(changes) });
  }

  /** Words of an answer as they are sent; undefined for none. */
  text(value) {
    if (value === undefined) return undefined;
    if (!this.texts.has(value)) this.texts.set(value, JSON.stringify(this.sent(value)));
    return this.texts.get(value);
  }

  sent(value) {
    if (value.kind === "ranking") return { kind: "ranking", order: value.order };
    if (value.kind === "interval") return { kind: "interval", spans: value.spans };
    return value.kind === "mask" ? { kind: "mask", shape: this.shape, runs: encodeRuns(value.mask, this.shape) } : value;
  }

  /** What the server does not have as it is here: answers to send, and answers to withdraw. */
  unsaved() {
    const keys = new Set([...this.values.keys(), ...this.stored.keys()]);
    const changed = [...keys].filter((key) => {
      const value = this.values.get(key);
      // Half an order or half of the points is no answer yet; it stays here until it is one.
      if (value && !isComplete(this.question(key.split("|")[0]), value)) return false;
      const text = this.text(value);
      return text !== this.stored.get(key) && !(text && this.refused.get(key)?.text === text);
    });
    const parts = (key) => ({ key, question: key.split("|")[0], mark: key.split("|")[1] });
    return {
      answers: changed.filter((key) => this.values.has(key)).map((key) => ({
        ...parts(key), value: this.sent(this.values.get(key)), seconds: Math.round((this.seconds.get(key) ?? 0) * 10) / 10,
      })),
      gone: changed.filter((key) => !this.values.has(key)).map(parts),
    };
  }

  saved(answers) {
    for (const { key, value } of answers) {
      this.stored.set(key, JSON.stringify(value));
      this.refused.delete(key);
    }
  }

  /** The server withdrew an answer, and with a mark what describes it. */
  withdrawn({ question, mark }) {
    this.stored.delete(place(question, mark));
    if (mark) for (const { code } of this.details(question)) this.stored.delete(place(code, mark));
  }

  refuse({ key, value }, reason) {
    this.refused.set(key, { text: JSON.stringify(value), reason });
    this.tell();
  }

  /** What keeps the reading from being finished: the question, the mark, and words. */
  missing() {
    const refused = [...this.refused].filter(([key, { text }]) => this.text(this.values.get(key)) === text);
    return refused.map(([key, { reason }]) => ({ code: key.split("|")[0], mark: key.split("|")[1], words: reason }))
      .concat(this.questions.flatMap((question) => this.missingOf(question)));
  }

  missingOf({ code, title, about, many }) {
    if (about) {
      const marks = this.marks(about).filter((mark) => !this.get(code, mark));
      return marks.map((mark) => ({ code, mark, words: `${title} (mark ${mark})` }));
    }
    const bare = many ? this.marks(code).filter((mark) => !this.get(code, mark)) : [];
    if (bare.length) return bare.map((mark) => ({ code, mark, words: `${title}: mark ${mark} is not drawn` }));
    const some = many ? this.marks(code).length || this.get(code, "") : this.get(code);
    if (some && !many && !isComplete(this.question(code), some)) return [{ code, mark: "", words: `${title} is not complete` }];
    return some ? [] : [{ code, mark: "", words: title }];
  }

  /** Time of work goes to the answer that is worked on. */
  spend(seconds) {
    const key = place(this.current, this.markOf(this.current));
    this.seconds.set(key, (this.seconds.get(key) ?? 0) + seconds);
  }
}

/** @param {Mask} mask */
export const isEmpty = (mask) => count(mask) === 0;
