/**
 * The files that `tests/data/make/inputs.py` wrote, and what must be read from them.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { isHdf5 } from "../../ffi/hdf5.ts";
import { inflate } from "../../ffi/inflate.ts";
import { jpegInfo } from "../../ffi/jpeg.ts";
import { TiffFile } from "../../ffi/tiff.ts";
import type { AxisKey, Dtype, SourceMeta } from "../../lib/array/mod.ts";
import { unpackZstd } from "../../ffi/zstd.ts";
import { type InputRequest, openInput, type StoredArray } from "../../lib/inputs/mod.ts";

/** Folder of the fixtures. */
export const FIXTURES = fromFileUrl(new URL("../data/inputs/", import.meta.url));

// The libraries stay open to the end; opened here, no single test seems to leave them open.
await isHdf5(`${FIXTURES}single.h5`);
await (await TiffFile.open(`${FIXTURES}tiff_zlib.tif`)).close();
await unpackZstd(await Deno.readFile(`${FIXTURES}codec3_zstd.zarr/c/0/0/0/0`), 1 << 20);
await inflate("zlib", Uint8Array.of(0x78, 0x9c, 3, 0, 0, 0, 0, 1), 0);
jpegInfo(await Deno.readFile(`${FIXTURES}jpeg_gray.jpg`));

/** A row of `table.json`. */
export interface Expectation {
  readonly file: string;
  readonly shape: readonly number[];
  readonly axes: string;
  readonly dtype: Dtype;
  /** Whether the file names its axes. */
  readonly explicit: boolean;
  readonly chunk?: readonly number[];
  readonly meta?: SourceMeta;
  /** Samples of fewer than 8 bits, scaled to 0…255. */
  readonly bits?: number;
  /** Samples are indices of this many bits into a table of colours. */
  readonly palette?: number;
  /** The `.npy` file with the other program's decoding, for values that follow no formula. */
  readonly values?: string;
}

/** What must be read. */
export const TABLE: readonly Expectation[] = JSON.parse(Deno.readTextFileSync(`${FIXTURES}table.json`));

const WEIGHTS: Readonly<Record<AxisKey, number>> = { t: 41, z: 29, y: 7, x: 13, c: 83 };

/** Value from the base number of a position; the same formulas as in `inputs.py`. */
const VALUES: Readonly<Record<Dtype, (base: number) => number | bigint>> = {
  bool: (b) => b % 2,
  uint8: (b) => b,
  uint16: (b) => b * 257 + 3,
  uint32: (b) => b * 16777259 + 7,
  uint64: (b) => BigInt(b) * 2n ** 55n + 9n,
  int8: (b) => b - 125,
  int16: (b) => b * 257 - 32000,
  int32: (b) => b * 16777259 - 2000000000,
  int64: (b) => BigInt(b) * 2n ** 54n - 2n ** 60n,
  float16: (b) => b / 4 - 20,
  float32: (b) => Math.fround(b / 7 - 3),
  float64: (b) => b / 7 - 3,
};

/** The value of an element as the writer computed it. */
export function expectedValue(row: Expectation, index: readonly number[]): number | bigint {
  const base = (letters: string, position: readonly number[]) =>
    ([...letters].reduce((sum, axis, i) => sum + WEIGHTS[axis as AxisKey] * (position[i] as number), 0) + 5) % 251;
  const b = base(row.axes, index);
  if (row.palette !== undefined) {
    const [y = 0, x = 0, c = 0] = index;
    const entry = base("yx", [y, x]) >> (8 - row.palette);
    return [entry, 255 - entry, 3 * entry % 256][c] as number;
  }
  if (row.bits !== undefined) return (b >> (8 - row.bits)) * 255 / (2 ** row.bits - 1);
  return VALUES[row.dtype](b);
}

/** A request with the defaults of the command line. */
export function request(text: string, more: Partial<InputRequest> = {}): InputRequest {
  return { text, stackAlong: "z", naturalSort: false, compat: false, warn: () => {}, ...more };
}

/** Reads a box as a plain list in C order, and closes nothing. */
export async function readList(
  array: StoredArray,
  start: readonly number[] = array.shape.map(() => 0),
  stop: readonly number[] = array.shape,
): Promise<(number | bigint)[]> {
  const { data, offset, strides } = await array.read(start, stop);
  return positions(start, stop).map((index) =>
    data[index.reduce((sum, k, i) => sum + (k - (start[i] as number)) * (strides[i] as number), offset)] as number
  );
}

/** All positions of a box in C order. */
export function positions(start: readonly number[], stop: readonly number[]): number[][] {
  let all: number[][] = [[]];
  for (const [i, low] of start.entries()) {
    const range = Array.from({ length: (stop[i] as number) - low }, (_, k) => low + k);
    all = all.flatMap((head) => range.map((k) => [...head, k]));
  }
  return all;
}

/** Opens an input, hands it over, closes it. */
export async function withInput<T>(
  text: string,
  action: (array: StoredArray) => Promise<T>,
  more: Partial<InputRequest> = {},
): Promise<T> {
  const { array } = await openInput(request(text, more));
  try {
    return await action(array);
  } finally {
    await array.close();
  }
}
