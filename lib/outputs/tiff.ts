/**
 * Single TIFF images: one plane of up to four channels (cli-and-io.md §5.5). Pixel sizes are written as ImageJ does.
 *
 * They are packed with deflate: that takes half the time of ilastik's LZW and less room, and is read by as many programs.
 *
 * @module
 */
import { deflate, packLzw, type Room } from "../../ffi/encode.ts";
import { TiffWriter } from "../../ffi/tiff.ts";
import { type Dtype, dtypeInfo, type TypedArray } from "../array/mod.ts";
import { bytesOf } from "./layout.ts";
import type { ImageCodec, ImageEncoder, ImageHeader } from "./image_format.ts";
import { imagejCalibration } from "./imagej_calibration.ts";
import { Rooms } from "./rooms.ts";

/** `tif` and `tiff`: the same file with another extension. */
export const TIFF_FORMATS: readonly ImageCodec[] = ["tif", "tiff"].map((name) => ({
  name,
  aliases: [],
  extension: name,
  dtypes: [
    "uint8",
    "uint16",
    "uint32",
    "int16",
    "int32",
    "float32",
    "float64",
    "int8",
    "uint64",
    "int64",
    "float16",
  ],
  stretchedInCompat: ["uint64", "int64"],
  channels: [1, 2, 3, 4],
  palettes: true,
  maxSize: 2 ** 31 - 1,
  create: (path, header) => TiffEncoder.create(path, header),
}));

/** A way to pack strips. */
interface Compression {
  /** Number of the TIFF tag. */
  readonly tag: number;
  /** Packs a strip; the result lies in `room`. */
  readonly pack: (strip: Uint8Array<ArrayBuffer>, room: Room) => Promise<Uint8Array<ArrayBuffer>>;
}

const DEFLATE: Compression = { tag: 8, pack: (strip, room) => deflate("zlib", 1, strip, room) };
/** What ilastik writes. */
const LZW: Compression = { tag: 5, pack: packLzw };
const MIN_IS_BLACK = 1;
const RGB = 2;
const PALETTE = 3;
/** Bytes of a strip, about: large enough to pack well, small enough to be read in pieces. */
const STRIP_BYTES = 2 ** 20;
/** Strips that are packed at the same time; one after another they would hold up machines with many processors. */
const PACKED_AT_ONCE = 4;

/** For the files of all sequences. */
const ROOMS = new Rooms();

/** Files that may grow beyond this are BigTIFFs: 4 GiB less room for directories. */
export const CLASSIC_LIMIT = 2 ** 32 - 2 ** 25;

class TiffEncoder implements ImageEncoder {
  readonly #file: TiffWriter;
  readonly #rowLength: number;
  readonly #rowsPerStrip: number;
  readonly #compression: Compression;
  /** Holds rows that do not fill a strip yet. */
  readonly #room = ROOMS.take();
  /** How many elements wait there. */
  #waiting = 0;
  /** Elements that are still to come. */
  #missing: number;
  #strip = 0;

  private constructor(
    file: TiffWriter,
    { width, height, channels }: ImageHeader,
    rowsPerStrip: number,
    compression: Compression,
  ) {
    this.#file = file;
    this.#rowLength = width * channels;
    this.#rowsPerStrip = rowsPerStrip;
    this.#compression = compression;
    this.#missing = width * height * channels;
  }

  static async create(path: string, header: ImageHeader): Promise<TiffEncoder> {
    const { width, height, channels, dtype, colors: table } = header;
    const compression = header.plan.compat ? LZW : DEFLATE;
    const rowBytes = width * channels * dtypeInfo(dtype).bytes;
    const rowsPerStrip = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / rowBytes)));
    const file = await TiffWriter.create(path, rowBytes * height > CLASSIC_LIMIT);
    try {
      const colors = channels < 3 ? 1 : 3;
      await file.begin({
        width,
        height,
        samples: channels,
        extraSamples: channels - colors,
        dtype: dtype as Exclude<Dtype, "bool">,
        photometric: table !== undefined ? PALETTE : colors === 3 ? RGB : MIN_IS_BLACK,
        ...(table === undefined ? {} : { palette: tiffPalette(table) }),
        compression: compression.tag,
        rowsPerStrip,
        ...imagejCalibration(header),
      });
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
    return new TiffEncoder(file, header, rowsPerStrip, compression);
  }

  async writeRows(rows: TypedArray): Promise<void> {
    const stripLength = this.#rowLength * this.#rowsPerStrip;
    const strips: TypedArray[] = [];
    const waiting = this.#waitingRows(rows, stripLength);
    let at = 0;
    if (this.#waiting > 0) {
      at = Math.min(rows.length, stripLength - this.#waiting);
      copyTo(waiting, rows.subarray(0, at), this.#waiting);
      this.#waiting += at;
    }
    this.#missing -= rows.length;
    if (this.#waiting === stripLength || this.#waiting > 0 && this.#missing === 0) {
      strips.push(waiting.subarray(0, this.#waiting));
      this.#waiting = 0;
    }
    for (; at + stripLength <= rows.length; at += stripLength) strips.push(rows.subarray(at, at + stripLength));
    const rest = rows.subarray(at);
    if (rest.length > 0 && this.#missing === 0) strips.push(rest);
    await this.#store(strips);
    if (rest.length === 0 || this.#missing === 0) return;
    copyTo(waiting, rest, 0);
    this.#waiting = rest.length;
  }

  /** The room for rows as elements of the same type. */
  #waitingRows(rows: TypedArray, stripLength: number): TypedArray {
    const Storage = rows.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => TypedArray;
    return new Storage(this.#room.take(stripLength * rows.BYTES_PER_ELEMENT).buffer, 0, stripLength);
  }

  /** Packs strips, here and not by libtiff, so that several are packed at the same time. */
  async #store(strips: readonly TypedArray[]): Promise<void> {
    const { pack } = this.#compression;
    const rooms = Array.from({ length: Math.min(strips.length, PACKED_AT_ONCE) }, () => ROOMS.take());
    for (let i = 0; i < strips.length; i += PACKED_AT_ONCE) {
      const part = strips.slice(i, i + PACKED_AT_ONCE);
      const packed = await Promise.all(part.map((strip, k) => pack(bytesOf(strip), rooms[k] as Room)));
      for (const strip of packed) await this.#file.writePacked(this.#strip++, strip);
    }
    ROOMS.giveBack(...rooms);
  }

  async finish(): Promise<void> {
    await this.#file.end();
    await this.#file.close();
    ROOMS.giveBack(this.#room);
  }

  async cancel(): Promise<void> {
    // The file is going to be removed; what libtiff says about its end does not matter.
    await this.#file.close().catch(() => {});
  }
}

/** All red, all green, all blue, with 16 bits each. */
function tiffPalette(table: Uint8Array): Uint16Array<ArrayBuffer> {
  const entries = table.length / 3;
  return Uint16Array.from(
    { length: table.length },
    (_, i) => 257 * (table[3 * (i % entries) + Math.floor(i / entries)] as number),
  );
}

/** Copies elements; both arrays are of the same type. */
function copyTo(target: TypedArray, source: TypedArray, at: number): void {
  (target as Uint8Array).set(source as Uint8Array, at);
}
