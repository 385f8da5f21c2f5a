import { element } from "./dom.js";
import { titleParts } from "./markup.js";
import { Sheet } from "./sheet.js";
import { SvgContext } from "./svg.js";

const HEADING = 30; // pixels above the drawing
const MARGIN = 12;
const SCALE = 2; // pixels of an image per pixel on the screen

/** A panel as an image file, with its heading, on the card's colour. */
export async function pictureOf(panel, scene, format) {
  const { width, height } = panel.size;
  const whole = { width: width + 2 * MARGIN, height: height + HEADING + MARGIN };
  if (format === "svg") {
    const ctx = new SvgContext(whole.width, whole.height);
    drawAll(ctx, SCALE, whole, panel, scene);
    return new Blob([ctx.toString()], { type: "image/svg+xml" });
  }
  const canvas = element("canvas", { width: SCALE * whole.width, height: SCALE * whole.height });
  const ctx = canvas.getContext("2d");
  ctx.scale(SCALE, SCALE);
  drawAll(ctx, SCALE, whole, panel, scene);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function drawAll(ctx, scale, whole, panel, scene) {
  const sheet = new Sheet(ctx, { ...panel.sheet, scale, still: true });
  ctx.fillStyle = sheet.theme.card;
  ctx.fillRect(0, 0, whole.width, whole.height);
  drawHeading(sheet, panel.spec);
  ctx.translate(MARGIN, HEADING);
  panel.drawing.draw(sheet, scene);
}

function drawHeading(sheet, { title, note }) {
  let x = MARGIN;
  for (const { text, low } of titleParts(title)) {
    const [size, drop] = low ? [1, 4] : [1.25, 0];
    sheet.text(text, x, HEADING / 2 + drop, { size, weight: 600, color: sheet.theme.ink });
    x += sheet.measure(text, size, 600);
  }
  sheet.text(note, x + 0.6 * sheet.em, HEADING / 2 + 1);
}
