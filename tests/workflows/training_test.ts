/**
 * Trainings from the labels of projects against the classifiers that ilastik stored in them and against trainings by
 * vigra itself. Two trainings are never equal, so the measure is the spread between vigra's own differently seeded
 * trainings on the same rows (pixel-classification.md §5).
 * Truth: tests/data/vigra_trainings.json, made with vigra by tests/data/make/vigra_trainings.ts.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { kernels } from "../../ffi/kernels.ts";
import { trainFunctions } from "../../ffi/kernels_train.ts";
import { TrainingImages } from "../../lib/cli/training.ts";
import { Slots } from "../../lib/engine/mod.ts";
import { openProject, type PixelStage, type TrainedStage } from "../../lib/project/mod.ts";
import { WORKFLOWS } from "../../lib/workflows/mod.ts";
import { DATA, inFolder, readAll, run } from "../program/program.ts";
import { LABELLED_PROJECTS, LabelledStage, mean } from "./labelled_stages.ts";

const OWN = join(DATA, "own");
const SEEDS = 20;
/** Of means of equal numbers. */
const ROUNDING = 1e-9;

/** Lowest and highest of 20 trainings by vigra. */
type Range = readonly [number, number];

interface Figures {
  /** Mean out-of-bag error of the sub-forests. */
  readonly oob: Range;
  /** Part of the labelled pixels that are predicted as labelled. */
  readonly accuracy: Range;
  /** Mean absolute difference of the probabilities around the labels from those of the stored classifier. */
  readonly fromStored: Range;
}

const VIGRA: Readonly<Record<string, Figures>> = JSON.parse(
  await Deno.readTextFile(join(DATA, "vigra_trainings.json")),
);

// The libraries are opened once, not inside a test.
await readAll(join(OWN, "images/f32_2d.h5"));
kernels();
trainFunctions();

function difference(a: Float32Array, b: Float32Array): number {
  assertEquals(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? NaN)), 0) / a.length;
}

for (const project of LABELLED_PROJECTS) {
  for (let index = 0; index < project.stages; index++) {
    const name = `${project.name} stage ${index + 1}`;
    Deno.test({
      name: `${name}: trainings of ${SEEDS} seeds are such as vigra's`,
      ignore: !await exists(project.path),
      sanitizeResources: false,
      fn: async (t) => {
        await using stage = await LabelledStage.open(project, index);
        const stored = await stage.probabilities(stage.stored);
        const ours: Record<keyof Figures, number[]> = { oob: [], accuracy: [], fromStored: [] };
        const trained: Float32Array[] = [];
        for (let seed = 0; seed < SEEDS; seed++) {
          const classifier = await stage.train(seed);
          const probabilities = await stage.probabilities(classifier.stage);
          trained.push(probabilities);
          ours.oob.push(classifier.oob);
          ours.accuracy.push(stage.accuracy(probabilities));
          ours.fromStored.push(difference(probabilities, stored));
        }
        const among = trained.flatMap((a, i) => trained.slice(0, i).map((b) => difference(a, b)));
        await t.step(`from each other ${text([Math.min(...among), Math.max(...among)])}`, () => {});
        for (const [what, values] of Object.entries(ours)) {
          const range = VIGRA[name]?.[what as keyof Figures];
          assert(range !== undefined, `no figures of ${name}`);
          const own = text([Math.min(...values), Math.max(...values)]);
          await t.step(`${what}: ${own}, vigra ${text(range)}`, () => {
            const [low, high] = range;
            const middle = mean(values);
            assert(middle >= low - ROUNDING && middle <= high + ROUNDING, `mean ${middle} is not in ${low} … ${high}`);
          });
        }
      },
    });
  }
}

for (const name of ["pc2d_all", "pc3d_few", "ac2d"]) {
  Deno.test(`${name}.ilp: the same classifier for 1 and 2 threads, another for another seed`, async () => {
    const one = await train(name, 7, 1);
    assertEquals(await train(name, 7, 2), one);
    assertNotEquals(await train(name, 8, 2), one);
  });
}

Deno.test("ac2d.ilp: stage 2 is trained on what the new stage 1 predicts", () =>
  inFolder(async (folder) => {
    const path = join(folder, "ac2d.ilp");
    const images = join(OWN, "images");
    await Deno.copyFile(join(OWN, "ac2d.ilp"), path);
    const args = [`--project=${path}`, "--retrain", "--readonly=0", "--seed=5", `--training_data=${images}`];
    assertEquals((await run(args)).code, 0);
    // Here the new stage 1 is the stored one.
    await using stage = await LabelledStage.open({ name: "", path, images, stages: 2 }, 1);
    const again = await stage.train(5);
    assertEquals(treesOf(again.stage), treesOf(stage.stored));
  }));

function treesOf({ classifier }: PixelStage): readonly unknown[] {
  assert(!("missing" in classifier));
  return classifier.forests.flatMap(({ trees }) => trees);
}

/** Trains all stages of a project, as the program does. */
async function train(name: string, seed: number, threads: number): Promise<readonly TrainedStage[]> {
  await using project = await openProject(join(OWN, `${name}.ilp`));
  await using images = new TrainingImages(project, undefined, () => {});
  const workflow = WORKFLOWS.find(({ names }) => names.includes(project.header.workflowName));
  assert(workflow !== undefined);
  const prepared = await workflow.prepare(project, [workflow.exportSources[0] as string], {
    slots: new Slots(threads),
    memory: 2 ** 30,
    warn: () => {},
    info: () => {},
    seed,
    openImages: (inputs) => images.open(inputs),
  });
  return prepared.trained;
}

function text([low, high]: Range): string {
  return `${low.toFixed(4)}…${high.toFixed(4)}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false; // outsiders do not have the shared data
  }
}
