import { figure } from "./numbers.js";
import { finiteRange, rounded } from "./ticks.js";

/** Values as bars with their names before and their figures behind them, or as many upright ones. */
export class Bars {
  #range = null;

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const values = scene.array(this.spec.values)?.data;
    if (!values?.length) return;
    if (this.spec.upright) return this.#drawUpright(sheet, scene, values);
    const { ctx, em, theme } = sheet;
    const names = scene.strings(this.spec.names);
    const pitch = Math.min(sheet.height / values.length, 2.6 * em);
    const thick = Math.min(0.62 * pitch, 1.2 * em);
    const size = Math.min(1, pitch / (1.15 * em));
    const widest = Math.max(...names.map((name) => sheet.measure(name, size)));
    const left = Math.min(widest, 0.42 * sheet.width) + 0.8 * em;
    const figures = Math.max(...[...values].map((v) => sheet.measure(this.#figure(v), size)));
    const right = sheet.width - Math.max(figures, 3 * em) - 0.8 * em;
    const targets = [...values].map((_, i) => this.#target(scene, i) ?? NaN);
    const [low, high] = this.#follow([...values, ...targets]);
    const share = (value) => Math.min(Math.max((value - low) / (high - low), 0), 1);
    const px = (value) => left + share(value) * (right - left);
    const zero = px(0);
    this.rows = { pitch, count: values.length };

    values.forEach((value, i) => {
      const middle = (i + 0.5) * pitch;
      const top = middle - thick / 2;
      sheet.text(names[i] ?? "", 0, middle, { size, most: left - 0.8 * em });
      ctx.fillStyle = theme.line;
      ctx.fillRect(left, top, right - left, thick);
      if (Number.isFinite(value)) {
        ctx.fillStyle = this.spec.colors === "classes" ? theme.ofClass(i) : theme[this.spec.colors];
        ctx.fillRect(Math.min(zero, px(value)), top, Math.abs(px(value) - zero), thick);
      }
      sheet.text(this.#figure(value), right + 0.6 * em, middle, { size, color: theme.ink });
      const target = this.#target(scene, i);
      if (target !== undefined) {
        ctx.fillStyle = theme.ink;
        ctx.fillRect(px(target) - 0.75, top - 0.2 * em, 1.5, thick + 0.4 * em);
      }
    });
  }

  summary(scene) {
    const values = scene.array(this.spec.values)?.data;
    if (!values) return "no values yet";
    const names = scene.strings(this.spec.names);
    return [...values].map((value, i) => `${names[i] ?? i + 1} ${this.#figure(value)}`).join(", ");
  }

  read(px, py, scene) {
    const values = scene.array(this.spec.values)?.data;
    const i = this.spec.upright
      ? Math.floor((px - (this.left ?? Infinity)) / this.pitch)
      : Math.floor(py / (this.rows?.pitch ?? NaN));
    if (!values || !(i >= 0) || i >= values.length) return null;
    const color = this.spec.colors === "classes" ? `c${i}` : this.spec.colors;
    const name = scene.strings(this.spec.names)[i] ?? i + 1;
    const lines = [{ text: `${name} ${this.#figure(values[i])}`, color }];
    const target = this.#target(scene, i);
    if (target !== undefined) lines.push({ text: `aim ${this.#figure(target)}` });
    return { x: px, y: py, lines };
  }

  /** Columns without names and figures, which a pointer tells; a target goes across all. */
  #drawUpright(sheet, scene, values) {
    const { ctx, em, theme } = sheet;
    const targets = [...values].map((_, i) => this.#target(scene, i) ?? NaN);
    const [low, high] = this.#follow([...values, ...targets]);
    const ends = [low, high].map((value) => this.#figure(value));
    this.left = Math.max(...ends.map((end) => sheet.measure(end))) + 0.6 * em;
    this.pitch = (sheet.width - this.left) / values.length;
    const [top, bottom] = [0.6 * em, sheet.height - 0.6 * em];
    const py = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
    for (const [end, text] of [[low, ends[0]], [high, ends[1]]]) {
      sheet.hairline(this.left, py(end), sheet.width, py(end));
      sheet.text(text, this.left - 0.4 * em, py(end), { align: "right" });
    }
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const x = this.left + (i + 0.1) * this.pitch;
      ctx.fillStyle = this.spec.colors === "classes" ? theme.ofClass(i) : theme[this.spec.colors];
      ctx.fillRect(x, Math.min(py(0), py(value)), 0.8 * this.pitch, Math.abs(py(value) - py(0)));
      const x1 = this.left + (i + 1) * this.pitch;
      if (Number.isFinite(targets[i])) {
        sheet.hairline(x1 - this.pitch, py(targets[i]), x1, py(targets[i]), theme.ink);
      }
    });
  }

  #figure(value) {
    const { unit } = this.spec;
    if (Number.isNaN(value)) return "–"; // not known, or not yet
    if (!unit || !Number.isFinite(value)) return figure(value);
    return unit === "%" ? `${Math.round(100 * value)} %` : `${figure(value)} ${unit}`;
  }

  #target(scene, i) {
    const { target } = this.spec;
    return typeof target === "string" ? scene.array(target)?.data[i] : target ?? undefined;
  }

  /** The range declared, or round numbers around zero, the targets and all values so far. */
  #follow(values) {
    const { value_range: fixed, unit } = this.spec;
    if (fixed) return fixed;
    if (unit === "%") return [0, 1];
    const [low, high] = finiteRange(values);
    const [oldLow, oldHigh] = this.#range ?? [0, 0];
    const [all, most] = [Math.min(low, oldLow), Math.max(high, oldHigh)];
    this.#range = all < oldLow || most > oldHigh ? rounded([all, most]) : [oldLow, oldHigh];
    return this.#range[0] < this.#range[1] ? this.#range : [0, 1];
  }
}
