/**
 * Random forests in the compiled form of the C kernel.
 *
 * @module
 */
import { address, alignedBytes, KernelError, kernels } from "../../ffi/kernels.ts";

/** Trees as vigra stores them (pixel-classification.md §1.6). */
export interface ForestTrees {
  /** Whether leaves are weighed by their sample count. */
  readonly weighted: boolean;
  /** Trees in name order, as arrays of nodes and of their parameters. */
  readonly trees: readonly {
    readonly topology: Int32Array<ArrayBuffer>;
    readonly parameters: Float64Array<ArrayBuffer>;
  }[];
}

/** All forests of a classifier, checked and compiled; read-only, shared by all threads. */
export interface CompiledForest {
  /** The compiled form, as `ilh_forest_build` makes it. */
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Classes of the forests. */
  readonly classes: number;
  /** Feature columns that any tree tests, ascending. */
  readonly usedColumns: readonly number[];
}

const DESC_BYTES = 64;

/**
 * Compiles the forests of a classifier.
 *
 * @param forests in the order of their names
 * @param columns number of feature columns
 * @param classes number of classes of every forest
 * @throws {KernelError} when a tree is damaged
 */
export function compileForest(forests: readonly ForestTrees[], columns: number, classes: number): CompiledForest {
  const { ilh_forest_size, ilh_forest_build, ilh_forest_used } = kernels();
  const trees = forests.flatMap((forest) => forest.trees);
  const [topology, topologyOffset] = concatenate(trees.map((tree) => tree.topology), (n) => new Int32Array(n));
  const [parameters, parameterOffset] = concatenate(trees.map((tree) => tree.parameters), (n) => new Float64Array(n));
  const arrays = [
    Int32Array.from(forests, (forest) => forest.trees.length),
    Int32Array.from(forests, (forest) => forest.weighted ? 1 : 0),
    topologyOffset,
    topology,
    parameterOffset,
    parameters,
  ];
  const desc = new DataView(new ArrayBuffer(DESC_BYTES));
  [forests.length, classes, columns, 0].forEach((value, i) => desc.setInt32(4 * i, value, true));
  arrays.forEach((array, i) => desc.setBigUint64(16 + 8 * i, address(array), true));

  const where = new BigInt64Array(3);
  const check = (call: string, code: number): void => {
    if (code !== 0) throw new KernelError(call, code, `at tree ${where[0]}, word ${where[1]}, parameter ${where[2]}`);
  };
  const descBytes = new Uint8Array(desc.buffer);
  const sizes = new BigUint64Array(2);
  check("ilh_forest_size", ilh_forest_size(descBytes, sizes, where));
  const memory = alignedBytes(Number(sizes[0]));
  const work = alignedBytes(Number(sizes[1]));
  check("ilh_forest_build", ilh_forest_build(descBytes, memory, sizes[0] ?? 0n, work, sizes[1] ?? 0n, where));

  const used = new Uint8Array(columns);
  ilh_forest_used(memory, used);
  return { memory, classes, usedColumns: [...used.keys()].filter((column) => used[column] === 1) };
}

function concatenate<T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  parts: readonly T[],
  allocate: (length: number) => T,
): [T, BigInt64Array<ArrayBuffer>] {
  const offsets = new BigInt64Array(parts.length + 1);
  const whole = allocate(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  parts.forEach((part, i) => {
    whole.set(part, end);
    end += part.length;
    offsets[i + 1] = BigInt(end);
  });
  return [whole, offsets];
}
