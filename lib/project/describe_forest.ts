/**
 * Sizes of the random forests of a project, for people who want to know what is inside.
 *
 * @module
 */
import { readForest } from "./forest.ts";
import { pickledClass } from "./pickle_text.ts";
import type { ProjectReader } from "./reader.ts";
import type { StoredForest } from "./types.ts";

/** A stored classifier in numbers. */
export interface ForestDescription {
  /** Class of the classifier as ilastik names it; absent when the project does not say. */
  readonly kind?: string;
  /** Trees of each forest. */
  readonly trees: readonly number[];
  /** Nodes of all trees, leaves included. */
  readonly nodes: number;
  /** Feature columns that it was trained on. */
  readonly columns: number;
  /** Columns that at least one tree looks at. */
  readonly columnsUsed: number;
  /** Classes that it was trained on. */
  readonly classes: number;
  /** Label values of the classes. */
  readonly knownLabels: readonly number[];
  /** Names of the columns, when the project stores them. */
  readonly featureNames: readonly string[];
}

const LEAF = 0x40000000;
const ROOT = 2;

/**
 * Describes the forests of a group such as `PixelClassification/ClassifierForests`.
 *
 * @returns `undefined` when it holds none
 * @throws {UserError} kind `project` when one is damaged
 */
export async function describeForests(reader: ProjectReader, group: string): Promise<ForestDescription | undefined> {
  const names = (await reader.groups(group)).filter((name) => /^(Forest\d+|forest)$/.test(name));
  const read = [];
  for (const name of names) read.push(await readForest(reader, `${group}/${name}`));
  const [first] = read;
  if (first === undefined) return undefined;
  const kind = pickledClass(await reader.string(`${group}/pickled_type`) ?? "");
  const used = new Set<number>();
  let nodes = 0;
  for (const { forest } of read) nodes += walkTrees(forest, used);
  return {
    ...(kind === undefined ? {} : { kind }),
    trees: read.map(({ forest }) => forest.trees.length),
    nodes,
    columns: first.size.columns,
    columnsUsed: used.size,
    classes: first.size.classes,
    knownLabels: (await reader.numbers(`${group}/known_labels`))?.values ?? first.size.labels,
    featureNames: await reader.strings(`${group}/feature_names`) ?? [],
  };
}

/** Adds the columns that the trees look at to `used`; returns the number of nodes. The structure is checked already. */
function walkTrees(forest: StoredForest, used: Set<number>): number {
  let count = 0;
  for (const { topology } of forest.trees) {
    const pending = [ROOT];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      count++;
      if (topology[node] === LEAF) continue;
      used.add(topology[node + 4] as number);
      pending.push(topology[node + 2] as number, topology[node + 3] as number);
    }
  }
  return count;
}
