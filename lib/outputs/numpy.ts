/**
 * NumPy outputs: a `.npy` file, written by region (cli-and-io.md §5.5).
 *
 * @module
 */
import { type Dtype, dtypeInfo, type Five, fromCanonical, type NdArray, type Region } from "../array/mod.ts";
import { outputError, writing } from "./errors.ts";
import { bytesOf, toFileBlock, wholeRuns } from "./layout.ts";
import { checkWritable, PendingPath } from "./pending.ts";
import { RegionFile, type StoredArrayPlace } from "./region_file.ts";
import type { OutputFormat, OutputPlan, Sink } from "./types.ts";

/** `numpy`. */
export const NUMPY_FORMAT: OutputFormat = {
  name: "numpy",
  aliases: ["npy"],
  extension: "npy",
  sequence: false,
  container: false,
  check: () => {},
  checkTarget: (plan) => checkWritable(plan.path, "file"),
  open: (plan) => NumpySink.open(plan),
};

/** Shorter runs would be slow to write. */
const RUN_BYTES = 4096;

/** NumPy's name of an element type, for example `<f4`. */
export function numpyType(dtype: Dtype): string {
  const { bytes, kind } = dtypeInfo(dtype);
  return `${bytes === 1 ? "|" : "<"}${kind}${bytes}`;
}

/** Header of a version 1 file, padded so that the data begin at a multiple of 64 bytes. */
export function npyHeader(dtype: Dtype, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const text = `{'descr': '${numpyType(dtype)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const begin = 10;
  const length = Math.ceil((begin + text.length + 1) / 64) * 64;
  const header = new Uint8Array(length).fill(0x20);
  header.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(header.buffer).setUint16(8, length - begin, true);
  header.set(new TextEncoder().encode(text), begin);
  header[length - 1] = 0x0a;
  return header;
}

class NumpySink implements Sink {
  readonly ordered = false;
  readonly blockMultiple: Five;
  readonly #plan: OutputPlan;
  readonly #pending: PendingPath;
  readonly #file: RegionFile;
  readonly #place: StoredArrayPlace;

  private constructor(plan: OutputPlan, pending: PendingPath, file: RegionFile, place: StoredArrayPlace) {
    this.#plan = plan;
    this.#pending = pending;
    this.#file = file;
    this.#place = place;
    this.blockMultiple = wholeRuns(plan.shape, plan.axes, place.elementBytes, RUN_BYTES);
  }

  static async open(plan: OutputPlan): Promise<NumpySink> {
    const pending = await PendingPath.create(plan.path);
    try {
      const shape = fromCanonical(plan.shape, plan.axes);
      const header = npyHeader(plan.dtype, shape);
      const file = await RegionFile.create(pending.temporary);
      await file.write(0, header);
      const place = { offset: header.length, shape, elementBytes: dtypeInfo(plan.dtype).bytes };
      return new NumpySink(plan, pending, file, place);
    } catch (error) {
      await pending.abort();
      throw outputError(plan.path, error);
    }
  }

  write(region: Region, block: NdArray): Promise<void> {
    const { start, count, data } = toFileBlock(region, block, this.#plan.axes);
    return writing(this.#plan.path, () => this.#file.writeRegion(this.#place, start, count, bytesOf(data)));
  }

  async commit(): Promise<readonly string[]> {
    await writing(this.#plan.path, () => this.#file.close());
    await this.#pending.commit();
    return [this.#plan.path];
  }

  async abort(): Promise<void> {
    await this.#file.close().catch(() => {});
    await this.#pending.abort();
  }
}
