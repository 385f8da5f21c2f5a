const CELLS = 1 << 15; // of colour space: five bits for each of red, green and blue
const CHANNELS = [10, 5, 0]; // where they stand in the number of a cell

/**
 * Up to `most` colours that stand for those of some pixels (numbers 0xAABBGGRR), by median cut
 * (Heckbert 1982, "Color image quantization for frame buffer display"), and `indexOf(pixel)`.
 */
export function paletteOf(pixels, most) {
  const { counts, colors } = census(pixels);
  const boxes = [spanned([...counts.keys()].filter((cell) => counts[cell]), counts)];
  while (boxes.length < most) {
    const largest = boxes.reduce((some, other) => (other.size > some.size ? other : some));
    if (!largest.size) break;
    boxes.splice(boxes.indexOf(largest), 1, ...halves(largest, counts));
  }
  const indices = new Uint8Array(CELLS);
  boxes.forEach(({ cells }, index) => cells.forEach((cell) => (indices[cell] = index)));
  const commonest = ({ cells }) => cells.reduce((a, b) => (counts[b] > counts[a] ? b : a));
  return {
    colors: boxes.filter(({ cells }) => cells.length).map((box) => colors[commonest(box)]),
    indexOf: (pixel) => indices[cellOf(pixel)],
  };
}

function cellOf(pixel) {
  return (((pixel >>> 3) & 31) << 10) | (((pixel >>> 11) & 31) << 5) | ((pixel >>> 19) & 31);
}

/** How many pixels are in each cell, and the colour that most of them have, if one has. */
function census(pixels) {
  const [counts, colors, votes] = Array.from({ length: 3 }, () => new Uint32Array(CELLS));
  for (const pixel of pixels) {
    const cell = cellOf(pixel);
    counts[cell]++;
    // Each vote against takes one away (Boyer and Moore): a majority is what remains.
    if (!votes[cell]) colors[cell] = pixel;
    votes[cell] += colors[cell] === pixel ? 1 : -1;
  }
  return { counts, colors };
}

/** Cells, the channel in which they differ most, and what speaks for a cut between them. */
function spanned(cells, counts) {
  const widths = CHANNELS.map((shift) => {
    let [low, high] = [31, 0];
    for (const cell of cells) {
      low = Math.min(low, (cell >> shift) & 31);
      high = Math.max(high, (cell >> shift) & 31);
    }
    return high - low;
  });
  const width = Math.max(0, ...widths);
  const count = cells.reduce((sum, cell) => sum + counts[cell], 0);
  // By the root of the pixels, so that a thin line has a colour of its own beside a photograph.
  return { cells, shift: CHANNELS[widths.indexOf(width)], size: width * Math.sqrt(count) };
}

/** A box cut where about half of its pixels are on either side. */
function halves({ cells, shift }, counts) {
  const sorted = cells.toSorted((a, b) => ((a >> shift) & 31) - ((b >> shift) & 31));
  const half = sorted.reduce((sum, cell) => sum + counts[cell], 0) / 2;
  let [cut, sum] = [1, counts[sorted[0]]];
  while (cut < sorted.length - 1 && sum + counts[sorted[cut]] <= half) sum += counts[sorted[cut++]];
  return [spanned(sorted.slice(0, cut), counts), spanned(sorted.slice(cut), counts)];
}
