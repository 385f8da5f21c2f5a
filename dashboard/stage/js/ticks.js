/** The 1, 2 or 5 times a power of ten next to a distance. */
function niceStep(distance) {
  const power = 10 ** Math.floor(Math.log10(distance));
  const rest = distance / power;
  return power * (rest < 1.5 ? 1 : rest < 3.2 ? 2 : rest < 7 ? 5 : 10);
}

/** About `count` round values from low to high, and their distance; one says nothing of a scale. */
export function ticks(low, high, count) {
  const distance = (high - low) / Math.max(1, count);
  const found = multiples(low, high, niceStep(distance));
  if (found.values.length > 1 || count < 2) return found;
  return multiples(low, high, niceStep(distance / 2));
}

function multiples(low, high, step) {
  const values = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    values.push(i * step);
  }
  return { values, step };
}

/** Round values of a logarithmic axis: decades, or 1, 2, 5, or even steps where these are few. */
export function logTicks(low, high, count) {
  const decades = (first, last, every, factors) => {
    const values = [];
    for (let power = first; power <= last; power += every) {
      values.push(...factors.map((factor) => factor * 10 ** power));
    }
    return values.filter((value) => value >= low * 0.999 && value <= high * 1.001);
  };
  const [from, to] = [Math.log10(low), Math.log10(high)];
  if (Math.ceil(to) - Math.floor(from) <= 2) {
    const inside = decades(Math.floor(from), Math.ceil(to), 1, [1, 2, 5]);
    return inside.length > 1 ? inside : ticks(low, high, count).values;
  }
  const [first, last] = [Math.ceil(from), Math.floor(to)]; // at least two of them
  return decades(first, last, Math.ceil((last - first) / Math.max(1, count)), [1]);
}

/** A range with some air around it. */
export function padded([low, high], share) {
  const air = high > low ? share * (high - low) : 0.5 * Math.abs(low) || 0.5;
  return [low - air, high + air];
}

/** A range rounded outwards, so that it changes seldom while values move. */
export function rounded([low, high]) {
  if (!(low <= high)) return [0, 1];
  if (low === high) return padded([low, high], 0);
  const step = niceStep((high - low) / 8);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/** The finite range of an array, or of every `stride`-th value from `offset`, on a scale. */
export function finiteRange(values, offset = 0, stride = 1, up = Number) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = offset; i < values.length; i += stride) {
    const value = up(values[i]);
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
