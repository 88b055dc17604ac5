/**
 * Values of a range as whole numbers of another range, on another thread. In the library of file formats.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { asBytes } from "./numbers.ts";

/** Functions, each under its C declaration in `native/include/ilh_scale.h`. */
export const FUNCTIONS = {
  // int32_t ilh_scale_floats(const float *values, uint64_t count, const double *map, int32_t type, void *out,
  //                          uint64_t out_bytes, uint64_t *outside)
  ilh_scale_floats: {
    parameters: ["buffer", "u64", "buffer", "i32", "buffer", "u64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Types of the result, in the order of `ilh_scale_type`. */
const TYPES = [Uint8Array, Uint16Array, Int8Array, Int16Array] as const;

/** What values can become. */
export type ScaledNumbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>;

/** How values change: `start + (value - low) * ratio`, limited to `to` between the ends of `from`. */
export interface FloatScale {
  /** What becomes `start`. */
  readonly low: number;
  /** What `low` becomes. */
  readonly start: number;
  /** In single precision. */
  readonly ratio: number;
  /** Values between these … */
  readonly from: readonly [number, number];
  /** … stay between these. */
  readonly to: readonly [number, number];
}

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/**
 * Scales values and rounds them half to even; what does not fit the type becomes its nearest number, NaN 0.
 *
 * @param values must not change before the promise is settled
 * @param into gets the results; as long as `values`
 * @returns how many did not fit
 */
export async function scaleFloats(
  values: Float32Array<ArrayBuffer>,
  scale: FloatScale,
  into: ScaledNumbers,
): Promise<number> {
  const { low, start, ratio, from, to } = scale;
  const outside = new BigUint64Array(1);
  const type = TYPES.findIndex((Type) => into instanceof Type);
  const map = Float64Array.of(low, start, ratio, ...from, ...to);
  const [count, bytes] = [BigInt(values.length), BigInt(into.byteLength)];
  const code = await library().ilh_scale_floats(values, count, map, type, asBytes(into), bytes, outside);
  if (code !== 0) {
    const text = "impossible arguments";
    throw new NativeError("scale", "ilh_scale_floats", code, [{ function: "ilh_scale_floats", text }]);
  }
  return Number(outside[0]);
}
