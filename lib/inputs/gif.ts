/**
 * GIF images: the first frame (cli-and-io.md §4.5).
 * Format: CompuServe's GIF89a specification, appendix F for the LZW codes.
 *
 * @module
 */
import { Damaged } from "./input_error.ts";
import { type Palette, paletteChannels, throughPalette } from "./palette.ts";
import type { OpenArray } from "./reader.ts";
import { type ImagePlan, imageReader } from "./whole_image.ts";

/** Opens the first frame of a GIF. */
export const openGif: OpenArray = imageReader(parseGif);

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Palette;
  /** Position of the code size. */
  readonly offset: number;
}

const EXTENSION = 0x21;
const IMAGE = 0x2c;
/** A code of 12 bits stands for at most this many pixels. */
const LONGEST_STRING = 4096;
const MOST_CODES = 4096;
const MOST_BITS = 12;

function parseGif(bytes: Uint8Array<ArrayBuffer>): ImagePlan {
  const frame = findFrame(new DataView(bytes.buffer));
  const { width, height, palette } = frame;
  return {
    width,
    height,
    channels: paletteChannels(palette),
    dtype: "uint8",
    leastBytes: Math.floor(width * height / LONGEST_STRING),
    decode: (all) => throughPalette(inRows(unpack(all, frame), frame), palette),
  };
}

function findFrame(view: DataView): Frame {
  const global = readPalette(view, 13, view.getUint8(10));
  let at = 13 + 3 * global.length;
  while (view.getUint8(at) === EXTENSION) {
    at += 2;
    while (view.getUint8(at) !== 0) at += view.getUint8(at) + 1;
    at++;
  }
  if (view.getUint8(at) !== IMAGE) throw new Damaged("it has no image");
  const flags = view.getUint8(at + 9);
  const local = readPalette(view, at + 10, flags);
  const palette = local.length > 0 ? local : global;
  return {
    width: view.getUint16(at + 5, true),
    height: view.getUint16(at + 7, true),
    interlaced: (flags & 0x40) !== 0,
    palette: palette.length > 0 ? palette : [[0, 0, 0], [255, 255, 255]],
    offset: at + 10 + 3 * local.length,
  };
}

function readPalette(view: DataView, at: number, flags: number): Palette {
  if ((flags & 0x80) === 0) return [];
  return Array.from({ length: 2 << (flags & 7) }, (_, i) => {
    const entry = at + 3 * i;
    return [view.getUint8(entry), view.getUint8(entry + 1), view.getUint8(entry + 2)];
  });
}

/** Undoes LZW; gives exactly as many indices as the frame has pixels. */
function unpack(bytes: Uint8Array<ArrayBuffer>, { width, height, offset }: Frame): Uint8Array<ArrayBuffer> {
  const indices = new Uint8Array(width * height);
  const first = new DataView(bytes.buffer).getUint8(offset);
  if (first < 1 || first >= MOST_BITS) throw new Damaged("the file is damaged: wrong code size");
  const [clear, end] = [1 << first, (1 << first) + 1];
  const prefix = new Uint16Array(MOST_CODES);
  const suffix = new Uint8Array(MOST_CODES);
  const reversed = new Uint8Array(MOST_CODES + 1);
  for (let i = 0; i < clear; i++) suffix[i] = i;
  const next = codeReader(bytes, offset + 1);
  let [size, count, previous, filled] = [first + 1, clear + 2, -1, 0];
  while (filled < indices.length) {
    const code = next(size);
    if (code === clear) {
      [size, count, previous] = [first + 1, clear + 2, -1];
      continue;
    }
    if (code === end || code > count || (code === count && previous < 0)) {
      throw new Damaged("the file is truncated or damaged");
    }
    let length = 0;
    let walk = code;
    if (code === count) {
      length = 1;
      walk = previous;
    }
    for (; walk >= clear; walk = prefix[walk] as number) reversed[length++] = suffix[walk] as number;
    reversed[length++] = walk;
    if (code === count) reversed[0] = walk;
    for (let i = length - 1; i >= 0 && filled < indices.length; i--) indices[filled++] = reversed[i] as number;
    if (previous >= 0 && count < MOST_CODES) {
      prefix[count] = previous;
      suffix[count++] = walk;
      if (count === 1 << size && size < MOST_BITS) size++;
    }
    previous = code;
  }
  return indices;
}

/** Reads codes of growing size, low bits first, out of blocks of at most 255 bytes. */
function codeReader(bytes: Uint8Array<ArrayBuffer>, start: number): (size: number) => number {
  let [at, left, bits, have] = [start, 0, 0, 0];
  return (size) => {
    while (have < size) {
      if (left === 0) {
        left = bytes[at++] ?? 0;
        if (left === 0) throw new Damaged("the file is truncated");
      }
      const byte = bytes[at++];
      if (byte === undefined) throw new Damaged("the file is truncated");
      bits |= byte << have;
      have += 8;
      left--;
    }
    const code = bits & ((1 << size) - 1);
    bits >>>= size;
    have -= size;
    return code;
  };
}

const INTERLACE: readonly (readonly [start: number, step: number])[] = [[0, 8], [4, 8], [2, 4], [1, 2]];

function inRows(indices: Uint8Array<ArrayBuffer>, { width, height, interlaced }: Frame): Uint8Array<ArrayBuffer> {
  if (!interlaced) return indices;
  const rows = new Uint8Array(indices.length);
  let from = 0;
  for (const [start, step] of INTERLACE) {
    for (let y = start; y < height; y += step, from += width) rows.set(indices.subarray(from, from + width), y * width);
  }
  return rows;
}
