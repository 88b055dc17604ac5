/**
 * What a workflow is to the rest of the program: a table and one function.
 *
 * @module
 */
import type { ArraySource, Axes } from "../array/mod.ts";
import type { Slots } from "../engine/mod.ts";
import type { Project, TrainedStage, TrainingInput } from "../project/mod.ts";

/** A kind of input, such as "Raw Data". */
export interface Role {
  /** Name as ilastik shows it. */
  readonly name: string;
  /** Option that gives its files, in table form (`raw_data`). */
  readonly flag: string;
  /** Whether every image needs one. */
  readonly required: boolean;
}

/** What lanes and trainings need from outside. */
export interface WorkContext {
  /** Places for computing: at most `threads` kernels run at once. */
  readonly slots: Slots;
  /** Bytes that intermediate results may take together, beside the blocks in flight. */
  readonly memory: number;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/** What a lane needs from outside. */
export interface LaneContext extends WorkContext {
  /** Listed names of the results that are read, block by block together. */
  readonly exportSources: readonly string[];
  /** Receives what the user may want to know. */
  readonly info: (message: string) => void;
}

/** A named result of one lane. */
export interface Result {
  /** The listed name of the export source. */
  readonly name: string;
  /** The pixels, computed on read. `axes` is the internal order, in which regions are given (cli-and-io.md §5.3.1). */
  readonly source: ArraySource;
  /** Default order of the output: the input's axes, `c` appended (cli-and-io.md §5.3.3). */
  readonly outputAxes: Axes;
  /** All values are known to lie in this range. */
  readonly valueRange?: readonly [number, number];
  /** Whether values measure something, unlike numbers of labels, which must never be scaled. */
  readonly continuous: boolean;
}

/** One set of inputs, checked against the project. */
export interface Lane {
  /** Part of the context's memory that intermediate results may take while it is read, beside the blocks in flight. */
  readonly keptShare: number;
  /** Gives one of the results that were announced. Nothing is computed before the result is read. */
  result(exportSource: string): Result;
}

/** What training needs from outside. */
export interface TrainingContext extends WorkContext {
  /**
   * Opens training images, all missing ones in one error.
   *
   * @throws {UserError} kind `project`
   */
  readonly openImages: (inputs: readonly TrainingInput[]) => Promise<readonly ArraySource[]>;
  /** Number of trees; that of the project by default. */
  readonly treeCount?: number;
  /** Share of the labelled pixels to train on; that of the project by default. */
  readonly labelProportion?: number;
  /** Seed of the random numbers: the same seed gives the same forest. */
  readonly seed: number;
  /** Receives what the user may want to know. */
  readonly info: (message: string) => void;
  /** Stops the training. */
  readonly signal?: AbortSignal;
  /** When given, nothing is trained: it receives lines that say what would be trained, and from what. */
  readonly plan?: (line: string) => void;
}

/** A project that is ready for images. */
export interface PreparedWorkflow {
  /** Table of variable importances of the training, if the project asks for one. */
  readonly importances?: string;
  /** Stages that were trained for this run, ready to be stored. */
  readonly trained: readonly TrainedStage[];
  /**
   * Checks the inputs of one lane (axes, channels, sizes) and wires the results.
   *
   * @param inputs one source per role of the workflow, in order; `undefined` where an optional role has none
   * @throws {UserError} kind `input`
   */
  lane(inputs: readonly (ArraySource | undefined)[], context: LaneContext): Lane;
}

/** A workflow: what it is called, what it takes, what it gives. */
export interface Workflow {
  /** Values of `workflowName` in projects. */
  readonly names: readonly string[];
  /** Name for people. */
  readonly title: string;
  /** Inputs; the first one is also given by plain words. */
  readonly roles: readonly Role[];
  /** Names of the results as ilastik lists them; the first is the default. */
  readonly exportSources: readonly string[];
  /** Training options that it takes, in table form. */
  readonly trainingOptions: readonly string[];
  /** Other spellings of export sources -> listed name. */
  readonly sourceAliases: Readonly<Record<string, string>>;
  /**
   * Checks that the project has what the wanted results need and builds the models.
   *
   * @param exportSources listed names
   * @param training when given, the classifiers are trained from the stored labels instead of read
   * @throws {UserError} kind `project`
   */
  prepare(project: Project, exportSources: readonly string[], training?: TrainingContext): Promise<PreparedWorkflow>;
}
