/**
 * Rows of an image that are needed again: to learn something about all of it, then to write it.
 *
 * @module
 */
import { allocate, type Dtype, dtypeInfo, type TypedArray } from "../array/mod.ts";
import { bytesOf } from "./layout.ts";
import { rowsOfPiece } from "./row_pieces.ts";

/** Rows in a file without a name, so that nothing of it is left however the program ends. */
export class RowSpool {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #dtype: Dtype;
  readonly #rowLength: number;
  #rows = 0;
  #closed = false;

  private constructor(file: Deno.FsFile, path: string, dtype: Dtype, rowLength: number) {
    this.#file = file;
    this.#path = path;
    this.#dtype = dtype;
    this.#rowLength = rowLength;
  }

  /**
   * Makes the file.
   *
   * @param beside the image, on a disk that has room for as much
   * @param rowLength elements of a row
   */
  static async create(beside: string, dtype: Dtype, rowLength: number): Promise<RowSpool> {
    const path = `${beside}.${crypto.randomUUID().slice(0, 8)}`;
    const file = await Deno.open(path, { read: true, write: true, createNew: true });
    // An open file stays readable; where a file system does not allow this, `close` removes it.
    await Deno.remove(path).catch(() => {});
    return new RowSpool(file, path, dtype, rowLength);
  }

  /** Keeps rows behind those that were appended before. */
  async append(rows: TypedArray): Promise<void> {
    const bytes = bytesOf(rows);
    for (let done = 0; done < bytes.length;) done += await this.#file.write(bytes.subarray(done));
    this.#rows += rows.length / this.#rowLength;
  }

  /** All rows, in pieces. As often as needed, one after another. */
  async *replay(): AsyncGenerator<TypedArray> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    const atOnce = rowsOfPiece(this.#rowLength, dtypeInfo(this.#dtype).bytes);
    for (let y = 0; y < this.#rows; y += atOnce) {
      const rows = allocate(this.#dtype, this.#rowLength * Math.min(atOnce, this.#rows - y));
      await this.#fill(bytesOf(rows));
      yield rows;
    }
  }

  /** Gives the room back. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    await Deno.remove(this.#path).catch(() => {});
  }

  async #fill(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const count = await this.#file.read(bytes.subarray(done));
      if (count === null) throw new Error(`${this.#path} ends too early`);
      done += count;
    }
  }
}
