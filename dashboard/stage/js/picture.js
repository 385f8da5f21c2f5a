import { element } from "./dom.js";
import { noteOf } from "./frame.js";
import { Gif } from "./gif.js";
import { titleParts } from "./markup.js";
import { grouped } from "./numbers.js";
import { Sheet } from "./sheet.js";
import { SvgContext } from "./svg.js";

export const MOST_FRAMES = 120; // of an animation
const MOST_PIXELS = 1e6; // of its frames
const HEADING = 30; // pixels above the drawing
const MARGIN = 12;
const SCALE = 2; // pixels of an image per pixel on the screen
const SECONDS = { run: 10, frame: 0.5, end: 2 }; // of the whole; of a frame at most; of the last

/** A panel as an image file, with its heading, on the card's colour. */
export async function pictureOf(panel, scene, format) {
  const whole = sizeOf(panel.sheet);
  if (format === "svg") {
    const ctx = new SvgContext(whole.width, whole.height);
    drawAll(ctx, SCALE, whole, panel, scene);
    return new Blob([ctx.toString()], { type: "image/svg+xml" });
  }
  const ctx = contextOf(whole, SCALE);
  drawAll(ctx, SCALE, whole, panel, scene);
  return toPng(ctx.canvas);
}

export function toPng(canvas) {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/**
 * A panel at one scene after the other as an animated GIF, in which time runs as steps do.
 * `goesOn` hears how much is done; where it is false then, there is none.
 */
export async function animationOf({ spec, drawing, sheet: { theme, ...rest } }, scenes, goesOn) {
  // With a drawing and colours of its own: those of the screen go on changing.
  const copy = Object.assign(new drawing.constructor(spec), { zoom: drawing.zoom });
  const colors = Object.assign(Object.create(Object.getPrototypeOf(theme)), theme);
  const panel = { spec, drawing: copy, sheet: { ...rest, theme: colors } };
  const whole = sizeOf(rest);
  const scale = Math.min(SCALE, Math.sqrt(MOST_PIXELS / (whole.width * whole.height)));
  const ctx = contextOf(whole, scale);
  const { width, height } = ctx.canvas;
  const gif = new Gif(width, height);
  const delays = delaysOf(scenes.map(({ step }) => step));
  for (let i = 0; i < 2 * scenes.length; i++) {
    // All are drawn once before the first is kept: axes grow with what they see.
    const frame = i - scenes.length;
    const scene = scenes.at(frame);
    ctx.save();
    drawAll(ctx, scale, whole, panel, scene, { text: stepOf(scene), widest: stepOf(scenes.at(-1)) });
    ctx.restore();
    if (frame >= 0) {
      const { data } = ctx.getImageData(0, 0, width, height);
      gif.add(new Uint32Array(data.buffer), delays[frame]);
    }
    if (!goesOn((i + 1) / (2 * scenes.length))) return null;
    await new Promise((resolve) => setTimeout(resolve)); // the page has its turn
  }
  return gif.toBlob();
}

/** For how many hundredths of a second the frame of each step is shown. */
function delaysOf(steps) {
  const seconds = Math.min(SECONDS.run, SECONDS.frame * (steps.length - 1));
  const perStep = seconds / (steps.at(-1) - steps[0]);
  const until = steps.map((step) => Math.round(100 * perStep * (step - steps[0])));
  // Browsers show what lasts for less than two hundredths for ten.
  const between = steps.slice(1).map((_, i) => Math.max(2, until[i + 1] - until[i]));
  return [...between, 100 * SECONDS.end];
}

function stepOf({ step }) {
  return `step ${grouped(step)}`;
}

function sizeOf({ width, height }) {
  return { width: width + 2 * MARGIN, height: height + HEADING + MARGIN };
}

/** On a canvas that no pixel of is half covered. */
function contextOf({ width, height }, scale) {
  const canvas = element("canvas", {
    width: Math.floor(scale * width), height: Math.floor(scale * height),
  });
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  ctx.scale(scale, scale);
  return ctx;
}

function drawAll(ctx, scale, whole, panel, scene, corner = { text: "", widest: "" }) {
  const sheet = new Sheet(ctx, { ...panel.sheet, scale, still: true });
  ctx.fillStyle = sheet.theme.card;
  ctx.fillRect(0, 0, whole.width, whole.height);
  drawHeading(sheet, panel.spec, corner, whole.width - MARGIN);
  ctx.translate(MARGIN, HEADING);
  panel.drawing.draw(sheet, scene);
}

/** Title and note, and in the corner what else there is to say, with room for the widest such. */
function drawHeading(sheet, spec, { text: said, widest }, right) {
  const note = noteOf(spec);
  const middle = HEADING / 2 + 1;
  let x = MARGIN;
  for (const { text, low } of titleParts(spec.title)) {
    const [size, drop] = low ? [1, 4] : [1.25, 0];
    sheet.text(text, x, HEADING / 2 + drop, { size, weight: 600, color: sheet.theme.ink });
    x += sheet.measure(text, size, 600);
  }
  x += 0.6 * sheet.em;
  sheet.text(said, right, middle, { align: "right" });
  const most = right - x - sheet.measure(widest) - 0.6 * sheet.em;
  if (note && most > 0) sheet.text(note, x, middle, { most });
}
