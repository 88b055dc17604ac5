import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { trainFunctions } from "../../ffi/kernels_train.ts";
import { UserError } from "../../lib/array/mod.ts";
import { columnsPerNode, splitTrees } from "../../lib/kernels/forest_settings.ts";
import { trainForests, type TrainRequest } from "../../lib/kernels/train.ts";
import { labelledRows, numbers, type Rows } from "./labelled_rows.ts";
import { nodesOf, probabilitiesOf } from "./walk_forest.ts";

const c = trainFunctions();

/** Trains with the options of most tests. */
function train(rows: Rows, options: Partial<TrainRequest> = {}) {
  return trainForests({ ...rows, classes: 1, trees: 16, seed: 0, threads: 2, ...options });
}

Deno.test("The generator gives the published numbers of PCG32", () => {
  const words = new Uint32Array(6);
  c.ilh_train_draws(42n, 54n, 0, 6n, words);
  // Output of pcg32-demo of the PCG minimal C library, round 1.
  assertEquals([...words], [0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e]);
});

Deno.test("Bounded numbers are below their bound, and all of them equally likely", () => {
  const draws = new Uint32Array(60000);
  c.ilh_train_draws(1n, 2n, 6, BigInt(draws.length), draws);
  const counts = [0, 1, 2, 3, 4, 5].map((face) => draws.filter((draw) => draw === face).length);
  assertEquals(counts.reduce((a, b) => a + b), draws.length);
  // Five standard deviations of a binomial with p = 1/6.
  for (const count of counts) assertAlmostEquals(count, 10000, 5 * Math.sqrt(10000 * 5 / 6));
});

/** Random rows: few or many values, clear or noisy labels. */
function anyRows(seed: number) {
  const next = numbers(seed);
  next();
  const below = (bound: number) => next() % bound;
  const [rows, columns, classes] = [1 + below(250), 1 + below(60), 1 + below(6)];
  const levels = [2, 5, 60, 65536][below(4)] ?? 2;
  const features = Float32Array.from({ length: rows * columns }, () => (below(levels) - levels / 2) / 3);
  const index = Uint32Array.from({ length: rows }, (_, i) => i);
  const labels = Uint8Array.from(index, (i) => {
    const clear = Math.abs(features[i * columns] ?? 0) * classes * 3 / levels * 2;
    return below(3) === 0 ? below(classes) : Math.min(classes - 1, Math.floor(clear));
  });
  return { features, index, labels, rows, columns, classes };
}

/** One tree by the fast kernel and one by the definition. */
async function bothTrees(seed: number, given = anyRows(seed)) {
  const { features, index, labels, rows, columns, classes } = given;
  const n = BigInt(rows);
  const room = new BigInt64Array(2);
  c.ilh_train_tree_sizes(n, classes, room);
  const make = () => ({
    topology: new Int32Array(Number(room[0])),
    parameters: new Float64Array(Number(room[1])),
    sizes: room.slice(),
  });
  const [fast, slow] = [make(), make()];
  const codes = new Uint8Array(rows * columns * c.ilh_train_code_bytes(n));
  const values = new Float32Array(rows * columns);
  const bytes = [
    c.ilh_train_codes_bytes(n),
    c.ilh_train_tree_bytes(n, columns, classes),
    c.ilh_train_tree_scalar_bytes(n, columns, classes),
  ] as const;
  const scratch = new Uint8Array(Math.max(...bytes.map(Number)));
  // deno-fmt-ignore
  const errors = [
    await c.ilh_train_codes(features, index, n, columns, 0, columns, codes, values, scratch, bytes[0], null),
    await c.ilh_train_tree(codes, values, labels, n, columns, classes, 7n, 3, seed, fast.topology, fast.parameters,
      fast.sizes, scratch, bytes[1], null),
    await c.ilh_train_tree_scalar(features, index, labels, n, columns, classes, 7n, 3, seed, slow.topology,
      slow.parameters, slow.sizes, scratch, bytes[2]),
  ];
  assertEquals(errors, [0, 0, 0]);
  const cut = ({ topology, parameters, sizes }: typeof fast) => ({
    topology: topology.subarray(0, Number(sizes[0])),
    parameters: parameters.subarray(0, Number(sizes[1])),
  });
  return [cut(fast), cut(slow)] as const;
}

