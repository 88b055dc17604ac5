/**
 * Chunks of HDF5 datasets that gzip packed: HDF5 would unpack them one at a time while everything else waits for it, so
 * only the packed bytes are read through it.
 *
 * @module
 */
import { type H5Dataset, type H5Info, NativeError } from "../../ffi/hdf5.ts";
import { inflate } from "../../ffi/inflate.ts";
import { type Dtype, dtypeInfo, elementCount } from "../array/mod.ts";
import { boxShape, rowMajorStrides } from "./box.ts";
import { elementsFromBytes } from "./bytes.ts";
import type { DecodedChunk } from "./chunked.ts";

const DEFLATE = 1;
const SHUFFLE = 2;
/** Smaller chunks are unpacked by HDF5 in less time than it takes to hand them over. */
const LEAST_BYTES = 1 << 15;
const MOST_BYTES = 2 ** 31;

/** Whether the chunks of a dataset of plain numbers are unpacked here: gzip, alone or behind the shuffle filter. */
export function isPackedByGzip({ type, chunk, filters }: H5Info): boolean {
  if (type.kind !== "number" || !type.native || type.dtype === "bool" || chunk === undefined) return false;
  const itemBytes = dtypeInfo(type.dtype).bytes;
  const bytes = elementCount(chunk) * itemBytes;
  const [first, second] = filters;
  const shuffled = first?.id === SHUFFLE && first.values[0] === itemBytes && second?.id === DEFLATE;
  return bytes >= LEAST_BYTES && bytes < MOST_BYTES &&
    (filters.length === 1 ? first?.id === DEFLATE : filters.length === 2 && shuffled);
}

/**
 * Reads and unpacks the chunk at this place of the grid. What is unusual is left to HDF5: chunks that were never written
 * (they have the fill value), that some filter left out, or that are damaged, for which it has the right words.
 *
 * @param dataset one for which {@linkcode isPackedByGzip} holds
 * @throws {NativeError} if HDF5 cannot read it
 */
export async function readGzipChunk(
  dataset: H5Dataset,
  dtype: Dtype,
  shape: readonly number[],
  chunk: readonly number[],
  position: readonly number[],
): Promise<DecodedChunk> {
  const start = position.map((k, i) => k * (chunk[i] as number));
  const unpacked = await unpackChunk(dataset, dtype, chunk, start);
  if (unpacked !== undefined) {
    return { data: elementsFromBytes(dtype, unpacked, true), offset: 0, strides: rowMajorStrides(chunk) };
  }
  const count = boxShape(start, start.map((k, i) => Math.min(k + (chunk[i] as number), shape[i] as number)));
  return { data: await dataset.read(start, count), offset: 0, strides: rowMajorStrides(count) };
}

async function unpackChunk(
  dataset: H5Dataset,
  dtype: Dtype,
  chunk: readonly number[],
  start: readonly number[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const itemBytes = dtypeInfo(dtype).bytes;
  const shuffled = dataset.info.filters.length > 1;
  try {
    const packed = await dataset.readChunk(start);
    if (packed === undefined || packed.filterMask !== 0) return undefined;
    return await inflate("zlib", packed.bytes, elementCount(chunk) * itemBytes, shuffled ? itemBytes : 1);
  } catch (thrown) {
    if (thrown instanceof NativeError) return undefined;
    throw thrown;
  }
}
