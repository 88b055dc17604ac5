/**
 * Conversion of pixel values: range mapping and element type, in NumPy's arithmetic (cli-and-io.md §5.6).
 *
 * Values pass through a small buffer of doubles that stays in the cache. Doubles hold all values of all types but
 * 64-bit integers exactly, and single precision is had by rounding after each operation, so one set of loops serves
 * every pair of types.
 *
 * @module
 */
import { allocate, type Dtype, dtypeInfo, isIntegerDtype, type TypedArray } from "./dtype.ts";
import { type NdArray, toDense, wrapArray } from "./nd_array.ts";

/** A linear map of a value range, both ranges as the user wrote them. */
export interface RangeMap {
  /** Values of the array that become the ends of `to`. */
  readonly from: readonly [number, number];
  /** Whether `from[0]` was written as a whole number (`0`, not `0.0`): NumPy then subtracts in the integer type. */
  readonly integerLow: boolean;
  /** Ends of the range that the values are mapped to. */
  readonly to: readonly [number, number];
}

/** What a conversion does. */
export interface CastRule {
  /** Element type of the values. */
  readonly source: Dtype;
  /** Element type that they get. */
  readonly target: Dtype;
  /** How values are mapped before the conversion. */
  readonly range?: RangeMap;
  /** Overflow wraps as in the original (compat D2, D3) instead of being limited to the target's range. */
  readonly wrap: boolean;
}

/** A converted block. */
export interface CastResult {
  /** The converted values. */
  readonly array: NdArray;
  /** How many values did not fit the target type: limited to it, or NaN that became 0. Always 0 when wrapping. */
  readonly outside: number;
}

/**
 * A map of a range in single precision: `start + (v − low) · ratio`, every step rounded. Values inside of `from` stay
 * inside of `to`. The result is rounded half to even.
 */
export interface SingleScale {
  /** What becomes `start`. */
  readonly low: number;
  /** What `low` becomes. */
  readonly start: number;
  /** How far the results of neighbours lie apart. */
  readonly ratio: number;
  /** Ends of the range that is mapped, the smaller one first. */
  readonly from: readonly [number, number];
  /** Ends of the range that it becomes, the smaller one first. */
  readonly to: readonly [number, number];
}

/** A ready conversion. */
export interface Cast {
  /** What is done. */
  readonly rule: CastRule;
  /** The ends of `range.from` after the conversion, in the target type; absent without a range. */
  readonly drange?: readonly [number, number];
  /** What is done to the values before they are limited to the type, where floats become whole numbers just so. */
  readonly single?: SingleScale;
  /** Converts a block. The result is dense, or the block itself when there is nothing to do. */
  apply(block: NdArray): CastResult;
}

/** Prepares a conversion. */
export function createCast(rule: CastRule): Cast {
  const { source, target, range } = rule;
  if (range === undefined && source === target) {
    return { rule, apply: (block) => ({ array: block, outside: 0 }) };
  }
  const scale = range === undefined ? undefined : createScale(rule, range);
  const rounds = scale !== undefined && !isIntegerDtype(source) && isIntegerDtype(target);

  const convert = (from: TypedArray, into: TypedArray): number => {
    let outside = 0;
    for (let start = 0; start < from.length; start += BUFFER) {
      const length = Math.min(BUFFER, from.length - start);
      const values = new Float64Array(scratch.buffer, 0, length);
      load(from, start, values, scale === undefined && rule.wrap ? target : undefined);
      scale?.apply(values);
      if (rounds) roundHalfEven(values);
      if (!rule.wrap) outside += saturate(values, target);
      else if (scale !== undefined || !isIntegerDtype(source)) prepareWrap(values, target);
      store(values, into, start);
    }
    return outside;
  };

  return {
    rule,
    ...(scale === undefined ? {} : { drange: convertedRange(scale, rounds, rule) }),
    ...(scale === undefined || source !== "float32" || !rounds || rule.wrap ? {} : { single: singleScale(scale) }),
    apply(block) {
      const dense = toDense(block);
      const data = allocate(target, dense.data.length);
      const outside = convert(dense.data, data);
      return { array: wrapArray(target, block.shape, data), outside };
    },
  };
}

/** Elements per pass: 64 KiB of doubles. */
const BUFFER = 8192;
const scratch = new Float64Array(BUFFER);

