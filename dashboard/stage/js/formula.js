const FACE =
  '"STIX Two Text", Cambria, "Times New Roman", "Liberation Serif", "DejaVu Serif", ' +
  '"STIX Two Math", "Cambria Math", "DejaVu Math TeX Gyre", serif';
const SCRIPT = 0.74; // size of what stands high or low
const AXIS = 0.26; // of the type size: how far fraction lines lie above the base line
const SPACED = /^[=+−×⋅·∗≈≤≥<>←→↦∈⊙∘-]$/u;
const ACCENTS = { "^": "\u0302", "˜": "\u0303", "~": "\u0303", "¯": "\u0304", "→": "\u20d7" };
const RAISED = { 0: "⁰", 1: "¹", 2: "²", 3: "³", T: "ᵀ", "⊤": "ᵀ", "−1": "⁻¹" };

const trees = new Map();

/**
 * A formula in MathML, set on a canvas: its width, how far it reaches up and down from its base
 * line, and `draw(x, y)`, which draws it in the context's fill style, x at its left end.
 */
export function setFormula(ctx, mathml, px) {
  return setElement(ctx, treeOf(mathml), px);
}

/** A formula as one line of text. */
export function sayFormula(mathml) {
  return say(treeOf(mathml));
}

function treeOf(mathml) {
  if (!trees.has(mathml)) {
    const { documentElement } = new DOMParser().parseFromString(mathml, "application/xml");
    trees.set(mathml, documentElement);
  }
  return trees.get(mathml);
}

function setElement(ctx, node, px) {
  const parts = [...node.children];
  const set = (part, size = px) => setElement(ctx, part, size);
  const [base, first, second] = parts;
  const small = (part) => part && set(part, SCRIPT * px);
  switch (node.localName) {
    case "mi":
      return setText(ctx, node.textContent, px, isSlanted(node));
    case "mn":
    case "mtext":
      return setText(ctx, node.textContent, px);
    case "mo":
      return setOperator(ctx, node, px);
    case "mspace":
      return blank(parseFloat(node.getAttribute("width")) * px || 0);
    case "msub":
      return setScripts(set(base), { low: small(first), px });
    case "msup":
      return setScripts(set(base), { high: small(first), px });
    case "msubsup":
      return setScripts(set(base), { low: small(first), high: small(second), px });
    case "mover":
      return setOver(ctx, set(base), first, px);
    case "munder":
      return setStack(set(base), { below: small(first), px });
    case "munderover":
      return setStack(set(base), { below: small(first), above: small(second), px });
    case "mfrac":
      return setFraction(ctx, set(base, 0.9 * px), set(first, 0.9 * px), px);
    case "msqrt":
      return setRoot(ctx, setRow(parts.map((part) => set(part))), px);
    default:
      return setRow(parts.map((part) => set(part)));
  }
}

function isSlanted(node) {
  return [...node.textContent].length === 1 && node.getAttribute("mathvariant") !== "normal";
}

function setText(ctx, text, px, slanted = false) {
  const font = `${slanted ? "italic " : ""}${px}px ${FACE}`;
  ctx.font = font;
  ctx.textBaseline = "alphabetic"; // what the measures are from
  const { width, actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } =
    ctx.measureText(text);
  const draw = (x, y) => {
    ctx.font = font;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.fillText(text, x, y);
  };
  return { width, up, down, draw };
}

/** An operator with room on both sides, unless it is a sign at the beginning. */
function setOperator(ctx, node, px) {
  const sign = node.textContent;
  const glyph = setText(ctx, sign, sign === "∑" || sign === "∏" ? 1.25 * px : px);
  const leads = !node.previousElementSibling || node.previousElementSibling.localName === "mo";
  const space = SPACED.test(sign) && !leads ? 0.24 * px : 0;
  return setRow([blank(space), glyph, blank(sign === "," ? 0.2 * px : space)]);
}

function blank(width) {
  return { width, up: 0, down: 0, draw() {} };
}

function setRow(boxes) {
  return {
    width: boxes.reduce((sum, box) => sum + box.width, 0),
    up: Math.max(0, ...boxes.map((box) => box.up)),
    down: Math.max(0, ...boxes.map((box) => box.down)),
    draw(x, y) {
      for (const box of boxes) {
        box.draw(x, y);
        x += box.width;
      }
    },
  };
}

