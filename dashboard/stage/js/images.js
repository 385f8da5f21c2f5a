import { figure } from "./numbers.js";
import { GREY, onRamp, Raster, writeTable } from "./pixels.js";
import { signedRamp } from "./ramps.js";
import { finiteRange, rounded } from "./ticks.js";

const SMALLEST = 0.75; // of the type size, a caption before it is cut

/** Pictures in a grid: grey or coloured bytes, or float32 about zero; empty where none is yet. */
export class Images {
  #rasters = [];

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const images = scene.array(this.spec.images);
    if (!images) return;
    const { ctx, em } = sheet;
    const [shown, height, width] = images.shape;
    const captions = scene.strings(this.spec.captions);
    const count = Math.max(shown, captions.length);
    const label = captions.length ? 1.5 * em : 0;
    this.grid = layOut(sheet, { count, columns: this.spec.columns, shape: width / height, label });
    this.shape = this.grid.shape;
    const paint = painter(images, sheet.theme);
    ctx.imageSmoothingEnabled = this.grid.width < width;
    for (let i = 0; i < count; i++) {
      const { x, y } = this.grid.place(i);
      if (i < shown) {
        this.#rasters[i] ??= new Raster();
        paint(this.#rasters[i], i);
        ctx.drawImage(this.#rasters[i].show(), x, y, this.grid.width, this.grid.height);
      }
      // A picture as white, or as dark, as the card would have no edges.
      if (this.grid.width > 4 * em) sheet.border(x, y, this.grid.width, this.grid.height);
      if (label && captions[i]) {
        const middle = x + this.grid.width / 2;
        const most = this.grid.width + 0.4 * em;
        const size = Math.min(1, Math.max(SMALLEST, most / sheet.measure(captions[i])));
        const below = y + this.grid.height + 0.7 * em;
        sheet.text(captions[i], middle, below, { align: "center", size, most });
      }
    }
  }

  summary(scene) {
    const images = scene.array(this.spec.images);
    if (!images?.shape[0]) return "no pictures yet";
    const [count, height, width] = images.shape;
    const range = finiteRange(images.data).map(figure).join(" to ");
    const captions = scene.strings(this.spec.captions);
    const named = captions.length ? `: ${captions.slice(0, 12).join(", ")}` : "";
    return `${count} pictures of ${width} by ${height}, values ${range}${named}`;
  }

  read(px, py, scene) {
    const images = scene.array(this.spec.images);
    const index = images ? this.grid?.at(px, py) : undefined;
    if (!(index < images.shape[0])) return null;
    const caption = scene.strings(this.spec.captions)[index];
    const [low, high] = finiteRange(imageAt(images, index)).map(figure);
    const lines = [{ text: caption ?? `picture ${index + 1}` }, { text: `${low} to ${high}` }];
    return { x: px, y: py, lines };
  }
}

/** Cells of equal size, as large as the sheet allows. */
function layOut(sheet, { count, columns, shape, label }) {
  const rows = Math.ceil(count / columns);
  const gap = 0.35 * sheet.em;
  const wide = (sheet.width - gap * (columns - 1)) / columns;
  const high = (sheet.height - gap * (rows - 1)) / rows - label;
  const width = Math.max(1, Math.min(wide, high * shape));
  const height = width / shape;
  const place = (i) => ({
    x: (i % columns) * (width + gap),
    y: Math.floor(i / columns) * (height + label + gap),
  });
  const at = (px, py) => {
    const index = Array.from({ length: count }, (_, i) => place(i)).findIndex(
      ({ x, y }) => px >= x && px <= x + width && py >= y && py <= y + height,
    );
    return index < 0 ? undefined : index;
  };
  const all = { width: columns * (width + gap), height: rows * (height + label + gap) };
  return { width, height, place, at, shape: all.width / all.height };
}

function imageAt({ data, shape: [, ...size] }, index) {
  const length = size.reduce((product, side) => product * side, 1);
  return data.subarray(index * length, (index + 1) * length);
}

/** How to write the i-th picture into a raster. */
function painter(images, theme) {
  const { data, shape: [, height, width, depth] } = images;
  const bytes = data instanceof Uint8Array;
  const far = bytes ? 1 : Math.max(...rounded(finiteRange(data)).map(Math.abs));
  if (depth === 3) {
    const toByte = bytes ? (v) => v : (v) => Math.min(255, Math.max(0, 127.5 * (1 + v / far)));
    return (raster, i) => {
      const { pixels } = raster.clear(width, height);
      const picture = imageAt(images, i);
      for (let p = 0; p < pixels.length; p++) {
        const [r, g, b] = [0, 1, 2].map((channel) => toByte(picture[3 * p + channel]));
        pixels[p] = 0xff000000 | (b << 16) | (g << 8) | r;
      }
    };
  }
  const shade = bytes ? onRamp(GREY, [0, 255]) : onRamp(signedRamp(theme), [-far, far]);
  const table = (i) => ({ data: imageAt(images, i), shape: [height, width] });
  return (raster, i) => writeTable(raster, table(i), shade, false);
}
