/**
 * Training of one stage from the labels that the project stores (pixel-classification.md §5).
 *
 * @module
 */
import { type ArraySource, giveBackArray, type Region, UserError } from "../../array/mod.ts";
import { importanceTable, type TrainedForests, trainForests } from "../../kernels/mod.ts";
import type { FactoryOptions, PixelStage, Project, TrainedStage, TrainingInput } from "../../project/mod.ts";
import type { TrainingContext } from "../types.ts";
import { labelBoxes } from "./label_boxes.ts";
import { type LabelledPixels, labelledPixels } from "./labels.ts";
import { beyondNames, makeModel } from "./model.ts";
import { Prediction } from "./predict.ts";

/** A training image. */
export interface TrainingImage {
  /** What the project says of it. */
  readonly input: TrainingInput;
  /** Its pixels. */
  readonly source: ArraySource;
}

const NO_LABELS_HINT = "draw labels in ilastik and save the project";

/**
 * Opens the images of all lanes that have labels in any of the stages.
 *
 * @throws {UserError} kind `project` naming images that cannot be opened
 */
export async function openTrainingImages(
  project: Project,
  stages: readonly PixelStage[],
  context: TrainingContext,
): Promise<ReadonlyMap<number, TrainingImage>> {
  const labelled = new Set<number>();
  for (const stage of stages) {
    for (const block of await stage.labelBlocks()) {
      if (block.values.some((value) => value > 0)) labelled.add(block.lane);
    }
  }
  if (labelled.size === 0) {
    throw new UserError("project", `${project.path} holds no labels to train from`, {
      hint: NO_LABELS_HINT,
    });
  }
  const lanes = await project.lanes();
  const wanted = [...labelled].sort((a, b) => a - b).map((lane) => {
    const input = lanes[lane]?.[0];
    if (input === undefined) {
      throw new UserError("project", `damaged project ${project.path}: labels for the missing lane ${lane}`);
    }
    return { lane, input };
  });
  const sources = await context.openImages(wanted.map(({ input }) => input));
  return new Map(wanted.map(({ lane, input }, i) => [lane, { input, source: sources[i] as ArraySource }]));
}

/**
 * Trains one stage. The result depends on labels, images, options and seed only.
 *
 * @param images what the stage sees of each lane: the raw image, in later stages with the probabilities before
 * @param origin path of the project (and stage), for messages
 * @throws {UserError} kind `project`
 */
export async function trainStage(
  project: Project,
  stage: PixelStage,
  images: ReadonlyMap<number, TrainingImage>,
  context: TrainingContext,
  origin: string = project.path,
): Promise<{ stage: PixelStage; trained: TrainedStage; forests: TrainedForests }> {
  const model = makeModel(stage, origin, false);
  const lanes = await trainingLabels(project, stage, images, origin);
  const parts: Float32Array[] = [];
  let featureNames: readonly string[] = [];
  for (const lane of lanes) {
    const features = new Prediction(model, images.get(lane.lane)?.source as ArraySource, undefined, context.slots)
      .features();
    featureNames = features.meta.channelNames ?? [];
    parts.push(await featureRows(features, lane, context));
  }
  const { treeCount, labelProportion, variableImportance } = await trainingOptions(stage, context);
  const forests = await trainForests({
    features: joined(parts),
    labels: Uint8Array.from(lanes.flatMap((lane) => [...lane.labels])),
    classes: stage.labelNames.length,
    trees: treeCount,
    seed: context.seed,
    threads: context.slots.count,
    importance: variableImportance,
    storedProportion: context.labelProportion === undefined,
    ...(labelProportion === undefined ? {} : { labelProportion }),
  }, context.signal);
  report(forests, context);
  const classifier = {
    forests: forests.forests.map(({ trees }, i) => ({
      name: `Forest${String(i).padStart(4, "0")}`,
      weighted: false,
      trees,
    })),
    knownLabels: forests.knownLabels,
    columnCount: featureNames.length,
    featureNames,
  };
  const settings = forests.forests.map((forest) => forest.settings);
  return {
    stage: { ...stage, classifier },
    trained: { index: stage.index, classifier, settings, treeCount, labelProportion },
    forests,
  };
}

