/**
 * Pixel Classification: features -> random forests -> probabilities (pixel-classification.md).
 *
 * @module
 */
import { type ArraySource, UserError } from "../../array/mod.ts";
import type { Project, TrainingInput } from "../../project/mod.ts";
import { outputAxes } from "../axes.ts";
import type { Lane, LaneContext, PreparedWorkflow, Result, Workflow } from "../types.ts";
import { checkAgainstTraining, checkSize } from "./check_input.ts";
import { checkMask } from "./mask.ts";
import { makeModel, type PixelModel } from "./model.ts";
import { Prediction } from "./predict.ts";

/** What each export source is made of, and what is known of its values. */
const SOURCES: Readonly<
  Record<string, {
    readonly read: (prediction: Prediction) => ArraySource;
    readonly valueRange?: (model: PixelModel) => readonly [number, number];
    readonly continuous: boolean;
  }>
> = {
  "Probabilities": {
    read: (prediction) => prediction.probabilities(),
    valueRange: () => [0, 1],
    continuous: true,
  },
  "Simple Segmentation": {
    read: (prediction) => prediction.segmentation(),
    valueRange: (model) => [1, Math.max(1, model.labelNames.length)],
    continuous: false,
  },
  "Uncertainty": { read: (prediction) => prediction.uncertainty(), valueRange: () => [0, 1], continuous: true },
  "Features": { read: (prediction) => prediction.features(), continuous: true },
  "Labels": { read: (prediction) => prediction.labels(), valueRange: () => [0, 0], continuous: false },
};
/** Sources that need no classifier. */
const UNTRAINED: readonly string[] = ["Features", "Labels"];

/** The workflow's table. */
export const PIXEL_CLASSIFICATION: Workflow = {
  names: ["Pixel Classification", "PixelClassificationWorkflow"],
  title: "Pixel Classification",
  roles: [
    { name: "Raw Data", flag: "raw_data", required: true },
    { name: "Prediction Mask", flag: "prediction_mask", required: false },
  ],
  exportSources: Object.keys(SOURCES),
  sourceAliases: { "Segmentation": "Simple Segmentation" },
  async prepare(project: Project, exportSources: readonly string[]): Promise<PreparedWorkflow> {
    const needsClassifier = exportSources.some((name) => !UNTRAINED.includes(name));
    const model = makeModel(await project.pixelStage(0), project.path, needsClassifier);
    const training = (await project.lastLane())[0];
    return {
      lane: (inputs, context) => openLane(model, training, inputs, context),
      [Symbol.dispose]: () => {},
    };
  },
};

function openLane(
  model: PixelModel,
  training: TrainingInput | undefined,
  inputs: readonly (ArraySource | undefined)[],
  context: LaneContext,
): Lane {
  const [input, mask] = inputs;
  if (input === undefined) throw new UserError("usage", "an image is missing", { hint: "give it with --raw_data" });
  checkAgainstTraining(input, training, model);
  checkSize(input, model);
  if (mask !== undefined) checkMask(mask, input);
  const prediction = new Prediction(model, input, mask, context.slots);
  return {
    result(exportSource: string): Result {
      const row = SOURCES[exportSource];
      if (row === undefined) throw new RangeError(`no export source ${exportSource}`);
      if (exportSource === "Labels") {
        context.warn(
          "the source Labels holds the labels drawn in ilastik; a batch image has none, so all values are 0",
        );
      }
      const valueRange = row.valueRange?.(model);
      return {
        name: exportSource,
        source: row.read(prediction),
        outputAxes: outputAxes(input.axes),
        continuous: row.continuous,
        ...(valueRange === undefined ? {} : { valueRange }),
      };
    },
    [Symbol.dispose]: () => {},
  };
}
