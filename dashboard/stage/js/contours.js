import { drawArrows } from "./arrows.js";
import { drawXAxis, drawYAxis, yTicks } from "./axes.js";
import { Dots } from "./dots.js";
import { figure } from "./numbers.js";
import { fitted, Plane, WHOLE } from "./plane.js";
import { drawScatter, marksOf } from "./plotmarks.js";
import { Relief, sampler, summaryOf } from "./relief.js";
import { drawTrails } from "./trails.js";

/** Paths over the level lines of a grid of heights. */
export class Contours {
  zoom = WHOLE;
  #relief = new Relief();
  #dots;

  constructor(spec) {
    this.spec = spec;
    this.#dots = spec.scatters.map(() => new Dots());
  }

  get picks() {
    return this.spec.pick;
  }

  isTouched() {
    return true; // its paths grow with every step
  }

  draw(sheet, scene) {
    const { em } = sheet;
    const grid = scene.array(this.spec.grid);
    const extent = scene.extent(this.spec.extent);
    if (!grid || !extent) return;
    const [x0, x1, y0, y1] = extent;
    const room = { left: 2.4 * em, top: 0.5 * em };
    room.width = sheet.width - room.left - 0.5 * em;
    room.height = sheet.height - room.top - 1.8 * em;
    const box = fitted(room, (x1 - x0) / (y1 - y0));
    this.plane = new Plane(box, [x0, x1], [y0, y1], this.zoom);
    const { plane } = this;

    drawYAxis(sheet, plane, yTicks(sheet, plane));
    drawXAxis(sheet, plane);
    this.#relief.draw(sheet, plane, grid, extent);
    sheet.inside(plane.box, () => {
      const { scatters } = marksOf({ lines: [], rules: [], ...this.spec }, scene);
      for (const scatter of scatters) drawScatter(sheet, plane, scatter, this.#dots[scatter.index]);
      const arrows = scene.array(this.spec.arrows);
      if (arrows) drawArrows(sheet, plane, arrows, "gradient");
      this.#drawMarks(sheet, scene.array(this.spec.marks));
      drawTrails(sheet, plane, this.spec, scene);
      this.#drawPositions(sheet, scene.array(this.spec.positions));
    });
  }

  summary(scene) {
    const grid = scene.array(this.spec.grid);
    return grid ? summaryOf(grid, this.spec, scene) : "no surface yet";
  }

  read(px, py, scene) {
    const grid = scene.array(this.spec.grid);
    if (!grid || !this.plane?.holds(px, py)) return null;
    const [x, y] = [this.plane.x(px), this.plane.y(py)];
    const height = sampler(grid, scene.extent(this.spec.extent))(x, y);
    const lines = [{ text: `${figure(x)}, ${figure(y)}` }, { text: `height ${figure(height)}` }];
    if (this.picks) lines.push({ text: "click to start here", color: "accent" });
    return { x: px, y: py, lines };
  }

  /** A cross at each place worth finding. */
  #drawMarks({ ctx, em, theme }, marks) {
    if (!marks) return;
    const arm = 0.4 * em;
    ctx.lineCap = "round";
    for (const [width, color] of [[0.42 * em, theme.card], [0.17 * em, theme.ink]]) {
      ctx.beginPath();
      for (let i = 0; i < marks.data.length; i += 2) {
        const [x, y] = [this.plane.px(marks.data[i]), this.plane.py(marks.data[i + 1])];
        ctx.moveTo(x - arm, y - arm);
        ctx.lineTo(x + arm, y + arm);
        ctx.moveTo(x + arm, y - arm);
        ctx.lineTo(x - arm, y + arm);
      }
      ctx.lineWidth = width;
      ctx.strokeStyle = color;
      ctx.stroke();
    }
  }

  #drawPositions(sheet, positions) {
    for (let i = 0; i < (positions?.data.length ?? 0); i += 2) {
      const [x, y] = [this.plane.px(positions.data[i]), this.plane.py(positions.data[i + 1])];
      if (this.plane.holds(x, y)) sheet.disc(x, y, 0.35 * sheet.em, sheet.theme.ink);
    }
  }
}
