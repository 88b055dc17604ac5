/**
 * Trains random forests from labelled pixels (pixel-classification.md §5.2, §5.3).
 *
 * The result depends on the rows, the options and the seed only: each tree has its own random numbers, seeded by
 * (seed, forest, tree), and is one call on a thread of its own.
 *
 * @module
 */
import { TRAIN_CODES, trainFunctions } from "../../ffi/kernels_train.ts";
import { UserError } from "../array/mod.ts";
import { type ForestSettings, forestSettings, splitTrees } from "./forest_settings.ts";
import { inLanes, TrainCalls } from "./train_calls.ts";
import { type LabelledRows, makeTrainTable, type TrainTable } from "./train_table.ts";
import type { VariableImportances } from "./variable_importance.ts";

export type { LabelledRows } from "./train_table.ts";

/** What to train. */
export interface TrainRequest extends LabelledRows {
  /** Number of label names of the project; training needs at least as many rows. */
  readonly classes: number;
  /** Number of all trees, at least 1. */
  readonly trees: number;
  /** Whole number. */
  readonly seed: number | bigint;
  /** Part of the rows that is trained on, above 0 and up to 1; default all. */
  readonly labelProportion?: number;
  /** Whether the project stores that proportion, instead of the user asking for it. */
  readonly storedProportion?: boolean;
  /** How many trees are trained at the same time. Changes nothing but the time. */
  readonly threads: number;
  /** Whether variable importances are measured, which takes several times as long as the training. */
  readonly importance?: boolean;
}

/** One tree as it lies in a project file. */
export interface TrainedTree {
  /** Nodes (pixel-classification.md §1.6). */
  readonly topology: Int32Array<ArrayBuffer>;
  /** Thresholds and leaves (pixel-classification.md §1.6). */
  readonly parameters: Float64Array<ArrayBuffer>;
}

/** One sub-forest. */
export interface TrainedForest {
  /** In their order. */
  readonly trees: readonly TrainedTree[];
  /** The numbers that a project stores beside the trees. */
  readonly settings: ForestSettings;
  /** Part of the rows that the trees which have not seen them get wrong; NaN if every tree has seen every row. */
  readonly oob: number;
}

/** A trained classifier. */
export interface TrainedForests {
  /** Sub-forests, in order. */
  readonly forests: readonly TrainedForest[];
  /** Label of each class column, ascending. */
  readonly knownLabels: readonly number[];
  /** Rows of each of them that were trained on. */
  readonly labelCounts: readonly number[];
  /** Rows that were left out because a feature is NaN or infinite. */
  readonly notFinite: number;
  /** Present when asked for. */
  readonly importances?: VariableImportances;
}

/** A tree and its place, the two numbers that seed it. */
interface Place {
  readonly forest: number;
  readonly tree: number;
}

/** A trained tree and where it belongs. */
interface PlacedTree {
  readonly place: Place;
  readonly tree: TrainedTree;
}

/** What the calls of one training share. */
interface Training {
  readonly table: TrainTable;
  readonly seed: bigint;
  readonly threads: number;
  readonly calls: TrainCalls;
}

/** Buffers of one tree that is being trained. */
class TreeBuffers {
  readonly topology: Int32Array<ArrayBuffer>;
  readonly parameters: Float64Array<ArrayBuffer>;
  readonly sizes = new BigInt64Array(2);
  readonly scratch: Uint8Array<ArrayBuffer>;
  readonly #room = new BigInt64Array(2);

