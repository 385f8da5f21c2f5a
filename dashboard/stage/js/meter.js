const WINDOW = 3000; // milliseconds

/** Measures in the browser how many frames are drawn per second and how many steps they span. */
export class Meter {
  #samples = [];

  count(now, step) {
    const last = this.#samples.at(-1);
    if (last && step < last.step) this.#samples = [];
    this.#samples.push({ now, step });
    this.#forget(now);
  }

  read(now) {
    this.#forget(now);
    const samples = this.#samples;
    if (samples.length < 2) return { frames: 0, steps: 0 };
    const [first, last] = [samples[0], samples.at(-1)];
    const seconds = (now - first.now) / 1000; // not up to the last: what hangs shall show
    return { frames: (samples.length - 1) / seconds, steps: (last.step - first.step) / seconds };
  }

  #forget(now) {
    while (this.#samples.length && this.#samples[0].now < now - WINDOW) this.#samples.shift();
  }
}
