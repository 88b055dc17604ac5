/**
 * PNG images. Format: the PNG specification (third edition), sections 5 and 11. Rows are filtered and packed in C.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { adlerWith, type PackedBand, packPngBand } from "../../ffi/png.ts";
import { dtypeInfo, type TypedArray } from "../array/mod.ts";
import type { ImageCodec, ImageEncoder, ImageHeader } from "./image_format.ts";
import { bytesOf } from "./layout.ts";
import { PackedBands } from "./packed_bands.ts";
import { RegionFile } from "./region_file.ts";

/** `png`. */
export const PNG: ImageCodec = {
  name: "png",
  aliases: [],
  extension: "png",
  dtypes: ["uint8", "uint16"],
  channels: [1, 2, 3, 4],
  palettes: true,
  maxSize: 2 ** 31 - 1,
  create: (path, header) => PngEncoder.create(path, header),
};

/** Colour type by number of channels: gray, gray and alpha, RGB, RGBA. */
const COLOR_TYPES: readonly number[] = [0, 0, 4, 2, 6];
/** Colour type of images with a colour table. */
const INDEXED = 3;
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Header of a zlib stream: deflate with the largest window, usual level. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x9c);
/** Bytes of a band, about: what is packed by itself is a little larger, but several bands are packed at the same time. */
const BAND_BYTES = 2 ** 21;

class PngEncoder implements ImageEncoder {
  readonly #file: RegionFile;
  readonly #bands: PackedBands<PackedBand>;
  /** Check value of the bands that were written. */
  #adler = 1;

  private constructor(file: RegionFile, { width, height, channels, dtype }: ImageHeader) {
    this.#file = file;
    const sampleBytes = dtypeInfo(dtype).bytes;
    const pixelBytes = channels * sampleBytes;
    const lineBytes = width * pixelBytes;
    let before: Uint8Array<ArrayBuffer> | undefined;
    this.#bands = new PackedBands({
      bandBytes: lineBytes * Math.max(1, Math.min(height, Math.floor(BAND_BYTES / lineBytes))),
      imageBytes: lineBytes * height,
      pack: (rows, room, last) => {
        const above = before;
        before = rows.slice(-lineBytes);
        return packPngBand({ pixelBytes, sampleBytes, lineBytes, rows, above, last }, room);
      },
      store: async (band) => {
        this.#adler = adlerWith(this.#adler, band);
        await file.append(band.chunk);
      },
    });
  }

  static async create(path: string, header: ImageHeader): Promise<PngEncoder> {
    const png = new PngEncoder(await RegionFile.create(path), header);
    try {
      await png.#file.append(SIGNATURE);
      await png.#file.append(chunk("IHDR", headerChunk(header)));
      if (header.colors !== undefined) await png.#file.append(chunk("PLTE", header.colors));
      await png.#file.append(chunk("IDAT", ZLIB_HEADER));
    } catch (error) {
      await png.cancel();
      throw error;
    }
    return png;
  }

  async writeRows(rows: TypedArray): Promise<void> {
    await this.#bands.add(bytesOf(rows));
  }

  async finish(): Promise<void> {
    const adler = new Uint8Array(4);
    new DataView(adler.buffer).setUint32(0, this.#adler);
    await this.#file.append(chunk("IDAT", adler));
    await this.#file.append(chunk("IEND", new Uint8Array()));
    await this.#file.close();
  }

  async cancel(): Promise<void> {
    // The file is removed; what closing has to say no longer matters.
    await this.#file.close().catch(() => {});
  }
}

function headerChunk({ width, height, dtype, channels, colors }: ImageHeader): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(13);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  chunk.set([dtype === "uint16" ? 16 : 8, colors === undefined ? COLOR_TYPES[channels] ?? 0 : INDEXED], 8);
  return chunk;
}

function chunk(type: string, content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}
