/**
 * A stage of pixel classification as it is needed for prediction: features and compiled forests.
 *
 * @module
 */
import { UserError } from "../../array/mod.ts";
import {
  type CompiledForest,
  compileForest,
  featureColumns,
  type PixelClassifier,
  type SelectedFeatures,
  unknownFeatures,
} from "../../kernels/mod.ts";
import type { PixelStage, StoredClassifier } from "../../project/mod.ts";

/** A stage that is ready for images. */
export interface PixelModel {
  /** Selected features. */
  readonly features: SelectedFeatures;
  /** Absent when only features are asked for. */
  readonly classifier: PixelClassifier | undefined;
  /** Names of the classes, in order of their label values. */
  readonly labelNames: readonly string[];
  /** Colours of the classes, `[red, green, blue]` 0…255. */
  readonly labelColors: readonly (readonly [number, number, number])[];
  /** Names of the features that the classifier was trained on, when the project stores them. */
  readonly featureNames: readonly string[] | undefined;
  /** Number of feature columns of the classifier. */
  readonly columnCount: number | undefined;
  /** Path of the project and name of the stage, for messages. */
  readonly origin: string;
}

/**
 * Builds the model of a stage.
 *
 * @param origin path of the project (and stage), for messages
 * @param needsClassifier whether anything but features is asked for
 * @throws {UserError} kind `project` when features or classifier are missing
 */
export function makeModel(stage: PixelStage, origin: string, needsClassifier: boolean): PixelModel {
  const { features, classifier, labelNames, labelColors } = stage;
  if (features === undefined || !features.matrix.flat().includes(true)) {
    throw new UserError("project", `${origin} holds no selected features${stage.onlyLabels ? "" : " and no labels"}`, {
      hint: "select features and train in ilastik, then save the project",
    });
  }
  const unknown = unknownFeatures(features);
  if (unknown.length > 0) {
    throw new UserError("project", `${origin} uses features that are not supported: ${unknown.join(", ")}`);
  }
  const base = { features, labelNames, labelColors, origin };
  if (!needsClassifier) return { ...base, classifier: undefined, featureNames: undefined, columnCount: undefined };
  if ("missing" in classifier) throw missingClassifier(origin, classifier.missing, stage.onlyLabels);
  return {
    ...base,
    classifier: pixelClassifier(classifier, labelNames.length, origin),
    featureNames: classifier.featureNames,
    columnCount: classifier.columnCount,
  };
}

/**
 * Compares the classifier's features with those that this image gives (pixel-classification.md §2.9).
 *
 * @throws {UserError} kind `project`
 */
export function checkFeatureNames(
  model: PixelModel,
  size: { readonly z: number; readonly y: number; readonly x: number },
  channels: number,
): void {
  const { columnCount, featureNames, origin } = model;
  if (columnCount === undefined) return;
  const columns = featureColumns(model.features, size, channels);
  if (columns.length !== columnCount) {
    throw new UserError(
      "project",
      `${origin}: the classifier was trained on ${columnCount} features, the selection gives ${columns.length}`,
      { hint: "train again in ilastik and save the project" },
    );
  }
  const wrong = columns.find((column, i) =>
    featureNames?.[i] !== undefined && plain(featureNames[i]) !== plain(column.name)
  );
  if (wrong !== undefined) {
    throw new UserError(
      "project",
      `${origin}: the classifier was trained on other features than are selected (\`${wrong.name}\`)`,
      {
        hint: "train again in ilastik and save the project",
      },
    );
  }
}

/** Projects before 1.3.3 have names without ` in 2D`, although computed so. */
function plain(name: string): string {
  return name.replace(" in 2D", "");
}

function pixelClassifier(classifier: StoredClassifier, labelCount: number, origin: string): PixelClassifier {
  const { forests, columnCount, knownLabels } = classifier;
  const classCount = Math.max(labelCount, 1);
  const largest = Math.max(...knownLabels);
  if (largest > classCount) throw beyondNames(`${origin}: the classifier was trained on pixels`, largest, labelCount);
  const forest: CompiledForest = compileForest(forests, columnCount, knownLabels.length);
  return { forest, classCount, classChannels: knownLabels.map((label) => label - 1) };
}

/** A label without a name: the project is damaged, no channel belongs to it. */
export function beyondNames(what: string, label: number, names: number): UserError {
  return new UserError("project", `${what} of label ${label}, but only ${names} labels have names in the project`, {
    hint: "open it in ilastik, check its labels, train and save it",
  });
}

function missingClassifier(origin: string, why: string, onlyLabels: boolean): UserError {
  return new UserError("project", `${origin} ${why}${onlyLabels ? ", only labels" : ""}`, {
    hint: 'open it in ilastik, press "Live Update" with "Parallel Random Forest (VIGRA)" and save it' +
      (onlyLabels ? ", or add --retrain" : ""),
  });
}
