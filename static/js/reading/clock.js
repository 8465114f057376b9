/**
 * How long a reader worked: the time between two acts counts, unless they lie more than a minute apart or the
 * page was hidden. Knows no page; times are in milliseconds.
 */
export class ActiveClock {
  /**
   * @param {(seconds: number) => void} add  told of each stretch of work
   * @param {number} idle  a longer pause does not count
   */
  constructor(add, idle = 60000) {
    Object.assign(this, { add, idle });
    /** @type {number | null} */
    this.last = null;
  }

  /** The reader did something. */
  work(now) {
    this.count(now);
    this.last = now;
  }

  /** The page is hidden: what follows does not count until the next act. */
  hide(now) {
    this.count(now);
    this.last = null;
  }

  count(now) {
    if (this.last === null) return;
    const gap = now - this.last;
    if (gap > 0 && gap <= this.idle) this.add(gap / 1000);
  }
}
