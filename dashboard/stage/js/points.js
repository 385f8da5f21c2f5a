import { drawArrows } from "./arrows.js";
import { drawGrid } from "./axes.js";
import { Dots } from "./dots.js";
import { Ground } from "./ground.js";
import { figure, grouped } from "./numbers.js";
import { ofClasses, Raster, writeTable } from "./pixels.js";
import { squarePlane, WHOLE } from "./plane.js";
import { classRamp } from "./ramps.js";
import { finiteRange, padded } from "./ticks.js";

const REACH = 14; // pixels from the pointer within which a point is read
const HAZE = 0.16; // strength of the background's classes

/** A cloud of points at equal aspect, over the classes of the plane and a faint cloud. */
export class Points {
  zoom = WHOLE;
  #range = null;
  #dots = new Dots();
  #behind = new Dots();
  #ground = new Ground();
  #background = new Raster();

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const { points, labels, behind, background, arrows } = this.spec;
    const [cloud, faint] = [scene.array(points), scene.array(behind)];
    const [grid, field] = [scene.array(background), scene.array(arrows)];
    const extent = scene.extent(this.spec.extent) ?? this.#grown(cloud, faint);
    const box = { left: 0, top: 0, width: sheet.width, height: sheet.height };
    this.plane = squarePlane(box, extent.slice(0, 2), extent.slice(2), this.zoom);
    const { plane } = this;

    const drawGround = (sheet) => {
      const { theme } = sheet;
      if (grid) this.#drawBackground(sheet, grid, extent);
      drawGrid(sheet, plane);
      if (faint) {
        const diameter = 0.8 * this.#diameter(sheet, faint);
        this.#behind.draw(sheet, plane, faint, { colors: [theme.soft], diameter, opacity: 0.22 });
      }
      if (field) sheet.inside(box, () => drawArrows(sheet, plane, field, "gradient"));
    };
    if (!cloud || sheet.ctx.vector) drawGround(sheet);
    if (!cloud) return;
    const key = [...extent, this.zoom, faint?.data, grid?.data, field?.data];
    const under = (margin) => this.#ground.pixels(sheet, key, drawGround, margin);
    this.#drawCloud(sheet, cloud, scene.array(labels)?.data, under);
  }

  summary(scene) {
    const { points, labels, classes } = this.spec;
    const cloud = scene.array(points);
    if (!cloud?.shape[0]) return "no points yet";
    const span = (offset) => finiteRange(cloud.data, offset, 2).map(figure).join(" to ");
    const parts = [`${grouped(cloud.shape[0])} points, x from ${span(0)}, y from ${span(1)}`];
    const names = scene.strings(classes);
    const of = scene.array(labels)?.data;
    if (of && names.length) {
      const counts = names.map((_, index) => of.reduce((n, label) => n + (label === index), 0));
      parts.push(names.map((name, index) => `${name} ${grouped(counts[index])}`).join(", "));
    }
    return parts.join("; ");
  }

  read(px, py, scene) {
    const cloud = scene.array(this.spec.points);
    if (!cloud) return null;
    const { data, shape: [count] } = cloud;
    let [best, least] = [-1, REACH * REACH];
    for (let i = 0; i < count; i++) {
      const [x, y] = [this.plane.px(data[2 * i]) - px, this.plane.py(data[2 * i + 1]) - py];
      const distance = x * x + y * y;
      if (distance < least) [best, least] = [i, distance];
    }
    if (best < 0) return null;
    const [x, y] = data.subarray(2 * best, 2 * best + 2);
    const label = scene.array(this.spec.labels)?.data[best];
    const name = scene.strings(this.spec.classes)[label];
    return {
      x: this.plane.px(x),
      y: this.plane.py(y),
      mark: true,
      lines: [
        ...(name ? [{ text: name, color: `c${label}` }] : []),
        { text: `${figure(x)}, ${figure(y)}` },
      ],
    };
  }

  #diameter({ em }, { shape: [count] }) {
    const byCount = Math.min(7, Math.max(1.6, 9.6 - 2 * Math.log10(count + 1)));
    return this.spec.size ?? byCount * Math.max(1, em / 12);
  }

  #drawCloud(sheet, cloud, labels, underOf) {
    const { theme } = sheet;
    this.#dots.draw(sheet, this.plane, cloud, {
      labels,
      underOf,
      colors: labels ? [...theme.classes, theme.soft] : [theme.data],
      diameter: this.#diameter(sheet, cloud),
      opacity: 0.85,
    });
  }

  #drawBackground({ ctx, theme }, grid, [x0, x1, y0, y1]) {
    const { plane } = this;
    const shade = ofClasses(classRamp(theme, HAZE));
    const image = writeTable(this.#background, grid, shade, true).show();
    const [left, top] = [plane.px(x0), plane.py(y1)];
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(image, left, top, plane.px(x1) - left, plane.py(y0) - top);
  }

  /** What all clouds so far needed: the plane only ever grows, so it does not shake. */
  #grown(...clouds) {
    for (const cloud of clouds) {
      if (!cloud) continue;
      const [x, y] = [0, 1].map((offset) => padded(bulk(cloud.data, offset), 0.08));
      const [x0, x1, y0, y1] = this.#range ?? [...x, ...y];
      const outside = x[0] < x0 || x[1] > x1 || y[0] < y0 || y[1] > y1;
      this.#range = outside
        ? [...padded([Math.min(x0, x[0]), Math.max(x1, x[1])], 0.05),
           ...padded([Math.min(y0, y[0]), Math.max(y1, y[1])], 0.05)]
        : [x0, x1, y0, y1];
    }
    return this.#range ?? [-1, 1, -1, 1];
  }
}

/** The range of nearly all values: a few that ran away do not shrink the rest to a spot. */
function bulk(values, offset) {
  const every = 2 * Math.ceil(values.length / 4000);
  const sample = [];
  for (let i = offset; i < values.length; i += every) {
    if (Number.isFinite(values[i])) sample.push(values[i]);
  }
  if (!sample.length) return [-1, 1];
  sample.sort((a, b) => a - b);
  const skipped = Math.floor(0.002 * sample.length);
  return [sample[skipped], sample[sample.length - 1 - skipped]];
}