Deno.test("The fast trees are the trees of the definition, bit for bit", async () => {
  let nodes = 0;
  for (let seed = 0; seed < 300; seed++) {
    const [fast, slow] = await bothTrees(seed);
    assertEquals(fast.topology, slow.topology, `topology, seed ${seed}`);
    assertEquals(new Uint8Array(fast.parameters.slice().buffer), new Uint8Array(slow.parameters.slice().buffer));
    nodes += nodesOf(fast).length;
  }
  assert(nodes > 10000);
});

Deno.test("The fast trees are those of the definition for more rows than two bytes count", async () => {
  const next = numbers(9);
  const rows = 66000;
  const features = Float32Array.from({ length: rows * 3 }, () => next() + next() / 65536);
  const index = Uint32Array.from({ length: rows }, (_, i) => i);
  const labels = Uint8Array.from(index, (i) => (features[i * 3] ?? 0) > 40000 || i % 50 === 0 ? 1 : 0);
  const [fast, slow] = await bothTrees(1, { features, index, labels, rows, columns: 3, classes: 2 });
  assert(fast.topology.length > 5000);
  assertEquals(fast, slow);
});

Deno.test("A tree of two values is one threshold between them, with the right leaf before the left one", async () => {
  const rows = 40;
  const features = Float32Array.from({ length: rows }, (_, i) => i % 2 ? 4 : 1);
  const labels = Uint8Array.from({ length: rows }, (_, i) => i % 2 ? 9 : 3);
  const { forests, knownLabels } = await train({ features, labels });
  assertEquals(knownLabels, [3, 9]);
  for (const { topology, parameters } of forests.flatMap(({ trees }) => trees)) {
    const leaf = 0x40000000;
    assertEquals([...topology], [1, 2, 0, 0, 9, 7, 0, leaf, 2, leaf, 5]);
    const [weight, threshold, right = NaN, r0, r1, left = NaN, l0, l1] = parameters;
    assertEquals([weight, threshold, r0, r1, l0, l1], [1, 2.5, 0, 1, 1, 0]);
    assertEquals(left + right, rows);
  }
});

Deno.test("Every leaf is pure and every row of the training is known when all values differ", async () => {
  const rows = labelledRows(300, 6, 3, 5);
  const distinct = { ...rows, features: rows.features.map((value, i) => value + (i % 997) / 2048) };
  const { forests } = await train(distinct);
  const leaves = forests.flatMap(({ trees }) => trees).flatMap(nodesOf).filter((node) => node.leaf);
  assert(leaves.length > 500);
  for (const { probabilities } of leaves) assertEquals([...probabilities].sort(), [0, 0, 1]);
});

Deno.test("Rows that no column tells apart share a leaf with the part of each class", async () => {
  const labels = Uint8Array.from({ length: 100 }, (_, i) => i < 70 ? 1 : 2);
  const { forests } = await train({ features: new Float32Array(300).fill(-0), labels }, { trees: 100 });
  for (const tree of forests.flatMap(({ trees }) => trees)) {
    assertEquals(tree.topology.length, 4);
    const [weight = NaN, first = NaN, second = NaN] = tree.parameters;
    assertEquals(weight, 100);
    assertEquals(first + second, 1);
    assertEquals(Math.round(first * 100) / 100, first);
  }
  // All trees vote for the larger class, so the smaller one is what they get wrong.
  for (const { oob } of forests) assertAlmostEquals(oob, 0.3, 0.01);
});

Deno.test("Minus zero and zero are one value", async () => {
  const features = Float32Array.from({ length: 60 }, (_, i) => i % 2 ? -0 : 0);
  const labels = Uint8Array.from({ length: 60 }, (_, i) => 1 + i % 2);
  const { forests } = await train({ features, labels });
  for (const { topology } of forests.flatMap(({ trees }) => trees)) assertEquals(topology.length, 4);
});

Deno.test("Labels that the features tell exactly have no out-of-bag error", async () => {
  const features = Float32Array.from({ length: 400 }, (_, i) => (i >> 1) % 2 * 100 + i % 7);
  const labels = Uint8Array.from({ length: 400 }, (_, i) => 1 + (i >> 1) % 2);
  const { forests } = await train({ features, labels }, { trees: 100 });
  assertEquals(forests.map(({ oob }) => oob), Array(8).fill(0));
});

