import { drawGrid } from "./axes.js";
import { figure } from "./numbers.js";
import { squarePlane } from "./plane.js";

const TAKEN = 22; // pixels from the pointer within which a point is taken
const PATIENCE = 1500; // milliseconds until the run's own points are shown again

/** Named arrows from the origin; those that belong to a setting can be dragged. */
export class Vectors {
  #held = null; // the point under the pointer
  #mine = new Map(); // by set, points that the run does not show yet: {data, until}
  #points = [];

  constructor(spec) {
    this.spec = spec;
  }

  get drags() {
    return this.spec.sets.some((set) => set.setting);
  }

  draw(sheet, scene) {
    const [x0, x1, y0, y1] = this.spec.extent;
    const box = { left: 0, top: 0, width: sheet.width, height: sheet.height };
    this.plane = squarePlane(box, [x0, x1], [y0, y1]);
    drawGrid(sheet, this.plane);
    const { plane } = this;
    sheet.disc(plane.px(0), plane.py(0), 0.2 * sheet.em, sheet.theme.soft);
    this.#drawPath(sheet, scene.array(this.spec.path));
    let waiting = false;
    this.#points = this.spec.sets.flatMap((set) => {
      const array = scene.array(set.points);
      if (!array) return [];
      const mine = this.#own(set, array.data);
      waiting ||= mine !== array.data;
      return this.#drawSet(sheet, scene, set, mine, array.shape[0]);
    });
    return waiting; // stale until the run shows them
  }

  summary() {
    if (!this.#points.length) return "no points yet";
    return this.#points.map(({ name, x, y }) => `${name} ${figure(x)}, ${figure(y)}`).join("; ");
  }

  read(px, py) {
    const point = this.#nearest({ x: px, y: py });
    if (!point) return null;
    const lines = [{ text: `${point.name} ${figure(point.x)}, ${figure(point.y)}` }];
    if (point.weight !== undefined) lines.push({ text: `weight ${figure(point.weight)}` });
    if (point.set.setting) lines.push({ text: "drag it", color: "accent" });
    return { x: this.plane.px(point.x), y: this.plane.py(point.y), mark: true, lines };
  }

  /** Take the point there, if one can be moved. */
  grab(at) {
    this.#held = this.#nearest(at, (point) => point.set.setting);
    return Boolean(this.#held);
  }

  /** Put the point that is held there; what has changed, by setting. */
  drag({ x, y }) {
    const { left, right, top, bottom } = this.plane.box;
    const [px, py] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
    return this.#put(this.plane.x(px), this.plane.y(py));
  }

  #put(x, y) {
    const { set, index } = this.#held;
    const points = this.#points.filter((point) => point.set === set);
    const data = points.flatMap((point) => (point.index === index ? [x, y] : [point.x, point.y]));
    const rounded = data.map((value) => Math.round(100 * value) / 100);
    this.#mine.set(set, { data: rounded, until: performance.now() + PATIENCE });
    const rows = points.map((_, i) => `${rounded[2 * i]} ${rounded[2 * i + 1]}`);
    return { [set.setting]: rows.join("; ") };
  }

  /** The points of a set: where they were put, until the run has them there too. */
  #own(set, data) {
    const mine = this.#mine.get(set);
    if (!mine) return data;
    const same = mine.data.every((value, i) => Math.abs(value - data[i]) < 0.006);
    if (same || performance.now() > mine.until) this.#mine.delete(set);
    return same ? data : mine.data;
  }

  #drawPath({ ctx, em, theme }, path) {
    if (!path) return;
    ctx.strokeStyle = theme.soft;
    ctx.lineWidth = 0.1 * em;
    ctx.beginPath();
    for (let i = 0, on = false; i < path.data.length; i += 2) {
      const at = [this.plane.px(path.data[i]), this.plane.py(path.data[i + 1])];
      if (Number.isFinite(at[0])) ctx[on ? "lineTo" : "moveTo"](...at);
      on = Number.isFinite(at[0]);
    }
    ctx.stroke();
  }

  #drawSet(sheet, scene, set, data, count) {
    const { ctx, em, theme } = sheet;
    const names = scene.strings(set.names);
    const weights = scene.array(set.weights)?.data;
    const { plane } = this;
    return Array.from({ length: count }, (_, index) => {
      const [x, y] = [data[2 * index], data[2 * index + 1]];
      const color = set.color === "classes" ? theme.classes[index] : theme[set.color];
      const weight = weights?.[index];
      const [px, py] = [plane.px(x), plane.py(y)];
      sheet.faintly(weight === undefined ? 0.9 : 0.25 + 0.75 * Math.min(1, weight), () => {
        ctx.strokeStyle = color;
        ctx.lineWidth = (weight === undefined ? 0.16 : 0.1 + 0.3 * weight) * em;
        ctx.beginPath();
        ctx.moveTo(plane.px(0), plane.py(0));
        ctx.lineTo(px, py);
        ctx.stroke();
      });
      const radius = weight === undefined ? 0.5 : 0.35 + 0.75 * Math.sqrt(Math.max(0, weight));
      sheet.disc(px, py, radius * em, color);
      const away = Math.hypot(x, y) || 1;
      const [nx, ny] = [px + (1.5 * em * x) / away, py - (1.5 * em * y) / away];
      const style = { align: "center", weight: 600, color: theme.ink, halo: true };
      sheet.text(names[index] ?? "", nx, ny, style);
      return { set, index, x, y, weight, name: names[index] ?? "" };
    });
  }

  #nearest({ x, y }, may = () => true) {
    const far = (point) => Math.hypot(this.plane.px(point.x) - x, this.plane.py(point.y) - y);
    const near = this.#points.filter((point) => may(point) && far(point) < TAKEN);
    return near.sort((a, b) => far(a) - far(b))[0] ?? null;
  }
}
