/**
 * Autocontext: pixel classifications in a row, each seeing the raw image and the probabilities of the one before
 * (autocontext.md).
 *
 * @module
 */
import { type ArraySource, type Five, type Region, regionVolume, UserError } from "../../array/mod.ts";
import { blockBytes, cached, chooseBlocks, stackChannels } from "../../engine/mod.ts";
import type { PixelStage, Project, TrainedStage, TrainingInput } from "../../project/mod.ts";
import { internalAxes, outputAxes } from "../axes.ts";
import { checkAgainstTraining, checkSize } from "../pixel_classification/check_input.ts";
import { makeModel, type PixelModel } from "../pixel_classification/model.ts";
import { planStage } from "../pixel_classification/plan_training.ts";
import { Prediction } from "../pixel_classification/predict.ts";
import {
  LABELS_WARNING,
  needsClassifier,
  sharing,
  STAGE_RESULTS,
  stageResult,
} from "../pixel_classification/results.ts";
import { openTrainingImages, trainStage } from "../pixel_classification/train.ts";
import type { Lane, LaneContext, PreparedWorkflow, Result, TrainingContext, WorkContext, Workflow } from "../types.ts";
import { castProbabilities, WITHOUT_INFORMATION } from "./cast_probabilities.ts";

const INPUT = "Input";
const PROBABILITIES = "Probabilities";
const ALL_STAGES = "Probabilities All Stages";
/** Share of the memory in which results of stage 1 are kept, and that in which they are computed. */
const CACHE_SHARE = 0.25;
const TILES_SHARE = 0.125;

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
  trainingOptions: ["retrain"],
  sourceAliases: {
    "Propabilities All Stages": ALL_STAGES,
    ...Object.fromEntries([...STAGE_RESULTS, INPUT].map((name) => [name, `${name} Stage 2`])),
    "Segmentation": "Simple Segmentation Stage 2",
  },
  async prepare(project, exportSources, training): Promise<PreparedWorkflow> {
    let stages = [await project.pixelStage(0), await project.pixelStage(1)];
    let trained: readonly TrainedStage[] = [];
    if (training !== undefined) ({ stages, trained } = await trainStages(project, stages, training));
    const models: PixelModel[] = [];
    for (const [i, stage] of stages.entries()) {
      if (!exportSources.some((source) => uses(source, i + 1))) continue;
      const origin = stageOrigin(project, i);
      models.push(makeModel(stage, origin, exportSources.some((source) => predicts(source, i + 1))));
    }
    const last = (await project.lastLane())[0];
    return { trained, lane: (inputs, context) => openLane(models, last, inputs, context) };
  },
};

function stageOrigin(project: Project, index: number): string {
  return `${project.path} (stage ${index + 1})`;
}

/** Trains stage 1, then stage 2 on what the new stage 1 predicts (autocontext.md §4). */
async function trainStages(
  project: Project,
  stages: readonly PixelStage[],
  context: TrainingContext,
): Promise<{ stages: PixelStage[]; trained: TrainedStage[] }> {
  const raw = await openTrainingImages(project, stages, context);
  const done: { stages: PixelStage[]; trained: TrainedStage[] } = { stages: [], trained: [] };
  let images = raw;
  for (const [i, stage] of stages.entries()) {
    const origin = stageOrigin(project, i);
    const before = done.stages.at(-1);
    if (before !== undefined) {
      const model = makeModel(before, stageOrigin(project, i - 1), true);
      images = new Map(
        [...raw].map(([lane, { input, source }]) =>
          [lane, {
            input,
            source: nextInput(new Prediction(model, source, undefined, context.slots), false, source, context),
          }] as const
        ),
      );
    }
    if (context.plan !== undefined) {
      done.stages.push(await planStage(project, stage, images, context, context.plan, origin));
      continue;
    }
    const result = await trainStage(project, stage, images, context, origin);
    done.stages.push(result.stage);
    done.trained.push(result.trained);
  }
  return done;
}

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
  if (first !== undefined) checkAgainstTraining(input, training, first, context.info);
  for (const model of models) checkSize(input, model);
  const stages = predictions(models, input, context);
  return {
    keptShare: models.length > 1 ? CACHE_SHARE + TILES_SHARE : 0,
    result: (source) => result(source, stages, input, context),
  };
}

interface Stage {
  readonly model: PixelModel;
  readonly prediction: Prediction;
}

/** The prepared stages on one image. Results of the last one that are read together share a prediction, too. */
function predictions(models: readonly PixelModel[], input: ArraySource, context: LaneContext): readonly Stage[] {
  const stages: Stage[] = [];
  let seen = input;
  for (const [i, model] of models.entries()) {
    const names = context.exportSources.map(parse).filter(({ stage }) => stage === 0 || stage === i + 1);
    const isLast = i === models.length - 1;
    const share = sharing(names.map(({ name }) => name === ALL_STAGES ? PROBABILITIES : name));
    // What is kept of an earlier stage: its probabilities if they are written, else the pixels made of them.
    const isWritten = names.length > 0;
    const kept = isWritten ? (probabilities: ArraySource) => keep(probabilities, context) : undefined;
    const prediction = new Prediction(model, seen, undefined, context.slots, isLast ? share : kept);
    stages.push({ model, prediction });
    if (!isLast) seen = nextInput(prediction, isWritten, input, context);
  }
  return stages;
}

function result(source: string, stages: readonly Stage[], input: ArraySource, context: LaneContext): Result {
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
  const own = stages[stage === 0 ? stages.length - 1 : stage - 1];
  if (own === undefined) throw new RangeError(`stage ${stage} is not prepared`);
  if (stage > 0) return stageResult(name, source, own.prediction, own.model, input.axes);
  const last = stageResult(PROBABILITIES, source, own.prediction, own.model, input.axes);
  const all = stages.map(({ prediction }) => prediction.probabilities());
  const meta = {
    ...all[0]?.meta,
    channelNames: stages.flatMap(({ model }) => model.labelNames),
    classColors: stages.flatMap(({ model }) => model.labelColors),
  };
  return { ...last, source: { ...stackChannels(all, meta), axes: last.source.axes } };
}

/**
 * What the next stage sees of an image: its channels, then the probabilities in its element type.
 *
 * @param isKept whether the prediction keeps its probabilities
 */
function nextInput(prediction: Prediction, isKept: boolean, input: ArraySource, context: WorkContext): ArraySource {
  if (WITHOUT_INFORMATION.includes(input.dtype)) {
    context.warn(
      `probabilities of stage 1 carry no information in ${input.dtype} images; stage 2 sees constants, as in ilastik`,
    );
  }
  const pixels = castProbabilities(prediction.probabilities(), input.dtype);
  return stackChannels([input, isKept ? pixels : keep(pixels, context)]);
}

/** Stage 1 is computed once where stage 2's halos overlap. */
function keep(source: ArraySource, context: WorkContext): ArraySource {
  const { memory, slots: { count: threads } } = context;
  // A larger cost instead of less memory: a budget that is too small is then told as a whole.
  const bytes = (region: Region): number => blockBytes([source], region) / TILES_SHARE;
  const cost = { work: regionVolume, ...source.cost, bytes };
  const multiple: Five = [1, 32, 64, 64, 1];
  const { block, inFlight } = chooseBlocks([{ ...source, cost }], { threads, memory, multiple });
  return cached(source, block, memory * CACHE_SHARE, inFlight);
}
