/**
 * TIFF files through libtiff: pages, their tags, pixels of a region; new files. It knows nothing of axes or metadata.
 *
 * A file does one thing after another, on another thread; several files work at the same time. All failures are
 * {@linkcode NativeError}s with libtiff's own words.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { allocateNumbers, asBytes, type Numbers, type NumberType } from "./numbers.ts";
import { cString, decodeText } from "./text.ts";
import { ELEMENTS, ERRORS, FUNCTIONS, INFO, LAYOUT } from "./tiff_symbols.ts";

export { NativeError, type NativeErrorLine } from "./native_error.ts";
export type { Numbers, NumberType } from "./numbers.ts";

/** Numerator and denominator, as stored. */
export type TiffRational = readonly [number, number];

/** One page (directory) of a file. Numbers of tags are those of TIFF 6.0. */
export interface TiffPage {
  /** Position in the main chain; for a page below another one the position of that one. */
  readonly index: number;
  /** Position of the directory in the file if it lies below another one, else 0. */
  readonly below: number;
  /** Position of the directory in the file. */
  readonly offset: number;
  /** Position of the first strip or tile in the file. */
  readonly firstData: number;
  /** Bytes of all strips or tiles as stored. */
  readonly storedBytes: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Per pixel. */
  readonly samples: number;
  /** How many of the samples are extra. */
  readonly extraSamples: number;
  /** What the first extra sample is: 0 unspecified, 1 associated alpha, 2 unassociated alpha. */
  readonly firstExtra: number;
  /** Per sample, as stored. */
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point, 4 undefined. */
  readonly sampleFormat: number;
  /** 1 if the samples of a pixel lie together, 2 if there is one plane per sample. */
  readonly planar: number;
  /** 0 min-is-white, 1 min-is-black, 2 RGB, 3 palette, 6 YCbCr (JPEG only; read as RGB). */
  readonly photometric: number;
  /** 1 none, 5 LZW, 7 JPEG, 8 deflate, … */
  readonly compression: number;
  /** Whether the compression is built in. */
  readonly codec: boolean;
  /** 1 none, 2 horizontal, 3 floating point. */
  readonly predictor: number;
  /** Tiles or strips. */
  readonly tiled: boolean;
  /** Columns of a tile or strip. */
  readonly blockWidth: number;
  /** Rows of a tile or strip. */
  readonly blockHeight: number;
  /** Number of tiles or strips. */
  readonly blocks: number;
  /** Whether the pixels are one uncompressed run of bytes from `firstData` on. */
  readonly contiguous: boolean;
  /** 1: first row at the top, first column at the left. */
  readonly orientation: number;
  /** 1 none, 2 inch, 3 cm. */
  readonly resolutionUnit: number;
  /** Pixels per unit, `[0, 0]` if absent. */
  readonly xResolution: TiffRational;
  /** Pixels per unit, `[0, 0]` if absent. */
  readonly yResolution: TiffRational;
  /** Bit 0: a reduced image. */
  readonly subFileType: number;
  /** Number of pages below this one. */
  readonly pagesBelow: number;
  /** Byte order of the file. */
  readonly bigEndian: boolean;
  /** Whether the file is a BigTIFF. */
  readonly bigTiff: boolean;
  /** What pixels are read into; `undefined` for pixels that are not read. */
  readonly dtype: NumberType | undefined;
  /** ImageDescription, if there is one. */
  readonly description: string | undefined;
  /** Software, if it is there. */
  readonly software: string | undefined;
}

/** A box of pixels of a page, half-open. */
export interface TiffBox {
  /** Rows. */
  readonly y: readonly [number, number];
  /** Columns. */
  readonly x: readonly [number, number];
  /** Samples. */
  readonly samples: readonly [number, number];
}

/** What a new page is like. What is left out is not written or has TIFF's default. */
export interface TiffNewPage {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Per pixel. */
  readonly samples: number;
  /** Element type. */
  readonly dtype: Exclude<NumberType, "bool">;
  /** 1 samples of a pixel lie together (default), 2 one plane per sample. */
  readonly planar?: 1 | 2;
  /** 1 min-is-black, 2 RGB, 3 palette. */
  readonly photometric: number;
  /** How many of the samples are extra. */
  readonly extraSamples?: number;
  /** What the extra samples are: 0 unspecified (default), 1 associated alpha, 2 unassociated alpha. */
  readonly extraKind?: number;
  /** 1 none (default), 5 LZW, 8 deflate, … */
  readonly compression?: number;
  /** 1 none (default), 2 horizontal, 3 floating point. */
  readonly predictor?: number;
  /** Rows and columns of a tile; without it strips are written. */
  readonly tile?: readonly [number, number];
  /** Rows of a strip; default all of the image. */
  readonly rowsPerStrip?: number;
  /** Pixels per unit. */
  readonly resolution?: { readonly unit: 1 | 2 | 3; readonly x: TiffRational; readonly y: TiffRational };
  /** Whether the page is marked as one of several. */
  readonly page?: boolean;
  /** ImageDescription. */
  readonly description?: string;
  /** Software. */
  readonly software?: string;
  /** 3 × 2^bits values 0…65535: all red, all green, all blue. */
  readonly palette?: Uint16Array<ArrayBuffer>;
}

