/**
 * Autocontext: pixel classifications in a row, each seeing the raw image and the probabilities of the one before
 * (autocontext.md).
 *
 * @module
 */
import { type ArraySource, UserError } from "../../array/mod.ts";
import { cached, chooseBlocks, stackChannels } from "../../engine/mod.ts";
import type { Project, TrainingInput } from "../../project/mod.ts";
import { internalAxes, outputAxes } from "../axes.ts";
import { checkAgainstTraining, checkSize } from "../pixel_classification/check_input.ts";
import { makeModel, type PixelModel } from "../pixel_classification/model.ts";
import { Prediction } from "../pixel_classification/predict.ts";
import { LABELS_WARNING, needsClassifier, STAGE_RESULTS, stageResult } from "../pixel_classification/results.ts";
import type { Lane, LaneContext, PreparedWorkflow, Result, Workflow } from "../types.ts";
import { castProbabilities, WITHOUT_INFORMATION } from "./cast_probabilities.ts";

const STAGES = 2;
const INPUT = "Input";
const ALL_STAGES = "Probabilities All Stages";
/** Share of the memory in which probabilities of stage 1 are kept. */
const CACHE_SHARE = 0.25;

const stageNames = (stage: number): string[] => [...STAGE_RESULTS, INPUT].map((name) => `${name} Stage ${stage}`);

/** The workflow's table. */
export const AUTOCONTEXT: Workflow = {
  names: ["AutocontextTwoStage", "Autocontext (2-stage)"],
  title: "Autocontext (2-stage)",
  roles: [
    { name: "Raw Data", flag: "raw_data", required: true },
    { name: "Prediction Mask", flag: "prediction_mask", required: false },
  ],
  exportSources: [...stageNames(2), ...stageNames(1), ALL_STAGES],
  sourceAliases: {
    "Propabilities All Stages": ALL_STAGES,
    ...Object.fromEntries([...STAGE_RESULTS, INPUT].map((name) => [name, `${name} Stage 2`])),
    "Segmentation": "Simple Segmentation Stage 2",
  },
  async prepare(project: Project, exportSources: readonly string[]): Promise<PreparedWorkflow> {
    const models: PixelModel[] = [];
    for (let stage = 1; stage <= STAGES; stage++) {
      if (!exportSources.some((source) => uses(source, stage))) continue;
      const origin = `${project.path} (stage ${stage})`;
      const trained = exportSources.some((source) => predicts(source, stage));
      models.push(makeModel(await project.pixelStage(stage - 1), origin, trained));
    }
    const training = (await project.lastLane())[0];
    return { lane: (inputs, context) => openLane(models, training, inputs, context) };
  },
};

/** Name and stage of an export source; stage 0 for that of all stages. */
function parse(source: string): { name: string; stage: number } {
  const match = /^(.*) Stage ([12])$/.exec(source);
  return match === null ? { name: source, stage: 0 } : { name: match[1] ?? "", stage: Number(match[2]) };
}

/** Whether a source needs the features of a stage. Every result of stage 2 is made from stage 1. */
function uses(source: string, stage: number): boolean {
  const parsed = parse(source);
  return parsed.stage === 0 || parsed.name !== INPUT && parsed.stage >= stage;
}

/** Whether a source needs the classifier of a stage. */
function predicts(source: string, stage: number): boolean {
  const { name, stage: own } = parse(source);
  return uses(source, stage) && (own === 0 || stage < own || needsClassifier(name));
}

function openLane(
  models: readonly PixelModel[],
  training: TrainingInput | undefined,
  inputs: readonly (ArraySource | undefined)[],
  context: LaneContext,
): Lane {
  const [input, mask] = inputs;
  if (input === undefined) throw new UserError("usage", "an image is missing", { hint: "give it with --raw_data" });
  if (mask !== undefined) context.warn("Autocontext does not use the prediction mask, it is ignored");
  const [first] = models;
  if (first !== undefined) checkAgainstTraining(input, training, first);
  for (const model of models) checkSize(input, model);
  return {
    keptBytes: context.memory * CACHE_SHARE,
    result: (source) => result(source, models, input, context),
  };
}

function result(source: string, models: readonly PixelModel[], input: ArraySource, context: LaneContext): Result {
  const { name, stage } = parse(source);
  if (name === INPUT) {
    return {
      name: source,
      source: { ...input, axes: internalAxes(input.shape) },
      outputAxes: outputAxes(input.axes),
      continuous: true,
    };
  }
  if (name === "Labels") context.warn(LABELS_WARNING);
  const [model1, model2] = models;
  if (model1 === undefined) throw new RangeError("stage 1 is not prepared");
  const stage1 = new Prediction(model1, input, undefined, context.slots);
  if (stage === 1 || model2 === undefined) return stageResult(name, source, stage1, model1, input.axes);

  if (WITHOUT_INFORMATION.includes(input.dtype)) {
    context.warn(
      `probabilities of stage 1 carry no information in ${input.dtype} images; stage 2 sees constants, as in ilastik`,
    );
  }
  const probabilities = keep(stage1.probabilities(), context);
  const stacked = stackChannels([input, castProbabilities(probabilities, input.dtype)]);
  const stage2 = new Prediction(model2, stacked, undefined, context.slots);
  if (stage === 2) return stageResult(name, source, stage2, model2, input.axes);
  const both = stageResult("Probabilities", source, stage2, model2, input.axes);
  const meta = { ...probabilities.meta, channelNames: [...model1.labelNames, ...model2.labelNames] };
  return { ...both, source: { ...stackChannels([probabilities, both.source], meta), axes: both.source.axes } };
}

/** Stage 1 is computed once where stage 2's halos overlap. */
function keep(probabilities: ArraySource, context: LaneContext): ArraySource {
  const memory = context.memory * CACHE_SHARE;
  const { block } = chooseBlocks(probabilities, { threads: context.slots.count, memory, multiple: [1, 32, 64, 64, 1] });
  return cached(probabilities, block, memory);
}
