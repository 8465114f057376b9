/** How long the case is still held: counted from the seconds that the server sent, not from this computer's clock. */

const WARN_AT = 120;
const RENEW_EVERY = 240;

export class Lease {
  constructor({ seconds, line, renew, onWarn, onEnd }) {
    Object.assign(this, { line, renew, onWarn, onEnd });
    this.worked = false;
    this.ended = false;
    this.restart(seconds);
    this.timer = setInterval(() => this.tick(), 1000);
    this.tick();
  }

  restart(seconds) {
    this.endsAt = performance.now() + seconds * 1000;
    this.renewedAt = performance.now();
    this.warned = false;
  }

  get left() {
    return Math.max(0, Math.round((this.endsAt - performance.now()) / 1000));
  }

  /** Only work keeps a case: an open tab does not. */
  work() {
    this.worked = true;
  }

  async tick() {
    if (this.ended) return;
    const left = this.left;
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    this.line.textContent = left > WARN_AT ? `Held ${clock}` : `Ends in ${clock}`;
    this.line.classList.toggle("warn", left <= WARN_AT);
    if (left === 0) {
      this.stop();
      this.line.textContent = "No longer held";
      this.onEnd();
      return;
    }
    if (this.worked && performance.now() - this.renewedAt > RENEW_EVERY * 1000) await this.extend();
    if (this.left <= WARN_AT && !this.warned) {
      this.warned = true;
      this.onWarn();
    }
  }

  async extend() {
    this.worked = false;
    this.renewedAt = performance.now();
    try {
      const answer = await this.renew();
      if (answer.seconds_left !== undefined) this.restart(answer.seconds_left);
    } catch {
      // Unreached or refused: the countdown goes on, and its end is announced.
      this.worked = true;
    }
  }

  stop() {
    this.ended = true;
    clearInterval(this.timer);
  }
}