const TAG = { description: 270, software: 305 } as const;
const MESSAGE_BYTES = 3072;

type Fields<S> = { [K in keyof S]: S[K] extends "u32x2" ? TiffRational : number };

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/** What both kinds of files share: a handle, one call at a time. */
class Handle {
  readonly path: string;
  readonly c = library();
  readonly #pointer: Deno.PointerObject;
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(path: string, pointer: Deno.PointerObject) {
    this.path = path;
    this.#pointer = pointer;
  }

  static async open(
    call: "ilh_tiff_open" | "ilh_tiff_create",
    path: string,
    open: (path: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>) => Promise<Deno.PointerValue>,
  ): Promise<Handle> {
    const message = new Uint8Array(MESSAGE_BYTES);
    const pointer = await open(cString(path), message);
    if (pointer === null) throw failure(call, -1, cText(message));
    return new Handle(path, pointer);
  }

  /** Runs a call when those before are done; the one place that turns a code into an error. */
  run(call: string, start: (file: Deno.PointerObject) => number | Promise<number>): Promise<void> {
    if (this.#closed !== undefined) throw new Error(`${this.path} was used after it was closed`);
    return this.#queue(async () => {
      const code = await start(this.#pointer);
      if (code !== 0) throw failure(call, code, this.message(false));
    });
  }

  message(warnings: boolean): string {
    const buffer = new Uint8Array(MESSAGE_BYTES);
    this.c.ilh_tiff_message(this.#pointer, warnings ? 1 : 0, buffer, BigInt(buffer.length));
    return cText(buffer);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#queue(async () => {
      const message = new Uint8Array(MESSAGE_BYTES);
      const code = await this.c.ilh_tiff_close(this.#pointer, message, BigInt(message.length));
      if (code !== 0) throw failure("ilh_tiff_close", code, cText(message));
    });
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(work);
    this.#last = run.then(() => {}, () => {});
    return run;
  }
}

/** A TIFF file that is read. */
export class TiffFile implements Disposable, AsyncDisposable {
  readonly #file: Handle;

  private constructor(file: Handle) {
    this.#file = file;
  }

  /**
   * Opens a file.
   *
   * @throws {NativeError} if there is no such file, or it is no TIFF file
   */
  static async open(path: string): Promise<TiffFile> {
    const open = library().ilh_tiff_open;
    return new TiffFile(
      await Handle.open("ilh_tiff_open", path, (name, message) => open(name, message, BigInt(message.length))),
    );
  }

  /** Path as given. */
  get path(): string {
    return this.#file.path;
  }

  /** Number of pages in the main chain. */
  async count(): Promise<number> {
    const count = new Uint32Array(1);
    await this.#file.run("ilh_tiff_count", (file) => this.#file.c.ilh_tiff_count(file, count));
    return count[0] as number;
  }

  /**
   * Describes a page of the main chain.
   *
   * @throws {NativeError} if there is no such page, or its directory is damaged
   */
  page(index: number): Promise<TiffPage> {
    return this.#describe(index, 0);
  }

  /** Describes the pages below a page, for example the smaller copies of a pyramid. */
  async pagesBelow(page: TiffPage): Promise<readonly TiffPage[]> {
    const offsets = new BigUint64Array(page.pagesBelow);
    if (offsets.length === 0) return [];
    await this.#file.run(
      "ilh_tiff_below",
      (file) => this.#file.c.ilh_tiff_below(file, page.index, BigInt(page.below), offsets, offsets.length),
    );
    const pages: TiffPage[] = [];
    for (const offset of offsets) pages.push(await this.#describe(page.index, Number(offset)));
    return pages;
  }

