/**
 * The rows that a forest is trained on, in the form that the kernels want.
 *
 * @module
 */
import {
  TRAIN_CODES,
  TRAIN_COUNTS,
  TRAIN_MAX_LABEL,
  type TrainFunctions,
  trainFunctions,
} from "../../ffi/kernels_train.ts";
import { UserError } from "../array/mod.ts";
import { inLanes, type TrainCalls } from "./train_calls.ts";

/** Labelled pixels. */
export interface LabelledRows {
  /** rows x F, row-major. */
  readonly features: Float32Array<ArrayBuffer>;
  /** Label of each row, 1 … 255. */
  readonly labels: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
}

/** Which rows to take. */
export interface RowChoice {
  /** Part of the rows, above 0 and up to 1. */
  readonly labelProportion: number;
  /** Whether the proportion is one that the project stores, not one that was asked for: decides whose error it is. */
  readonly stored: boolean;
  /** Seed of the random numbers. */
  readonly seed: bigint;
}

/** Table of the training. Buffers belong to it as long as a call runs. */
export interface TrainTable {
  /** rows x F, row-major. */
  readonly features: Float32Array<ArrayBuffer>;
  /** Rows of `features` that are trained on, ascending. */
  readonly index: Uint32Array<ArrayBuffer>;
  /** Class of each of them, from 0. */
  readonly classes: Uint8Array<ArrayBuffer>;
  /** Number of rows. */
  readonly rows: number;
  /** Number of feature columns. */
  readonly columns: number;
  /** Label of each class, ascending. */
  readonly knownLabels: readonly number[];
  /** Rows of each class. */
  readonly labelCounts: readonly number[];
  /** Rows that were left out because a feature is NaN or infinite. */
  readonly notFinite: number;
  /** F planes of ranks: `Uint16Array` or `Uint32Array`, by the number of rows. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** F planes of the values behind the ranks. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Labels as bytes. */
function labelBytes(labels: LabelledRows["labels"]): Uint8Array<ArrayBuffer> {
  const outside = labels.find((label) => label < 1 || label > TRAIN_MAX_LABEL);
  if (outside !== undefined) throw new RangeError(`Label ${outside} is not in 1…${TRAIN_MAX_LABEL}`);
  return labels instanceof Uint8Array ? labels : Uint8Array.from(labels);
}

/** What to say when a class has no row left. */
function classLost(counts: BigInt64Array<ArrayBuffer>, { labelProportion, stored }: RowChoice): UserError {
  const count = (start: number, label: number) => Number(counts[start + label] ?? 0n);
  const label =
    Array.from({ length: 256 }, (_, i) => i).find((i) =>
      count(TRAIN_COUNTS.before, i) > 0 && count(TRAIN_COUNTS.after, i) === 0
    ) ?? 0;
  const pixels = (n: number) => n === 1 ? "1 labelled pixel" : `${n} labelled pixels`;
  if (labelProportion < 1) {
    return new UserError(
      stored ? "project" : "usage",
      `Label ${label} has no pixel left to train on: label proportion ${labelProportion}${
        stored ? ", which the project stores," : ""
      } kept none of its ` +
        pixels(count(TRAIN_COUNTS.before, label)),
      { hint: "use a larger `--label-proportion` (1 takes all pixels) or another `--seed`" },
    );
  }
  return new UserError(
    "project",
    `Label ${label} has no pixel to train on: every one of its ` +
      `${pixels(count(TRAIN_COUNTS.before, label))} has a feature that is NaN or infinite`,
    { hint: "label pixels further away from NaN and infinite values of the image" },
  );
}

/** Ranks of all columns, a share of the columns per thread. */
async function makeCodes(
  c: TrainFunctions,
  table: Omit<TrainTable, "knownLabels" | "labelCounts" | "notFinite">,
  threads: number,
  calls: TrainCalls,
): Promise<void> {
  const { features, index, rows, columns, codes, values } = table;
  const share = Math.ceil(columns / threads);
  const firsts = Array.from({ length: Math.ceil(columns / share) }, (_, i) => i * share);
  const bytes = c.ilh_train_codes_bytes(BigInt(rows));
  await inLanes(
    firsts,
    threads,
    () => new Uint8Array(Number(bytes)),
    (first, scratch) =>
      calls.run((cancel) =>
        // deno-fmt-ignore
        c.ilh_train_codes(features, index, BigInt(rows), columns, first, Math.min(columns, first + share), codes, values,
        scratch, bytes, cancel)
      ),
  );
}

/**
 * Chooses the rows and ranks their values.
 *
 * @param threads how many calls may run at the same time
 * @throws {UserError} if a class has no row left
 */
export async function makeTrainTable(
  labelled: LabelledRows,
  choice: RowChoice,
  threads: number,
  calls: TrainCalls,
): Promise<TrainTable> {
  const c = trainFunctions();
  const labels = labelBytes(labelled.labels);
  const columns = labelled.features.length / labels.length;
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`${labelled.features.length} features are no rows for ${labels.length} labels`);
  }
  const room = new Uint32Array(labels.length);
  const counts = new BigInt64Array(TRAIN_COUNTS.length);
  const code = await calls.code(() =>
    // deno-fmt-ignore
    c.ilh_train_select(labelled.features, labels, BigInt(labels.length), columns, choice.labelProportion, choice.seed,
      room, counts)
  );
  if (code === TRAIN_CODES.classLost) throw classLost(counts, choice);
  if (code !== TRAIN_CODES.ok) throw new RangeError(`Rows to train on were refused with ${code}`);
  const rows = Number(counts[TRAIN_COUNTS.kept]);
  const index = room.subarray(0, rows);
  const after = Array.from(counts.subarray(TRAIN_COUNTS.after), Number);
  const knownLabels = after.flatMap((count, label) => count > 0 ? [label] : []);
  const classOf = new Uint8Array(256);
  knownLabels.forEach((label, i) => classOf[label] = i);
  const table: TrainTable = {
    features: labelled.features,
    index,
    classes: Uint8Array.from(index, (row) => classOf[labels[row] ?? 0] ?? 0),
    rows,
    columns,
    knownLabels,
    labelCounts: knownLabels.map((label) => after[label] ?? 0),
    notFinite: Number(counts[TRAIN_COUNTS.notFinite]),
    codes: new Uint8Array(rows * columns * c.ilh_train_code_bytes(BigInt(rows))),
    values: new Float32Array(rows * columns),
  };
  await makeCodes(c, table, threads, calls);
  return table;
}
