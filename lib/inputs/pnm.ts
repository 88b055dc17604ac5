/**
 * Portable any-maps, P1 to P6 (cli-and-io.md §4.5): values are not scaled to the maximum; in bitmaps 1 is black.
 * Format: the netpbm manual pages pbm(5), pgm(5), ppm(5).
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { elementsFromBytes, hasAscii } from "./bytes.ts";
import { Damaged } from "./input_error.ts";
import type { OpenArray, ReadContext } from "./reader.ts";
import { type ImagePlan, imageReader, slice } from "./whole_image.ts";

/** Opens a PBM, PGM or PPM image. */
export const openPnm: OpenArray = imageReader(parsePnm);

/** What a set bit becomes in the original (compat D32). */
const SET_IN_COMPAT = 255;

interface Kind {
  readonly channels: number;
  /** Bits, not numbers up to a maximum. */
  readonly bits: boolean;
  readonly text: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  P1: { channels: 1, bits: true, text: true },
  P2: { channels: 1, bits: false, text: true },
  P3: { channels: 3, bits: false, text: true },
  P4: { channels: 1, bits: true, text: false },
  P5: { channels: 1, bits: false, text: false },
  P6: { channels: 3, bits: false, text: false },
};

/** Whether bytes begin as such an image. */
export function isPnm(head: Uint8Array): boolean {
  return Object.keys(KINDS).some((magic) => hasAscii(head, magic)) && /\s|#/.test(String.fromCharCode(head[2] ?? 0));
}

const MOST = 65535;

function parsePnm(bytes: Uint8Array<ArrayBuffer>, { compat }: ReadContext): ImagePlan {
  const kind = KINDS[String.fromCharCode(bytes[0] ?? 0, bytes[1] ?? 0)];
  if (kind === undefined) throw new Damaged("it is not a PNM image");
  const reader = new NumberReader(bytes, 2);
  const width = reader.next();
  const height = reader.next();
  const most = kind.bits ? 1 : reader.next();
  if (most < 1 || most > MOST) throw new Damaged(`the header is damaged: maximum ${most}`);
  const dtype = most > 255 ? "uint16" : "uint8";
  const count = width * height * kind.channels;
  const start = reader.position + 1;
  const packedRow = Math.ceil(width / 8);
  const least = kind.bits
    ? kind.text ? count : packedRow * height
    : kind.text
    ? 2 * count - 1
    : count * (most > 255 ? 2 : 1);
  const decode = (all: Uint8Array<ArrayBuffer>): TypedArray => {
    if (kind.text && !kind.bits) return readNumbers(all, start - 1, count, dtype === "uint16");
    if (kind.bits) {
      const bits = kind.text
        ? readDigits(all, start - 1, count)
        : readBits(slice(all, start, packedRow * height), width, height);
      return compat ? bits.map((bit) => bit * SET_IN_COMPAT) : bits;
    }
    return elementsFromBytes(dtype, slice(all, start, least), false);
  };
  return { width, height, channels: kind.channels, dtype, leastBytes: least, decode };
}

function readNumbers(bytes: Uint8Array<ArrayBuffer>, start: number, count: number, wide: boolean): TypedArray {
  const reader = new NumberReader(bytes, start);
  const values = wide ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = reader.next();
  return values;
}

function readDigits(bytes: Uint8Array<ArrayBuffer>, start: number, count: number): Uint8Array<ArrayBuffer> {
  const reader = new NumberReader(bytes, start);
  return Uint8Array.from({ length: count }, () => reader.nextDigit());
}

function readBits(bytes: Uint8Array<ArrayBuffer>, width: number, height: number): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(width * height);
  const row = Math.ceil(width / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[y * width + x] = ((bytes[y * row + (x >> 3)] as number) >> (7 - (x & 7))) & 1;
    }
  }
  return values;
}

const ZERO = 0x30;
const NINE = 0x39;
const HASH = 0x23;
const NEWLINE = 0x0a;
const MOST_DIGITS = 10;

/** Decimal numbers between white space and comments. */
class NumberReader {
  /** Position behind the last number. */
  position: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  next(): number {
    this.#skip();
    let value = 0;
    let digits = 0;
    for (; this.#isDigit(); this.position++, digits++) {
      value = value * 10 + (this.#bytes[this.position] as number) - ZERO;
    }
    if (digits === 0 || digits > MOST_DIGITS) {
      throw new Damaged("the file is truncated or damaged: a number is missing");
    }
    return value;
  }

  nextDigit(): number {
    this.#skip();
    if (!this.#isDigit()) throw new Damaged("the file is truncated or damaged: a number is missing");
    return (this.#bytes[this.position++] as number) - ZERO;
  }

  #isDigit(): boolean {
    const byte = this.#bytes[this.position] ?? 0;
    return byte >= ZERO && byte <= NINE;
  }

  #skip(): void {
    for (; this.position < this.#bytes.length && !this.#isDigit(); this.position++) {
      const byte = this.#bytes[this.position] as number;
      if (byte === HASH) {
        while (this.position < this.#bytes.length && this.#bytes[this.position] !== NEWLINE) this.position++;
      } else if (byte > 0x20) {
        throw new Damaged("the file is damaged: a number is missing");
      }
    }
  }
}
