/**
 * Probabilities of one stage as pixels for the next (autocontext.md §3).
 *
 * @module
 */
import { type ArraySource, createArray, type Dtype, type NdArray, toDense } from "../../array/mod.ts";
import { mapBlocks } from "../../engine/mod.ts";

const INT32_MIN = -2147483648;
const INT64_MIN = -(2n ** 63n);
const TWO_POWER_64 = 18446744073709551616;

/**
 * What becomes of a probability (binary32), per element type of the raw image: the original's own arithmetic, with its
 * overflows. `f32` products are rounded to binary32, the others are double.
 */
const CASTS: Readonly<Record<Dtype, (x: number) => number | bigint>> = {
  bool: (x) => Math.trunc(Math.fround(255 * x)),
  uint8: (x) => Math.trunc(Math.fround(255 * x)),
  uint16: (x) => Math.trunc(Math.fround(65535 * x)),
  uint32: (x) => Math.trunc(4294967295 * x),
  uint64: (x) => x >= 1 ? 0n : BigInt(Math.trunc(TWO_POWER_64 * x)),
  int8: (x) => Math.trunc(Math.fround(Math.fround(255 * x) + 128)),
  int16: (x) => Math.trunc(Math.fround(Math.fround(65535 * x) + 32768)),
  int32: () => INT32_MIN,
  int64: () => INT64_MIN,
  float16: (x) => x,
  float32: (x) => x,
  float64: (x) => x,
};

/** Element types for which every probability becomes the same number. */
export const WITHOUT_INFORMATION: readonly Dtype[] = ["int32", "int64"];

/** Probabilities in the element type of the raw image. */
export function castProbabilities(probabilities: ArraySource, dtype: Dtype): ArraySource {
  if (dtype === "float32") return probabilities;
  const cast = CASTS[dtype];
  return mapBlocks(probabilities, { dtype }, (block): NdArray => {
    const from = toDense(block).data as Float32Array;
    const result = createArray(dtype, block.shape);
    // Typed arrays keep the low bits, as the casts of int8 and int16 need.
    const to = result.data as { [index: number]: number | bigint };
    for (let i = 0; i < from.length; i++) to[i] = cast(from[i] as number);
    return result;
  });
}
