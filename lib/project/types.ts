/**
 * What a project says, as plain immutable values.
 *
 * @module
 */
import type { Axes, Dtype } from "../array/mod.ts";
import type { FactoryOptions } from "./pickle_text.ts";

/** A trained project (`.ilp`), opened for reading. Parts are read from the file when they are asked for, and kept. */
export interface Project extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** Version and workflow. */
  readonly header: ProjectHeader;
  /** Names of the roles in the file; empty in very old projects. */
  readonly roleNames: readonly string[];
  /** Number of training lanes. */
  readonly laneCount: number;
  /** One line about a file that is damaged as a whole: what is wrong with it and what can be read; else `undefined`. */
  damage(): Promise<string | undefined>;
  /** Stored settings of the export. */
  exportSettings(): Promise<StoredExportSettings>;
  /** What the last lane says of each role, in role order; `undefined` where the role is empty. */
  lastLane(): Promise<readonly (TrainingInput | undefined)[]>;
  /** All lanes, for training only: cost grows with their number. */
  lanes(): Promise<readonly (readonly (TrainingInput | undefined)[])[]>;
  /** One stage of pixel classification, from 0; Autocontext has two or more (autocontext.md §1). */
  pixelStage(stage: number): Promise<PixelStage>;
  /** Number of stages with pixel features in the file. */
  readonly pixelStageCount: number;
}

/** Root datasets. */
export interface ProjectHeader {
  /** As stored, for example `1.4.1b15`. */
  readonly version: string;
  /** First two numbers of the version. */
  readonly versionNumbers: readonly [number, number];
  /** As stored, for example `Pixel Classification`. */
  readonly workflowName: string;
  /** Whether labels lie in the axis order of the image file instead of the internal one. */
  readonly labelsInFileOrder: boolean;
  /** One line when the project is from a newer ilastik than we know. */
  readonly warning?: string;
}

/** One input of a training lane (pixel-classification.md §1.3). */
export interface TrainingInput {
  /** As stored: absolute or relative to the project, possibly with an inner path or a pattern. */
  readonly filePath: string;
  /** Whether the pixels lie in the project file itself, at `innerPath`. */
  readonly internal: boolean;
  /** Path of the pixels inside the project. */
  readonly innerPath?: string;
  /** Name of the image in ilastik. */
  readonly nickname: string;
  /** Axes of the training image in file order. */
  readonly axes: Axes;
  /** Sizes in the order of `axes`; absent in projects before 1.3.3. */
  readonly shape?: readonly number[];
  /** Element type; known only for images inside the project. */
  readonly dtype?: Dtype;
  /** Smallest and largest value that somebody set in ilastik, or that the image's file declares. */
  readonly range?: readonly [number, number];
}

/** Stored export settings; absent ones were never set (pixel-classification.md §1.8). */
export interface StoredExportSettings {
  /** Name of the format. */
  readonly outputFormat?: string;
  /** Pattern of file names. */
  readonly outputFilenameFormat?: string;
  /** Pattern of the dataset name. */
  readonly outputInternalPath?: string;
  /** Element type. */
  readonly exportDtype?: string;
  /** Axes, letters out of `tzyxc`. */
  readonly outputAxisOrder?: string;
  /** All four range numbers, present only together. */
  readonly ranges?: {
    readonly input: readonly [number, number];
    readonly output: readonly [number, number];
  };
  /** Start and stop in internal order; `undefined` entries mean the full range. */
  readonly region?: {
    readonly start: readonly (number | undefined)[];
    readonly stop: readonly (number | undefined)[];
  };
}

/** Selected features (pixel-classification.md §1.4). */
export interface FeatureSelection {
  /** Feature ids in the order of the file, such as `GaussianSmoothing`. */
  readonly ids: readonly string[];
  /** Scales (sigma) in the order of the file. */
  readonly scales: readonly number[];
  /** `matrix[id][scale]`. */
  readonly matrix: readonly (readonly boolean[])[];
  /** One flag per scale. For projects without the flags the rule for old projects is applied. */
  readonly computeIn2d: readonly boolean[];
  /** Whether `ComputeIn2d` is in the file (names of features depend on it). */
  readonly computeIn2dStored: boolean;
}

/** Trees as they lie in the file, concatenated (pixel-classification.md §1.6). Structure is validated on reading. */
export interface StoredForest {
  /** Path of its group in the file. */
  readonly name: string;
  /** Whether leaves are weighed by their sample count. */
  readonly weighted: boolean;
  /** Trees in name order, as arrays of nodes and of their parameters. */
  readonly trees: readonly {
    readonly topology: Int32Array<ArrayBuffer>;
    readonly parameters: Float64Array<ArrayBuffer>;
  }[];
}

/** A trained random forest classifier. */
export interface StoredClassifier {
  /** In name order. */
  readonly forests: readonly StoredForest[];
  /** Label value of each forest column, ascending from 1. */
  readonly knownLabels: readonly number[];
  /** Number of feature columns. */
  readonly columnCount: number;
  /** Absent in very old projects. */
  readonly featureNames?: readonly string[];
}

/** A block of labels (pixel-classification.md §5.1). */
export interface LabelBlock {
  /** Index of the training lane. */
  readonly lane: number;
  /** Start and stop in the order of the label axes of this project version. */
  readonly start: readonly number[];
  /** Exclusive, in the order of the label axes. */
  readonly stop: readonly number[];
  /** Labels in C order; 0 is no label. */
  readonly values: Uint8Array<ArrayBuffer>;
}

/** One trained stage: names, features, classifier, labels. */
export interface PixelStage {
  /** 0 for Pixel Classification. */
  readonly index: number;
  /** Names of the classes, in order of their label values. */
  readonly labelNames: readonly string[];
  /** `[red, green, blue]` 0…255 per label; empty when not stored. */
  readonly labelColors: readonly (readonly [number, number, number])[];
  /** `undefined` when the project has no features. */
  readonly features: FeatureSelection | undefined;
  /** The classifier, or why there is none that can be used. */
  readonly classifier: StoredClassifier | { readonly missing: string };
  /** Whether labels are all it has: they are stored, but features or classifier are missing. */
  readonly onlyLabels: boolean;
  /** All label blocks of all lanes, for training only. */
  labelBlocks(): Promise<readonly LabelBlock[]>;
  /** Stored training options. */
  factory(): Promise<FactoryOptions>;
}

/** A newly trained classifier in the form in which a project stores it. */
export interface TrainedStage {
  /** 0 for Pixel Classification and the first stage of Autocontext. */
  readonly index: number;
  /** The forests and what they were trained on. */
  readonly classifier: StoredClassifier & { readonly featureNames: readonly string[] };
  /** Groups `_options` and `_ext_param` of each forest: float64 datasets by name. */
  readonly settings: readonly {
    readonly options: Readonly<Record<string, number>>;
    readonly extParam: Readonly<Record<string, readonly number[]>>;
  }[];
  /** Number of trees of all forests together. */
  readonly treeCount: number;
  /** Share of the labelled pixels it was trained on; `undefined` for all. */
  readonly labelProportion: number | undefined;
}
