import { drawXAxis, drawYAxis, drawYTitle, TITLE_ROOM, yTicks } from "./axes.js";
import { Dots } from "./dots.js";
import { figure, grouped } from "./numbers.js";
import { Plane, WHOLE } from "./plane.js";
import {
  drawBand, drawRule, drawRuleName, drawScatter, drawTrace, endOf, marksOf, valuesAt,
} from "./plotmarks.js";
import { drawEndLabels, widthOfEndLabels } from "./polyline.js";
import { finiteRange, padded } from "./ticks.js";

const AIR = { x: 0.03, y: 0.07 }; // share of a range left free beside the data
const TOUCH = 14; // pixels from the pointer within which a point is read

/** Lines, points and marked values over axes of their own. */
export class Plot {
  zoom = WHOLE;
  #backdrop = null;
  #ranges = {}; // of each axis, on its own scale
  #gutter = 0;
  #dots;

  constructor(spec) {
    this.spec = spec;
    this.#dots = spec.scatters.map(() => new Dots());
  }

  draw(sheet, scene) {
    const { em } = sheet;
    const { lines, scatters, rules } = marksOf(this.spec, scene);
    if (!lines.length && !scatters.length) {
      sheet.text("nothing to see yet", sheet.width / 2, sheet.height / 2, { align: "center" });
      return;
    }
    if (scene.backdrop !== this.#backdrop) [this.#backdrop, this.#ranges] = [scene.backdrop, {}];
    const [xRange, yRange] = [this.#follow("x", scene, rules), this.#follow("y", scene, rules)];
    const { log_x: logX, log_y: logY, x_title: xTitle, y_title: yTitle } = this.spec;
    const named = [...lines, ...scatters, ...rules.filter(({ axis }) => axis === "y")];
    const right = sheet.width - widthOfEndLabels(sheet, named);
    const top = (yTitle ? TITLE_ROOM : 0.6) * em;
    const makePlane = () => {
      const left = this.#gutter * em;
      const box = { left, top, width: right - left, height: sheet.height - top - 1.8 * em };
      return new Plane(box, xRange, yRange, this.zoom, logY, logX);
    };
    this.plane = makePlane();
    const axis = yTicks(sheet, this.plane);
    const widest = Math.max(0, ...axis.labels.map((label) => sheet.measure(label)));
    // The gutter only grows, so that the plot does not shift when a tick gets shorter.
    this.#gutter = Math.max(this.#gutter, widest / em + 0.6);
    this.plane = makePlane();
    const { plane } = this;

    drawYAxis(sheet, plane, axis);
    drawXAxis(sheet, plane, xTitle, false, this.#named);
    drawYTitle(sheet, yTitle);
    sheet.inside(plane.box, () => {
      for (const scatter of scatters) drawScatter(sheet, plane, scatter, this.#dots[scatter.index]);
      for (const line of lines) drawBand(sheet, plane, line);
      for (const rule of rules) drawRule(sheet, plane, rule);
      for (const line of lines) drawTrace(sheet, plane, line);
      for (const rule of rules) drawRuleName(sheet, plane, rule); // no line crosses it
    });
    drawEndLabels(sheet, plane, named.map((mark) => endOf(mark, plane)));
  }

  /** Names along the x axis, where there are any. */
  get #named() {
    const labels = this.spec.x_names;
    return labels.length ? { values: labels.map((_, i) => i), labels } : undefined;
  }

  summary(scene) {
    const { lines, scatters, rules } = marksOf(this.spec, scene);
    const span = (...source) => finiteRange(...source).map(figure).join(" to ");
    const named = (label, text) => (label ? `${label} ${text}` : text);
    const parts = [
      ...lines.map(({ label, xs, ys, copies }) => {
        const many = copies > 1 ? `${grouped(copies)} lines, ` : "";
        return named(label, `${many}y from ${span(ys)} over x from ${span(xs)}`);
      }),
      ...scatters.map(({ label, data }) => {
        const where = `x from ${span(data, 0, 2)}, y from ${span(data, 1, 2)}`;
        return named(label, `${grouped(data.length / 2)} points, ${where}`);
      }),
      ...rules.map(({ label, axis, value }) => named(label, `at ${axis} = ${figure(value)}`)),
    ];
    return parts.join("; ") || "nothing to see yet";
  }

  read(px, py, scene) {
    if (!this.plane?.holds(px, py)) return null;
    const { lines, scatters } = marksOf(this.spec, scene);
    return lines.length ? this.#readLines(lines, px, py) : this.#readPoint(scatters, px, py);
  }

  #readLines(lines, px, py) {
    const { plane } = this;
    const far = (x) => Math.abs(plane.px(x) - px);
    const texts = lines.filter(({ label }) => label).map((line) => {
      const { xs, edges, label, color } = line;
      const i = xs.reduce((best, x, at) => (far(x) < far(xs[best]) ? at : best), 0);
      const values = valuesAt(line, i).filter(Number.isFinite);
      const all = edges ? edges.map((edge) => edge?.[i]) : finiteRange(values);
      const span = edges || values.length > 1 ? ` (${all.map(figure).join(" to ")})` : "";
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { text: `${label} ${values.length ? figure(mean) : "–"}${span}`, color };
    });
    const { xs } = lines[0];
    const nearest = xs.reduce((best, x) => (far(x) < far(best) ? x : best), xs[0]);
    const x = { text: `${this.spec.x_title || "x"} ${figure(nearest)}` };
    return { x: plane.px(nearest), y: py, cursor: true, lines: [x, ...texts] };
  }

  #readPoint(scatters, px, py) {
    let [found, least] = [null, TOUCH];
    for (const { data, label, color } of scatters) {
      for (let i = 0; i < data.length; i += 2) {
        const [x, y] = [this.plane.px(data[i]), this.plane.py(data[i + 1])];
        const distance = Math.hypot(x - px, y - py);
        if (!(distance < least)) continue;
        const place = { text: `${figure(data[i])}, ${figure(data[i + 1])}` };
        found = { x, y, mark: true, lines: [...(label ? [{ text: label, color }] : []), place] };
        least = distance;
      }
    }
    return found;
  }

  /**
   * The range of an axis, declared or found. It never shrinks, and what the frames show beyond
   * the backdrop makes it three times as long at most: what runs away leaves the picture.
   */
  #follow(axis, scene, rules) {
    const { [`${axis}_range`]: fixed, [`log_${axis}`]: log } = this.spec;
    if (fixed) return fixed;
    const [up, down] = log ? [Math.log10, (u) => 10 ** u] : [Number, Number];
    const spans = this.#sources(axis).map(({ name, offset, stride }) => ({
      still: !scene.frame?.arrays[name],
      span: finiteRange(scene.array(name)?.data ?? [], offset, stride, up),
    }));
    const marked = rules.filter((rule) => rule.axis === axis).map(({ value }) => up(value));
    const given = union(spans.filter(({ still }) => still).map(({ span }) => span));
    const [low, high] = union([...spans.map(({ span }) => span), finiteRange(marked)]);
    const reach = given[1] > given[0] ? given[1] - given[0] : Infinity;
    const most = reach < Infinity ? [given[0] - reach, given[1] + reach] : [low, high];
    const aim = [Math.max(low, most[0]), Math.min(high, most[1])];
    const now = this.#ranges[axis];
    if (!(aim[0] <= aim[1])) return (now ?? [0, 1]).map(down);
    if (!now) this.#ranges[axis] = padded(aim, AIR[axis]);
    else if (aim[0] < now[0] || aim[1] > now[1]) {
      this.#ranges[axis] = padded(union([aim, now]), AIR[axis]);
    }
    return this.#ranges[axis].map(down);
  }

  /** Where the numbers of an axis are. */
  #sources(axis) {
    const { lines, scatters } = this.spec;
    const along = ({ x, y, band }) => (axis === "x" ? [x] : [y, ...(band ?? [])]);
    return [
      ...lines.flatMap(along).map((name) => ({ name, offset: 0, stride: 1 })),
      ...scatters.map(({ points }) => ({ name: points, offset: Number(axis === "y"), stride: 2 })),
    ];
  }
}

function union(spans) {
  return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))];
}
