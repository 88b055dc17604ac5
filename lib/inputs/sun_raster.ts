/**
 * Sun raster images (cli-and-io.md §4.5). Format: the manual page rasterfile(5) of SunOS.
 *
 * @module
 */
import { Damaged } from "./input_error.ts";
import { type Palette, paletteChannels, throughPalette } from "./palette.ts";
import type { OpenArray } from "./reader.ts";
import { type ImagePlan, imageReader } from "./whole_image.ts";

/** Opens a Sun raster image. */
export const openSunRaster: OpenArray = imageReader(parseSunRaster);

/** First four bytes, as a big-endian number. */
export const SUN_MAGIC = "\x59\xa6\x6a\x95";

const HEADER_BYTES = 32;
const PACKED = 2;
const RGB_ORDER = 3;
const ESCAPE = 0x80;

function parseSunRaster(bytes: Uint8Array<ArrayBuffer>): ImagePlan {
  const view = new DataView(bytes.buffer);
  const field = (index: number) => view.getUint32(4 * index);
  const [width, height, depth, type, mapLength] = [field(1), field(2), field(3), field(5), field(7)];
  if (![1, 8, 24, 32].includes(depth) || type > RGB_ORDER) {
    throw new Damaged(`Sun rasters of ${depth} bits and type ${type} are not supported`);
  }
  const mapped = depth <= 8 ? readMap(bytes, mapLength, depth) : undefined;
  const start = HEADER_BYTES + mapLength;
  const row = 2 * Math.ceil(width * depth / 16);
  return {
    width,
    height,
    channels: mapped === undefined ? 3 : paletteChannels(mapped),
    dtype: "uint8",
    // A run of 256 bytes takes three.
    leastBytes: type === PACKED ? Math.floor(row * height / 86) : start + row * height,
    decode: (all) => {
      const packed = all.subarray(start);
      const lines = type === PACKED ? unpack(packed, row * height) : packed;
      if (lines.length < row * height) throw new Damaged("the file is truncated");
      return mapped === undefined
        ? colors(lines, width, height, row, depth / 8, type === RGB_ORDER)
        : throughPalette(indices(lines, width, height, row, depth), mapped);
    },
  };
}

/** Without a map 8 bits are gray values, and of 1 bit the set ones are black. */
function readMap(bytes: Uint8Array, length: number, depth: number): Palette {
  if (length === 0) {
    return depth === 1
      ? [[255, 255, 255], [0, 0, 0]]
      : Array.from({ length: 256 }, (_, i): [number, number, number] => [i, i, i]);
  }
  if (length > 3 * 256 || HEADER_BYTES + length > bytes.length) throw new Damaged("the header is damaged");
  const count = Math.floor(length / 3);
  const plane = (k: number, i: number) => bytes[HEADER_BYTES + k * count + i] as number;
  return Array.from({ length: count }, (_, i) => [plane(0, i), plane(1, i), plane(2, i)]);
}

/** `0x80 0` is the byte 0x80, `0x80 n v` is `v` n + 1 times, all others are themselves. */
function unpack(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let filled = 0; filled < length;) {
    const byte = packed[at++];
    if (byte === undefined) throw new Damaged("the file is truncated");
    const run = byte === ESCAPE ? packed[at++] ?? 0 : 0;
    const value = byte === ESCAPE && run > 0 ? packed[at++] ?? 0 : byte;
    bytes.fill(value, filled, Math.min(length, filled + run + 1));
    filled += run + 1;
  }
  return bytes;
}

function indices(
  lines: Uint8Array,
  width: number,
  height: number,
  row: number,
  depth: number,
): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = lines[y * row + (depth === 8 ? x : x >> 3)] as number;
      values[y * width + x] = depth === 8 ? byte : (byte >> (7 - (x & 7))) & 1;
    }
  }
  return values;
}

/** Pixels are stored blue green red, those of 32 bits with a byte in front that means nothing. */
function colors(
  lines: Uint8Array,
  width: number,
  height: number,
  row: number,
  pixelBytes: number,
  rgb: boolean,
): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * row + x * pixelBytes + pixelBytes - 3;
      for (let c = 0; c < 3; c++) values[3 * (y * width + x) + c] = lines[from + (rgb ? c : 2 - c)] as number;
    }
  }
  return values;
}
