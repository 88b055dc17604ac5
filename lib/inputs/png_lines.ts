/**
 * Scan lines of PNG images: undoes the line filters and puts the samples where they belong.
 *
 * @module
 */
import { Damaged } from "./input_error.ts";

/** What the samples of an image are like. */
export interface PngSamples {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** Samples of a pixel in the file. */
  readonly samples: number;
  /** Whether samples are numbers of colours. */
  readonly palette: boolean;
  /** Whether the lines come in the seven passes of Adam7. */
  readonly interlaced: boolean;
}

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

interface Pass {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** The images that the data consist of: one, or the seven of Adam7 without the empty ones. */
function passesOf({ width, height, interlaced }: PngSamples): readonly Pass[] {
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

/** Bytes of one scan line of `width` pixels, without the filter byte. */
function lineBytes({ depth, samples }: PngSamples, width: number): number {
  return Math.ceil(width * samples * depth / 8);
}

/** Bytes of all lines with their filter bytes. */
export function rawBytes(image: PngSamples): number {
  return passesOf(image).reduce((sum, { width, height }) => sum + height * (1 + lineBytes(image, width)), 0);
}

/** Takes the inflated data of an image piece by piece and fills in its pixels: `y x channel`, big-endian. */
export class PngLines {
  /** Bytes of the pixels; those of palettes are red, green and blue. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly #image: PngSamples;
  readonly #palette: () => Uint8Array;
  readonly #lines: Generator<{ readonly pass: Pass; readonly row: number }>;
  #pass: Pass | undefined;
  #row = 0;
  /** The filter's number and the line, as far as it has come. */
  #line = new Uint8Array();
  #filled = 0;
  #above = new Uint8Array();

  /**
   * All pixels are zero at first.
   *
   * @param palette gives red, green and blue of all colours; asked for when the first line is there
   */
  constructor(image: PngSamples, palette: () => Uint8Array) {
    const bytes = image.palette ? 3 : image.samples * Math.ceil(image.depth / 8);
    this.pixels = new Uint8Array(image.width * image.height * bytes);
    this.#image = image;
    this.#palette = palette;
    this.#lines = linesOf(image);
    this.#begin();
  }

  /** Whether all lines have come. */
  get complete(): boolean {
    return this.#pass === undefined;
  }

  /**
   * Takes the next bytes; those behind the last line are ignored, since some writers append any.
   *
   * @throws {Damaged}
   */
  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#pass !== undefined;) {
      const count = Math.min(bytes.length - at, this.#line.length - this.#filled);
      this.#line.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === this.#line.length) this.#finish(this.#pass);
    }
  }

  #begin(): void {
    const next = this.#lines.next();
    const before = this.#pass;
    this.#pass = next.done === true ? undefined : next.value.pass;
    this.#filled = 0;
    if (next.done === true) return;
    this.#row = next.value.row;
    if (next.value.pass === before) {
      [this.#line, this.#above] = [this.#above, this.#line];
    } else {
      const length = 1 + lineBytes(this.#image, next.value.pass.width);
      [this.#line, this.#above] = [new Uint8Array(length), new Uint8Array(length)];
    }
  }

  #finish(pass: Pass): void {
    const { depth, samples, palette, width } = this.#image;
    const undo = FILTERS[this.#line[0] as number];
    if (undo === undefined) throw new Damaged("the file is damaged: unknown line filter");
    const line = this.#line.subarray(1);
    undo(line, this.#above.subarray(1), Math.ceil(depth * samples / 8));
    const first = (pass.y + this.#row * pass.dy) * width + pass.x;
    if (palette) placeColors(line, depth, pass, this.#palette(), this.pixels, first);
    else if (depth < 8) placeBits(line, depth, pass, this.pixels, first);
    else placeBytes(line, samples * depth / 8, pass, this.pixels, first);
    this.#begin();
  }
}

function* linesOf(image: PngSamples): Generator<{ readonly pass: Pass; readonly row: number }> {
  for (const pass of passesOf(image)) {
    for (let row = 0; row < pass.height; row++) yield { pass, row };
  }
}

type Undo = (line: Uint8Array, above: Uint8Array, pixel: number) => void;

/** Undoes the filters in place. */
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

/** Sample `i` of a line with fewer than 8 bits, or of one with 8. */
function sampleAt(line: Uint8Array, depth: number, i: number): number {
  const bit = i * depth;
  return ((line[bit >> 3] as number) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Samples of 1, 2 or 4 bits, scaled to 0…255. */
function placeBits(line: Uint8Array, depth: number, pass: Pass, pixels: Uint8Array, first: number): void {
  const scale = 255 / (2 ** depth - 1);
  for (let i = 0; i < pass.width; i++) pixels[first + i * pass.dx] = sampleAt(line, depth, i) * scale;
}

/** Whole-byte pixels. */
function placeBytes(line: Uint8Array, pixel: number, pass: Pass, pixels: Uint8Array, first: number): void {
  if (pass.dx === 1) {
    pixels.set(line, first * pixel);
    return;
  }
  for (let i = 0; i < pass.width; i++) {
    for (let k = 0; k < pixel; k++) pixels[(first + i * pass.dx) * pixel + k] = line[i * pixel + k] as number;
  }
}

/** Palettes always give RGB here, also gray ones. */
function placeColors(
  line: Uint8Array,
  depth: number,
  pass: Pass,
  palette: Uint8Array,
  pixels: Uint8Array,
  first: number,
): void {
  for (let i = 0; i < pass.width; i++) {
    const entry = 3 * sampleAt(line, depth, i);
    if (entry + 3 > palette.length) throw new Damaged("the file is damaged: a pixel has a colour beyond the palette");
    const to = 3 * (first + i * pass.dx);
    for (let k = 0; k < 3; k++) pixels[to + k] = palette[entry + k] as number;
  }
}
