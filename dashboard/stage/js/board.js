import { figure } from "./numbers.js";
import { fitted, Plane } from "./plane.js";

const QUIET = 1500; // milliseconds after a drag in which nothing is told at the pointer

/** A plane seen from above: bodies, ways and discs; a pointer may drag there. */
export class Board {
  #dragged = -QUIET;

  constructor(spec) {
    this.spec = spec;
  }

  get drags() {
    return Boolean(this.spec.settings);
  }

  draw(sheet, scene) {
    const { bodies, routes, discs, extent: [x0, x1, y0, y1] } = this.spec;
    const room = { left: 1, top: 1, width: sheet.width - 2, height: sheet.height - 2 };
    const box = fitted(room, (x1 - x0) / (y1 - y0));
    box.left += (room.width - box.width) / 2;
    this.plane = new Plane(box, [x0, x1], [y1, y0]); // y runs down
    sheet.inside(this.plane.box, () => {
      for (const body of bodies) this.#drawBodies(sheet, body, scene.array(body.corners));
      for (const route of routes) this.#drawRoutes(sheet, route, scene.array(route.places));
      for (const disc of discs) this.#drawDiscs(sheet, disc, scene.array(disc.middles));
    });
    sheet.border(box.left, box.top, box.width, box.height);
  }

  summary(scene) {
    const { bodies, routes, discs } = this.spec;
    const parts = [
      ...bodies.map(({ corners, label }) => [label, middleOf(scene.array(corners))]),
      ...routes.map(({ places, label }) => [label, lastOf(scene.array(places))]),
      ...discs.map(({ middles, label }) => [label, lastOf(scene.array(middles))]),
    ];
    const told = parts.filter(([label, at]) => label && at?.every(Number.isFinite));
    return told.map(([label, at]) => `${label} ${at.map(figure).join(", ")}`).join("; ");
  }

  read(px, py) {
    if (!this.plane?.holds(px, py) || performance.now() < this.#dragged + QUIET) return null;
    const lines = [{ text: `${figure(this.plane.x(px))}, ${figure(this.plane.y(py))}` }];
    if (this.drags) lines.push({ text: this.spec.hint, color: "accent" });
    return { x: px, y: py, lines };
  }

  /** Take what is there, if it may be moved. */
  grab({ x, y }) {
    return this.drags && Boolean(this.plane?.holds(x, y));
  }

  /** Go there; what has changed, by setting. */
  drag({ x, y }) {
    this.#dragged = performance.now();
    const { left, right, top, bottom } = this.plane.box;
    const [px, py] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
    const [across, down] = this.spec.settings;
    return { [across]: this.plane.x(px).toFixed(1), [down]: this.plane.y(py).toFixed(1) };
  }

  #drawBodies(sheet, { color, hollow }, array) {
    const { ctx, em, theme } = sheet;
    for (const corners of this.#partsOf(array)) {
      this.#trace(ctx, [...corners, corners[0]]);
      ctx.fillStyle = ctx.strokeStyle = theme[color];
      sheet.faintly(hollow ? 0.14 : 0.5, () => ctx.fill());
      ctx.lineWidth = 0.12 * em;
      ctx.lineJoin = "round";
      ctx.stroke();
    }
  }

  #drawRoutes(sheet, { color, thin, dots }, array) {
    const { ctx, em, theme } = sheet;
    ctx.lineJoin = ctx.lineCap = "round";
    for (const places of this.#partsOf(array)) {
      this.#trace(ctx, places);
      ctx.strokeStyle = theme[color];
      ctx.lineWidth = (thin ? 0.11 : 0.2) * em;
      sheet.faintly(thin ? 0.45 : 1, () => ctx.stroke());
      if (!dots) continue;
      ctx.beginPath();
      for (const [x, y] of places) {
        ctx.moveTo(x + 0.22 * em, y);
        ctx.arc(x, y, 0.22 * em, 0, 2 * Math.PI);
      }
      ctx.fillStyle = theme[color];
      ctx.fill();
    }
  }

  #drawDiscs(sheet, { color, radius }, array) {
    const pixels = radius * this.plane.perU;
    for (let i = 0; i < (array?.data.length ?? 0); i += 2) {
      const [x, y] = [this.plane.px(array.data[i]), this.plane.py(array.data[i + 1])];
      if (Number.isFinite(x + y)) sheet.disc(x, y, pixels, sheet.theme[color]);
    }
  }

  #trace(ctx, places) {
    ctx.beginPath();
    places.forEach((place, i) => (i ? ctx.lineTo(...place) : ctx.moveTo(...place)));
  }

  /** Of each of K parts its places on the sheet; parts with a gap are left out. */
  #partsOf(array) {
    if (!array) return [];
    const { data, shape: [count, length] } = array;
    const parts = Array.from({ length: count }, (_, part) =>
      Array.from({ length }, (_, i) => {
        const at = 2 * (part * length + i);
        return [this.plane.px(data[at]), this.plane.py(data[at + 1])];
      }),
    );
    return parts.filter((places) => places.flat().every(Number.isFinite));
  }
}

/** The last place (2,) of an array of places. */
function lastOf(array) {
  return array?.data.length ? [...array.data.slice(-2)] : null;
}

/** The middle of all corners. */
function middleOf(array) {
  if (!array?.data.length) return null;
  const mean = (offset) =>
    array.data.reduce((sum, value, i) => sum + (i % 2 === offset ? value : 0), 0) /
    (array.data.length / 2);
  return [mean(0), mean(1)];
}
