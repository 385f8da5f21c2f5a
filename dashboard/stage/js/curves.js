import { drawXAxis, drawYAxis, yTicks } from "./axes.js";
import { figure, grouped } from "./numbers.js";
import { Plane, WHOLE } from "./plane.js";
import { drawEndLabels, tracePath, widthOfEndLabels } from "./polyline.js";
import { padded } from "./ticks.js";

const FIRST_STEPS = 10; // the x axis is never shorter
const VISIBLE = 2; // pixels
const EASE = 0.5; // share of the way that a range goes in one frame
const ROOM = 0.1; // share of a range left free at first; it moves on when less than this is left:
const LEAST_ROOM = 0.01;

/** Columns of the series over the steps. */
export class Curves {
  zoom = WHOLE;
  #range = null;
  #aim = [0, 0]; // where the range is going, on the axis' own scale
  #gutter = 0;
  #last = 0; // step that the picture reaches

  constructor(spec) {
    this.spec = spec;
  }

  /** Whether the newest steps show: late in a run most of them do not, and can wait for more. */
  isTouched({ series, head, moving }) {
    if (!this.plane || !head || !moving) return true;
    return (series.last - this.#last) * this.plane.box.width >= VISIBLE * series.last;
  }

  draw(sheet, scene) {
    const { em } = sheet;
    const { series } = scene;
    this.#last = series.last;
    const lines = this.#lines(scene);
    if (!series.length) {
      sheet.text("no steps yet", sheet.width / 2, sheet.height / 2, { align: "center" });
      return false;
    }
    const right = widthOfEndLabels(sheet, lines);
    const shown = [series, scene.beside].filter(Boolean);
    const ranges = shown.flatMap((each) => lines.flatMap(({ name }) => each.range(name) ?? []));
    const moving = this.#follow(ranges, sheet.still);
    const box = { left: this.#gutter * em, top: 0.6 * em, width: 0, height: 0 };
    box.height = sheet.height - box.top - 1.8 * em;
    const last = Math.max(FIRST_STEPS, ...shown.map((each) => each.last));
    const makePlane = () => {
      box.width = sheet.width - box.left - right;
      return new Plane(box, [0, last], this.#range, this.zoom, this.spec.log_y);
    };

    this.plane = makePlane();
    const axis = yTicks(sheet, this.plane);
    const widest = Math.max(0, ...axis.labels.map((label) => sheet.measure(label)));
    // The gutter only grows, so that the plot does not shift when a tick gets shorter.
    this.#gutter = Math.max(this.#gutter, widest / em + 0.6);
    box.left = this.#gutter * em;
    this.plane = makePlane();

    drawYAxis(sheet, this.plane, axis);
    drawXAxis(sheet, this.plane, this.spec.x_title);
    sheet.inside(this.plane.box, () => this.#drawLines(sheet, scene, lines));
    drawEndLabels(sheet, this.plane, this.#labels(scene, lines));
    return moving;
  }

  summary(scene) {
    const row = scene.rows - 1;
    if (row < 0) return "no steps yet";
    const step = grouped(scene.series.steps[row]);
    return this.#lines(scene)
      .map(({ name, label }, i) => {
        const column = scene.series.column(name);
        const at = i === 0 ? ` at ${this.spec.x_title} ${step}` : "";
        const value = column[lastNumber(column, row)];
        if (Number.isNaN(value)) return `${label} has no number so far${at}`;
        const lowest = column.subarray(0, row + 1).reduce((a, b) => (b < a ? b : a), Infinity);
        return `${label} ${figure(value)}${at}, lowest ${figure(lowest)}`;
      })
      .join("; ");
  }

  read(px, py, scene) {
    const { series } = scene;
    if (!series.length) return null;
    const row = nearestRow(series, this.plane.x(px));
    const lines = this.#lines(scene);
    return {
      x: this.plane.px(series.steps[row]),
      y: py,
      cursor: true,
      lines: [
        { text: `${this.spec.x_title} ${grouped(series.steps[row])}` },
        ...lines.map(({ name, label, color }) => ({
          text: `${label} ${figure(series.column(name)[row])}`,
          color,
        })),
      ],
    };
  }

  #lines({ series }) {
    return this.spec.lines.filter(({ name }) => series.has(name));
  }

  /** Let the y range follow the values, outwards only. True while it is still on its way. */
  #follow(ranges, still) {
    const { log_y: logY, y_range: fixed } = this.spec;
    const low = Math.min(...ranges.map((range) => (logY ? range.positive : range.low)));
    const high = Math.max(...ranges.map((range) => range.high));
    const up = logY ? Math.log10 : Number;
    this.#aim = fixed?.map(up) ?? (low <= high ? this.#around([low, high].map(up)) : [0, 1]);
    const aim = this.#aim;
    const at = this.#range?.map(up);
    const short = 0.004 * (aim[1] - aim[0]);
    const moving = !still && Boolean(at?.some((v, i) => Math.abs(v - aim[i]) > short));
    const now = moving ? at.map((v, i) => v + EASE * (aim[i] - v)) : aim;
    this.#range = logY ? now.map((v) => 10 ** v) : now;
    return moving;
  }

  /** A range around all values: the one before as long as they are well within, and fill half. */
  #around([low, high]) {
    const [bottom, top] = this.#aim;
    const least = LEAST_ROOM * (top - bottom);
    const holds = low >= bottom + least && high <= top - least;
    return holds && 2 * (high - low) > top - bottom ? this.#aim : padded([low, high], ROOM);
  }

  #drawLines(sheet, scene, lines) {
    const { ctx, em } = sheet;
    const { plane } = this;
    const { series, rows, beside } = scene;
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    for (const { name, color, dashed } of lines) {
      const trace = (from, to, alpha, table = series) => {
        ctx.globalAlpha = alpha;
        ctx.lineWidth = 0.14 * em;
        ctx.strokeStyle = sheet.theme[color];
        ctx.setLineDash(dashed ? [0.45 * em, 0.35 * em] : []);
        tracePath(ctx, plane, table.steps, table.column(name), from, to);
      };
      if (beside?.has(name)) trace(0, beside.length, 0.4, beside);
      if (rows < series.length) trace(Math.max(0, rows - 1), series.length, 0.25);
      trace(0, rows, 1);
    }
    ctx.setLineDash([]);
    if (scene.head || rows < 1) return;
    const x = plane.px(series.steps[rows - 1]);
    sheet.hairline(x, plane.box.top, x, plane.box.bottom, sheet.theme.soft);
    for (const { name, color } of lines) {
      const value = series.column(name)[rows - 1];
      if (Number.isFinite(value)) sheet.disc(x, plane.py(value), 0.3 * em, sheet.theme[color]);
    }
  }

  /** Each line's name where it ends. */
  #labels({ series }, lines) {
    return lines.map(({ name, label, color }) => {
      const column = series.column(name);
      return { label, color, y: this.plane.py(column[lastNumber(column, series.length - 1)]) };
    });
  }
}

function nearestRow(series, step) {
  const before = Math.max(0, series.rowAt(step));
  const after = Math.min(before + 1, series.length - 1);
  return step - series.steps[before] < series.steps[after] - step ? before : after;
}

function lastNumber(column, row) {
  while (row > 0 && Number.isNaN(column[row])) row--;
  return row;
}
