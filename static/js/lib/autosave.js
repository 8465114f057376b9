/** Keeps a draft on the server: every ten seconds while changed, on blur, and on demand. */

export class Autosave {
  constructor({ save, line, every = 10000 }) {
    this.save = save;
    this.line = line;
    this.changed = false;
    this.failures = 0;
    this.stopped = false;
    /** @type {Promise<void> | null} */
    this.running = null;
    this.timer = setInterval(() => this.now(), every);
    window.addEventListener("beforeunload", (event) => {
      if (this.changed && !this.stopped) event.preventDefault();
    });
  }

  touch() {
    if (this.stopped) return;
    this.changed = true;
    if (!this.failures) this.line.textContent = "Changed";
  }

  /** Save if anything changed; resolves when the server has it or has refused it. */
  async now() {
    if (this.running) await this.running;
    if (!this.changed || this.stopped) return;
    this.running = this.attempt();
    await this.running;
    this.running = null;
  }

  async attempt() {
    this.changed = false;
    this.line.textContent = "Saving…";
    try {
      await this.save();
      this.failures = 0;
      this.line.textContent = `Saved ${new Date().toLocaleTimeString("en-GB")}`;
    } catch (error) {
      this.changed = true;
      this.failures += 1;
      const status = error.status;
      if (status === 409 || status === 412) {
        this.stop();
        this.line.textContent = "Not saved: this case changed in another window, or is no longer yours. Copy your words and reload.";
      } else {
        this.line.textContent = `Not saved, trying again (${this.failures})`;
      }
    }
  }

  /** After signing, or when the lease is gone: nothing more is sent and leaving does not ask. */
  stop() {
    this.stopped = true;
    clearInterval(this.timer);
  }
}
