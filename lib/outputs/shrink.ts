/**
 * Smaller copies of arrays of Zarr stores, piece by piece.
 *
 * @module
 */
import {
  allocate,
  copyArray,
  createArray,
  createCast,
  type Dtype,
  elementCount,
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
import { axisBlends, type Blend, blendAxis, type Blending, pickAxis } from "./downscale.ts";
import type { ZarrArray, ZarrSpec } from "./zarr_array.ts";

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
        const values = blending === "nearest"
          ? await picked(from.spec, readChunk, part, blends)
          : rounded(await blended(from.spec, readChunk, part, blends), dtype);
        copyArray(wrapArray(dtype, regionShape(part), values), subArray(unit, relativeTo(region, part)));
      }
      await to.write(region, unit);
    };
  }
}

/** A chunk, cut along its outer axes: the doubles that it is made of are eight times as many as its elements. */
function pieceOf(chunk: Five): Five {
  const sizes = [...chunk];
  for (const axis of SPACE) {
    const rest = elementCount(sizes) / (sizes[axis] as number);
    sizes[axis] = Math.max(1, Math.min(sizes[axis] as number, Math.floor(PIECE / rest)));
  }
  return five((_, i) => sizes[i] as number);
}

/** A region of the smaller copy, blended, as doubles in C order. */
async function blended(
  { chunk }: ZarrSpec,
  readChunk: ReadChunk,
  region: Region,
  blends: readonly (readonly Blend[])[],
): Promise<Float64Array<ArrayBuffer>> {
  const { box, sizes, wanted } = needed(region, blends);
  let values = new Float64Array(regionVolume(box));
  await readBox(chunk, readChunk, box, values);
  for (const axis of SPACE) {
    values = blendAxis(values, sizes, axis, box.start[axis], wanted[axis] ?? []);
    sizes[axis] = wanted[axis]?.length ?? 0;
  }
  return values;
}

/** A region of the smaller copy, made of elements of the larger one, in C order. */
async function picked(
  { chunk, dtype }: ZarrSpec,
  readChunk: ReadChunk,
  region: Region,
  blends: readonly (readonly Blend[])[],
): Promise<TypedArray> {
  const { box, sizes, wanted } = needed(region, blends);
  let values = allocate(dtype, regionVolume(box));
  await readBox(chunk, readChunk, box, values);
  for (const axis of SPACE) {
    const count = wanted[axis]?.length ?? 0;
    const into = allocate(dtype, values.length / (sizes[axis] as number) * count);
    values = pickAxis(values, sizes, axis, box.start[axis], wanted[axis] ?? [], into);
    sizes[axis] = count;
  }
  return values;
}

/** What a region of the smaller copy is made of. */
interface Needed {
  /** Part of the larger array. */
  readonly box: Region;
  /** Sizes of the box, which become those of the region axis by axis. */
  readonly sizes: number[];
  /** Blends of the region, for each axis. */
  readonly wanted: readonly (readonly Blend[])[];
}

function needed(region: Region, blends: readonly (readonly Blend[])[]): Needed {
  const wanted = blends.map((all, i) => all.slice(region.start[i], region.stop[i]));
  const low = five((_, i) => (wanted[i] ?? []).reduce((least, { from }) => Math.min(least, from[0] ?? 0), Infinity));
  const high = five((_, i) => (wanted[i] ?? []).reduce((most, { from }) => Math.max(most, from.at(-1) ?? 0), 0) + 1);
  return { box: { start: low, stop: high }, sizes: high.map((stop, i) => stop - (low[i] as number)), wanted };
}

/** Reads a box of an array into `out`, C order: doubles, or elements of the array's own type. */
async function readBox(chunk: Five, readChunk: ReadChunk, box: Region, out: TypedArray): Promise<void> {
  for (const part of chunksOf(box, chunk)) {
    const index = five((_, i) => Math.floor((part.start[i] as number) / (chunk[i] as number)));
    const corner = five((_, i) => (index[i] as number) * (chunk[i] as number));
    copyBox(await readChunk(index), chunk, corner, out, regionShape(box), box.start, part);
  }
}

function copyBox(
  from: TypedArray,
  fromSize: Five,
  fromStart: Five,
  to: TypedArray,
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
          setRow(to, target, from.subarray(source, source + x1 - x0));
        }
      }
    }
  }
}

function setRow(to: TypedArray, target: number, row: TypedArray): void {
  const whole = row instanceof BigInt64Array || row instanceof BigUint64Array;
  if (whole && to instanceof Float64Array) {
    for (let x = 0; x < row.length; x++) to[target + x] = Number(row[x]);
  } else {
    (to as Uint8Array).set(row as Uint8Array, target);
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