/** Values between `from` become values between `to`, whatever rounding says; an empty `from` limits nothing. */
interface Limits {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

const NO_LIMITS: Limits = { from: [Infinity, -Infinity], to: [0, 0] };

type Change = (values: Float64Array) => void;

interface Scale {
  readonly range: RangeMap;
  /** `(q − p) / (hi − lo)` rounded to single precision; 0 for an empty input range. */
  readonly ratio: number;
  readonly limits: Limits;
  readonly apply: Change;
}

/** Ranges closer together than this are empty (NumPy's `isclose` to 0). */
const CLOSE_TO_ZERO = 1e-8;

function createScale(rule: CastRule, range: RangeMap): Scale {
  const [lo, hi] = range.from;
  const [p, q] = range.to;
  const ratio = Math.abs(hi - lo) <= CLOSE_TO_ZERO ? 0 : Math.fround((q - p) / (hi - lo));
  // Whole numbers meet the ends of their range exactly: `hi` becomes `q` and not the next number in single precision.
  const exact = !rule.wrap && isIntegerDtype(rule.target);
  const limits = exact ? { from: sorted(range.from), to: sorted(range.to) } : NO_LIMITS;
  return { range, ratio, limits, apply: arithmetic(rule, range, ratio, limits) };
}

function singleScale({ range: { from: [low], to: [start] }, ratio, limits }: Scale): SingleScale {
  return { low: Math.fround(low), start: Math.fround(start), ratio, ...limits };
}

/** `v = p + (a − lo) · ratio` in the type that NumPy gives it. */
function arithmetic({ source, wrap }: CastRule, range: RangeMap, ratio: number, limits: Limits): Change {
  const [lo] = range.from;
  const [p] = range.to;
  if (source === "float32") return scaleSingle({ low: Math.fround(lo), start: Math.fround(p), ratio, ...limits });
  if (source === "float16") return scaleHalf(Math.f16round(lo), Math.f16round(p), Math.f16round(ratio), limits);
  if (source === "float64" || source === "bool" || !range.integerLow) return scaleDouble(lo, p, ratio, limits);
  const type = differenceType(source, lo);
  // The difference is a whole number of its own type; limits move along.
  const moved = { from: [limits.from[0] - lo, limits.from[1] - lo], to: limits.to } as const;
  const scaleDifference = dtypeInfo(type).bytes < 4
    ? scaleSingle({ low: 0, start: Math.fround(p), ratio, ...moved })
    : scaleDouble(0, p, ratio, moved);
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - lo;
    if (wrap) modulo(values, type);
    scaleDifference(values);
  };
}

/** All operations rounded to single precision. */
function scaleSingle({ low, start, ratio, from, to }: SingleScale): Change {
  const [fromLow, fromHigh] = from;
  const [toLow, toHigh] = to;
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const input = values[i] as number;
      let value = Math.fround(start + Math.fround(Math.fround(input - low) * ratio));
      if (input >= fromLow && input <= fromHigh) value = value < toLow ? toLow : value > toHigh ? toHigh : value;
      values[i] = value;
    }
  };
}

/** All operations rounded to half precision. */
function scaleHalf(lo: number, p: number, ratio: number, { from, to }: Limits): Change {
  const [fromLow, fromHigh] = from;
  const [toLow, toHigh] = to;
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const input = values[i] as number;
      let value = Math.f16round(p + Math.f16round(Math.f16round(input - lo) * ratio));
      if (input >= fromLow && input <= fromHigh) value = value < toLow ? toLow : value > toHigh ? toHigh : value;
      values[i] = value;
    }
  };
}

function scaleDouble(lo: number, p: number, ratio: number, { from, to }: Limits): Change {
  const [fromLow, fromHigh] = from;
  const [toLow, toHigh] = to;
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const input = values[i] as number;
      let value = p + (input - lo) * ratio;
      if (input >= fromLow && input <= fromHigh) value = value < toLow ? toLow : value > toHigh ? toHigh : value;
      values[i] = value;
    }
  };
}

/** The integer types by growing size; NumPy takes the first that holds both the array's values and the number. */
const UNSIGNED: readonly Dtype[] = ["uint8", "uint16", "uint32", "uint64"];
const SIGNED: readonly Dtype[] = ["int8", "int16", "int32", "int64"];

/** Type of `array − lo` for integer arrays and whole numbers `lo` (NumPy 1 value-based promotion). */
function differenceType(source: Dtype, lo: number): Dtype {
  const { min, max } = dtypeInfo(source);
  const family = min === 0 && lo >= 0 ? UNSIGNED : SIGNED;
  const low = Math.min(min, lo);
  const high = Math.max(max, lo);
  return family.find((type) => dtypeInfo(type).min <= low && high <= dtypeInfo(type).max) ?? "float64";
}

function sorted([a, b]: readonly [number, number]): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}

