/**
 * How pixel values fit image formats that hold only some element types (cli-and-io.md §5.5, value conversion).
 *
 * @module
 */
import { allocate, type Dtype, dtypeInfo, isIntegerDtype, type TypedArray, UserError } from "../array/mod.ts";
import type { OutputPlan } from "./types.ts";

/** How values of an output become those of an image. */
export type ImageValues =
  /** As they are; `bool` as 0 and 1. */
  | { readonly kind: "same"; readonly dtype: Dtype }
  /** Whole numbers in another type; one that does not fit is an error. */
  | { readonly kind: "exact"; readonly dtype: "uint8" | "uint16" }
  /** A known range becomes 0…255. */
  | { readonly kind: "scaled"; readonly dtype: "uint8"; readonly range: readonly [number, number] }
  /** Smallest and largest value of each image become 0 and 255, as in the original (compat D1). */
  | { readonly kind: "stretched"; readonly dtype: "uint8" };

/** What a format can hold, for the choice of values and for messages. */
export interface ImageTypes {
  /** Name. */
  readonly name: string;
  /** Element types that are written as they are. */
  readonly dtypes: readonly Dtype[];
  /** Those of {@linkcode ImageTypes.dtypes} that the original stretches instead. */
  readonly stretchedInCompat?: readonly Dtype[];
}

/**
 * Chooses how values are stored.
 *
 * @throws {UserError} kind `usage` when the format cannot hold them; names the options that help
 */
export function imageValues(plan: OutputPlan, format: ImageTypes): ImageValues {
  const { dtype, valueRange, compat } = plan;
  if (dtype === "bool" && format.dtypes.includes("uint8")) return { kind: "same", dtype: "uint8" };
  const kept = format.dtypes.includes(dtype) && !(compat && format.stretchedInCompat?.includes(dtype));
  if (kept) return { kind: "same", dtype };
  if (!format.dtypes.includes("uint8")) throw cannotHold(plan, format);
  if (compat) return { kind: "stretched", dtype: "uint8" };
  const exact = exactType(plan, format);
  if (exact !== undefined) return { kind: "exact", dtype: exact };
  if (valueRange === undefined || !plan.continuous) throw cannotHold(plan, format);
  return { kind: "scaled", dtype: "uint8", range: valueRange };
}

/** The type that holds whole numbers as they are: the largest known value decides, never the data. */
function exactType({ dtype, valueRange }: OutputPlan, { dtypes }: ImageTypes): "uint8" | "uint16" | undefined {
  if (!isIntegerDtype(dtype)) return undefined;
  const [low, high] = valueRange ?? [0, 0];
  if (low < 0) return undefined;
  if (dtypes.includes("uint16")) return high <= 65535 ? "uint16" : undefined;
  return valueRange !== undefined && high <= 255 ? "uint8" : undefined;
}

function cannotHold(plan: OutputPlan, { name, dtypes }: ImageTypes): UserError {
  const [first = "uint8"] = dtypes;
  const hint = !dtypes.includes("uint8")
    ? `add --export_dtype=${first}`
    : isIntegerDtype(plan.dtype)
    ? "use --output_format=tiff, or add --export_dtype=uint8 if all values are at most 255"
    : "add --export_dtype=uint8 with --pipeline_result_drange=(LOW,HIGH) --export_drange=(0,255), or use --output_format=tiff";
  return new UserError("usage", `${name} cannot hold ${plan.dtype}, only ${dtypes.join(", ")}`, { hint });
}

/** One line about a conversion that changes values, for `warn`. */
export function conversionText(values: ImageValues, { name }: ImageTypes, plan: OutputPlan): string | undefined {
  if (values.kind !== "scaled") return undefined;
  const [low, high] = values.range;
  return `${name} cannot hold ${plan.dtype}: values ${low}…${high} are written as 0…255; ` +
    "choose the range with --export_dtype=uint8 --pipeline_result_drange=(LOW,HIGH) --export_drange=(0,255)";
}

/** Smallest and largest value of an image, found piece by piece: NaN is neither, unless it comes first. */
export class Extremes {
  #min = NaN;
  #max = NaN;
  #begun = false;

  /** The smallest; NaN before the first pixel. */
  get min(): number {
    return this.#min;
  }

  /** The largest; NaN before the first pixel. */
  get max(): number {
    return this.#max;
  }

  /** Looks at more pixels. */
  add(pixels: TypedArray): void {
    let min = this.#begun ? this.#min : Number(pixels[0]);
    let max = this.#begun ? this.#max : min;
    for (const pixel of pixels) {
      const value = Number(pixel);
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.#min = min;
    this.#max = max;
    this.#begun = true;
  }
}

/**
 * Converts pixels.
 *
 * @param extremes of the image, for `stretched`
 * @throws {UserError} kind `output` for a whole number that does not fit
 */
export function convertPixels(pixels: TypedArray, values: ImageValues, extremes = new Extremes()): TypedArray {
  if (values.kind === "same") return pixels;
  const converted = allocate(values.dtype, pixels.length) as Uint8Array<ArrayBuffer>;
  const map = values.kind === "exact"
    ? exactly(values.dtype)
    : values.kind === "scaled"
    ? scaling(values.range)
    : stretching(extremes);
  for (let i = 0; i < pixels.length; i++) converted[i] = map(Number(pixels[i]));
  return converted;
}

function exactly(dtype: "uint8" | "uint16"): (value: number) => number {
  const { max } = dtypeInfo(dtype);
  return (value) => {
    if (value >= 0 && value <= max) return value;
    throw new UserError("output", `the value ${value} does not fit into ${dtype}, the largest type of this format`, {
      hint: "use --output_format=tiff",
    });
  };
}

/** `rint((v − lo) · 255 / (hi − lo))`, limited to 0…255; NaN becomes 0. */
function scaling([low, high]: readonly [number, number]): (value: number) => number {
  const factor = high > low ? 255 / (high - low) : 0;
  return (value) => {
    const scaled = Math.max(0, Math.min((value - low) * factor, 255));
    return Number.isNaN(scaled) ? 0 : halfEven(scaled);
  };
}

function halfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/**
 * `round_half_up(scale · (v − min))` with `scale = 255 / (max − min)` in double precision, as vigra computes it: NaN
 * becomes 0; so does an image of one value, or one whose first pixel is NaN.
 */
function stretching({ min, max }: Extremes): (value: number) => number {
  const scale = 255 / (max - min);
  return (value) => {
    const scaled = scale * (value - min);
    return scaled >= 0 ? Math.min(255, Math.floor(scaled + 0.5)) : 0;
  };
}