function setScripts(base, { low, high, px }) {
  const lift = Math.max(0.36 * px, base.up - 0.3 * px);
  const drop = Math.max(0.16 * px, base.down + 0.08 * px);
  const gap = 0.06 * px;
  return {
    width: base.width + gap + Math.max(low?.width ?? 0, high?.width ?? 0),
    up: Math.max(base.up, high ? lift + high.up : 0),
    down: Math.max(base.down, low ? drop + low.down : 0),
    draw(x, y) {
      base.draw(x, y);
      high?.draw(x + base.width + gap, y - lift);
      low?.draw(x + base.width + gap, y + drop);
    },
  };
}

/** An accent or a bar above. */
function setOver(ctx, base, over, px) {
  const sign = over.textContent;
  const gap = 0.1 * px;
  if (sign === "¯" || sign === "―") {
    const up = base.up + gap + 0.05 * px;
    const draw = (x, y) => {
      base.draw(x, y);
      ctx.fillRect(x, y - up, base.width, 0.055 * px);
    };
    return { ...base, up, draw };
  }
  const accent = setText(ctx, sign, px);
  const up = base.up + 0.6 * gap + accent.up + accent.down;
  return {
    ...base,
    up,
    draw(x, y) {
      base.draw(x, y);
      accent.draw(x + (base.width - accent.width) / 2 + 0.06 * px, y - up + accent.up);
    },
  };
}

function setStack(base, { below, above, px }) {
  const width = Math.max(base.width, below?.width ?? 0, above?.width ?? 0);
  const gap = 0.1 * px;
  const rise = above ? gap + above.up + above.down : 0;
  return {
    width,
    up: base.up + rise,
    down: base.down + (below ? gap + below.up + below.down : 0),
    draw(x, y) {
      const centred = (box) => x + (width - box.width) / 2;
      base.draw(centred(base), y);
      above?.draw(centred(above), y - base.up - gap - above.down);
      below?.draw(centred(below), y + base.down + gap + below.up);
    },
  };
}

function setFraction(ctx, top, bottom, px) {
  const width = Math.max(top.width, bottom.width) + 0.16 * px;
  const gap = 0.15 * px;
  const axis = AXIS * px;
  return {
    width: width + 0.1 * px,
    up: axis + gap + top.down + top.up,
    down: gap + bottom.up + bottom.down - axis,
    draw(x, y) {
      const left = x + 0.05 * px;
      top.draw(left + (width - top.width) / 2, y - axis - gap - top.down);
      bottom.draw(left + (width - bottom.width) / 2, y - axis + gap + bottom.up);
      ctx.fillRect(left, y - axis - 0.03 * px, width, 0.06 * px);
    },
  };
}

function setRoot(ctx, inner, px) {
  const sign = 0.6 * px;
  const up = inner.up + 0.16 * px;
  return {
    width: sign + inner.width + 0.08 * px,
    up: up + 0.04 * px,
    down: inner.down,
    draw(x, y) {
      inner.draw(x + sign, y);
      ctx.strokeStyle = ctx.fillStyle;
      ctx.lineWidth = 0.06 * px;
      ctx.lineJoin = "miter";
      ctx.beginPath();
      ctx.moveTo(x + 0.06 * px, y - 0.3 * px);
      ctx.lineTo(x + 0.2 * px, y - 0.38 * px);
      ctx.lineTo(x + 0.36 * px, y + inner.down);
      ctx.lineTo(x + 0.55 * px, y - up);
      ctx.lineTo(x + sign + inner.width + 0.04 * px, y - up);
      ctx.stroke();
    },
  };
}

function say(node) {
  const texts = [...node.children].map(say);
  const [base, first, second] = texts;
  const low = (text) => `_${text}`;
  const high = (text) => RAISED[text] ?? `^${text}`;
  switch (node.localName) {
    case "mi":
    case "mn":
    case "mtext":
    case "mo":
      return SPACED.test(node.textContent) && node.previousElementSibling
        ? ` ${node.textContent} `
        : node.textContent;
    case "msub":
    case "munder":
      return base + low(first);
    case "msup":
      return base + high(first);
    case "msubsup":
    case "munderover":
      return base + low(first) + high(second);
    case "mover":
      return base + (ACCENTS[first] ?? `^${first}`);
    case "mfrac":
      return `${bracketed(base)}/${bracketed(first)}`;
    case "msqrt":
      return `√(${texts.join("")})`;
    default:
      return texts.join("");
  }
}

function bracketed(text) {
  return text.includes(" ") ? `(${text})` : text;
}
