/** The scalars of a run, one typed column each. Rows kept are the multiples of `stride`. */
export class Series {
  constructor() {
    this.stride = 1;
    this.length = 0;
    this.steps = new Int32Array(1024);
    this.columns = new Map();
    this.extremes = new Map();
  }

  get last() {
    return this.length ? this.steps[this.length - 1] : -1;
  }

  /** Take the rows of a message that are not here yet. */
  append({ names, stride, arrays: { steps, values } }) {
    if (stride > this.stride) this.thin(stride);
    for (const name of names) {
      if (!this.columns.has(name)) this.#addColumn(name);
    }
    const { last } = this;
    const columns = names.map((name) => this.columns.get(name));
    const extremes = names.map((name) => this.extremes.get(name));
    for (let row = 0; row < steps.data.length; row++) {
      const step = steps.data[row];
      if (step <= last || step % this.stride) continue;
      if (this.length === this.steps.length) this.#grow(columns, names);
      this.steps[this.length] = step;
      for (let c = 0; c < columns.length; c++) {
        const value = values.data[row * names.length + c];
        columns[c][this.length] = value;
        widen(extremes[c], value);
      }
      this.length++;
    }
  }

  thin(stride) {
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      if (this.steps[row] % stride) continue;
      this.steps[kept] = this.steps[row];
      for (const column of this.columns.values()) column[kept] = column[row];
      kept++;
    }
    this.length = kept;
    this.stride = stride;
  }

  /** These rows, whatever comes after them. */
  snapshot() {
    return Object.assign(new Series(), structuredClone({ ...this }));
  }

  has(name) {
    return this.columns.has(name);
  }

  column(name) {
    return this.columns.get(name);
  }

  /** The last row at or before a step; -1 if there is none. */
  rowAt(step) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle] <= step) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The lowest and highest finite value that a column ever had, and the lowest above zero. */
  range(name) {
    return this.extremes.get(name);
  }

  #addColumn(name) {
    this.columns.set(name, new Float32Array(this.steps.length).fill(NaN));
    this.extremes.set(name, { low: Infinity, high: -Infinity, positive: Infinity });
  }

  #grow(columns, names) {
    const size = 2 * this.steps.length;
    const enlarge = (old) => {
      const larger = new old.constructor(size);
      larger.set(old);
      return larger;
    };
    this.steps = enlarge(this.steps);
    for (const [name, column] of this.columns) this.columns.set(name, enlarge(column));
    names.forEach((name, c) => (columns[c] = this.columns.get(name)));
  }
}

function widen(extremes, value) {
  if (!Number.isFinite(value)) return;
  if (value < extremes.low) extremes.low = value;
  if (value > extremes.high) extremes.high = value;
  if (value > 0 && value < extremes.positive) extremes.positive = value;
}