/** Doubles from here on have no fractions that adding and subtracting 1.5 · 2⁵² could round. */
const FRACTIONS_END = 2 ** 51;
const ROUNDER = 6755399441055744;

function roundHalfEven(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value > -FRACTIONS_END && value < FRACTIONS_END) values[i] = value + ROUNDER - ROUNDER;
  }
}

/** Makes values fit the target type; returns how many did not. */
function saturate(values: Float64Array, target: Dtype): number {
  if (target === "float64") return 0;
  return isIntegerDtype(target) ? saturateInteger(values, target) : saturateFloat(values, target);
}

function saturateInteger(values: Float64Array, target: Dtype): number {
  const { min, max } = dtypeInfo(target);
  let outside = 0;
  for (let i = 0; i < values.length; i++) {
    let value = Math.trunc(values[i] as number);
    if (value > max) {
      value = max;
      outside++;
    } else if (value < min) {
      value = min;
      outside++;
    } else if (Number.isNaN(value)) {
      value = 0;
      outside++;
    }
    values[i] = value;
  }
  return outside;
}

/** Infinities stay; finite values beyond the largest number become that number. */
function saturateFloat(values: Float64Array, target: Dtype): number {
  const { max } = dtypeInfo(target);
  const round = target === "float16" ? Math.f16round : Math.fround;
  let outside = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isFinite(value) && !Number.isFinite(round(value))) {
      values[i] = Math.sign(value) * max;
      outside++;
    }
  }
  return outside;
}

/**
 * Prepares floating point values so that storing them, which takes them modulo 2ⁿ, does what the original's casts do on
 * x86: small types go through int32, whose conversion gives 0x80000000 for everything that does not fit.
 */
function prepareWrap(values: Float64Array, target: Dtype): void {
  const { bytes, kind } = dtypeInfo(target);
  if (kind === "f" || bytes === 8) return;
  if (target === "uint32") wrapUint32(values);
  else wrapInt32(values);
}

const TWO_31 = 2 ** 31;
const TWO_32 = 2 ** 32;

function wrapInt32(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = Math.trunc(values[i] as number);
    values[i] = value >= -TWO_31 && value < TWO_31 ? value : -TWO_31;
  }
}

function wrapUint32(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = Math.trunc(values[i] as number);
    if (value >= 0) values[i] = value < TWO_32 ? value : 0;
    else values[i] = value >= -TWO_31 && value < 0 ? value + TWO_32 : TWO_31;
  }
}

/** Whole numbers modulo 2ⁿ; 64-bit results stay exact enough as doubles. */
function modulo(values: Float64Array, target: Dtype): void {
  if (dtypeInfo(target).bytes === 8) return;
  const stored = allocate(target, values.length) as Uint8Array;
  stored.set(values);
  values.set(stored);
}

/** Elements as doubles. `wrapTarget`: keep the low bits of 64-bit integers, for wrapping into that type. */
function load(from: TypedArray, start: number, values: Float64Array, wrapTarget: Dtype | undefined): void {
  const part = from.subarray(start, start + values.length);
  if (!(part instanceof BigInt64Array || part instanceof BigUint64Array)) {
    values.set(part);
    return;
  }
  const low = wrapTarget !== undefined && isIntegerDtype(wrapTarget);
  for (let i = 0; i < values.length; i++) {
    const value = part[i] as bigint;
    values[i] = Number(low ? BigInt.asIntN(32, value) : value);
  }
}

const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

function store(values: Float64Array, into: TypedArray, start: number): void {
  if (into instanceof BigInt64Array || into instanceof BigUint64Array) {
    const max = into instanceof BigInt64Array ? MAX_INT64 : MAX_UINT64;
    for (let i = 0; i < values.length; i++) {
      const value = Math.trunc(values[i] as number);
      const whole = BigInt(Number.isFinite(value) ? value : 0);
      into[start + i] = whole > max ? max : whole;
    }
    return;
  }
  into.set(values, start);
}

/** What the ends of the input range become: the same map in doubles, then the cast (§5.6 step 5). */
function convertedRange(scale: Scale, rounds: boolean, rule: CastRule): readonly [number, number] {
  const { from, to } = scale.range;
  const values = Float64Array.from(from);
  scaleDouble(from[0], to[0], scale.ratio, scale.limits)(values);
  if (rounds) roundHalfEven(values);
  if (rule.wrap) prepareWrap(values, rule.target);
  else saturate(values, rule.target);
  const ends = allocate(rule.target, 2);
  store(values, ends, 0);
  return [Number(ends[0]), Number(ends[1])];
}
