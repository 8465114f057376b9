/**
 * Undo and redo over steps that know how to be taken and taken back. Pure of any page.
 *
 * @typedef {{ words: string, undo: () => void, redo: () => void }} Step
 */
export class History {
  /** @param {number} limit  steps kept */
  constructor(limit = 200) {
    this.limit = limit;
    /** @type {Step[]} */
    this.done = [];
    /** @type {Step[]} */
    this.undone = [];
  }

  /** @param {Step} step  already taken */
  push(step) {
    this.done.push(step);
    if (this.done.length > this.limit) this.done.shift();
    this.undone = [];
  }

  /** @returns {string | null}  what was taken back */
  undo() {
    const step = this.done.pop();
    if (!step) return null;
    step.undo();
    this.undone.push(step);
    return step.words;
  }

  /** @returns {string | null}  what was taken again */
  redo() {
    const step = this.undone.pop();
    if (!step) return null;
    step.redo();
    this.done.push(step);
    return step.words;
  }
}