Deno.test("Labels that have nothing to do with the features have the out-of-bag error of guessing", async () => {
  const next = numbers(3);
  const features = Float32Array.from({ length: 8000 }, next);
  const labels = Uint8Array.from({ length: 2000 }, () => 1 + (next() >> 15));
  const { forests } = await train({ features, labels }, { trees: 100 });
  for (const { oob } of forests) assertAlmostEquals(oob, 0.5, 5 * Math.sqrt(0.25 / 2000));
});

Deno.test("Threads change nothing, another seed does", async () => {
  const rows = labelledRows(400, 20, 3, 1);
  const request = { trees: 30, importance: true, labelProportion: 0.8 };
  const one = await train(rows, { ...request, threads: 1 });
  assertEquals(await train(rows, { ...request, threads: 2 }), one);
  assertEquals(await train(rows, { ...request, threads: 7 }), one);
  const other = await train(rows, { ...request, seed: 1 });
  assert(other.forests[0]?.trees[0]?.topology.toString() !== one.forests[0]?.trees[0]?.topology.toString());
});

Deno.test("No two trees of a training are the same", async () => {
  const { forests } = await train(labelledRows(200, 20, 3, 1), { trees: 100 });
  const texts = forests.flatMap(({ trees }) => trees).map(({ topology }) => topology.toString());
  assertEquals(new Set(texts).size, 100);
});

Deno.test("Trees are spread evenly over eight sub-forests, none of them empty", () => {
  assertEquals(splitTrees(100), [13, 13, 13, 13, 12, 12, 12, 12]);
  assertEquals(splitTrees(10), [2, 2, 1, 1, 1, 1, 1, 1]);
  assertEquals(splitTrees(8), Array(8).fill(1));
  assertEquals(splitTrees(3), [1, 1, 1]);
});

Deno.test("A node looks at the rounded square root of the columns", () => {
  assertEquals([1, 2, 3, 6, 7, 12, 13, 49, 75].map(columnsPerNode), [1, 1, 2, 2, 3, 3, 4, 7, 9]);
});

Deno.test("The stored numbers of a forest are those that vigra writes", async () => {
  const { forests } = await train(labelledRows(100, 75, 3, 1), { trees: 80 });
  const { options, extParam } = forests[0]?.settings ?? {};
  // Values of a project of ilastik 1.4.1 with 10 trees per forest and 75 columns.
  assertEquals(options?.["tree_count_"], 10);
  assertEquals(options?.["mtry_switch_"], 6);
  assertEquals(options?.["stratification_method_"], 3);
  assertEquals(extParam?.["actual_mtry_"], [9]);
  assertEquals(extParam?.["actual_msample_"], [100]);
  assertEquals(extParam?.["class_weights_"], [1, 1, 1]);
});

Deno.test("Rows with a value that is not finite are left out and counted", async () => {
  const rows = labelledRows(100, 5, 2, 1);
  const features = new Float32Array(103 * 5);
  features.set(rows.features);
  features.set([NaN, 1, 1, 1, 1, 1, 1, Infinity, 1, 1, 1, 1, 1, 1, -Infinity], 500);
  const labels = new Uint8Array(103).fill(2);
  labels.set(rows.labels);
  const clean = await train(rows);
  assertEquals(clean.notFinite, 0);
  assertEquals(await train({ features, labels }), { ...clean, notFinite: 3 });
});

Deno.test("A label proportion keeps that part of the rows, rounded down", async () => {
  const rows = labelledRows(333, 5, 2, 1);
  const { labelCounts, forests } = await train(rows, { labelProportion: 0.5 });
  assertEquals(labelCounts.reduce((a, b) => a + b), 166);
  assertEquals(forests[0]?.settings.extParam["row_count_"], [166]);
  const other = await train(rows, { labelProportion: 0.5, seed: 1 });
  assert(other.forests[0]?.trees[0]?.parameters.toString() !== forests[0]?.trees[0]?.parameters.toString());
});

Deno.test("A label that the proportion leaves without a row is an error that names it", async () => {
  const labels = new Uint8Array(200).fill(1);
  labels[77] = 2;
  const error = await assertRejects(
    () => train({ features: new Float32Array(200), labels }, { labelProportion: 0.05 }),
    UserError,
    "Label 2 has no pixel left to train on",
  );
  assertEquals(error.kind, "usage");
});

