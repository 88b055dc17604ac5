/**
 * A plain file that is written at any position: bytes, or an array in C order, box by box.
 *
 * @module
 */
import { elementCount } from "../array/mod.ts";

/** Where an array lies in a file. */
export interface StoredArrayPlace {
  /** Position of the first byte. */
  readonly offset: number;
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
  /** Bytes of one element. */
  readonly elementBytes: number;
}

/** A new file that is written at any position. Calls take their turn. */
export class RegionFile {
  readonly #file: Deno.FsFile;
  /** Where the next appended bytes go. */
  #end = 0;
  #last: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Makes a new file; replaces one that is there. */
  static async create(path: string): Promise<RegionFile> {
    return new RegionFile(await Deno.open(path, { write: true, create: true, truncate: true }));
  }

  /** Writes bytes at a position. */
  write(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#turn(() => this.#writeAt(position, bytes));
  }

  /** Writes bytes behind all that were appended before. */
  append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const position = this.#end;
    this.#end += bytes.length;
    return this.write(position, bytes);
  }

  /**
   * Writes a box of an array.
   *
   * @param place where the array lies
   * @param start first position along each axis
   * @param count how many along each axis
   * @param bytes the box in C order
   */
  writeRegion(
    place: StoredArrayPlace,
    start: readonly number[],
    count: readonly number[],
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    return this.#turn(async () => {
      const { shape, elementBytes, offset } = place;
      // The box is stored in runs: everything behind the last axis that it does not fill.
      let runAxis = shape.length - 1;
      while (runAxis > 0 && count[runAxis] === shape[runAxis]) runAxis--;
      const steps = strides(shape);
      const runs = count.slice(0, Math.max(0, runAxis));
      const runBytes = bytes.length / elementCount(runs);
      for (let from = 0; from < bytes.length; from += runBytes) {
        let rest = from / runBytes;
        let element = 0;
        for (let i = shape.length - 1; i >= 0; i--) {
          const size = runs[i] ?? 1;
          element += ((start[i] ?? 0) + rest % size) * (steps[i] ?? 1);
          rest = Math.floor(rest / size);
        }
        await this.#writeAt(offset + element * elementBytes, bytes.subarray(from, from + runBytes));
      }
    });
  }

  /** Writes everything to the disk and closes the file. A second call does nothing. */
  close(): Promise<void> {
    return this.#closed ??= this.#turn(() => {
      this.#file.close();
      return Promise.resolve();
    });
  }

  async #writeAt(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#file.seek(position, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += await this.#file.write(bytes.subarray(done));
  }

  #turn(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => {});
    return run;
  }
}

/** Elements between neighbours along each axis of a C-order array. */
function strides(shape: readonly number[]): number[] {
  const steps = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) steps[i] = (steps[i + 1] ?? 1) * (shape[i + 1] ?? 1);
  return steps;
}
