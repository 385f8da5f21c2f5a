const TYPES = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };
const utf8 = new TextDecoder();

/** One message of core/frames.py; its arrays are views into `bytes`. */
export function decode(bytes) {
  if (bytes.byteOffset % 4) bytes = bytes.slice();
  const { buffer, byteOffset } = bytes;
  const size = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  const header = JSON.parse(utf8.decode(bytes.subarray(8, 8 + size)));
  const { __metadata__: metadata, ...tensors } = header;
  const arrays = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(tensors)) {
    const Type = TYPES[dtype];
    const length = (to - from) / Type.BYTES_PER_ELEMENT;
    arrays[name] = { shape, data: new Type(buffer, byteOffset + 8 + size + from, length) };
  }
  return {
    kind: metadata.kind,
    step: Number(metadata.step ?? 0),
    words: metadata.words ?? "",
    texts: JSON.parse(metadata.text),
    about: JSON.parse(metadata.about ?? "{}"),
    names: JSON.parse(metadata.names ?? "[]"),
    stride: Number(metadata.stride ?? 1),
    arrays,
  };
}

/**
 * Give the memory of a frame back that nobody will look at again: its arrays are empty from now on.
 * Left to the garbage collection, some megabytes a second would have it go through the whole page.
 * A packet holds one live frame at most, and besides it only rows, which are copied as they come.
 */
export function release({ arrays }) {
  const [any] = Object.values(arrays); // they share the packet's memory
  any?.data.buffer.transfer?.(0);
}

/** A frame that keeps its numbers whatever becomes of the one it is made from. */
export function copied(frame) {
  const own = ([name, { shape, data }]) => [name, { shape, data: data.slice() }];
  return { ...frame, arrays: Object.fromEntries(Object.entries(frame.arrays).map(own)) };
}

/** The messages of a packet: each stands behind its length. */
export function* split(buffer) {
  const view = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength; ) {
    const length = view.getUint32(at, true);
    yield new Uint8Array(buffer, at + 4, length);
    at += 4 + length;
  }
}
