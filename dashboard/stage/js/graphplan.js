import { sizeOfCells } from "./cells.js";
import { setFormula } from "./formula.js";

const SCALES = [2.1, 1.9, 1.7, 1.5, 1.35, 1.2, 1.1, 1, 0.92, 0.85]; // of the type
const NUMBERS = [16, 6, 2]; // the most that one array may show: those with more are tiles
const LABEL = 1.5; // em of a node's label
const PAD = { across: 0.6, down: 0.5 }; // em around what is in a node
const GAP = 0.35; // em between its parts
const FREE = { linked: 3.3, apart: 1 }; // em between two nodes: an edge with its label, or nothing

/**
 * Where the nodes of a graph stand and how large they are: the largest type at which all have
 * room. Columns run down the page where that gives more room, as on a phone.
 */
export function planOf(sheet, { nodes, edges }, arraysOf) {
  const tall = sheet.height > sheet.width;
  const layouts = [tall, !tall].map((down) => placesOf(sheet, nodes, down));
  const isLinked = (i, j) =>
    edges.some(({ start, end }) => {
      const ends = [nodes[i].key, nodes[j].key];
      return ends.includes(start) && ends.includes(end);
    });
  let fallback = null;
  for (const most of NUMBERS) {
    const contents = nodes.map((node) => arraysOf(node).map((array) => sizeOfCells(array, most)));
    for (const scale of SCALES) {
      const em = scale * sheet.em;
      const names = nodes.map(({ label }) => setFormula(sheet.ctx, label, LABEL * em));
      for (const { places, cell } of layouts) {
        const boxes = places.map((place, i) => {
          const room = roomAt(i, { places, cell, sheet, isLinked, em });
          return boxOf({ place, name: names[i], sizes: contents[i], room, em });
        });
        if (boxes.every((box) => box.fits)) return { boxes, em };
        if (scale === SCALES.at(-1)) fallback ??= { boxes, em };
      }
    }
  }
  return fallback;
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

/** The middles of all nodes, and the distance of columns and rows; with `down` these swap. */
function placesOf(sheet, nodes, down) {
  const span = (axis) => 1 + Math.max(...nodes.map(({ at }) => at[axis]));
  const [columns, rows] = down ? [span(1), span(0)] : [span(0), span(1)];
  const cell = { width: sheet.width / columns, height: sheet.height / rows };
  const places = nodes.map(({ at: [column, row] }) => {
    const [x, y] = down ? [row, column] : [column, row];
    return { x: (x + 0.5) * cell.width, y: (y + 0.5) * cell.height };
  });
  return { places, cell };
}

/** How large a node may be, so that edges and their labels have room to its neighbours. */
function roomAt(i, { places, cell, sheet, isLinked, em }) {
  const place = places[i];
  let width = 2 * Math.min(place.x, sheet.width - place.x);
  let height = 2 * Math.min(place.y, sheet.height - place.y);
  places.forEach((other, j) => {
    const [dx, dy] = [Math.abs(other.x - place.x), Math.abs(other.y - place.y)];
    const free = em * FREE[isLinked(i, j) ? "linked" : "apart"];
    if (i === j) return;
    if (dy < 0.8 * cell.height && dx > 0.4 * cell.width) width = Math.min(width, dx - free);
    if (dx < 0.8 * cell.width && dy > 0.4 * cell.height) height = Math.min(height, dy - free);
  });
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
