/**
 * Smaller copies of arrays of Zarr stores, piece by piece.
 *
 * @module
 */
import {
  copyArray,
  createArray,
  createCast,
  type Dtype,
  type Five,
  five,
  isIntegerDtype,
  type Region,
  regionShape,
  regionVolume,
  subArray,
  type TypedArray,
  wholeRegion,
  wrapArray,
} from "../array/mod.ts";
import { chunksOf, relativeTo } from "./chunks.ts";
import { axisBlends, type Blend, blendAxis, type Blending } from "./downscale.ts";
import type { ZarrArray } from "./zarr_array.ts";

/** Axes that get smaller: z, y and x of the order `tczyx`. */
const SPACE = [2, 3, 4] as const;
/** Unpacked chunks that are kept, since neighbours need some of the same: about a megabyte each. */
const KEPT_CHUNKS = 32;

/** Elements that are made at a time. */
const PIECE = 2 ** 18;

/** Reads a chunk: full size, zeros beyond the array. */
type ReadChunk = (index: Five) => Promise<TypedArray>;

/**
 * The steps that fill `to` with a smaller copy of `from`, one unit of `to` each. They have to be done one after the
 * other.
 */
export function* shrinking(from: ZarrArray, to: ZarrArray, blending: Blending): Generator<() => Promise<void>> {
  const blends = five((_, i) => i).map((i) =>
    axisBlends(from.spec.shape[i] as number, to.spec.shape[i] as number, blending)
  );
  const readChunk = keeping((index) => from.readChunk(index));
  const { chunk, dtype, shape } = to.spec;
  const piece = pieceOf(chunk);
  for (const region of chunksOf(wholeRegion(shape), to.unit)) {
    yield async () => {
      const unit = createArray(dtype, regionShape(region));
      for (const part of chunksOf(region, piece)) {
        const values = await shrunk(from.spec.chunk, readChunk, part, blends);
        const elements = wrapArray(dtype, regionShape(part), rounded(values, dtype));
        copyArray(elements, subArray(unit, relativeTo(region, part)));
      }
      await to.write(region, unit);
    };
  }
}

/** A chunk, cut along its outer axes: the doubles that it is made of are eight times as many as its elements. */
function pieceOf(chunk: Five): Five {
  const sizes = [...chunk];
  for (const axis of SPACE) {
    const rest = sizes.reduce((product, n) => product * n, 1) / (sizes[axis] as number);
    sizes[axis] = Math.max(1, Math.min(sizes[axis] as number, Math.floor(PIECE / rest)));
  }
  return five((_, i) => sizes[i] as number);
}

/** A region of the smaller copy, as doubles in C order. */
async function shrunk(
  chunk: Five,
  readChunk: ReadChunk,
  region: Region,
  blends: readonly (readonly Blend[])[],
): Promise<Float64Array<ArrayBuffer>> {
  const wanted = blends.map((all, i) => all.slice(region.start[i], region.stop[i]));
  const low = five((_, i) => (wanted[i] ?? []).reduce((least, { from }) => Math.min(least, from[0] ?? 0), Infinity));
  const high = five((_, i) => (wanted[i] ?? []).reduce((most, { from }) => Math.max(most, from.at(-1) ?? 0), 0) + 1);
  let values = await readBox(chunk, readChunk, { start: low, stop: high });
  const sizes = high.map((stop, axis) => stop - (low[axis] as number));
  for (const axis of SPACE) {
    values = blendAxis(values, sizes, axis, low[axis], wanted[axis] ?? []);
    sizes[axis] = wanted[axis]?.length ?? 0;
  }
  return values;
}

/** A box of an array, as doubles in C order. */
async function readBox(chunk: Five, readChunk: ReadChunk, box: Region): Promise<Float64Array<ArrayBuffer>> {
  const out = new Float64Array(regionVolume(box));
  for (const part of chunksOf(box, chunk)) {
    const index = five((_, i) => Math.floor((part.start[i] as number) / (chunk[i] as number)));
    const corner = five((_, i) => (index[i] as number) * (chunk[i] as number));
    copyBox(await readChunk(index), chunk, corner, out, regionShape(box), box.start, part);
  }
  return out;
}

function copyBox(
  from: TypedArray,
  fromSize: Five,
  fromStart: Five,
  to: Float64Array,
  toSize: Five,
  toStart: Five,
  part: Region,
): void {
  const offset = (size: Five, start: Five, position: Five) =>
    position.reduce((flat, n, i) => flat * (size[i] as number) + n - (start[i] as number), 0);
  const [t0, c0, z0, y0, x0] = part.start;
  const [t1, c1, z1, y1, x1] = part.stop;
  for (let t = t0; t < t1; t++) {
    for (let c = c0; c < c1; c++) {
      for (let z = z0; z < z1; z++) {
        for (let y = y0; y < y1; y++) {
          const source = offset(fromSize, fromStart, [t, c, z, y, x0]);
          const target = offset(toSize, toStart, [t, c, z, y, x0]);
          setDoubles(to, target, from.subarray(source, source + x1 - x0));
        }
      }
    }
  }
}

function setDoubles(to: Float64Array, target: number, row: TypedArray): void {
  if (row instanceof BigInt64Array || row instanceof BigUint64Array) {
    for (let x = 0; x < row.length; x++) to[target + x] = Number(row[x]);
  } else {
    to.set(row, target);
  }
}

/** Reads chunks, and keeps those that were used last. */
function keeping(read: ReadChunk): ReadChunk {
  const kept = new Map<string, TypedArray>();
  return async (index) => {
    const key = index.join("/");
    const chunk = kept.get(key) ?? await read(index);
    kept.delete(key);
    kept.set(key, chunk);
    if (kept.size > KEPT_CHUNKS) { for (const oldest of [...kept.keys()].slice(0, 1)) kept.delete(oldest); }
    return chunk;
  };
}

/** Doubles as elements of a type: whole numbers are rounded, nothing leaves the type. */
function rounded(values: Float64Array<ArrayBuffer>, dtype: Dtype): TypedArray {
  if (isIntegerDtype(dtype)) {
    for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i] as number);
  }
  const shape: Five = [1, 1, 1, 1, values.length];
  return createCast({ source: "float64", target: dtype, wrap: false }).apply(wrapArray("float64", shape, values)).array
    .data;
}
