/**
 * Smaller copies of an image, one axis after the other (cli-and-io.md §5.10).
 *
 * @module
 */
import { elementCount, type TypedArray } from "../array/mod.ts";

/** What one output position is made of: positions of the input and their weights, which sum to 1. */
export interface Blend {
  /** Positions that are read. */
  readonly from: readonly number[];
  /** Weight of each of them. */
  readonly weights: readonly number[];
}

/** How values are blended: labels keep their values, intensities are smoothed and interpolated. */
export type Blending = "nearest" | "linear";

/** Width of the smoothing in units of the scale factor. */
const SIGMA_PER_FACTOR = 1 / 4;
/** The Gaussian is cut at this many standard deviations. */
const TRUNCATE = 4;

/**
 * The blends of all output positions of an axis. The centre of output `i` is at `(i + ½) · f − ½` with
 * `f = input / output`; the image goes on as in a mirror that stands on the last pixel.
 */
export function axisBlends(input: number, output: number, blending: Blending): readonly Blend[] {
  const factor = input / output;
  const kernel = blending === "linear" && factor > 1 ? gaussian(factor * SIGMA_PER_FACTOR) : [1];
  const radius = (kernel.length - 1) / 2;
  return Array.from({ length: output }, (_, i) => {
    const center = (i + 0.5) * factor - 0.5;
    if (blending === "nearest") return { from: [Math.min(input - 1, Math.floor(center + 0.5))], weights: [1] };
    const low = Math.floor(center);
    const sums = new Map<number, number>();
    for (const [position, share] of [[low, 1 - (center - low)], [low + 1, center - low]] as const) {
      for (const [k, weight] of kernel.entries()) {
        const from = mirrored(position + k - radius, input);
        sums.set(from, (sums.get(from) ?? 0) + share * weight);
      }
    }
    const used = [...sums].filter(([, weight]) => weight !== 0).toSorted(([a], [b]) => a - b);
    return { from: used.map(([from]) => from), weights: used.map(([, weight]) => weight) };
  });
}

function gaussian(sigma: number): number[] {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const values = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

function mirrored(position: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const inside = ((position % period) + period) % period;
  return inside < size ? inside : period - inside;
}

/**
 * Blends along one axis of a C-order array.
 *
 * @param values the input
 * @param sizes its sizes
 * @param axis which axis
 * @param origin position of the input's first element on that axis
 * @param blends blends of the output positions wanted
 */
export function blendAxis(
  values: Float64Array<ArrayBuffer>,
  sizes: readonly number[],
  axis: number,
  origin: number,
  blends: readonly Blend[],
): Float64Array<ArrayBuffer> {
  const inner = elementCount(sizes.slice(axis + 1));
  const outer = elementCount(sizes.slice(0, axis));
  const length = sizes[axis] ?? 1;
  if (blends.length === length && blends.every(({ from }, i) => from.length === 1 && from[0] === origin + i)) {
    return values;
  }
  const out = new Float64Array(outer * blends.length * inner);
  const taps = flatTaps(blends, origin);
  if (inner === 1) blendLines(values, length, taps, out);
  else blendRows(values, length, inner, taps, out);
  return out;
}

/**
 * Copies along one axis of a C-order array what {@linkcode axisBlends} takes for labels: elements of any type, unchanged.
 *
 * @param into storage of the same type for the result
 * @returns `into`
 */
export function pickAxis<T extends TypedArray>(
  values: T,
  sizes: readonly number[],
  axis: number,
  origin: number,
  blends: readonly Blend[],
  into: T,
): T {
  const inner = elementCount(sizes.slice(axis + 1));
  const length = (sizes[axis] ?? 1) * inner;
  const [from, to] = [values as Uint8Array, into as Uint8Array];
  const starts = blends.map(({ from: [position = origin] }) => (position - origin) * inner);
  let at = 0;
  for (let block = 0; at < to.length; block += length) {
    for (const start of starts) {
      for (let n = 0; n < inner; n++) to[at++] = from[block + start + n] as number;
    }
  }
  return into;
}

/** Blends one behind the other: those of output `i` stand from `first[i]` to `first[i + 1]`. */
interface Taps {
  readonly first: Int32Array;
  readonly from: Int32Array;
  readonly weights: Float64Array;
}

function flatTaps(blends: readonly Blend[], origin: number): Taps {
  const first = new Int32Array(blends.length + 1);
  blends.forEach(({ from }, i) => first[i + 1] = (first[i] as number) + from.length);
  return {
    first,
    from: Int32Array.from(blends.flatMap(({ from }) => from.map((position) => position - origin))),
    weights: Float64Array.from(blends.flatMap(({ weights }) => weights)),
  };
}

/** Along the axis whose elements lie side by side. */
function blendLines(values: Float64Array, length: number, { first, from, weights }: Taps, out: Float64Array): void {
  const count = first.length - 1;
  let to = 0;
  for (let line = 0; to < out.length; line += length) {
    for (let i = 0; i < count; i++) {
      const stop = first[i + 1] as number;
      let sum = 0;
      for (let k = first[i] as number; k < stop; k++) {
        sum += (weights[k] as number) * (values[line + (from[k] as number)] as number);
      }
      out[to++] = sum;
    }
  }
}

/** Along an axis on which whole rows of `inner` elements follow each other. */
function blendRows(
  values: Float64Array,
  length: number,
  inner: number,
  { first, from, weights }: Taps,
  out: Float64Array,
): void {
  const count = first.length - 1;
  let to = 0;
  for (let block = 0; to < out.length; block += length * inner) {
    for (let i = 0; i < count; i++) {
      const stop = first[i + 1] as number;
      for (let k = first[i] as number; k < stop; k++) {
        const weight = weights[k] as number;
        const at = block + (from[k] as number) * inner;
        for (let n = 0; n < inner; n++) out[to + n] = (out[to + n] as number) + weight * (values[at + n] as number);
      }
      to += inner;
    }
  }
}
