/**
 * Arrays in HDF5 files (cli-and-io.md §4.3).
 *
 * @module
 */
import { type H5Dataset, H5File, type H5Found, type H5Value, NativeError, typeText } from "../../ffi/hdf5.ts";
import type { Dtype } from "../array/mod.ts";
import { describeAxes } from "./axis_tags.ts";
import { boxShape, rowMajorStrides } from "./box.ts";
import { chunkReader } from "./chunked.ts";
import { naturalChunk } from "./default_axes.ts";
import { guarded, inputError } from "./input_error.ts";
import { isPackedByGzip, readGzipChunk } from "./hdf5_chunks.ts";
import { isLzf, readLzfChunk } from "./lzf.ts";
import { checkShape, isInputShape, type Listed, missingInner, onlyOne, type ReadContext } from "./reader.ts";
import type { StoredArray } from "./types.ts";

/**
 * HDF5 keeps this many bytes of unpacked chunks. Its own 8 MiB are less than the chunks that one row of pixels goes
 * through in a large volume: every chunk would be unpacked again for every block.
 */
const CACHE_BYTES = 64 << 20;

/** Attribute of files that hold a tile of a larger whole. */
const TILE_ATTRIBUTE = "ilastik_headless_tile";

/**
 * Opens a dataset. Links may lead to other files. Without an inner path the only dataset of 2 to 5 dimensions is taken.
 *
 * @throws {UserError} kind `input`
 */
export async function openHdf5(path: string, inner: string, context: ReadContext): Promise<StoredArray> {
  const file = await native(path, () => H5File.open(path, { otherFiles: true }));
  try {
    const name = inner === "" ? onlyOne(path, (await arrays(path, file)).filter(isCandidate)).path : inner;
    if (await native(path, () => file.kind(name)) !== "dataset") {
      throw missingInner(path, inner, (await arrays(path, file)).filter(isCandidate));
    }
    const dataset = await openDataset(path, file, name);
    return await storedArray(path, name, file, dataset, context);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * All datasets of a file that can be inputs.
 *
 * @throws {UserError} kind `input` when it is no HDF5 file
 */
export async function listHdf5(path: string): Promise<readonly Listed[]> {
  const file = await native(path, () => H5File.open(path, { otherFiles: true }));
  try {
    return (await arrays(path, file)).filter(isCandidate);
  } finally {
    await file.close();
  }
}

async function arrays(path: string, file: H5File): Promise<readonly Listed[]> {
  const found = await native(path, () => file.datasets());
  return found.filter(isNumeric).map(({ path, shape, type }) => ({ path, shape: shape ?? [], type: typeText(type) }));
}

function isNumeric({ type }: H5Found): boolean {
  return type.kind === "number";
}

function isCandidate({ shape }: Listed): boolean {
  return isInputShape(shape);
}

async function openDataset(path: string, file: H5File, name: string): Promise<H5Dataset> {
  const dataset = await native(path, () => file.dataset(name));
  if (dataset.info.chunk === undefined) return dataset;
  await dataset.close();
  return native(path, () => file.dataset(name, { cacheBytes: CACHE_BYTES }));
}

async function storedArray(
  path: string,
  name: string,
  file: H5File,
  dataset: H5Dataset,
  context: ReadContext,
): Promise<StoredArray> {
  const { type, shape, filters, chunk } = dataset.info;
  const where = `${path}/${name.replace(/^\/+/, "")}`;
  if (type.kind !== "number") throw inputError(where, `it holds no numbers but ${typeText(type)}`);
  if (shape === undefined) throw inputError(where, "it is empty");
  checkShape(where, shape);
  const missing = filters.find(({ available }) => !available);
  const lzf = chunk !== undefined && type.native && isLzf(filters);
  if (missing !== undefined && !lzf) {
    throw inputError(where, `its chunks are packed with the filter \`${missing.name}\`, which is not supported`, {
      hint: "store it with gzip or without compression",
    });
  }
  const attribute = async (attributeName: string) => plain(await native(path, () => dataset.attribute(attributeName)));
  const described = describeAxes({
    axistags: single(await attribute("axistags")),
    axes: await attribute("axes"),
    dimensionNames: await attribute("DIMENSION_LABELS"),
    elementSizeUm: await attribute("element_size_um"),
    axisUnits: single(await attribute("axis_units")),
    drange: await attribute("drange"),
    displayMode: single(await attribute("display_mode")),
    channelNames: await attribute("channel_names"),
    classNames: await attribute("class_names"),
    classColors: await attribute("class_colors"),
  }, shape);
  if (described.problem !== undefined) context.warn(`\`${where}\`: ${described.problem}`);
  return {
    shape,
    dtype: type.dtype,
    axes: described.axes,
    axesExplicit: described.axesExplicit,
    imageFile: false,
    chunk: chunk === undefined ? naturalChunk(shape, type.dtype) : chunk.map((n, i) => Math.min(n, shape[i] as number)),
    meta: described.meta,
    tileRecord: async () => {
      const text = single(await attribute(TILE_ATTRIBUTE));
      return typeof text === "string" ? text : undefined;
    },
    read: chunk !== undefined && (lzf || isPackedByGzip(dataset.info))
      ? packedReader(where, dataset, type.dtype, shape, chunk, lzf)
      : async (start, stop, signal) => {
        signal?.throwIfAborted();
        const count = boxShape(start, stop);
        const data = await native(where, () => dataset.read(start, count));
        return { data, offset: 0, strides: rowMajorStrides(count) };
      },
    async close() {
      await dataset.close();
      await file.close();
    },
  };
}

/** Reads chunks that are unpacked outside of HDF5. */
function packedReader(
  path: string,
  dataset: H5Dataset,
  dtype: Dtype,
  shape: readonly number[],
  chunk: readonly number[],
  lzf: boolean,
): StoredArray["read"] {
  const unpack = lzf
    ? (position: readonly number[]) => readLzfChunk(dataset, dtype, chunk, position)
    : (position: readonly number[]) => readGzipChunk(dataset, dtype, shape, chunk, position);
  const decode = (position: readonly number[]) =>
    guarded(`${path}, chunk ${position.join(" ")}`, () => native(path, () => unpack(position)));
  return chunkReader({ path, shape, chunk, dtype, decode });
}

/** An attribute as a plain value: a list of numbers or strings. */
function plain(value: H5Value | undefined): readonly (number | string)[] | undefined {
  if (value?.kind === "numbers") return Array.from(value.data as Iterable<number | bigint>, Number);
  return value?.kind === "strings" ? value.strings : undefined;
}

function single(values: readonly (number | string)[] | undefined): number | string | undefined {
  return values?.[0];
}

const NOT_HDF5 = /signature/;
const TRUNCATED = /^truncated file: eof = (\d+),.*stored_eof = (\d+)/;

/** HDF5's words in ours, where people meet them. */
function reasonText(reason: string): string {
  if (NOT_HDF5.test(reason)) return "it is not an HDF5 file";
  const [, has, needed] = TRUNCATED.exec(reason) ?? [];
  return has === undefined ? reason : `the file is truncated: it has ${has} bytes, ${needed} are needed`;
}

async function native<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof NativeError)) throw thrown;
    throw inputError(path, reasonText(thrown.reason), { cause: thrown });
  }
}
