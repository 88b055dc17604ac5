/**
 * NumPy outputs: a `.npy` file, written by region (cli-and-io.md §5.5).
 *
 * @module
 */
import { type Dtype, dtypeInfo, fromCanonical, volume } from "../array/mod.ts";
import { type FileWriter, openFileSink } from "./file_sink.ts";
import { bytesOf, toFileBlock, wholeRuns } from "./layout.ts";
import { checkWritable, presenceOf } from "./pending.ts";
import { RegionFile } from "./region_file.ts";
import type { TileRecord } from "./tile_record.ts";
import type { OutputFormat, OutputPlan } from "./types.ts";

/** `numpy`. */
export const NUMPY_FORMAT: OutputFormat = {
  name: "numpy",
  aliases: ["npy"],
  extension: "npy",
  sequence: false,
  container: false,
  tiles: true,
  check: () => {},
  presence: (plan) => presenceOf([plan.path]),
  checkTarget: (plan) => checkWritable(plan.path, "file"),
  open: (plan) =>
    openFileSink(plan, {
      blockMultiple: ({ shape, axes, dtype }) => wholeRuns(shape, axes, dtypeInfo(dtype).bytes, RUN_BYTES),
      ordered: false,
      create: createNumpy,
    }),
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

/** A file may hold several arrays one behind the other; readers of one array take the first. */
function record(tile: TileRecord): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(tile));
  return Uint8Array.from([...npyHeader("uint8", [text.length]), ...text]);
}

async function createNumpy(path: string, plan: OutputPlan): Promise<FileWriter> {
  const shape = fromCanonical(plan.shape, plan.axes);
  const header = npyHeader(plan.dtype, shape);
  const place = { offset: header.length, shape, elementBytes: dtypeInfo(plan.dtype).bytes };
  const file = await RegionFile.create(path);
  await file.write(0, header);
  if (plan.tile !== undefined) {
    await file.write(header.length + volume(plan.shape) * place.elementBytes, record(plan.tile));
  }
  return {
    write: async (region, block) => {
      const { start, count, data } = await toFileBlock(region, block, plan.axes);
      await file.writeRegion(place, start, count, bytesOf(data));
    },
    finish: () => file.close(),
    // The file is removed; what closing has to say no longer matters.
    cancel: () => file.close().catch(() => {}),
  };
}
