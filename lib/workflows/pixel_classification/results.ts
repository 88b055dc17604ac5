/**
 * The results that a stage of pixel classification gives, in one table (pixel-classification.md §4.2).
 *
 * @module
 */
import type { ArraySource, Axes } from "../../array/mod.ts";
import { joined } from "../../engine/mod.ts";
import { outputAxes } from "../axes.ts";
import type { Result } from "../types.ts";
import type { PixelModel } from "./model.ts";
import type { Prediction, Share } from "./predict.ts";

interface ResultRow {
  readonly read: (prediction: Prediction) => ArraySource;
  /** Range of all values, where it is known. */
  readonly valueRange?: (model: PixelModel) => readonly [number, number];
  /** Whether values measure something, unlike numbers of labels. */
  readonly continuous: boolean;
  /** Whether the forests are needed. */
  readonly trained: boolean;
}

const ROWS: Readonly<Record<string, ResultRow>> = {
  "Probabilities": {
    read: (prediction) => prediction.probabilities(),
    valueRange: () => [0, 1],
    continuous: true,
    trained: true,
  },
  "Simple Segmentation": {
    read: (prediction) => prediction.segmentation(),
    valueRange: (model) => [1, Math.max(1, model.labelNames.length)],
    continuous: false,
    trained: true,
  },
  "Uncertainty": {
    read: (prediction) => prediction.uncertainty(),
    valueRange: () => [0, 1],
    continuous: true,
    trained: true,
  },
  "Features": { read: (prediction) => prediction.features(), continuous: true, trained: false },
  "Labels": {
    read: (prediction) => prediction.labels(),
    valueRange: () => [0, 0],
    continuous: false,
    trained: false,
  },
};

/** Names of the results, as ilastik lists them; the first is the default. */
export const STAGE_RESULTS: readonly string[] = Object.keys(ROWS);

/** Whether a result is computed by the forests. */
export function needsClassifier(name: string): boolean {
  return ROWS[name]?.trained ?? false;
}

/** How results of a stage that are read together share its probabilities; `undefined` when only one needs them. */
export function sharing(names: readonly string[]): Share | undefined {
  const readers = names.filter(needsClassifier).length;
  return readers > 1 ? (probabilities) => joined(probabilities, readers) : undefined;
}

/**
 * A result of a stage.
 *
 * @param name one of {@linkcode STAGE_RESULTS}
 * @param listed the name in the workflow's list of export sources
 * @param inputAxes axes of the raw image
 */
export function stageResult(
  name: string,
  listed: string,
  prediction: Prediction,
  model: PixelModel,
  inputAxes: Axes,
): Result {
  const row = ROWS[name];
  if (row === undefined) throw new RangeError(`no result ${name}`);
  const valueRange = row.valueRange?.(model);
  return {
    name: listed,
    source: row.read(prediction),
    outputAxes: outputAxes(inputAxes),
    continuous: row.continuous,
    ...(valueRange === undefined ? {} : { valueRange }),
  };
}

/** What a user should know about the zeros of a label result. */
export const LABELS_WARNING =
  "the source Labels holds the labels drawn in ilastik; a batch image has none, so all values are 0";