Deno.test("A label with no finite row is an error that names it", async () => {
  const features = new Float32Array(20);
  features[3] = NaN;
  const labels = new Uint8Array(20).fill(1);
  labels[3] = 5;
  const error = await assertRejects(() => train({ features, labels }), UserError, "Label 5 has no pixel to train on");
  assertEquals(error.kind, "project");
});

Deno.test("Fewer rows than classes are an error", async () => {
  const two = { features: new Float32Array(2), labels: Uint8Array.of(1, 2) };
  await assertRejects(() => train(two, { classes: 3 }), RangeError, "2 labelled rows for 3 classes");
  await assertRejects(
    () => train({ features: new Float32Array(0), labels: new Uint8Array(0) }),
    RangeError,
    "0 labelled rows",
  );
});

Deno.test("One row and one class make leaves", async () => {
  const { forests, knownLabels } = await train({ features: Float32Array.of(1, 2), labels: Uint8Array.of(4) });
  assertEquals(knownLabels, [4]);
  assertEquals([...(forests[0]?.trees[0]?.parameters ?? [])], [1, 1]);
  assert(forests.every(({ oob }) => Number.isNaN(oob)));
});

Deno.test("Labels come as bytes or as 32-bit numbers", async () => {
  const rows = labelledRows(50, 5, 2, 1);
  const wide = { features: rows.features, labels: Uint32Array.from(rows.labels) };
  assertEquals(
    await trainForests({ ...wide, classes: 2, trees: 8, seed: 0, threads: 1 }),
    await train(rows, { trees: 8 }),
  );
  wide.labels[3] = 256;
  await assertRejects(() => trainForests({ ...wide, classes: 2, trees: 8, seed: 0, threads: 1 }), RangeError);
});

Deno.test("A signal ends the training with its reason", async () => {
  const abort = new AbortController();
  const training = trainForests(
    { ...labelledRows(20000, 30, 3, 1), classes: 3, trees: 400, seed: 0, threads: 2 },
    abort.signal,
  );
  setTimeout(() => abort.abort(new Error("enough")), 20);
  await assertRejects(() => training, Error, "enough");
  await assertRejects(
    () => trainForests({ ...labelledRows(9, 3, 1, 1), classes: 1, trees: 1, seed: 0, threads: 1 }, abort.signal),
    Error,
    "enough",
  );
});

Deno.test("Importance is that of the column that tells the label; others have none", async () => {
  const next = numbers(4);
  const labels = Uint8Array.from({ length: 500 }, (_, i) => 1 + i % 2);
  // Columns: constant, the label, constant.
  const features = Float32Array.from({ length: 1500 }, (_, i) => i % 3 === 1 ? (i - 1) / 3 % 2 + next() / 2 ** 20 : 7);
  const { importances } = await train({ features, labels }, { trees: 50, importance: true });
  const values = [...(importances?.values ?? [])];
  assertEquals(importances?.classes, 2);
  const [zero, told = [], one] = [values.slice(0, 4), values.slice(4, 8), values.slice(8)];
  assertEquals([...zero, ...(one ?? [])], Array(8).fill(0));
  // Shuffled, half of the rows of each class are wrong; each class is half of the rows.
  assertAlmostEquals(told[0] ?? NaN, 0.25, 0.01);
  assertAlmostEquals(told[1] ?? NaN, 0.25, 0.01);
  assertAlmostEquals((told[0] ?? NaN) + (told[1] ?? NaN), told[2] ?? NaN, 1e-12);
  // The one split takes all of the loss: h0 h1 / (h0 + h1) of nearly 250 and 250.
  assertAlmostEquals(told[3] ?? NaN, 125, 1);
});

Deno.test("Rows of the training get their label back", async () => {
  const rows = labelledRows(300, 12, 3, 2);
  const trained = await train(rows, { trees: 100 });
  const right = rows.labels.filter((label, i) => {
    const p = probabilitiesOf(trained, rows.features.subarray(i * 12, i * 12 + 12));
    return trained.knownLabels[p.indexOf(Math.max(...p))] === label;
  });
  assertEquals(right.length, 300);
});
