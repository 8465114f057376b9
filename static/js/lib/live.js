/** One status line: each act is said once. */
export class Live {
  /** @param {HTMLElement} line  role=status */
  constructor(line) {
    this.line = line;
  }

  say(words) {
    // The same words twice would not be announced again: an invisible mark makes them differ.
    this.line.textContent = this.line.textContent === words ? `${words}\u200b` : words;
  }
}
