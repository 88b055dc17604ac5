/**
 * The few facts that ilastik stores as protocol-0 pickles, found by text patterns. Nothing is ever unpickled
 * (pixel-classification.md §1.7).
 *
 * @module
 */

/** Class name of a pickled reference to one of lazyflow's classifiers; `undefined` for anything else. */
export function pickledClass(text: string): string | undefined {
  return /^c(?:lazyflow\.classifiers\.\w+)\n(\w+)\np\d+\n/.exec(text)?.[1];
}

/** Training options in a pickled classifier factory. */
export interface FactoryOptions {
  /** Number of trees of all forests together. */
  readonly treeCount: number;
  /** Share of the labelled pixels that is trained on; absent means all. */
  readonly labelProportion?: number;
  /** Whether the variable importance is computed. */
  readonly variableImportance: boolean;
}

/** ilastik's own defaults, which it also takes for factories written by Python 2. */
export const DEFAULT_FACTORY: FactoryOptions = { treeCount: 100, variableImportance: false };

/** Reads a pickled `ParallelVigraRfLazyflowClassifierFactory`; the defaults when it is none that we know. */
export function parseFactory(text: string | undefined): FactoryOptions {
  if (text === undefined || !text.includes("ParallelVigraRfLazyflowClassifierFactory")) return DEFAULT_FACTORY;
  const field = (name: string): string | undefined => new RegExp(`V${name}\\np\\d+\\n([^\\n]*)\\n`).exec(text)?.[1];
  const trees = /^I(\d+)$/.exec(field("_num_trees") ?? "")?.[1];
  const proportion = /^F(\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(field("_label_proportion") ?? "")?.[1];
  return {
    treeCount: trees === undefined ? DEFAULT_FACTORY.treeCount : Number(trees),
    ...(proportion === undefined ? {} : { labelProportion: Number(proportion) }),
    variableImportance: field("_variable_importance_enabled") === "I01",
  };
}

/**
 * The text of a factory with other training options; `undefined` when it is none that we know, which is then left as it is.
 */
export function withFactoryOptions(
  text: string,
  treeCount: number,
  labelProportion: number | undefined,
): string | undefined {
  const proportion = labelProportion === undefined ? "N" : `F${labelProportion}`;
  const trees = /(V_num_trees\np\d+\n)I\d+\n/;
  const share = /(V_label_proportion\np\d+\n)(?:N|F[^\n]*\n)/;
  if (!trees.test(text)) return undefined;
  const end = labelProportion === undefined ? "" : "\n";
  return text.replace(trees, `$1I${treeCount}\n`).replace(share, `$1${proportion}${end}`);
}
