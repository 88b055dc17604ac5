/**
 * Conversion of blocks while they are written. What is asked for most, probabilities as small whole numbers, is done on
 * another thread; its definition is that of `lib/array`.
 *
 * @module
 */
import { type ScaledNumbers, scaleFloats } from "../../ffi/scale.ts";
import { borrowArray, type Cast, type CastResult, type Dtype, type NdArray, toDense } from "../array/mod.ts";

const SMALL: readonly Dtype[] = ["uint8", "uint16", "int8", "int16"];

/** Converts a block, as {@linkcode Cast.apply} does. */
export async function castBlock(cast: Cast, block: NdArray): Promise<CastResult> {
  const { single, rule: { target } } = cast;
  if (single === undefined || !SMALL.includes(target)) return cast.apply(block);
  const array = borrowArray(target, block.shape, block);
  const values = toDense(block).data as Float32Array<ArrayBuffer>;
  const outside = await scaleFloats(values, single, array.data as ScaledNumbers);
  return { array, outside };
}
