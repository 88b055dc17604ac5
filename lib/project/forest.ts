/**
 * Random forests as vigra stores them (pixel-classification.md §1.6).
 *
 * @module
 */
import type { ProjectReader } from "./reader.ts";
import type { StoredForest } from "./types.ts";

/** What all forests of a classifier must agree on. */
export interface ForestSize {
  /** Feature columns. */
  readonly columns: number;
  /** Classes. */
  readonly classes: number;
  /** Label of each class column as the forest stores it; absent when the file does not say. */
  readonly labels: readonly number[];
}

const NEWEST_FORMAT = 0.1;
const ROOT = 2;
const LEAF = 0x40000000;
const INNER = 0;
/** Words of an inner node behind its type: parameter, two children, column. */
const INNER_WORDS = 5;

/**
 * Reads one forest group and checks its structure.
 *
 * @throws {UserError} kind `project` naming the tree when it is damaged or of a kind that ilastik never writes
 */
export async function readForest(
  reader: ProjectReader,
  path: string,
): Promise<{ forest: StoredForest; size: ForestSize }> {
  const format = await reader.attribute(path, "vigra_random_forest_version");
  if (format?.kind === "numbers" && Number(format.data[0]) > NEWEST_FORMAT) {
    throw reader.wrong(path, `a random forest of format ${NEWEST_FORMAT}`, format);
  }
  const need = async (name: string): Promise<number> => {
    const value = await reader.number(`${path}/${name}`);
    if (value === undefined || !Number.isFinite(value)) throw reader.wrong(`${path}/${name}`, "a number");
    return value;
  };
  const columns = await need("_ext_param/column_count_");
  const classes = await need("_ext_param/class_count_");
  if (!Number.isInteger(columns) || columns < 1 || !Number.isInteger(classes) || classes < 1) {
    throw reader.wrong(`${path}/_ext_param`, "whole numbers of columns and classes");
  }
  const labels = (await reader.numbers(`${path}/_ext_param/labels`))?.values ?? [];
  const weighted = (await reader.number(`${path}/_options/predict_weighted_`) ?? 0) > 0;
  const trees: StoredForest["trees"][number][] = [];
  for (const name of await reader.groups(path)) {
    if (!name.startsWith("Tree_")) continue;
    const tree = await readTree(reader, `${path}/${name}`);
    checkTree(reader, `${path}/${name}`, tree, columns, classes);
    trees.push(tree);
  }
  if (trees.length === 0) throw reader.wrong(path, "at least one tree");
  return { forest: { name: path, weighted, trees }, size: { columns, classes, labels } };
}

async function readTree(reader: ProjectReader, path: string): Promise<StoredForest["trees"][number]> {
  const topology = await reader.raw(`${path}/topology`);
  const parameters = await reader.raw(`${path}/parameters`);
  if (topology?.kind !== "numbers" || !(topology.data instanceof Int32Array) || topology.shape.length !== 1) {
    throw reader.wrong(`${path}/topology`, "a list of int32", topology);
  }
  if (parameters?.kind !== "numbers" || !(parameters.data instanceof Float64Array) || parameters.shape.length !== 1) {
    throw reader.wrong(`${path}/parameters`, "a list of float64", parameters);
  }
  return { topology: topology.data, parameters: parameters.data };
}

/**
 * Walks over every node once. Children lie behind their parent, so a walk always ends; everything it touches lies
 * inside the two lists.
 */
function checkTree(
  reader: ProjectReader,
  path: string,
  { topology, parameters }: StoredForest["trees"][number],
  columns: number,
  classes: number,
): void {
  const wrong = (what: string): never => {
    throw reader.wrong(path, `a tree, ${what}`);
  };
  if (topology.length <= ROOT || topology[0] !== columns || topology[1] !== classes) {
    wrong(`its first numbers should be ${columns} and ${classes}`);
  }
  const pending = [ROOT];
  const seen = new Uint8Array(topology.length);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const [kind, parameter] = [topology[node], topology[node + 1]];
    if (kind === undefined || parameter === undefined) return wrong(`node ${node} lies outside`);
    if (seen[node] === 1) return wrong(`node ${node} has two parents`);
    seen[node] = 1;
    if (kind !== INNER && kind !== LEAF) return wrong(`node ${node} has the unknown kind ${kind}`);
    const values = kind === LEAF ? 1 + classes : 2;
    if (parameter < 0 || parameter + values > parameters.length) {
      return wrong(`the parameters of node ${node} lie outside`);
    }
    if (kind === LEAF) {
      // Every leaf holds the classes of at least one pixel. Zeros are a hole in the file, and would be read as no class.
      const shares = parameters.subarray(parameter + 1, parameter + values);
      if (!(shares.reduce((sum, share) => sum + share, 0) > 0)) return wrong(`the leaf ${node} is of no class`);
      continue;
    }
    if (node + INNER_WORDS > topology.length) return wrong(`node ${node} is cut off`);
    const column = topology[node + 4] as number;
    if (column < 0 || column >= columns) return wrong(`node ${node} asks for column ${column} of ${columns}`);
    for (const child of [topology[node + 2] as number, topology[node + 3] as number]) {
      if (child <= node || child >= topology.length) return wrong(`node ${node} has the child ${child}`);
      pending.push(child);
    }
  }
}
