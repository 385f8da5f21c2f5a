const english = new Intl.NumberFormat("en"); // making one takes longer than using it

/** A number as people write it: three digits that count, no idle zero before the point. */
export function figure(value) {
  return withDigits(value, 3);
}

function withDigits(value, digits) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return typeset(value.toExponential(1));
  if (size >= Math.min(1000, 10 ** (digits - 1))) return grouped(Math.round(value));
  return typeset(String(Number(value.toPrecision(digits))));
}

/** Numbers that stand together: with up to two more digits where those tell them apart. */
export function figures(values) {
  const different = new Set(values).size;
  const isWhole = (value) => Number.isInteger(value) || Math.abs(value) >= 100;
  const isTold = (text, i) => !/^−?[\d,]+$/.test(text) || isWhole(values[i]);
  let shortest;
  for (const digits of [3, 4, 5]) {
    const texts = Array.from(values, (value) =>
      withDigits(value, Math.abs(value) < 0.01 ? digits - 1 : digits),
    );
    if (new Set(texts).size === different && texts.every(isTold)) return texts;
    shortest ??= texts;
  }
  return shortest;
}

/** A whole number with commas between thousands. */
export function grouped(value) {
  return typeset(english.format(value));
}

/** Labels for the ticks of one axis, all with as many decimals as their distance needs. */
export function tickLabels(values, step) {
  const largest = Math.max(...values.map(Math.abs));
  if (largest >= 1e6 || (largest > 0 && largest < 1e-3)) return values.map(figure);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return values.map((value) => {
    if (Math.abs(value) < 1e-9 * step) return "0";
    return decimals ? typeset(value.toFixed(decimals)) : grouped(Math.round(value));
  });
}

function typeset(text) {
  return text
    .replace(/^-/, "−")
    .replace(/^(−?)0\./, "$1.")
    .replace(".0e", "e")
    .replace("e-", "e−")
    .replace("e+", "e");
}
