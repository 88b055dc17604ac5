/**
 * PNG images (cli-and-io.md §4.5): always `yxc`; palettes become RGB, fewer than 8 bits are scaled to 0…255,
 * alpha is a channel, gamma and profiles are ignored.
 * Format: the PNG specification (third edition), sections 5, 7, 8, 9, 11. Inflating is zlib's.
 *
 * @module
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflate } from "node:zlib";
import type { TypedArray } from "../array/mod.ts";
import { type ByteFile, hasAscii, openBytes, swapBytes } from "./bytes.ts";
import { decodedArray, imageHeader } from "./decoded.ts";
import { Damaged, inputError } from "./input_error.ts";
import { PngLines, type PngSamples, rawBytes } from "./png_lines.ts";
import type { StoredArray } from "./types.ts";

/** The first bytes of every PNG file. */
export const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";

interface PngHeader extends PngSamples {
  /** Channels that come out. */
  readonly channels: number;
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

const HEADER_BYTES = 33;
/** Deflate cannot pack better than about 1 : 1032. */
const BEST_PACKING = 1040;
/** Packed data are read and inflated in pieces of this size. */
const PIECE_BYTES = 1 << 16;

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
  const shape = imageHeader(dtype, header.height, header.width, header.channels);
  return decodedArray(path, shape, () => decodePng(path, header));
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
  const { samples, channels, palette } = color;
  return { width, height, depth, samples, channels, palette, interlaced: interlace === 1 };
}

/** Decodes piece by piece, so that the pixels are all that is in memory. */
async function decodePng(path: string, header: PngHeader): Promise<TypedArray> {
  let palette = new Uint8Array();
  const lines = new PngLines(header, () => palette);
  const file = await openBytes(path);
  let failure: unknown;
  try {
    await pipeline(
      Readable.from(packedData(file, (colors) => palette = colors)),
      createInflate({ chunkSize: PIECE_BYTES }),
      async (inflated: AsyncIterable<Uint8Array>) => {
        for await (const part of inflated) {
          try {
            lines.take(part);
          } catch (error) {
            failure = error;
            throw error;
          }
        }
      },
    );
  } catch (thrown) {
    // When the pixels are wrong, it is chance whether the pipeline says so or only that it was stopped.
    const error = failure ?? thrown;
    if (!isZlibError(error)) throw error;
    throw new Damaged(`the file is truncated or damaged (${error.message})`);
  } finally {
    await file.close();
  }
  if (!lines.complete) throw new Damaged("the file is truncated: pixels are missing");
  if (header.depth < 16) return lines.pixels;
  swapBytes(lines.pixels, 2);
  return new Uint16Array(lines.pixels.buffer);
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

/** The packed data in their order. Critical chunks that are unknown cannot occur in still images. */
async function* packedData(
  file: ByteFile,
  onPalette: (palette: Uint8Array<ArrayBuffer>) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = PNG_SIGNATURE.length; at + 8 <= file.size;) {
    const head = await file.read(at, 8);
    const end = Math.min(file.size, at + 8 + new DataView(head.buffer).getUint32(0));
    if (hasAscii(head, "IEND", 4)) return;
    if (hasAscii(head, "PLTE", 4)) onPalette(await file.read(at + 8, end - at - 8));
    if (hasAscii(head, "IDAT", 4)) {
      for (let from = at + 8; from < end; from += PIECE_BYTES) {
        yield await file.read(from, Math.min(PIECE_BYTES, end - from));
      }
    }
    at = end + 4;
  }
}
