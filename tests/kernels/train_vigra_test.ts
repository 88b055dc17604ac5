/**
 * Trained forests against vigra's own: figures of 20 differently seeded trainings of each, on the same rows.
 * Truth: tests/data/vigra_forest.json, made with vigra by tests/data/make/vigra_forest.py.
 */
import { assert, assertEquals } from "@std/assert";
import { trainFunctions } from "../../ffi/kernels_train.ts";
import { type TrainedForests, trainForests } from "../../lib/kernels/train.ts";
import { labelledRows, part } from "./labelled_rows.ts";
import { meanInnerNodes, probabilitiesOf } from "./walk_forest.ts";

interface Figures {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly labels: readonly number[];
  /** Inner nodes per tree, of each training. */
  readonly nodes: readonly number[];
  readonly oob: readonly number[];
  /** Of 200 unseen rows, all classes but the first; mean over 20 trainings. */
  readonly probabilities: readonly number[];
  /** Mean absolute difference from them, of each of 20 other trainings. */
  readonly difference: readonly number[];
  readonly importanceMin?: readonly number[];
  readonly importanceMax?: readonly number[];
}

trainFunctions(); // opened before the first test, or Deno sees a leak

const SEEDS = 20;
const UNSEEN = 200;
const SETS: readonly Figures[] = JSON.parse(
  Deno.readTextFileSync(new URL("../data/vigra_forest.json", import.meta.url)),
);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Our mean must be a value that a single training of vigra's could have. */
function assertWithin(what: string, ours: readonly number[], vigra: readonly number[]) {
  const [low, high] = [Math.min(...vigra), Math.max(...vigra)];
  assert(mean(ours) >= low && mean(ours) <= high, `${what}: ${mean(ours)} is not within ${low} … ${high}`);
}

function difference(trained: TrainedForests, unseen: Float32Array, figures: Figures): number {
  const { columns, classes, probabilities } = figures;
  const ours = Array.from(
    { length: UNSEEN },
    (_, i) => probabilitiesOf(trained, unseen.subarray(i * columns, (i + 1) * columns)),
  ).flatMap((p) => p.slice(1));
  assertEquals(ours.length, UNSEEN * (classes - 1));
  return mean(ours.map((p, i) => Math.abs(p - (probabilities[i] ?? NaN))));
}

async function train(figures: Figures): Promise<{ trainings: TrainedForests[]; unseen: Float32Array }> {
  const { rows, columns, classes } = figures;
  const all = labelledRows(rows + UNSEEN, columns, classes, rows + UNSEEN);
  const trainings: TrainedForests[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const importance = figures.importanceMin !== undefined;
    trainings.push(await trainForests({ ...part(all, 0, rows), classes, trees: 100, seed, threads: 2, importance }));
  }
  return { trainings, unseen: part(all, rows, rows + UNSEEN).features };
}

for (const figures of SETS) {
  const name = `${figures.rows} rows, ${figures.columns} columns, ${figures.classes} classes`;
  Deno.test(`Forests are those of vigra but for the random numbers: ${name}`, async (t) => {
    const { trainings, unseen } = await train(figures);
    assertEquals(trainings[0]?.labelCounts, figures.labels);
    await t.step("trees have as many nodes", () => {
      assertWithin("nodes", trainings.map(meanInnerNodes), figures.nodes);
    });
    await t.step("the out-of-bag error is the same", () => {
      assertWithin("error", trainings.map(({ forests }) => mean(forests.map(({ oob }) => oob))), figures.oob);
    });
    await t.step("probabilities of unseen rows differ as much as among trainings of vigra", () => {
      assertWithin("difference", trainings.map((trained) => difference(trained, unseen, figures)), figures.difference);
    });
    const { importanceMin, importanceMax } = figures;
    if (importanceMin === undefined || importanceMax === undefined) return;
    await t.step("variable importances are the same", () => {
      const ours = trainings.map(({ importances }) => Array.from(importances?.values ?? []));
      assertEquals(ours[0]?.length, figures.columns * (figures.classes + 2));
      importanceMin.forEach((low, i) =>
        assertWithin(`importance ${i}`, ours.map((values) => values[i] ?? NaN), [low, importanceMax[i] ?? NaN])
      );
    });
  });
}
