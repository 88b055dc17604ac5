/**
 * Texts of the export options and what they mean together (cli-and-io.md §5.1).
 *
 * @module
 */
import { type Axes, type Dtype, dtypeInfo, isIntegerDtype, parseAxes, type RangeMap, UserError } from "../array/mod.ts";

/** Element types that can be asked for. */
export const EXPORT_DTYPES: readonly Dtype[] = [
  "uint8",
  "uint16",
  "uint32",
  "int8",
  "int16",
  "int32",
  "float32",
  "float64",
];

/**
 * Reads `--export_dtype`.
 *
 * @throws {UserError} kind `usage`
 */
export function parseExportDtype(text: string): Dtype {
  const found = EXPORT_DTYPES.find((dtype) => dtype === text);
  if (found !== undefined) return found;
  throw new UserError("usage", `--export_dtype: unknown type \`${text}\``, {
    hint: `choose from ${EXPORT_DTYPES.join(" ")}`,
  });
}

/**
 * Reads `--output_axis_order`.
 *
 * @returns the axes, or `undefined` for an empty text
 * @throws {UserError} kind `usage`
 */
export function parseAxisOrder(text: string): Axes | undefined {
  if (text === "") return undefined;
  const axes = parseAxes(text.toLowerCase());
  if (axes !== undefined) return axes;
  throw new UserError("usage", `--output_axis_order: cannot use \`${text}\``, {
    hint: "give letters out of t z y x c, each at most once",
  });
}

/** Two numbers as they were written. */
export interface WrittenRange {
  /** Low and high end as written. */
  readonly ends: readonly [number, number];
  /** Whether the first one was written as a whole number (`0`, not `0.0`). */
  readonly integerLow: boolean;
}

const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?`;
const RANGE = new RegExp(String.raw`^\s*[(\[]\s*(?<low>${NUMBER})\s*,\s*(?<high>${NUMBER})\s*[)\]]\s*$`);

/**
 * Reads `(0.0,1.0)` or `[0,255]`.
 *
 * @param option the option, for messages
 * @throws {UserError} kind `usage`
 */
export function parseRange(text: string, option: string): WrittenRange {
  const { low, high } = RANGE.exec(text)?.groups ?? {};
  const ends = [Number(low), Number(high)] as const;
  if (low === undefined || high === undefined || !ends.every(Number.isFinite)) {
    throw new UserError("usage", `${option}: cannot read \`${text}\``, {
      hint: `two numbers are needed, as in ${option}=(0,255)`,
    });
  }
  return { ends, integerLow: /^-?\d+$/.test(low) };
}

/** The two range options of a run, from the command line or stored in the project. */
export interface RangeOptions {
  /** `--pipeline_result_drange` */
  readonly result?: WrittenRange;
  /** `--export_drange` */
  readonly exported?: WrittenRange;
  /** `--export_dtype` */
  readonly dtype?: Dtype;
  /** Whether the original's odd choices are reproduced (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/**
 * What the range options mean together: both are needed; with an integer type `--export_drange` defaults to all of it.
 *
 * @throws {UserError} kind `usage` for `--export_drange` alone
 */
export function pairRanges({ result, exported, dtype, compat, warn }: RangeOptions): RangeMap | undefined {
  if (result === undefined) {
    if (exported === undefined) return undefined;
    throw new UserError("usage", "--export_drange needs --pipeline_result_drange, the range it is made from", {
      hint: "for probabilities add --pipeline_result_drange=(0.0,1.0)",
    });
  }
  const { ends: from, integerLow } = result;
  if (exported !== undefined) return { from, integerLow, to: exported.ends };
  if (compat) return undefined;
  if (dtype === undefined || !isIntegerDtype(dtype)) {
    warn("--pipeline_result_drange is ignored without --export_drange");
    return undefined;
  }
  const { min, max } = dtypeInfo(dtype);
  warn(`--export_drange is not given: taken as (${min},${max}), all of ${dtype}`);
  return { from, integerLow, to: [min, max] };
}
