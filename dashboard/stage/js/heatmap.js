import { drawXAxis, drawYAxis, drawYTitle, TITLE_ROOM, yTicks } from "./axes.js";
import { figure } from "./numbers.js";
import { ofClasses, onRamp, Raster, writeTable } from "./pixels.js";
import { fitted, Plane, WHOLE } from "./plane.js";
import { classRamp, evenRamp, signedRamp } from "./ramps.js";
import { finiteRange, rounded } from "./ticks.js";

/** A table as colours: a map where it has an extent, else rows and columns by number. */
export class Heatmap {
  zoom = WHOLE;
  #raster = new Raster();

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const { ctx, em } = sheet;
    const table = scene.array(this.spec.values);
    if (!table) return;
    const { x_title: xTitle, y_title: yTitle, log_x: logX, log_y: logY } = this.spec;
    const [x0, x1, y0, y1] = this.#extent(scene, table);
    const range = this.#range(scene, table);
    const rows = scene.strings(this.spec.rows ?? this.spec.names);
    const widest = Math.max(...rows.map((name) => sheet.measure(name)), 2 * em);
    const left = Math.min(widest, 0.3 * sheet.width) + 0.6 * em;
    const box = { left, top: (yTitle ? TITLE_ROOM : 0.5) * em };
    box.width = sheet.width - box.left - (range ? 4 : 0.4) * em;
    box.height = sheet.height - box.top - 1.8 * em;
    // Over like units a map keeps its shape; where one side is much longer it fills the room.
    const length = (low, high, log) => (log ? Math.log10(high / low) : high - low);
    const shape = length(x0, x1, logX) / length(y0, y1, logY);
    const fits = logX === logY && shape >= 0.5 && shape <= 2;
    const room = fits ? fitted(box, shape) : box;
    this.plane = new Plane(room, [x0, x1], [y0, y1], this.zoom, logY, logX);
    const { plane } = this;

    const upward = Boolean(this.spec.extent);
    const ramp = this.#ramp(sheet.theme);
    const shade = range ? onRamp(ramp, range) : ofClasses(ramp);
    writeTable(this.#raster, table, shade, upward).show();
    const columns = scene.strings(this.spec.names);
    drawYAxis(sheet, plane, named(rows) ?? yTicks(sheet, plane, !upward));
    drawXAxis(sheet, plane, xTitle, !upward, named(columns));
    drawYTitle(sheet, yTitle);
    sheet.inside(plane.box, () => {
      const [left, top] = [plane.px(x0), plane.py(y1)];
      const place = [left, top, plane.px(x1) - left, plane.py(y0) - top];
      this.lattice = new Lattice(place, table, upward);
      ctx.fillStyle = sheet.theme.dim; // of cells that have no value, or no class yet
      ctx.fillRect(...place);
      ctx.imageSmoothingEnabled = false;
      ctx.drawImage(this.#raster.canvas, ...place);
      this.#drawNames(sheet, table, scene.strings(this.spec.classes));
      this.#drawFrames(sheet, scene.array(this.spec.framed));
    });
    if (range) this.#drawKey(sheet, range, plane.box);
  }

  summary(scene) {
    const table = scene.array(this.spec.values);
    if (!table) return "no values yet";
    const { shape: [rows, columns], data } = table;
    const size = `${rows} rows by ${columns} columns`;
    const names = scene.strings(this.spec.classes);
    if (names.length) {
      const shares = names.map((_, i) => data.reduce((n, v) => n + (v === i), 0) / data.length);
      return `${size}; ${names.map((n, i) => `${n} ${Math.round(100 * shares[i])} %`).join(", ")}`;
    }
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    return `${size}, from ${finiteRange(data).map(figure).join(" to ")}, mean ${figure(mean)}`;
  }

  read(px, py, scene) {
    const table = scene.array(this.spec.values);
    if (!table || !this.plane?.holds(px, py)) return null;
    const [row, column] = this.lattice.at(px, py);
    const value = table.data[row * table.shape[1] + column];
    const rows = scene.strings(this.spec.rows ?? this.spec.names);
    const columns = scene.strings(this.spec.names);
    const place = this.spec.extent
      ? `${figure(this.plane.x(px))}, ${figure(this.plane.y(py))}`
      : `row ${rows[row] ?? row}, column ${columns[column] ?? column}`;
    const name = scene.strings(this.spec.classes)[value];
    const color = name && `c${value}`;
    return { x: px, y: py, lines: [{ text: name ?? figure(value), color }, { text: place }] };
  }

  /** Cells lie around their numbers; without an extent row 0 is on top. */
  #extent(scene, { shape: [rows, columns] }) {
    return scene.extent(this.spec.extent) ?? [-0.5, columns - 0.5, rows - 0.5, -0.5];
  }

