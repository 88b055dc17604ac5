/**
 * Windows bitmaps of 1, 4, 8 and 24 bits, plain or run-length packed (cli-and-io.md §4.5).
 * Format: Microsoft's description of BITMAPINFOHEADER and of bitmap compression.
 *
 * @module
 */
import { Damaged } from "./input_error.ts";
import { type Palette, paletteChannels, throughPalette } from "./palette.ts";
import type { OpenArray } from "./reader.ts";
import { type ImagePlan, imageReader } from "./whole_image.ts";

/** Opens a bitmap. */
export const openBmp: OpenArray = imageReader(parseBmp);

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly packed: boolean;
  /** Position of the pixels. */
  readonly offset: number;
}

const FILE_HEADER = 14;
const CORE_HEADER = 12;
const PLAIN = 0;
const RLE8 = 1;
const RLE4 = 2;

function parseBmp(bytes: Uint8Array<ArrayBuffer>): ImagePlan {
  const view = new DataView(bytes.buffer);
  const offset = view.getUint32(10, true);
  const size = view.getUint32(FILE_HEADER, true);
  const core = size === CORE_HEADER;
  const [width, signedHeight, bits] = core
    ? [view.getUint16(18, true), view.getUint16(20, true), view.getUint16(24, true)]
    : [view.getInt32(18, true), view.getInt32(22, true), view.getUint16(28, true)];
  const compression = core ? PLAIN : view.getUint32(30, true);
  const packed = (compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4);
  if (![1, 4, 8, 24].includes(bits) || (compression !== PLAIN && !packed)) {
    throw new Damaged(`bitmaps of ${bits} bits with compression ${compression} are not supported`);
  }
  if (width <= 0) throw new Damaged("the header is damaged");
  const header = { width, height: Math.abs(signedHeight), topDown: signedHeight < 0, bits, packed, offset };
  const used = core ? 0 : view.getUint32(46, true);
  const palette = bits > 8 ? undefined : readPalette(view, FILE_HEADER + size, used, bits, core ? 3 : 4);
  return {
    width,
    height: header.height,
    channels: palette === undefined ? 3 : paletteChannels(palette),
    dtype: "uint8",
    // A run of at most 255 pixels takes two bytes.
    leastBytes: packed ? Math.floor(width * header.height / 255) : offset + rowBytes(header) * header.height,
    decode: (all) =>
      palette === undefined ? decodeColors(all, header) : throughPalette(decodeIndices(all, header), palette),
  };
}

function rowBytes({ width, bits }: BmpHeader): number {
  return Math.ceil(width * bits / 32) * 4;
}

function readPalette(view: DataView, at: number, used: number, bits: number, entryBytes: number): Palette {
  const count = used === 0 || used > 2 ** bits ? 2 ** bits : used;
  return Array.from({ length: count }, (_, i) => {
    const entry = at + i * entryBytes;
    return [view.getUint8(entry + 2), view.getUint8(entry + 1), view.getUint8(entry)];
  });
}

/** Rows lie bottom up unless the height is negative. */
function rowOf({ height, topDown }: BmpHeader, line: number): number {
  return topDown ? line : height - 1 - line;
}

function decodeColors(bytes: Uint8Array<ArrayBuffer>, header: BmpHeader): Uint8Array<ArrayBuffer> {
  const { width, height, offset } = header;
  const pixels = new Uint8Array(width * height * 3);
  for (let line = 0; line < height; line++) {
    const from = offset + line * rowBytes(header);
    const to = rowOf(header, line) * width * 3;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) pixels[to + 3 * x + c] = bytes[from + 3 * x + 2 - c] as number;
    }
  }
  return pixels;
}

function decodeIndices(bytes: Uint8Array<ArrayBuffer>, header: BmpHeader): Uint8Array<ArrayBuffer> {
  if (header.packed) return decodeRuns(bytes, header);
  const { width, height, bits, offset } = header;
  const indices = new Uint8Array(width * height);
  for (let line = 0; line < height; line++) {
    const from = offset + line * rowBytes(header);
    const to = rowOf(header, line) * width;
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      indices[to + x] = ((bytes[from + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
    }
  }
  return indices;
}

const ESCAPE_LINE = 0;
const ESCAPE_END = 1;
const ESCAPE_MOVE = 2;

/** Pairs of count and value; a count of 0 is a new line, the end, a move, or pixels one by one. */
function decodeRuns(bytes: Uint8Array<ArrayBuffer>, header: BmpHeader): Uint8Array<ArrayBuffer> {
  const { width, height, bits } = header;
  const view = new DataView(bytes.buffer);
  const indices = new Uint8Array(width * height);
  let at = header.offset;
  let x = 0;
  let line = 0;
  const put = (value: number) => {
    if (x < width && line < height) indices[rowOf(header, line) * width + x] = value;
    x++;
  };
  const nibble = (byte: number, k: number) => bits === 8 ? byte : k % 2 === 0 ? byte >> 4 : byte & 15;
  while (line < height) {
    const count = view.getUint8(at);
    const value = view.getUint8(at + 1);
    at += 2;
    if (count > 0) {
      for (let k = 0; k < count; k++) put(nibble(value, k));
    } else if (value === ESCAPE_LINE) {
      x = 0;
      line++;
    } else if (value === ESCAPE_END) {
      break;
    } else if (value === ESCAPE_MOVE) {
      x += view.getUint8(at);
      line += view.getUint8(at + 1);
      at += 2;
    } else {
      for (let k = 0; k < value; k++) put(nibble(view.getUint8(at + (bits === 8 ? k : k >> 1)), k));
      at += 2 * Math.ceil(value * bits / 16);
    }
  }
  return indices;
}
