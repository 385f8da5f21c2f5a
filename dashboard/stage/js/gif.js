import { paletteOf } from "./palette.js";

const TRANSPARENT = 255; // the index that shows what was there before
const CLEAR = 256;
const END = 257;
const MOST_CODES = 4096; // of twelve bits

/** An animated GIF (GIF89a) that repeats for ever, to which frames of one size are added. */
export class Gif {
  #before = null;
  #dictionary = new Uint16Array(MOST_CODES << 8); // of a code and the index after it: a code

  constructor(width, height) {
    this.size = [...uint16(width), ...uint16(height)];
    const loop = [0x21, 0xff, 11, ...ascii("NETSCAPE2.0"), 3, 1, ...uint16(0), 0];
    this.parts = [toBytes(ascii("GIF89a"), this.size, [0, 0, 0], loop)];
  }

  /** A frame as pixels 0xAABBGGRR, and its delay: how many hundredths of a second it is shown. */
  add(pixels, delay) {
    const before = this.#before;
    const isNew = (i) => pixels[i] !== before?.[i];
    const { colors, indexOf } = paletteOf(
      pixels.filter((_, i) => isNew(i)),
      TRANSPARENT,
    );
    const indices = new Uint8Array(pixels.length);
    for (let i = 0; i < pixels.length; i++) indices[i] = isNew(i) ? indexOf(pixels[i]) : TRANSPARENT;
    const table = new Uint8Array(3 * 256);
    colors.forEach((color, i) => table.set([color, color >>> 8, color >>> 16], 3 * i));
    const control = [0x21, 0xf9, 4, 0b101, ...uint16(delay), TRANSPARENT, 0]; // over the one before
    const image = [0x2c, ...uint16(0), ...uint16(0), ...this.size, 0x87]; // with 256 own colours
    const data = compressed(indices, this.#dictionary.fill(0));
    this.parts.push(toBytes(control, image, table, [8]), ...blocks(data));
    this.#before = pixels;
  }

  toBlob() {
    return new Blob([...this.parts, toBytes([0x3b])], { type: "image/gif" });
  }
}

/** Indices of one byte as codes of variable length (Welch 1984, as GIF89a has it). */
function compressed(indices, dictionary) {
  const data = [];
  let [free, width, kept, bits] = [END + 1, 9, 0, 0];
  const write = (code) => {
    kept |= code << bits;
    for (bits += width; bits >= 8; bits -= 8, kept >>>= 8) data.push(kept & 255);
  };
  const widen = () => {
    if (free === 1 << width && width < 12) width++;
  };
  write(CLEAR);
  let code = indices[0];
  for (let i = 1; i < indices.length; i++) {
    const pair = (code << 8) | indices[i];
    if (dictionary[pair]) {
      code = dictionary[pair];
      continue;
    }
    write(code);
    code = indices[i];
    if (free === MOST_CODES) {
      write(CLEAR);
      dictionary.fill(0);
      [free, width] = [END + 1, 9];
    } else {
      widen();
      dictionary[pair] = free++;
    }
  }
  write(code);
  widen(); // readers do, who cannot know that the end comes
  write(END);
  if (bits) data.push(kept);
  return data;
}

/** Data in blocks of up to 255 bytes, each after its length, and the empty one that ends them. */
function blocks(data) {
  const parts = [];
  for (let start = 0; start < data.length; start += 255) {
    const block = data.slice(start, start + 255);
    parts.push(toBytes([block.length], block));
  }
  return [...parts, toBytes([0])];
}

function toBytes(...lists) {
  return Uint8Array.from(lists.flatMap((list) => [...list]));
}

/** A number of two bytes, the lower first. */
function uint16(number) {
  return [number & 255, number >>> 8];
}

function ascii(text) {
  return [...text].map((letter) => letter.charCodeAt(0));
}
