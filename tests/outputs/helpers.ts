/** Small sources and settings for tests of writing. */
import {
  allocate,
  type ArraySource,
  type Axes,
  blocksOf,
  type Dtype,
  type Five,
  five,
  type NdArray,
  type Region,
  subArray,
  toDense,
  type TypedArray,
  volume,
  wholeRegion,
  wrapArray,
} from "../../lib/array/mod.ts";
import { type Export, type ExportSettings, findFormat, type Sink } from "../../lib/outputs/mod.ts";

/** A source in memory. */
export function memorySource(array: NdArray, axes: Axes, meta: ArraySource["meta"] = {}): ArraySource {
  return {
    shape: array.shape,
    axes,
    dtype: array.dtype,
    chunk: array.shape,
    meta,
    read: (region) => Promise.resolve(toDense(subArray(array, region))),
  };
}

/** An array with the values `value(i)` in canonical C order. */
export function filled(dtype: Dtype, shape: Five, value: (index: number) => number): NdArray {
  const data = allocate(dtype, volume(shape));
  for (let i = 0; i < data.length; i++) put(data, i, value(i));
  return wrapArray(dtype, shape, data);
}

function put(data: TypedArray, index: number, value: number): void {
  data[index] = typeof data[index] === "bigint" ? BigInt(value) : value;
}

/** Settings for a file in `folder`. */
export function settingsFor(
  folder: string,
  changes: Partial<ExportSettings> & { formatName?: string } = {},
): ExportSettings {
  const { formatName = "compressed hdf5", ...rest } = changes;
  return {
    format: findFormat(formatName),
    fileNamePattern: "r",
    innerPathPattern: "exported_data",
    baseFolder: folder,
    replaceForeign: false,
    compat: false,
    warn: (message) => {
      throw new Error(`unexpected warning: ${message}`);
    },
    ...rest,
  };
}

/** Writes all blocks of an output and completes it. */
export async function writeAll({ source, open }: Export, block: Five = [1, 7, 7, 7, 3]): Promise<readonly string[]> {
  const sink = await open();
  try {
    await writeBlocks(source, sink, block);
    return await sink.commit();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** Hands all blocks over, in an unpleasant order when the sink allows it. */
export async function writeBlocks(source: ArraySource, sink: Sink, block: Five): Promise<void> {
  const edges = five((_, i) => {
    const [size, multiple] = [source.shape[i] as number, sink.blockMultiple[i] as number];
    return Math.min(size, Math.ceil((block[i] as number) / multiple) * multiple);
  });
  const regions = [...blocksOf(wholeRegion(source.shape), edges)];
  const write = async (region: Region) => await sink.write(region, await source.read(region));
  if (sink.ordered) {
    for (const region of regions) await write(region);
  } else {
    await Promise.all(regions.toReversed().map(write));
  }
}
