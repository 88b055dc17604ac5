/**
 * Plain reading of trained trees (pixel-classification.md §1.6): what the tests hold against the kernels.
 *
 * @module
 */
import type { TrainedForests, TrainedTree } from "../../lib/kernels/train.ts";

const LEAF = 0x40000000;

/** One node of a tree. */
export type Node =
  | {
    readonly leaf: true;
    readonly address: number;
    readonly weight: number;
    readonly probabilities: readonly number[];
  }
  | {
    readonly leaf: false;
    readonly address: number;
    readonly threshold: number;
    readonly left: number;
    readonly right: number;
    readonly column: number;
  };

/** The node at an address. */
export function nodeAt({ topology, parameters }: TrainedTree, address: number): Node {
  const [kind, p, left, right, column] = topology.subarray(address, address + 5);
  const at = (i: number) => parameters[(p ?? NaN) + i] ?? NaN;
  if (kind === LEAF) {
    const classes = topology[1] ?? 0;
    return { leaf: true, address, weight: at(0), probabilities: Array.from({ length: classes }, (_, l) => at(1 + l)) };
  }
  return { leaf: false, address, threshold: at(1), left: left ?? -1, right: right ?? -1, column: column ?? -1 };
}

/** All nodes in the order of the file. */
export function nodesOf(tree: TrainedTree): Node[] {
  const nodes: Node[] = [];
  for (let address = 2; address < tree.topology.length;) {
    const node = nodeAt(tree, address);
    nodes.push(node);
    address += node.leaf ? 2 : 5;
  }
  return nodes;
}

/** Class probabilities of a row: mean over all trees. */
export function probabilitiesOf({ forests, knownLabels }: TrainedForests, row: Float32Array): number[] {
  const sum = knownLabels.map(() => 0);
  const trees = forests.flatMap((forest) => forest.trees);
  for (const tree of trees) {
    let node = nodeAt(tree, 2);
    while (!node.leaf) node = nodeAt(tree, (row[node.column] ?? NaN) < node.threshold ? node.left : node.right);
    node.probabilities.forEach((p, l) => sum[l] = (sum[l] ?? 0) + p);
  }
  return sum.map((p) => p / trees.length);
}

/** Mean number of inner nodes of a tree. */
export function meanInnerNodes({ forests }: TrainedForests): number {
  const trees = forests.flatMap((forest) => forest.trees);
  return trees.reduce((sum, tree) => sum + nodesOf(tree).filter((node) => !node.leaf).length, 0) / trees.length;
}
