/**
 * Pixel Classification: features -> random forests -> probabilities (pixel-classification.md).
 *
 * @module
 */
import { type ArraySource, UserError } from "../../array/mod.ts";
import type { TrainedStage, TrainingInput } from "../../project/mod.ts";
import type { Lane, LaneContext, PreparedWorkflow, Result, Workflow } from "../types.ts";
import { checkAgainstTraining, checkSize } from "./check_input.ts";
import { checkMask } from "./mask.ts";
import { makeModel, type PixelModel } from "./model.ts";
import { planStage } from "./plan_training.ts";
import { Prediction } from "./predict.ts";
import { LABELS_WARNING, needsClassifier, sharing, STAGE_RESULTS, stageResult } from "./results.ts";
import { importanceText, openTrainingImages, trainStage } from "./train.ts";

/** The workflow's table. */
export const PIXEL_CLASSIFICATION: Workflow = {
  names: ["Pixel Classification", "PixelClassificationWorkflow"],
  title: "Pixel Classification",
  roles: [
    { name: "Raw Data", flag: "raw_data", required: true },
    { name: "Prediction Mask", flag: "prediction_mask", required: false },
  ],
  exportSources: STAGE_RESULTS,
  trainingOptions: ["retrain", "tree_count", "label_proportion"],
  sourceAliases: { "Segmentation": "Simple Segmentation" },
  async prepare(project, exportSources, training): Promise<PreparedWorkflow> {
    let stage = await project.pixelStage(0);
    const trained: TrainedStage[] = [];
    let importances: string | undefined;
    if (training !== undefined) {
      const images = await openTrainingImages(project, [stage], training);
      if (training.plan !== undefined) {
        stage = await planStage(project, stage, images, training, training.plan);
      } else {
        const result = await trainStage(project, stage, images, training);
        stage = result.stage;
        trained.push(result.trained);
        importances = importanceText(result);
      }
    }
    const model = makeModel(stage, project.path, exportSources.some(needsClassifier));
    const last = (await project.lastLane())[0];
    return {
      trained,
      ...(importances === undefined ? {} : { importances }),
      lane: (inputs, context) => openLane(model, last, inputs, context),
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
  checkAgainstTraining(input, training, model, context.info);
  checkSize(input, model);
  if (mask !== undefined) checkMask(mask, input);
  const prediction = new Prediction(model, input, mask, context.slots, sharing(context.exportSources));
  return {
    keptShare: 0,
    result(exportSource: string): Result {
      if (exportSource === "Labels") context.warn(LABELS_WARNING);
      return stageResult(exportSource, exportSource, prediction, model, input.axes);
    },
  };
}
