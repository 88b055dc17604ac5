/**
 * GIF images: gray levels, or 256 colours chosen from the image.
 * Format: CompuServe's GIF87a specification, appendix C for the LZW codes.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { choosePalette } from "./color_palette.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";

/** `gif`. */
export const GIF: ImageCodec = {
  name: "gif",
  aliases: [],
  extension: "gif",
  dtypes: ["uint8"],
  channels: [1, 3],
  maxSize: 65_535,
  create: wholeImage(encodeGif),
};

const COLORS = 256;
/** Bits of a palette index. */
const INDEX_BITS = 8;

function encodeGif(pixels: TypedArray, { width, height, channels }: ImageHeader): Uint8Array<ArrayBuffer> {
  const gray = { colors: Uint8Array.from({ length: 3 * COLORS }, (_, i) => i / 3), indices: pixels as Uint8Array };
  const { colors, indices } = channels === 1 ? gray : choosePalette(pixels as Uint8Array, COLORS);
  const head = new Uint8Array(13 + 3 * COLORS + 11);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("GIF87a"));
  view.setUint16(6, width, true);
  view.setUint16(8, height, true);
  // A global table of 256 colours, 8 bits per primary colour.
  head[10] = 0xf7;
  head.set(colors, 13);
  const image = 13 + 3 * COLORS;
  head[image] = 0x2c;
  view.setUint16(image + 5, width, true);
  view.setUint16(image + 7, height, true);
  head[image + 10] = INDEX_BITS;
  const blocks = subBlocks(packLzw(indices));
  const file = new Uint8Array(head.length + blocks.length + 1);
  file.set(head);
  file.set(blocks, head.length);
  file[file.length - 1] = 0x3b;
  return file;
}

const CLEAR = 2 ** INDEX_BITS;
const END = CLEAR + 1;
const MOST_CODES = 4096;

/** Packs indices; the table is cleared when all 4096 codes are in use. */
function packLzw(indices: Uint8Array): Uint8Array<ArrayBuffer> {
  // At worst a code of 12 bits for each index, and a clear code for each table.
  const out = new Uint8Array(Math.ceil(indices.length * 1.6) + 64);
  let length = 0;
  let bits = 0;
  let waiting = 0;
  let width = INDEX_BITS + 1;
  const put = (code: number) => {
    waiting |= code << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      out[length++] = waiting & 255;
      waiting >>>= 8;
    }
  };
  const table = new Map<number, number>();
  let next = END + 1;
  put(CLEAR);
  let prefix = indices[0] ?? 0;
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i] as number;
    const key = prefix * COLORS + index;
    const code = table.get(key);
    if (code !== undefined) {
      prefix = code;
      continue;
    }
    put(prefix);
    if (next === MOST_CODES) {
      put(CLEAR);
      table.clear();
      next = END + 1;
      width = INDEX_BITS + 1;
    } else {
      // A reader makes each entry one code later: the width grows when it needs the wider code.
      if (next === 2 ** width) width++;
      table.set(key, next++);
    }
    prefix = index;
  }
  put(prefix);
  put(END);
  if (bits > 0) out[length++] = waiting & 255;
  return out.subarray(0, length);
}

/** Cuts data into blocks of at most 255 bytes, each behind its length, and ends with an empty one. */
function subBlocks(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = Math.ceil(data.length / 255);
  const out = new Uint8Array(data.length + count + 1);
  for (let i = 0; i < count; i++) {
    const block = data.subarray(i * 255, (i + 1) * 255);
    out[i * 256] = block.length;
    out.set(block, i * 256 + 1);
  }
  return out;
}