  /** The palette of a page: all red, all green, all blue, 0…65535. */
  async palette(page: TiffPage): Promise<Uint16Array<ArrayBuffer>> {
    const values = new Uint16Array(3 * 2 ** page.bits);
    await this.#file.run(
      "ilh_tiff_palette",
      (file) => this.#file.c.ilh_tiff_palette(file, page.index, BigInt(page.below), values, values.length),
    );
    return values;
  }

  /**
   * Reads pixels. Whole rows of strips or tiles are fastest: only one of these is kept between calls.
   *
   * @param page of this file
   * @param box must lie inside the page and not be empty
   * @returns the samples in the order y x sample, whatever the file has. Less than 8 bits become bytes, 9 to 15 bits
   *   16 bits, 17 to 31 bits 32 bits, without scaling
   * @throws {NativeError} if pixels are damaged, missing or of a kind that is not read
   */
  async read(page: TiffPage, { y, x, samples }: TiffBox): Promise<Numbers> {
    if (page.dtype === undefined) throw failure("ilh_tiff_read", 5, "");
    const data = allocateNumbers(page.dtype, (y[1] - y[0]) * (x[1] - x[0]) * (samples[1] - samples[0]));
    const bytes = asBytes(data);
    await this.#file.run(
      "ilh_tiff_read",
      (file) =>
        this.#file.c.ilh_tiff_read(
          file,
          page.index,
          BigInt(page.below),
          ...y,
          ...x,
          ...samples,
          bytes,
          BigInt(bytes.length),
        ),
    );
    return data;
  }

  /** What libtiff warned of since the file was opened. */
  warnings(): readonly string[] {
    return this.#file.message(true).split("\n").filter((line) => line !== "");
  }

  /** Closes the file. A second call does nothing. */
  close(): Promise<void> {
    return this.#file.close();
  }

  /** Closes the file as soon as the calls before are done. */
  [Symbol.dispose](): void {
    void this.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #describe(index: number, below: number): Promise<TiffPage> {
    const bytes = new Uint8Array(structBytes(INFO));
    await this.#file.run(
      "ilh_tiff_describe",
      (file) => this.#file.c.ilh_tiff_describe(file, index, BigInt(below), bytes),
    );
    const info = decodeStruct(INFO, bytes);
    const description = await this.#text(index, below, TAG.description, info.description_bytes);
    const software = await this.#text(index, below, TAG.software, info.software_bytes);
    return toPage(index, below, info, description, software);
  }

  async #text(index: number, below: number, tag: number, length: number): Promise<string | undefined> {
    if (length === 0) return undefined;
    const text = new Uint8Array(length);
    await this.#file.run(
      "ilh_tiff_text",
      (file) => this.#file.c.ilh_tiff_text(file, index, BigInt(below), tag, text, BigInt(length)),
    );
    return decodeText(text);
  }
}

/** A TIFF file that is written. Pages are written one after another. */
export class TiffWriter implements AsyncDisposable {
  readonly #file: Handle;

  private constructor(file: Handle) {
    this.#file = file;
  }

  /**
   * Makes a new little-endian file; replaces one that is there.
   *
   * @param path the file
   * @param big whether it is a BigTIFF; others hold less than 4 GiB
   * @throws {NativeError} if it cannot be made
   */
  static async create(path: string, big: boolean): Promise<TiffWriter> {
    const create = library().ilh_tiff_create;
    return new TiffWriter(
      await Handle.open(
        "ilh_tiff_create",
        path,
        (name, message) => create(name, big ? 1 : 0, message, BigInt(message.length)),
      ),
    );
  }

  /** Begins a page. */
  begin(page: TiffNewPage): Promise<void> {
    const optional = (text: string | undefined) => text === undefined ? null : cString(text);
    return this.#file.run(
      "ilh_tiff_begin",
      (file) =>
        this.#file.c.ilh_tiff_begin(
          file,
          encodeStruct(LAYOUT, toLayout(page)),
          optional(page.description),
          optional(page.software),
          page.palette ?? null,
        ),
    );
  }

  /**
   * Writes a whole strip or tile. A tile at the edge has the full size, the last strip only the rows that are there.
   *
   * @param block its number; planes of samples follow each other
   * @param data must not change before the promise is settled
   */
  writeBlock(block: number, data: Numbers): Promise<void> {
    const bytes = asBytes(data);
    return this.#file.run(
      "ilh_tiff_write_block",
      (file) => this.#file.c.ilh_tiff_write_block(file, block, bytes, BigInt(bytes.length)),
    );
  }

  /**
   * Writes a whole strip or tile that is packed already, in the compression of the page.
   *
   * @param block its number; planes of samples follow each other
   * @param packed must not change before the promise is settled
   */
  writePacked(block: number, packed: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#file.run(
      "ilh_tiff_write_packed",
      (file) => this.#file.c.ilh_tiff_write_packed(file, block, packed, BigInt(packed.length)),
    );
  }

  /**
   * Writes rows of a page with strips, in their order.
   *
   * @param y number of the first row
   * @param rows how many
   * @param data must not change before the promise is settled
   * @param sample which plane, if there is one per sample
   */
  writeRows(y: number, rows: number, data: Numbers, sample = 0): Promise<void> {
    const bytes = asBytes(data);
    return this.#file.run(
      "ilh_tiff_write_rows",
      (file) => this.#file.c.ilh_tiff_write_rows(file, y, rows, sample, bytes, BigInt(bytes.length)),
    );
  }

  /** Ends the page. */
  end(): Promise<void> {
    return this.#file.run("ilh_tiff_end", (file) => this.#file.c.ilh_tiff_end(file));
  }

  /**
   * Closes the file. A second call does nothing.
   *
   * @throws {NativeError} if something could not be written
   */
  close(): Promise<void> {
    return this.#file.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function failure(call: string, code: number, message: string): NativeError {
  const lines = message.split("\n").filter((line) => line !== "");
  const texts = lines.length > 0 ? lines : [ERRORS[code] ?? `error ${code}`];
  // libtiff says the cause first.
  return new NativeError("libtiff", call, code, texts.toReversed().map((text) => ({ function: call, text })));
}

