/**
 * GIF images: gray levels, or 256 colours chosen from the image. Format: CompuServe's GIF87a specification.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { ColorCounts } from "./color_palette.ts";
import { GifLzw, INDEX_BITS } from "./gif_lzw.ts";
import type { ImageCodec, ImageEncoder, ImageHeader } from "./image_format.ts";
import { RegionFile } from "./region_file.ts";
import { rowPieces } from "./row_pieces.ts";
import { RowSpool } from "./row_spool.ts";

/** `gif`. */
export const GIF: ImageCodec = {
  name: "gif",
  aliases: [],
  extension: "gif",
  dtypes: ["uint8"],
  channels: [1, 3],
  maxSize: 65_535,
  create: (path, header) =>
    header.channels === 1 ? IndexedGif.create(path, header, grayLevels()) : createColored(path, header),
};

const COLORS = 256;
const TRAILER = 0x3b;

/** Writes an image of palette indices. */
class IndexedGif implements ImageEncoder {
  readonly #file: RegionFile;
  readonly #width: number;
  readonly #lzw = new GifLzw();

  private constructor(file: RegionFile, width: number) {
    this.#file = file;
    this.#width = width;
  }

  /** Makes the file; `colors` are red, green and blue of each index. */
  static async create(path: string, header: ImageHeader, colors: Uint8Array): Promise<IndexedGif> {
    const gif = new IndexedGif(await RegionFile.create(path), header.width);
    try {
      await gif.#file.append(headBytes(header, colors));
    } catch (error) {
      await gif.cancel();
      throw error;
    }
    return gif;
  }

  async writeRows(rows: TypedArray): Promise<void> {
    for (const piece of rowPieces(rows, this.#width)) {
      await this.#file.append(this.#lzw.add(piece as Uint8Array));
    }
  }

  async finish(): Promise<void> {
    await this.#file.append(this.#lzw.end());
    await this.#file.append(Uint8Array.of(TRAILER));
    await this.#file.close();
  }

  async cancel(): Promise<void> {
    // The file is removed; what closing has to say no longer matters.
    await this.#file.close().catch(() => {});
  }
}

/** The colours are chosen when all pixels are known. Only then are they counted: of a sequence, many files are open. */
async function createColored(path: string, header: ImageHeader): Promise<ImageEncoder> {
  const spool = await RowSpool.create(path, "uint8", 3 * header.width);
  let image: IndexedGif | undefined;
  return {
    writeRows: (rows) => spool.append(rows),
    finish: async () => {
      const counts = new ColorCounts();
      for await (const rows of spool.replay()) counts.add(rows as Uint8Array);
      const { colors, indicesOf } = counts.palette(COLORS);
      image = await IndexedGif.create(path, header, colors);
      for await (const rows of spool.replay()) await image.writeRows(indicesOf(rows as Uint8Array));
      await spool.close();
      await image.finish();
    },
    cancel: async () => {
      await spool.close();
      await image?.cancel();
    },
  };
}

function grayLevels(): Uint8Array {
  return Uint8Array.from({ length: 3 * COLORS }, (_, i) => i / 3);
}

function headBytes({ width, height }: ImageHeader, colors: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(13 + 3 * COLORS + 11);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("GIF87a"));
  view.setUint16(6, width, true);
  view.setUint16(8, height, true);
  // A global table of 256 colours, 8 bits per primary colour.
  head[10] = 0xf7;
  head.set(colors, 13);
  const image = 13 + 3 * COLORS;
  head[image] = 0x2c;
  view.setUint16(image + 5, width, true);
  view.setUint16(image + 7, height, true);
  head[image + 10] = INDEX_BITS;
  return head;
}
