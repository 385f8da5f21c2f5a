import { sizeOfCells } from "./cells.js";
import { setFormula } from "./formula.js";

const SCALES = [2.1, 1.9, 1.7, 1.5, 1.35, 1.2, 1.1, 1, 0.92, 0.85]; // of the type
const MOST_NUMBERS = 16; // that a node shows of an array: those with more are tiles
const LABEL = 1.5; // em of a node's label
const PAD = { across: 0.6, down: 0.5 }; // em around what is in a node
const GAP = 0.35; // em between its parts
const FREE = { named: 3.2, linked: 2, apart: 1 }; // em between two nodes: room for their edge

/**
 * Where the nodes of a graph stand and how large they are: the largest type at which all have
 * room, and tiles for the numbers of those that have none at any. `arrays` are what each shows.
 */
export function planOf(sheet, { nodes, edges }, arrays) {
  const down = sheet.height > sheet.width; // a tall sheet, a phone's, is read downwards
  const spots = nodes.map(({ at: [x, y] }) => (down ? { x: y, y: x } : { x, y }));
  const along = down ? "y" : "x";
  const alone = spots.map((spot, i) =>
    spots.every(({ x }, j) => i === j || Math.abs(x - spot.x) > 0.8),
  );
  const free = nodes.map((node) => nodes.map((other) => freeBetween(node, other, edges)));
  const most = arrays.map(() => MOST_NUMBERS);
  for (;;) {
    const contents = arrays.map((known, i) => known.map((array) => sizeOfCells(array, most[i])));
    let plan, crowded;
    for (const scale of SCALES) {
      const em = scale * sheet.em;
      const names = nodes.map(({ label }) => setFormula(sheet.ctx, label, LABEL * em));
      for (const isStacked of [() => false, (i) => alone[i], () => true]) {
        const boxes = evenly(sheet, spots).map((place, i) =>
          boxOf({ place, name: names[i], sizes: contents[i], stacked: isStacked(i), em }),
        );
        spreadOut(boxes, { spots, free, em, sheet, along });
        boxes.forEach(placeParts);
        plan = { boxes, em };
        crowded = crowdedOf(boxes, free, em, sheet);
        if (!crowded.length) return plan;
      }
    }
    const numbers = (i) => Math.max(0, ...contents[i].map(({ tiles }, at) =>
      tiles ? 0 : arrays[i][at].data.length));
    const largest = crowded.sort((i, j) => numbers(j) - numbers(i))[0];
    if (numbers(largest) < 2) return plan;
    most[largest] = 1;
  }
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

/** The middles of all nodes on a grid of equal columns and rows. */
function evenly({ width, height }, spots) {
  const count = (axis) => 1 + Math.max(...spots.map((spot) => spot[axis]));
  return spots.map(({ x, y }) => ({
    x: ((x + 0.5) * width) / count("x"), y: ((y + 0.5) * height) / count("y"),
  }));
}

/**
 * Move boxes along the sheet's length so that wide ones get more of it: each as far from the
 * start as those before it need, and what is left over is shared out evenly.
 */
function spreadOut(boxes, { spots, free, em, sheet, along }) {
  const [size, beside, breadth] =
    along === "x" ? ["width", "y", "height"] : ["height", "x", "width"];
  const columns = [...new Set(spots.map((spot) => spot[along]))].sort((a, b) => a - b);
  const members = columns.map((column) =>
    [...boxes.keys()].filter((i) => spots[i][along] === column),
  );
  const half = (i) => boxes[i][size] / 2;
  const meets = (i, j) =>
    Math.abs(boxes[i][beside] - boxes[j][beside]) - (boxes[i][breadth] + boxes[j][breadth]) / 2 <
    free[i][j] * em;
  const needed = [];
  members.forEach((here, c) => {
    needed[c] = Math.max(...here.map(half));
    // An edge down the middle of a column passes beside the nodes of the one before.
    if (c) {
      const clear = Math.max(...members[c - 1].map(half)) + FREE.apart * em;
      needed[c] = Math.max(needed[c], needed[c - 1] + clear);
    }
    for (const [before, there] of members.slice(0, c).entries()) {
      for (const i of here) {
        for (const j of there.filter((other) => meets(i, other))) {
          needed[c] = Math.max(needed[c], needed[before] + half(i) + half(j) + free[i][j] * em);
        }
      }
    }
  });
  const end = Math.max(...members.map((here, c) => needed[c] + Math.max(...here.map(half))));
  const [first, last] = [columns[0], columns.at(-1)];
  const left = sheet[size] - end;
  members.forEach((here, c) => {
    const part = (columns[c] - first + 0.5) / (last - first + 1);
    for (const i of here) boxes[i][along] = needed[c] + part * left;
  });
}

/** How far two nodes must be apart, in em. */
function freeBetween(node, other, edges) {
  const ends = [node.key, other.key];
  const edge = edges.find(({ start, end }) => ends.includes(start) && ends.includes(end));
  return FREE[edge ? (edge.label ? "named" : "linked") : "apart"];
}

/** The boxes that are not wholly on the sheet, or too near to another. */
function crowdedOf(boxes, free, em, sheet) {
  return [...boxes.keys()].filter((i) => {
    const box = boxes[i];
    const [across, down] = [box.width / 2 + 2, box.height / 2 + 2];
    const inside =
      box.x >= across && box.x <= sheet.width - across &&
      box.y >= down && box.y <= sheet.height - down;
    return !inside || boxes.some((other, j) => j !== i && gapOf(box, other) < em * free[i][j]);
  });
}

function gapOf(box, other) {
  const dx = Math.abs(box.x - other.x) - (box.width + other.width) / 2;
  const dy = Math.abs(box.y - other.y) - (box.height + other.height) / 2;
  return Math.hypot(Math.max(0, dx), Math.max(0, dy));
}

/** The size of a node's box: its name on top, then value and gradient, stacked or side by side. */
function boxOf({ place, name, sizes, stacked, em }) {
  const widths = sizes.map((size) => size.width * em);
  const heights = sizes.map((size) => size.height * em);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const gap = GAP * em;
  const gaps = gap * Math.max(0, sizes.length - 1);
  const rise = Math.max(name.up, em);
  const line = rise + name.down + (sizes.length ? gap : 0);
  const inner = stacked
    ? { width: Math.max(0, ...widths), height: sum(heights) + gaps }
    : { width: sum(widths) + gaps, height: Math.max(0, ...heights) };
  const width = Math.max(inner.width, name.width, 1.6 * em) + 2 * PAD.across * em;
  const height = inner.height + line + 2 * PAD.down * em;
  let [x, y] = [-inner.width / 2, line];
  const slots = sizes.map(({ tiles }, i) => {
    const left = stacked ? -widths[i] / 2 : x;
    const slot = { x: left, y, width: widths[i], height: heights[i], tiles };
    if (stacked) y += heights[i] + gap;
    else x += widths[i] + gap;
    return slot;
  });
  return { ...place, width, height, name, rise, slots, pad: PAD.down * em };
}

/** Say where the parts of a box are, now that its place is known. */
function placeParts(box) {
  const top = box.y - box.height / 2 + box.pad;
  box.base = top + box.rise;
  for (const slot of box.slots) {
    slot.x += box.x;
    slot.y += top;
  }
}