function cText(buffer: Uint8Array<ArrayBuffer>): string {
  return decodeText(buffer.subarray(0, buffer.indexOf(0)));
}

const FIELD_BYTES = { u32: 4, u64: 8, u32x2: 8 } as const;

type Struct = Readonly<Record<string, keyof typeof FIELD_BYTES>>;

function structBytes(struct: Struct): number {
  return Object.values(struct).reduce((sum, kind) => sum + FIELD_BYTES[kind], 0);
}

function decodeStruct<S extends Struct>(struct: S, bytes: Uint8Array<ArrayBuffer>): Fields<S> {
  const view = new DataView(bytes.buffer);
  const fields: Record<string, number | TiffRational> = {};
  let offset = 0;
  for (const [name, kind] of Object.entries(struct)) {
    if (kind === "u64") fields[name] = Number(view.getBigUint64(offset, true));
    else if (kind === "u32") fields[name] = view.getUint32(offset, true);
    else fields[name] = [view.getUint32(offset, true), view.getUint32(offset + 4, true)];
    offset += FIELD_BYTES[kind];
  }
  return fields as Fields<S>;
}

function encodeStruct<S extends Struct>(struct: S, fields: Fields<S>): Uint8Array<ArrayBuffer> {
  const values = Object.keys(struct).flatMap((name) => fields[name] as number | TiffRational);
  return asBytes(Uint32Array.from(values));
}

function toPage(
  index: number,
  below: number,
  info: Fields<typeof INFO>,
  description: string | undefined,
  software: string | undefined,
): TiffPage {
  return {
    index,
    below,
    offset: info.offset,
    firstData: info.first_data,
    storedBytes: info.stored_bytes,
    width: info.width,
    height: info.height,
    samples: info.samples,
    extraSamples: info.extra_samples,
    firstExtra: info.first_extra,
    bits: info.bits,
    sampleFormat: info.sample_format,
    planar: info.planar,
    photometric: info.photometric,
    compression: info.compression,
    codec: info.codec === 1,
    predictor: info.predictor,
    tiled: info.tiled === 1,
    blockWidth: info.block_width,
    blockHeight: info.block_height,
    blocks: info.blocks,
    contiguous: info.contiguous === 1,
    orientation: info.orientation,
    resolutionUnit: info.resolution_unit,
    xResolution: info.x_resolution,
    yResolution: info.y_resolution,
    subFileType: info.sub_file_type,
    pagesBelow: info.sub_directories,
    bigEndian: info.big_endian === 1,
    bigTiff: info.big_tiff === 1,
    dtype: ELEMENTS[info.element],
    description,
    software,
  };
}

/** Sample formats of TIFF by the first letter of a dtype. */
const SAMPLE_FORMATS: Readonly<Record<string, number>> = { u: 1, i: 2, f: 3 };

function toLayout(page: TiffNewPage): Fields<typeof LAYOUT> {
  return {
    width: page.width,
    height: page.height,
    samples: page.samples,
    extra_samples: page.extraSamples ?? 0,
    extra_kind: page.extraKind ?? 0,
    bits: Number(page.dtype.replace(/\D/g, "")),
    sample_format: SAMPLE_FORMATS[page.dtype.charAt(0)] ?? 1,
    planar: page.planar ?? 1,
    photometric: page.photometric,
    compression: page.compression ?? 1,
    predictor: page.predictor ?? 1,
    tile_width: page.tile?.[1] ?? 0,
    tile_height: page.tile?.[0] ?? 0,
    rows_per_strip: page.rowsPerStrip ?? 0,
    resolution_unit: page.resolution?.unit ?? 0,
    x_resolution: page.resolution?.x ?? [0, 0],
    y_resolution: page.resolution?.y ?? [0, 0],
    page: page.page ? 1 : 0,
  };
}
