/**
 * PNG images (cli-and-io.md §4.5): always `yxc`; palettes become RGB, fewer than 8 bits are scaled to 0…255,
 * alpha is a channel, gamma and profiles are ignored.
 * Format: the PNG specification (third edition), sections 5, 7, 8, 9, 11. Inflating is zlib's.
 *
 * @module
 */
import { inflateSync } from "node:zlib";
import type { TypedArray } from "../array/mod.ts";
import { hasAscii, openBytes, readWhole, swapBytes } from "./bytes.ts";
import { decodedArray, imageHeader } from "./decoded.ts";
import { Damaged, inputError } from "./input_error.ts";
import type { StoredArray } from "./types.ts";

/** The first bytes of every PNG file. */
export const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";

interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: ColorType;
  readonly interlaced: boolean;
}

interface ColorType {
  readonly depths: readonly number[];
  /** Samples of a pixel in the file. */
  readonly samples: number;
  /** Channels that come out. */
  readonly channels: number;
  readonly palette: boolean;
}

const COLOR_TYPES: Readonly<Record<number, ColorType>> = {
  0: { depths: [1, 2, 4, 8, 16], samples: 1, channels: 1, palette: false },
  2: { depths: [8, 16], samples: 3, channels: 3, palette: false },
  3: { depths: [1, 2, 4, 8], samples: 1, channels: 3, palette: true },
  4: { depths: [8, 16], samples: 2, channels: 2, palette: false },
  6: { depths: [8, 16], samples: 4, channels: 4, palette: false },
};

/** First pixel and steps of the seven passes of Adam7. */
const PASSES: readonly (readonly [x: number, y: number, dx: number, dy: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

const HEADER_BYTES = 33;
/** Deflate cannot pack better than about 1 : 1032. */
const BEST_PACKING = 1040;

/**
 * Opens a PNG image; it is decoded at the first read.
 *
 * @throws {UserError} kind `input`
 */
export async function openPng(path: string): Promise<StoredArray> {
  const file = await openBytes(path);
  let head: Uint8Array<ArrayBuffer>;
  try {
    head = await file.read(0, Math.min(HEADER_BYTES, file.size));
  } finally {
    await file.close();
  }
  if (!hasAscii(head, PNG_SIGNATURE)) throw inputError(path, "it is not a PNG file");
  const header = parseHeader(path, head);
  if (rawBytes(header) > file.size * BEST_PACKING) {
    throw inputError(
      path,
      `the header says ${header.width}×${header.height} pixels, but the file has only ${file.size} bytes`,
    );
  }
  const dtype = header.depth === 16 ? "uint16" : "uint8";
  const shape = imageHeader(dtype, header.height, header.width, header.color.channels);
  return decodedArray(path, shape, async () => decodePng(header, await readWhole(path)));
}

function parseHeader(path: string, head: Uint8Array<ArrayBuffer>): PngHeader {
  if (head.length < HEADER_BYTES || !hasAscii(head, "IHDR", 12)) {
    throw inputError(path, "the file is truncated or damaged");
  }
  const view = new DataView(head.buffer, 16);
  const [width, height, depth] = [view.getUint32(0), view.getUint32(4), view.getUint8(8)];
  const color = COLOR_TYPES[view.getUint8(9)];
  const interlace = view.getUint8(12);
  const good = width > 0 && height > 0 && color?.depths.includes(depth) && view.getUint16(10) === 0 && interlace <= 1;
  if (color === undefined || !good) throw inputError(path, "the header is damaged");
  return { width, height, depth, color, interlaced: interlace === 1 };
}

/** Bytes of one scan line of `width` pixels, without the filter byte. */
function lineBytes({ depth, color }: PngHeader, width: number): number {
  return Math.ceil(width * color.samples * depth / 8);
}

/** Bytes of the inflated data. */
function rawBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { width, height }) => sum + height * (1 + lineBytes(header, width)), 0);
}