  /** The range of the colours; null for classes. */
  #range(scene, { data }) {
    const { scale, value_range: given } = this.spec;
    if (scale === "classes") return null;
    const fixed = typeof given === "string" ? scene.array(given)?.data : given;
    if (fixed) return fixed;
    const [low, high] = rounded(finiteRange(data));
    const far = Math.max(Math.abs(low), Math.abs(high));
    return scale === "signed" ? [-far, far] : [low, high];
  }

  #ramp(theme) {
    if (this.spec.scale === "classes") return classRamp(theme, 0.6);
    return this.spec.scale === "signed" ? signedRamp(theme) : evenRamp();
  }

  /** Each class has its name where its cells are. */
  #drawNames(sheet, table, names) {
    names.forEach((name, index) => {
      const cell = middleCell(table, index);
      if (!cell) return;
      const [left, top, width, height] = this.lattice.box(cell.row, cell.column);
      const [x, y] = [left + width / 2, top + height / 2];
      const most = 0.5 * this.plane.box.width;
      const { ink: color } = sheet.theme;
      sheet.text(name, x, y, { align: "center", weight: 600, color, halo: true, most });
    });
  }

  /** A frame about the cell of each place. */
  #drawFrames({ ctx, theme }, places) {
    for (let i = 0; i < (places?.data.length ?? 0); i += 2) {
      const at = [this.plane.px(places.data[i]), this.plane.py(places.data[i + 1])];
      const box = this.lattice.box(...this.lattice.at(...at));
      for (const [width, color] of [[5, theme.card], [2, theme.ink]]) {
        ctx.lineWidth = width;
        ctx.strokeStyle = color;
        ctx.strokeRect(...box);
      }
    }
  }

  /** A strip with the colours and what they stand for. */
  #drawKey(sheet, [low, high], { right, top, height }) {
    const { em, ctx } = sheet;
    const x = right + 0.7 * em;
    const ramp = this.#ramp(sheet.theme);
    const strip = new Raster().clear(1, 256);
    strip.pixels.set(ramp.toReversed());
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(strip.show(), x, top, 0.5 * em, height);
    sheet.text(figure(high), x + 0.8 * em, top + 0.4 * em);
    sheet.text(figure(low), x + 0.8 * em, top + height - 0.4 * em);
  }
}

/** Where the cells of a table (rows, columns) are; row 0 may be at the bottom. */
class Lattice {
  constructor([left, top, width, height], { shape: [rows, columns] }, upward) {
    Object.assign(this, { left, top, rows, columns, upward });
    [this.width, this.height] = [width / columns, height / rows];
  }

  /** The row and column at a pixel; the nearest ones, outside the table. */
  at(px, py) {
    const within = (part, count) => Math.min(Math.max(Math.floor(part), 0), count - 1);
    const down = within((py - this.top) / this.height, this.rows);
    const column = within((px - this.left) / this.width, this.columns);
    return [this.upward ? this.rows - 1 - down : down, column];
  }

  /** Left, top, width and height of a cell. */
  box(row, column) {
    const down = this.upward ? this.rows - 1 - row : row;
    const [left, top] = [this.left + column * this.width, this.top + down * this.height];
    return [left, top, this.width, this.height];
  }
}

/** The cell of a class next to the middle of its cells; undefined where it has none. */
function middleCell({ data, shape: [, columns] }, index) {
  const cells = [];
  data.forEach((value, at) => {
    if (value === index) cells.push({ row: Math.floor(at / columns), column: at % columns });
  });
  const mean = (axis) => cells.reduce((sum, cell) => sum + cell[axis], 0) / cells.length;
  const [row, column] = [mean("row"), mean("column")];
  const distance = (cell) => Math.hypot(cell.row - row, cell.column - column);
  return cells.sort((a, b) => distance(a) - distance(b))[0];
}

/** Names as the ticks of cells that lie around their numbers. */
function named(names) {
  return names.length ? { values: [...names.keys()], labels: names } : undefined;
}
