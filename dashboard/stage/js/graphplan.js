import { sizeOfCells } from "./cells.js";
import { setFormula } from "./formula.js";

const SCALES = [2.1, 1.9, 1.7, 1.5, 1.35, 1.2, 1.1, 1, 0.92, 0.85]; // of the type
const NUMBERS = [16, 6, 2]; // the most that one array may show: those with more are tiles
const LABEL = 1.5; // em of a node's label
const PAD = { across: 0.6, down: 0.5 }; // em around what is in a node
const GAP = 0.35; // em between its parts

/**
 * Where the nodes of a graph stand and how large they are: the largest type at which all have
 * room. Columns run down the page where that gives more room, as on a phone.
 */
export function planOf(sheet, nodes, arraysOf) {
  const tall = sheet.height > sheet.width;
  const layouts = [tall, !tall].map((down) => placesOf(sheet, nodes, down));
  let plan = null;
  for (const most of NUMBERS) {
    const contents = nodes.map((node) => arraysOf(node).map((array) => sizeOfCells(array, most)));
    for (const scale of SCALES) {
      const em = scale * sheet.em;
      const names = nodes.map(({ label }) => setFormula(sheet.ctx, label, LABEL * em));
      for (const { places, rooms } of layouts) {
        const boxes = places.map((place, i) =>
          boxOf({ place, name: names[i], sizes: contents[i], room: rooms[i], em }),
        );
        plan = { boxes, em };
        if (boxes.every((box) => box.fits)) return plan;
      }
    }
  }
  return plan;
}

/** The part of the way between two boxes that is outside both. */
export function wayBetween(from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const reach = ({ width, height }) =>
    Math.min(width / 2 / Math.abs(dx / length), height / 2 / Math.abs(dy / length)) + 3;
  const at = (way) => ({ x: from.x + (way * dx) / length, y: from.y + (way * dy) / length });
  return { start: at(reach(from)), end: at(length - reach(to)), angle: Math.atan2(dy, dx) };
}

/** The middles of all nodes and the room that each has; with `down`, columns are rows. */
function placesOf(sheet, nodes, down) {
  const span = (axis) => 1 + Math.max(...nodes.map(({ at }) => at[axis]));
  const [columns, rows] = down ? [span(1), span(0)] : [span(0), span(1)];
  const cell = { width: sheet.width / columns, height: sheet.height / rows };
  const places = nodes.map(({ at: [column, row] }) => {
    const [x, y] = down ? [row, column] : [column, row];
    return { x: (x + 0.5) * cell.width, y: (y + 0.5) * cell.height };
  });
  return { places, rooms: places.map((place) => roomAt(place, places, cell, sheet)) };
}

/** How large a node may be, so that edges and their labels have room between its neighbours. */
function roomAt(place, places, cell, sheet) {
  let width = Math.min(1.4 * cell.width, 2 * place.x, 2 * (sheet.width - place.x));
  let height = Math.min(2 * place.y, 2 * (sheet.height - place.y));
  for (const other of places) {
    const [dx, dy] = [Math.abs(other.x - place.x), Math.abs(other.y - place.y)];
    if (other === place) continue;
    if (dx > 0.4 * cell.width && dy < 0.8 * cell.height) width = Math.min(width, 0.62 * dx);
    if (dy > 0 && dx < 0.8 * cell.width) height = Math.min(height, 0.82 * dy);
  }
  return { width, height };
}

/** A node's box: its name on top, then value and gradient, below or beside each other. */
function boxOf({ place, name, sizes, room, em }) {
  const widths = sizes.map((size) => size.width * em);
  const heights = sizes.map((size) => size.height * em);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const gap = GAP * em;
  const gaps = gap * Math.max(0, sizes.length - 1);
  const line = Math.max(name.up, em) + name.down + (sizes.length ? gap : 0);
  const around = (width, height) => ({
    width: Math.max(width, name.width, 1.6 * em) + 2 * PAD.across * em,
    height: height + line + 2 * PAD.down * em,
  });
  const below = around(Math.max(0, ...widths), sum(heights) + gaps);
  const beside = around(sum(widths) + gaps, Math.max(0, ...heights));
  const fitsIn = (size) => size.width <= room.width && size.height <= room.height;
  const stacked = fitsIn(below) || !fitsIn(beside);
  const size = stacked ? below : beside;
  const top = place.y - size.height / 2 + PAD.down * em;
  let [x, y] = [place.x - (sum(widths) + gaps) / 2, top + line];
  const slots = widths.map((width, i) => {
    const slot = { x: stacked ? place.x - width / 2 : x, y, width, height: heights[i] };
    slot.tiles = sizes[i].tiles;
    if (stacked) y += heights[i] + gap;
    else x += width + gap;
    return slot;
  });
  const base = top + Math.max(name.up, em);
  return { ...place, ...size, fits: fitsIn(size), name, base, slots };
}