/**
 * The labels that a stage is trained from.
 *
 * @throws {UserError} kind `project` when they are too few or do not fit the images
 */
export async function trainingLabels(
  project: Project,
  stage: PixelStage,
  images: ReadonlyMap<number, TrainingImage>,
  origin: string,
): Promise<readonly LabelledPixels[]> {
  const shapes = new Map([...images].map(([lane, { input, source }]) => [lane, { input, shape: source.shape }]));
  const lanes = labelledPixels(await stage.labelBlocks(), shapes, project);
  checkLabels(lanes, stage.labelNames.length, origin);
  return lanes;
}

/** The options of the training: those that were asked for, else those of the project. */
export async function trainingOptions(
  stage: PixelStage,
  { treeCount, labelProportion }: TrainingContext,
): Promise<FactoryOptions> {
  return {
    ...await stage.factory(),
    ...(treeCount === undefined ? {} : { treeCount }),
    ...(labelProportion === undefined ? {} : { labelProportion }),
  };
}

/** Labels must be enough, and none beyond the names. */
function checkLabels(lanes: readonly LabelledPixels[], names: number, origin: string): void {
  const count = lanes.reduce((sum, { labels }) => sum + labels.length, 0);
  if (count === 0) throw new UserError("project", `${origin} holds no labels to train from`, { hint: NO_LABELS_HINT });
  if (count < names) {
    const found = `too few labelled pixels to train from: ${count} for ${names} labels`;
    throw new UserError("project", `${origin} holds ${found}`, {
      hint: "label at least one pixel of every label in ilastik and save the project",
    });
  }
  const largest = lanes.reduce((most, { labels }) => labels.reduce((a, b) => Math.max(a, b), most), 0);
  if (largest > names) throw beyondNames(`${origin} holds pixels`, largest, names);
}

/** The table of variable importances, if they were measured (pixel-classification.md §5.3). */
export function importanceText(result: { trained: TrainedStage; forests: TrainedForests }): string | undefined {
  const { importances } = result.forests;
  return importances === undefined ? undefined : importanceTable(result.trained.classifier.featureNames, importances);
}

function report(forests: TrainedForests, { info, warn }: TrainingContext): void {
  const errors = forests.forests.map(({ oob }) => oob).filter((oob) => !Number.isNaN(oob));
  const mean = errors.reduce((sum, oob) => sum + oob, 0) / errors.length;
  const counts = forests.labelCounts.join(", ");
  info(
    `Training complete. Label counts: (${counts}). Average OOB: ${
      Number.isNaN(mean) ? "unknown" : mean.toPrecision(3)
    }`,
  );
  if (forests.notFinite > 0) {
    warn(`${forests.notFinite} labelled pixels were left out of the training: NaN or infinite features`);
  }
}

/** Feature vectors of labelled pixels in their order: pixels x features. */
async function featureRows(
  features: ArraySource,
  lane: LabelledPixels,
  { memory, signal }: TrainingContext,
): Promise<Float32Array> {
  const columns = features.shape[4];
  const rows = new Float32Array(lane.positions.length * columns);
  const fits = (region: Region): boolean => (features.cost?.bytes(region) ?? 0) <= memory;
  for (const { region, members } of labelBoxes(lane, columns, fits)) {
    const block = await features.read(region, signal);
    const [t, z, y, x, c] = block.strides;
    for (const i of members) {
      const position = lane.positions[i] as LabelledPixels["positions"][number];
      const at = block.offset + (position[0] - region.start[0]) * t + (position[1] - region.start[1]) * z +
        (position[2] - region.start[2]) * y + (position[3] - region.start[3]) * x;
      for (let k = 0; k < columns; k++) rows[i * columns + k] = block.data[at + k * c] as number;
    }
    giveBackArray(block);
  }
  return rows;
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
