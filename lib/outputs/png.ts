/**
 * PNG images. Format: the PNG specification (third edition), sections 5, 7, 9, 11. Deflating is zlib's.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { TypedArray } from "../array/mod.ts";
import { bigEndian } from "./byte_order.ts";
import type { ImageCodec, ImageEncoder, ImageHeader } from "./image_format.ts";

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

class PngEncoder implements ImageEncoder {
  readonly #file: Deno.FsFile;
  readonly #header: ImageHeader;
  readonly #pixelBytes: number;
  readonly #deflate: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  /** Ends when everything that was deflated is in the file. */
  readonly #stored: Promise<void>;
  #above: Uint8Array<ArrayBuffer>;

  private constructor(file: Deno.FsFile, header: ImageHeader) {
    this.#file = file;
    this.#header = header;
    this.#pixelBytes = header.channels * (header.dtype === "uint16" ? 2 : 1);
    this.#above = new Uint8Array(header.width * this.#pixelBytes);
    const { readable, writable } = new CompressionStream("deflate");
    this.#deflate = writable.getWriter() as WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
    this.#stored = this.#store(readable);
    // A failure is reported by whichever call waits for it next.
    this.#stored.catch(() => {});
  }

  static async create(path: string, header: ImageHeader): Promise<PngEncoder> {
    const file = await Deno.open(path, { write: true, createNew: true });
    try {
      await writeAll(file, SIGNATURE);
      await writeChunk(file, "IHDR", headerChunk(header));
      if (header.colors !== undefined) await writeChunk(file, "PLTE", header.colors);
    } catch (error) {
      file.close();
      throw error;
    }
    return new PngEncoder(file, header);
  }

  async writeRows(rows: TypedArray): Promise<void> {
    const bytes = bigEndian(rows);
    const line = this.#header.width * this.#pixelBytes;
    const count = bytes.length / line;
    const filtered = new Uint8Array(count * (line + 1));
    for (let y = 0; y < count; y++) {
      const row = bytes.subarray(y * line, (y + 1) * line);
      filterRow(row, this.#above, this.#pixelBytes, filtered.subarray(y * (line + 1), (y + 1) * (line + 1)));
      this.#above = row;
    }
    this.#above = this.#above.slice();
    await this.#unlessFailed(this.#deflate.write(filtered));
  }

  async finish(): Promise<void> {
    await this.#unlessFailed(this.#deflate.close());
    await this.#stored;
    await writeChunk(this.#file, "IEND", new Uint8Array());
    this.#file.close();
  }

  async cancel(): Promise<void> {
    // The file is going to be removed: neither the stream's nor the file's last words matter.
    await this.#deflate.abort().catch(() => {});
    await this.#stored.catch(() => {});
    try {
      this.#file.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** Waits for a step of deflating. When storing fails, the stream ends without words: the reason is that of storing. */
  async #unlessFailed(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await this.#stored;
      throw error;
    }
  }

  async #store(packed: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const part of packed) await writeChunk(this.#file, "IDAT", part);
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

async function writeChunk(file: Deno.FsFile, type: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
  const chunk = new Uint8Array(content.length + 12);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) chunk[4 + i] = type.charCodeAt(i);
  chunk.set(content, 8);
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)));
  await writeAll(file, chunk);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

const [NONE, SUB, UP] = [0, 1, 2];

/** Writes the filter's number and the filtered row: of no filter, left and above the one with the smallest residues. */
function filterRow(row: Uint8Array, above: Uint8Array, pixel: number, into: Uint8Array): void {
  let [none, sub, up] = [0, 0, 0];
  for (let i = 0; i < row.length; i++) {
    const value = row[i] as number;
    none += residue(value);
    sub += residue(value - (i < pixel ? 0 : row[i - pixel] as number));
    up += residue(value - (above[i] as number));
  }
  const filter = none <= sub && none <= up ? NONE : sub < up ? SUB : UP;
  into[0] = filter as number;
  for (let i = 0; i < row.length; i++) {
    const predicted = filter === NONE
      ? 0
      : filter === UP
      ? above[i] as number
      : i < pixel
      ? 0
      : row[i - pixel] as number;
    into[i + 1] = (row[i] as number) - predicted;
  }
}

/** Distance from 0 of a difference modulo 256. */
function residue(difference: number): number {
  return Math.abs((difference << 24) >> 24);
}