interface Pass {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** The images that the data consist of: one, or the seven of Adam7 without the empty ones. */
function passesOf({ width, height, interlaced }: PngHeader): readonly Pass[] {
  const all = interlaced ? PASSES : [[0, 0, 1, 1] as const];
  return all.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    width: Math.max(0, Math.ceil((width - x) / dx)),
    height: Math.max(0, Math.ceil((height - y) / dy)),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

function decodePng(header: PngHeader, bytes: Uint8Array<ArrayBuffer>): TypedArray {
  const { packed, palette } = readChunks(bytes);
  const raw = inflated(packed, rawBytes(header));
  const { width, height, depth, color } = header;
  const sampleBytes = depth === 16 ? 2 : 1;
  const samples = new Uint8Array(width * height * color.samples * sampleBytes);
  let position = 0;
  for (const pass of passesOf(header)) {
    const line = lineBytes(header, pass.width);
    unfilter(raw.subarray(position, position + pass.height * (1 + line)), line, Math.ceil(depth * color.samples / 8));
    for (let row = 0; row < pass.height; row++, position += line + 1) {
      const from = raw.subarray(position + 1, position + 1 + line);
      const target = ((pass.y + row * pass.dy) * width + pass.x) * color.samples * sampleBytes;
      if (depth < 8) {
        unpackLine(from, depth, color.palette ? 1 : 255 / (2 ** depth - 1), pass, samples, target);
      } else {
        placeLine(from, color.samples * sampleBytes, pass, samples, target);
      }
    }
  }
  if (color.palette) return throughPalette(samples, palette);
  if (depth < 16) return samples;
  swapBytes(samples, 2);
  return new Uint16Array(samples.buffer);
}

/** The packed data and the palette; critical chunks that are unknown cannot occur in still images. */
function readChunks(bytes: Uint8Array<ArrayBuffer>): { packed: Uint8Array<ArrayBuffer>[]; palette: Uint8Array } {
  const view = new DataView(bytes.buffer);
  const packed: Uint8Array<ArrayBuffer>[] = [];
  let palette = new Uint8Array();
  for (let at = PNG_SIGNATURE.length; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (hasAscii(bytes, "IEND", at + 4)) return { packed, palette };
    if (hasAscii(bytes, "PLTE", at + 4)) palette = content;
    if (hasAscii(bytes, "IDAT", at + 4)) packed.push(content);
    at += 12 + length;
  }
  return { packed, palette };
}

function inflated(packed: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  let raw: Uint8Array;
  try {
    // A little more than needed is allowed: some writers append bytes.
    raw = inflateSync(concatenate(packed), { maxOutputLength: length + 65536 });
  } catch (cause) {
    throw new Damaged(`the file is truncated or damaged (${cause instanceof Error ? cause.message : cause})`);
  }
  if (raw.length < length) throw new Damaged(`the file is truncated: ${raw.length} of ${length} bytes of pixels`);
  return new Uint8Array(raw.buffer as ArrayBuffer, raw.byteOffset, length);
}

function concatenate(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Undoes the filters of consecutive lines in place; each line begins with the number of its filter. */
function unfilter(lines: Uint8Array<ArrayBuffer>, line: number, pixel: number): void {
  let above = new Uint8Array(line);
  for (let at = 0; at < lines.length; at += line + 1) {
    const current = lines.subarray(at + 1, at + 1 + line);
    const undo = FILTERS[lines[at] as number];
    if (undo === undefined) throw new Damaged("the file is damaged: unknown line filter");
    undo(current, above, pixel);
    above = current;
  }
}

type Undo = (line: Uint8Array, above: Uint8Array, pixel: number) => void;

const FILTERS: readonly Undo[] = [
  () => {},
  (line, _above, pixel) => {
    for (let i = pixel; i < line.length; i++) line[i] = (line[i] as number) + (line[i - pixel] as number);
  },
  (line, above) => {
    for (let i = 0; i < line.length; i++) line[i] = (line[i] as number) + (above[i] as number);
  },
  (line, above, pixel) => {
    for (let i = 0; i < line.length; i++) {
      const left = i < pixel ? 0 : line[i - pixel] as number;
      line[i] = (line[i] as number) + ((left + (above[i] as number)) >> 1);
    }
  },
  (line, above, pixel) => {
    for (let i = 0; i < line.length; i++) {
      const a = i < pixel ? 0 : line[i - pixel] as number;
      const b = above[i] as number;
      const c = i < pixel ? 0 : above[i - pixel] as number;
      const pa = Math.abs(b - c);
      const pb = Math.abs(a - c);
      const pc = Math.abs(a + b - 2 * c);
      line[i] = (line[i] as number) + (pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
    }
  },
];

/** Spreads samples of 1, 2 or 4 bits over bytes. */
function unpackLine(
  from: Uint8Array,
  depth: number,
  scale: number,
  pass: Pass,
  samples: Uint8Array,
  target: number,
): void {
  const mask = 2 ** depth - 1;
  for (let i = 0; i < pass.width; i++) {
    const bit = i * depth;
    const byte = from[bit >> 3] as number;
    samples[target + i * pass.dx] = ((byte >> (8 - depth - (bit & 7))) & mask) * scale;
  }
}

/** Puts whole-byte pixels where they belong. */
function placeLine(from: Uint8Array, pixel: number, pass: Pass, samples: Uint8Array, target: number): void {
  if (pass.dx === 1) {
    samples.set(from, target);
    return;
  }
  for (let i = 0; i < from.length; i += pixel) {
    for (let k = 0; k < pixel; k++) samples[target + i * pass.dx + k] = from[i + k] as number;
  }
}

/** Palettes always give RGB here, also gray ones. */
function throughPalette(indices: Uint8Array, palette: Uint8Array): Uint8Array<ArrayBuffer> {
  const colors = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i++) {
    const entry = 3 * (indices[i] as number);
    if (entry + 3 > palette.length) throw new Damaged("the file is damaged: a pixel has a colour beyond the palette");
    for (let k = 0; k < 3; k++) colors[3 * i + k] = palette[entry + k] as number;
  }
  return colors;
}
