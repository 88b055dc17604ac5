/**
 * Layout of an uncompressed multi-page TIFF whose places are all known before the first pixel: every page is one strip,
 * all pages lie in one run. Format: TIFF 6.0, sections 2 and 8; BigTIFF.
 *
 * @module
 */

/** What the pages are like. */
export interface TiffPages {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Number of directories. */
  readonly count: number;
  /** Bits per value. */
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point. */
  readonly sampleFormat: number;
  /** Of the first page. */
  readonly description: string;
  /** Program that the file names as its maker. */
  readonly software: string;
  /** BigTIFF: positions of 8 bytes. */
  readonly big: boolean;
}

/** Where the parts of the file lie. */
export interface TiffLayout {
  /** Everything in front of the pixels: header, first directory, its texts. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** Position of the first pixel. */
  readonly pixels: number;
  /** Directories of all other pages, behind the pixels. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** Where the directories begin. */
  readonly tailPosition: number;
}

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const LONG8 = 16;

/** A value that lies elsewhere in the file, unless it is short enough to stand in the directory itself. */
interface Stored {
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A tag: its number, type, value, and how many values it is. */
type Entry = readonly [tag: number, type: number, value: number | Stored, count?: number];

const ALIGNMENT = 16;

/** Lays out the file. */
export function tiffLayout(pages: TiffPages): TiffLayout {
  const { big, count } = pages;
  const header = big ? 16 : 8;
  const text = new TextEncoder();
  const software = text.encode(`${pages.software}\0`);
  const description = text.encode(`${pages.description}\0`);
  const first = directoryBytes(15, big);
  const resolution: Stored = { at: align(header + first, 8), bytes: Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0) };
  const maker: Stored = { at: resolution.at + resolution.bytes.length, bytes: software };
  const words: Stored = { at: maker.at + software.length, bytes: description };
  const pixels = align(words.at + description.length, ALIGNMENT);
  const pageBytes = pages.width * pages.height * pages.bits / 8;
  const tailPosition = align(pixels + pageBytes * count, ALIGNMENT);
  const other = directoryBytes(13, big);

  const entries = (index: number): Entry[] => {
    const position = big ? LONG8 : LONG;
    const all: Entry[] = [
      [256, LONG, pages.width],
      [257, LONG, pages.height],
      [258, SHORT, pages.bits],
      [259, SHORT, 1],
      [262, SHORT, 1],
      [270, ASCII, words, description.length],
      [273, position, pixels + index * pageBytes],
      [277, SHORT, 1],
      [278, LONG, pages.height],
      [279, position, pageBytes],
      [282, RATIONAL, resolution],
      [283, RATIONAL, resolution],
      [296, SHORT, 1],
      [305, ASCII, maker, software.length],
      [339, SHORT, pages.sampleFormat],
    ];
    return index === 0 ? all : all.filter(([tag]) => tag !== 270 && tag !== 305);
  };
  const next = (index: number) => index + 1 < count ? tailPosition + index * other : 0;

  const head = new Uint8Array(pixels);
  writeHeader(head, big, header);
  writeDirectory(new DataView(head.buffer, header), entries(0), next(0), big);
  for (const { at, bytes } of [resolution, maker, words]) head.set(bytes, at);

  const tail = new Uint8Array(Math.max(0, count - 1) * other);
  for (let index = 1; index < count; index++) {
    writeDirectory(new DataView(tail.buffer, (index - 1) * other, other), entries(index), next(index), big);
  }
  return { head, pixels, tail, tailPosition };
}

function align(position: number, to: number): number {
  return Math.ceil(position / to) * to;
}

/** Bytes of a directory, a multiple of its alignment. */
function directoryBytes(entries: number, big: boolean): number {
  return align(big ? 16 + 20 * entries : 6 + 12 * entries, big ? 8 : 2);
}

function writeHeader(head: Uint8Array<ArrayBuffer>, big: boolean, first: number): void {
  const view = new DataView(head.buffer);
  head.set([0x49, 0x49]);
  view.setUint16(2, big ? 43 : 42, true);
  if (big) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(first), true);
  } else {
    view.setUint32(4, first, true);
  }
}

function writeDirectory(view: DataView, entries: readonly Entry[], next: number, big: boolean): void {
  const number = (at: number, value: number) =>
    big ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true);
  const [start, step] = big ? [8, 20] : [2, 12];
  if (big) number(0, entries.length);
  else view.setUint16(0, entries.length, true);
  for (const [i, [tag, type, value, count = 1]] of entries.entries()) {
    const at = start + i * step;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    number(at + 4, count);
    // Little-endian: a short value lies at the start of its field whatever the field's width.
    const field = at + (big ? 12 : 8);
    if (typeof value === "number") number(field, value);
    else if (value.bytes.length > (big ? 8 : 4)) number(field, value.at);
    else for (const [k, byte] of value.bytes.entries()) view.setUint8(field + k, byte);
  }
  number(start + entries.length * step, next);
}
