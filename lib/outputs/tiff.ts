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
import { PackedBands } from "./packed_bands.ts";

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
  /** How many times as large noise becomes, at most. */
  readonly growth: number;
  /** Packs a strip; the result lies in `room`. */
  readonly pack: (strip: Uint8Array<ArrayBuffer>, room: Room) => Promise<Uint8Array<ArrayBuffer>>;
}

const DEFLATE: Compression = { tag: 8, growth: 1.001, pack: (strip, room) => deflate("zlib", 1, strip, room) };
/** What ilastik writes. */
const LZW: Compression = { tag: 5, growth: 1.5, pack: packLzw };
const MIN_IS_BLACK = 1;
const RGB = 2;
const PALETTE = 3;
/** Bytes of a strip, about: large enough to pack well, small enough to be read in pieces. */
const STRIP_BYTES = 2 ** 20;

/** Files that may grow beyond this are BigTIFFs: 4 GiB less room for directories. */
export const CLASSIC_LIMIT = 2 ** 32 - 2 ** 25;

class TiffEncoder implements ImageEncoder {
  readonly #file: TiffWriter;
  readonly #strips: PackedBands<Uint8Array<ArrayBuffer>>;

  private constructor(file: TiffWriter, strips: PackedBands<Uint8Array<ArrayBuffer>>) {
    this.#file = file;
    this.#strips = strips;
  }

  static async create(path: string, header: ImageHeader): Promise<TiffEncoder> {
    const { width, height, channels, dtype, colors: table } = header;
    const compression = header.plan.compat ? LZW : DEFLATE;
    const rowBytes = width * channels * dtypeInfo(dtype).bytes;
    const rowsPerStrip = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / rowBytes)));
    const file = await TiffWriter.create(path, rowBytes * height * compression.growth > CLASSIC_LIMIT);
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
    let strip = 0;
    // Strips are packed here and not by libtiff, so that several are packed at the same time.
    const strips = new PackedBands({
      bandBytes: rowBytes * rowsPerStrip,
      imageBytes: rowBytes * height,
      pack: compression.pack,
      store: (packed) => file.writePacked(strip++, packed),
    });
    return new TiffEncoder(file, strips);
  }

  async writeRows(rows: TypedArray): Promise<void> {
    await this.#strips.add(bytesOf(rows));
  }

  async finish(): Promise<void> {
    await this.#file.end();
    await this.#file.close();
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
