/**
 * What a project stores beside the trees of a trained forest (pixel-classification.md §1.6, §5.2).
 *
 * @module
 */

/** Sub-forests of a classifier; always the same, so that results do not depend on the machine. */
export const FOREST_COUNT = 8;

/** Groups `_options` and `_ext_param` of a forest: float64 datasets by name. `labels` is not among them. */
export interface ForestSettings {
  /** `_options`, each one number. */
  readonly options: Readonly<Record<string, number>>;
  /** `_ext_param`: one number each but for `class_weights_`, one per class. */
  readonly extParam: Readonly<Record<string, readonly number[]>>;
}

/** Sizes of a trained forest. */
export interface ForestSizes {
  /** Number of trees. */
  readonly trees: number;
  /** Number of rows. */
  readonly rows: number;
  /** Number of feature columns. */
  readonly columns: number;
  /** Number of classes. */
  readonly classes: number;
}

/** vigra's numbers for its options. */
const TAG = { proportional: 1, none: 3, sqrt: 6 } as const;
const CLASSIFICATION = 1;

/**
 * How many trees each sub-forest gets: as even as possible, larger ones first, none empty.
 *
 * @param trees number of all trees, at least 1
 */
export function splitTrees(trees: number): number[] {
  const counts = Array.from(
    { length: FOREST_COUNT },
    (_, i) => Math.floor((trees + FOREST_COUNT - 1 - i) / FOREST_COUNT),
  );
  return counts.filter((count) => count > 0);
}

/** Number of columns that a node looks at: the rounded square root. */
export function columnsPerNode(columns: number): number {
  return Math.min(columns, Math.floor(Math.sqrt(columns) + 0.5));
}

/** The settings that describe one sub-forest, as vigra writes them. */
export function forestSettings({ trees, rows, columns, classes }: ForestSizes): ForestSettings {
  return {
    options: {
      tree_count_: trees,
      min_split_node_size_: 1,
      mtry_: 0,
      mtry_func_: 0,
      mtry_switch_: TAG.sqrt,
      predict_weighted_: 0,
      prepare_online_learning_: 0,
      sample_with_replacement_: 1,
      stratification_method_: TAG.none,
      training_set_calc_switch_: TAG.proportional,
      training_set_func_: 0,
      training_set_proportion_: 1,
      training_set_size_: 0,
    },
    extParam: {
      actual_msample_: [rows],
      actual_mtry_: [columnsPerNode(columns)],
      class_count_: [classes],
      class_weights_: Array.from({ length: classes }, () => 1),
      column_count_: [columns],
      is_weighted_: [1],
      precision_: [0],
      problem_type_: [CLASSIFICATION],
      response_size_: [1],
      row_count_: [rows],
      used_: [1],
    },
  };
}
