/**
 * HDF5 chunks packed by h5py's `lzf`, which the HDF5 library does not have.
 * Format: the description of LibLZF by Marc Lehmann; the filter number 32000 of the HDF Group's list.
 *
 * @module
 */
import type { H5Chunk, H5Dataset, H5Filter } from "../../ffi/hdf5.ts";
import { type Dtype, dtypeInfo, elementCount } from "../array/mod.ts";
import { rowMajorStrides } from "./box.ts";
import { elementsFromBytes } from "./bytes.ts";
import type { DecodedChunk } from "./chunked.ts";
import { Damaged } from "./input_error.ts";

/** Number of the filter. */
const LZF = 32000;
const SHUFFLE = 2;
const FLETCHER32 = 3;
const CHECKSUM_BYTES = 4;

type Undo = (bytes: Uint8Array<ArrayBuffer>, chunkBytes: number, itemBytes: number) => Uint8Array<ArrayBuffer>;

/** What each filter did is undone in reverse order. Checksums are taken off unchecked: LZF notices most damage itself. */
const UNDO: Readonly<Record<number, Undo>> = {
  [LZF]: (bytes, chunkBytes) => unpackLzf(bytes, chunkBytes),
  [SHUFFLE]: (bytes, _, itemBytes) => unshuffle(bytes, itemBytes),
  [FLETCHER32]: (bytes) => bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES)),
};

/** Whether chunks with these filters can be unpacked here. */
export function isLzf(filters: readonly H5Filter[]): boolean {
  return filters.some(({ id }) => id === LZF) && filters.every(({ id }) => UNDO[id] !== undefined);
}

/** Reads and unpacks the chunk at this place of the grid; `undefined` when it was never written. */
export async function readLzfChunk(
  dataset: H5Dataset,
  dtype: Dtype,
  chunk: readonly number[],
  position: readonly number[],
): Promise<DecodedChunk | undefined> {
  const packed = await dataset.readChunk(position.map((k, i) => k * (chunk[i] as number)));
  if (packed === undefined) return undefined;
  const itemBytes = dtypeInfo(dtype).bytes;
  const chunkBytes = elementCount(chunk) * itemBytes;
  const bytes = undoFilters(packed, dataset.info.filters, chunkBytes, itemBytes);
  if (bytes.length !== chunkBytes) throw new Damaged("the chunk is truncated or damaged");
  return { data: elementsFromBytes(dtype, bytes, true), offset: 0, strides: rowMajorStrides(chunk) };
}

function undoFilters(
  { bytes, filterMask }: H5Chunk,
  filters: readonly H5Filter[],
  chunkBytes: number,
  itemBytes: number,
): Uint8Array<ArrayBuffer> {
  let result = bytes;
  for (const [i, { id }] of [...filters.entries()].reverse()) {
    const leftOut = (filterMask >> i & 1) === 1;
    if (!leftOut) result = UNDO[id]?.(result, chunkBytes, itemBytes) ?? result;
  }
  return result;
}

/** Control bytes below this announce bytes as they are, others a repetition. */
const LITERALS = 32;
const LONG = 7;

function unpackLzf(packed: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  let filled = 0;
  const next = () => {
    const byte = packed[at++];
    if (byte === undefined) throw new Damaged("the chunk is truncated");
    return byte;
  };
  while (at < packed.length) {
    const control = next();
    if (control < LITERALS) {
      const count = control + 1;
      if (at + count > packed.length || filled + count > length) throw new Damaged("the chunk is damaged");
      bytes.set(packed.subarray(at, at + count), filled);
      at += count;
      filled += count;
      continue;
    }
    const short = control >> 5;
    const count = (short === LONG ? short + next() : short) + 2;
    const from = filled - ((control & 31) << 8) - next() - 1;
    if (from < 0 || filled + count > length) throw new Damaged("the chunk is damaged");
    // The repetition may overlap itself, so byte by byte.
    for (let k = 0; k < count; k++) bytes[filled + k] = bytes[from + k] as number;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** All first bytes of the elements, then all second ones, … becomes element by element. */
function unshuffle(bytes: Uint8Array<ArrayBuffer>, itemBytes: number): Uint8Array<ArrayBuffer> {
  const items = Math.floor(bytes.length / itemBytes);
  const result = new Uint8Array(bytes.length);
  for (let b = 0; b < itemBytes; b++) {
    for (let i = 0; i < items; i++) result[i * itemBytes + b] = bytes[b * items + i] as number;
  }
  return result;
}
