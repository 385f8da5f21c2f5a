import { drawXAxis, drawYAxis, drawYTitle, TITLE_ROOM, yTicks } from "./axes.js";
import { figure } from "./numbers.js";
import { GREY, onRamp, Raster, writeTable } from "./pixels.js";
import { fitted, Plane } from "./plane.js";

/** One grey picture over the plane that it shows, with places on it; a pointer may drag there. */
export class Atlas {
  #raster = new Raster();

  constructor(spec) {
    this.spec = spec;
  }

  get drags() {
    return Boolean(this.spec.settings);
  }

  draw(sheet, scene) {
    const { ctx, em, theme } = sheet;
    const image = scene.array(this.spec.image);
    const extent = scene.extent(this.spec.extent);
    if (!image || !extent) return;
    const [x0, x1, y0, y1] = extent;
    const { x_title: xTitle, y_title: yTitle } = this.spec;
    const room = { left: 2.4 * em, top: (yTitle ? TITLE_ROOM : 0.5) * em };
    room.width = sheet.width - room.left - 0.5 * em;
    room.height = sheet.height - room.top - 1.8 * em;
    const box = fitted(room, (x1 - x0) / (y1 - y0));
    this.plane = new Plane(box, [x0, x1], [y0, y1]);
    const { plane } = this;

    drawYAxis(sheet, plane, yTicks(sheet, plane));
    drawXAxis(sheet, plane, xTitle);
    drawYTitle(sheet, yTitle);
    writeTable(this.#raster, image, onRamp(GREY, [0, 255]), true);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.#raster.show(), box.left, box.top, box.width, box.height);
    const places = scene.array(this.spec.places)?.data ?? [];
    sheet.inside(plane.box, () => {
      for (let i = 0; i < places.length; i += 2) {
        const [x, y] = [plane.px(places[i]), plane.py(places[i + 1])];
        sheet.disc(x, y, 0.55 * em, theme.model, theme.card);
      }
    });
  }

  summary(scene) {
    const places = scene.array(this.spec.places)?.data;
    return places?.length ? `at ${figure(places[0])}, ${figure(places[1])}` : "no place yet";
  }

  read(px, py) {
    if (!this.plane?.holds(px, py)) return null;
    const lines = [{ text: `${figure(this.plane.x(px))}, ${figure(this.plane.y(py))}` }];
    if (this.drags) lines.push({ text: "drag to go here", color: "accent" });
    return { x: px, y: py, lines };
  }

  /** Take the place there, if it may be moved. */
  grab({ x, y }) {
    return this.drags && Boolean(this.plane?.holds(x, y));
  }

  /** Go there; what has changed, by setting. */
  drag({ x, y }) {
    const { left, right, top, bottom } = this.plane.box;
    const [px, py] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
    const [across, up] = this.spec.settings;
    return { [across]: this.plane.x(px).toFixed(2), [up]: this.plane.y(py).toFixed(2) };
  }
}