  constructor({ rows, columns, knownLabels }: TrainTable) {
    const c = trainFunctions();
    const classes = knownLabels.length;
    if (c.ilh_train_tree_sizes(BigInt(rows), classes, this.#room) !== TRAIN_CODES.ok) {
      throw new UserError("project", `Too many labelled pixels to train on: ${rows} pixels of ${classes} classes`, {
        hint: "use a smaller `--label-proportion`",
      });
    }
    this.topology = new Int32Array(Number(this.#room[0]));
    this.parameters = new Float64Array(Number(this.#room[1]));
    this.scratch = new Uint8Array(Number(c.ilh_train_tree_bytes(BigInt(rows), columns, classes)));
  }

  /** Says how much room there is. */
  reset(): void {
    this.sizes.set(this.#room);
  }

  /** A copy of the tree in the buffers. */
  take(): TrainedTree {
    return {
      topology: this.topology.slice(0, Number(this.sizes[0])),
      parameters: this.parameters.slice(0, Number(this.sizes[1])),
    };
  }
}

async function trainTree({ table, seed, calls }: Training, place: Place, buffers: TreeBuffers) {
  const { codes, values, classes, rows, columns, knownLabels } = table;
  const { topology, parameters, sizes, scratch } = buffers;
  buffers.reset();
  await calls.run((cancel) =>
    // deno-fmt-ignore
    trainFunctions().ilh_train_tree(codes, values, classes, BigInt(rows), columns, knownLabels.length, seed,
      place.forest, place.tree, topology, parameters, sizes, scratch, BigInt(scratch.length), cancel)
  );
  return { place, tree: buffers.take() };
}

/** Arrays one after the other, and where each starts. */
function join<A extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  arrays: readonly A[],
  make: (length: number) => A,
): { all: A; offsets: BigInt64Array<ArrayBuffer> } {
  const offsets = new BigInt64Array(arrays.length + 1);
  arrays.forEach((array, i) => offsets[i + 1] = (offsets[i] ?? 0n) + BigInt(array.length));
  const all = make(Number(offsets[arrays.length]));
  arrays.forEach((array, i) => all.set(array, Number(offsets[i])));
  return { all, offsets };
}

async function oobError({ table, seed, calls }: Training, forest: number, trees: readonly TrainedTree[]) {
  const c = trainFunctions();
  const { features, index, classes, rows, columns, knownLabels } = table;
  const topology = join(trees.map((tree) => tree.topology), (length) => new Int32Array(length));
  const parameters = join(trees.map((tree) => tree.parameters), (length) => new Float64Array(length));
  const scratch = new Uint8Array(Number(c.ilh_train_oob_bytes(BigInt(rows), knownLabels.length)));
  const result = new BigInt64Array(2);
  await calls.run((cancel) =>
    // deno-fmt-ignore
    c.ilh_train_oob(features, index, classes, BigInt(rows), columns, knownLabels.length, seed, forest, trees.length,
      topology.offsets, topology.all, parameters.offsets, parameters.all, result, scratch, BigInt(scratch.length),
      cancel)
  );
  return Number(result[0]) / Number(result[1]);
}

async function treeImportance({ table, seed, calls }: Training, { place, tree }: PlacedTree) {
  const c = trainFunctions();
  const { features, index, classes, rows, columns, knownLabels } = table;
  const { topology, parameters } = tree;
  const bytes = c.ilh_train_importance_bytes(BigInt(rows), columns, knownLabels.length, BigInt(topology.length));
  const scratch = new Uint8Array(Number(bytes));
  const out = new Float64Array(columns * (knownLabels.length + 2));
  await calls.run((cancel) =>
    // deno-fmt-ignore
    c.ilh_train_importance(features, index, classes, BigInt(rows), columns, knownLabels.length, seed, place.forest,
      place.tree, topology, BigInt(topology.length), parameters, BigInt(parameters.length), out, scratch, bytes,
      cancel)
  );
  return out;
}

/** Mean over the trees. That is also the mean over the sub-forests when each counts by its trees. */
async function importances(training: Training, trees: readonly PlacedTree[]) {
  const parts = await inLanes(trees, training.threads, () => undefined, (tree) => treeImportance(training, tree));
  const classes = training.table.knownLabels.length;
  const values = new Float64Array(training.table.columns * (classes + 2));
  for (const part of parts) part.forEach((value, i) => values[i] = (values[i] ?? 0) + value);
  return { classes, values: values.map((value) => value / trees.length) };
}

/**
 * Trains {@linkcode FOREST_COUNT} sub-forests (fewer when there are fewer trees).
 *
 * @param request rows with labels, number of trees, seed
 * @param signal stops the training within milliseconds
 * @returns trees in the form of a project file; the same for any number of threads
 * @throws {RangeError} if there are fewer rows than classes
 * @throws {UserError} if a class has no row left
 * @throws the reason of `signal`
 */
export async function trainForests(request: TrainRequest, signal?: AbortSignal): Promise<TrainedForests> {
  const { classes, labels, trees, labelProportion = 1, storedProportion: stored = false, threads } = request;
  if (labels.length === 0 || labels.length < classes) {
    throw new RangeError(`${labels.length} labelled rows for ${classes} classes`);
  }
  const seed = BigInt.asUintN(64, BigInt(request.seed));
  using calls = new TrainCalls(signal);
  const table = await makeTrainTable(request, { labelProportion, stored, seed }, threads, calls);
  const training = { table, seed, threads, calls };
  const counts = splitTrees(trees);
  const places = counts.flatMap((count, forest) => Array.from({ length: count }, (_, tree) => ({ forest, tree })));
  const trained = await inLanes(
    places,
    threads,
    () => new TreeBuffers(table),
    (place, buffers) => trainTree(training, place, buffers),
  );
  const groups = counts.map((_, forest) =>
    trained.filter(({ place }) => place.forest === forest).map(({ tree }) => tree)
  );
  const oobs = await inLanes(
    [...groups.entries()],
    threads,
    () => undefined,
    ([i, group]) => oobError(training, i, group),
  );
  const sizes = { rows: table.rows, columns: table.columns, classes: table.knownLabels.length };
  return {
    forests: groups.map((group, i) => ({
      trees: group,
      settings: forestSettings({ trees: group.length, ...sizes }),
      oob: oobs[i] ?? NaN,
    })),
    knownLabels: table.knownLabels,
    labelCounts: table.labelCounts,
    notFinite: table.notFinite,
    ...(request.importance ? { importances: await importances(training, trained) } : {}),
  };
}
