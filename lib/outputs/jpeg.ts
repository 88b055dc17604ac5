/**
 * JPEG images: quality 75, full colour resolution, JFIF (cli-and-io.md §5.5).
 *
 * @module
 */
import { JpegWriter } from "../../ffi/jpeg_writer.ts";
import type { TypedArray } from "../array/mod.ts";
import type { ImageCodec, ImageEncoder, ImageHeader } from "./image_format.ts";
import { RegionFile } from "./region_file.ts";
import { rowPieces } from "./row_pieces.ts";

/** `jpg` and `jpeg`: the same file with another extension. */
export const JPEG_FORMATS: readonly ImageCodec[] = ["jpg", "jpeg"].map((name) => ({
  name,
  aliases: [],
  extension: name,
  dtypes: ["uint8"],
  channels: [1, 3],
  maxSize: 65_500,
  create: (path, header) => JpegEncoder.create(path, header),
}));

const QUALITY = 75;

class JpegEncoder implements ImageEncoder {
  readonly #file: RegionFile;
  readonly #image: JpegWriter;
  readonly #rowLength: number;

  private constructor(file: RegionFile, image: JpegWriter, rowLength: number) {
    this.#file = file;
    this.#image = image;
    this.#rowLength = rowLength;
  }

  static async create(path: string, header: ImageHeader): Promise<JpegEncoder> {
    const image = JpegWriter.begin(header, QUALITY);
    try {
      return new JpegEncoder(await RegionFile.create(path), image, header.width * header.channels);
    } catch (error) {
      await image.close();
      throw error;
    }
  }

  async writeRows(rows: TypedArray): Promise<void> {
    for (const piece of rowPieces(rows, this.#rowLength)) {
      await this.#file.append(await this.#image.rows(piece as Uint8Array<ArrayBuffer>));
    }
  }

  async finish(): Promise<void> {
    await this.#file.append(await this.#image.finish());
    await this.#image.close();
    await this.#file.close();
  }

  async cancel(): Promise<void> {
    await this.#image.close();
    // The file is removed; what closing has to say no longer matters.
    await this.#file.close().catch(() => {});
  }
}
