/**
 * What a training would do, without doing it: `--dry_run --retrain`.
 *
 * @module
 */
import type { ArraySource } from "../../array/mod.ts";
import type { PixelStage, Project, StoredClassifier } from "../../project/mod.ts";
import type { TrainingContext } from "../types.ts";
import type { LabelledPixels } from "./labels.ts";
import { makeModel } from "./model.ts";
import { Prediction } from "./predict.ts";
import { type TrainingImage, trainingLabels, trainingOptions } from "./train.ts";

/** More lanes than these are only counted. */
const MOST_LANES = 10;

/**
 * Says what a stage would be trained from. No pixel is read.
 *
 * @param images as for the training
 * @param origin path of the project (and stage)
 * @param say receives the lines
 * @returns the stage with a classifier in place of the one that is not trained, only fit for planning
 * @throws {UserError} kind `project` as the training itself, but for what only the pixels tell
 */
export async function planStage(
  project: Project,
  stage: PixelStage,
  images: ReadonlyMap<number, TrainingImage>,
  context: TrainingContext,
  say: (line: string) => void,
  origin: string = project.path,
): Promise<PixelStage> {
  const model = makeModel(stage, origin, false);
  const lanes = await trainingLabels(project, stage, images, origin);
  const [first] = lanes;
  const image = images.get(first?.lane ?? 0)?.source as ArraySource;
  const featureNames = new Prediction(model, image, undefined, context.slots).features().meta.channelNames ?? [];
  const counts = countLabels(lanes, stage.labelNames.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const { treeCount, labelProportion } = await trainingOptions(stage, context);
  say(`training of ${origin}`);
  say(`  ${total} labelled pixels: ${counts.map((count, i) => `${count} of \`${stage.labelNames[i]}\``).join(", ")}`);
  for (const { lane, labels } of lanes.slice(0, MOST_LANES)) {
    const { nickname = "", filePath = "" } = images.get(lane)?.input ?? {};
    say(`  lane ${lane} (${nickname}): ${labels.length} labelled pixels, ${filePath}`);
  }
  if (lanes.length > MOST_LANES) say(`  and ${lanes.length - MOST_LANES} more lanes with labels`);
  const share = labelProportion === undefined ? "" : `, label proportion ${labelProportion}`;
  say(`  ${treeCount} trees, ${featureNames.length} features, seed ${context.seed}${share}`);
  const knownLabels = counts.flatMap((count, i) => count > 0 ? [i + 1] : []);
  return { ...stage, classifier: standIn(featureNames, knownLabels) };
}

/** Pixels of each label, that of label 1 first. */
function countLabels(lanes: readonly LabelledPixels[], names: number): readonly number[] {
  const counts = new Array<number>(names).fill(0);
  for (const { labels } of lanes) for (const label of labels) counts[label - 1] = (counts[label - 1] ?? 0) + 1;
  return counts;
}

const ROOT = 2;
const [INNER, LEAF] = [0, 0x40000000];
/** Words of an inner node (kind, parameters, two children, column) and of the leaf behind it (kind, parameters). */
const [INNER_WORDS, LEAF_WORDS] = [5, 2];

/** One tree that looks at every feature once (pixel-classification.md §1.6): prediction with it costs what it may cost. */
function standIn(featureNames: readonly string[], knownLabels: readonly number[]): StoredClassifier {
  const [columns, classes] = [featureNames.length, knownLabels.length];
  const step = INNER_WORDS + LEAF_WORDS;
  const nodes = featureNames.flatMap((_, column) => {
    const leaf = ROOT + column * step + INNER_WORDS;
    return [INNER, 1 + classes, leaf, leaf + LEAF_WORDS, column, LEAF, 0];
  });
  const tree = {
    topology: Int32Array.of(columns, classes, ...nodes, LEAF, 0),
    parameters: Float64Array.of(1, ...knownLabels.map(() => 1 / classes), 1, 0),
  };
  const forests = [{ name: "not trained", weighted: false, trees: [tree] }];
  return { forests, knownLabels, columnCount: columns, featureNames };
}
