/**
 * The trained classifier of a stage (pixel-classification.md §1.5, §1.7, §1.10).
 *
 * @module
 */
import { type ForestSize, readForest } from "./forest.ts";
import { pickledClass } from "./pickle_text.ts";
import type { ProjectReader } from "./reader.ts";
import type { StoredClassifier, StoredForest } from "./types.ts";

const PARALLEL = "ParallelVigraRfLazyflowClassifier";
const SINGLE = "VigraRfLazyflowClassifier";

/**
 * Reads the classifier of a group such as `PixelClassification`.
 *
 * @param labelCount number of label names
 * @returns the classifier, or in words why there is none that can be used
 * @throws {UserError} kind `project` when it is damaged
 */
export async function readClassifier(
  reader: ProjectReader,
  group: string,
  labelCount: number,
): Promise<StoredClassifier | { missing: string }> {
  const base = `${group}/ClassifierForests`;
  if ((await reader.members(base)).length === 0) return { missing: "holds no trained classifier" };
  const pickled = await reader.string(`${base}/pickled_type`);
  const kind = pickled === undefined ? PARALLEL : pickledClass(pickled);
  if (kind !== PARALLEL && kind !== SINGLE) {
    return { missing: `was trained with ${kind ?? "an unknown kind of classifier"}, which cannot be read` };
  }
  const names = (await reader.groups(base)).filter((name) =>
    kind === SINGLE ? name === "forest" : /^Forest\d+$/.test(name)
  );
  if (names.length === 0) return { missing: "holds no trained classifier" };

  const forests: StoredForest[] = [];
  let size: ForestSize | undefined;
  for (const name of names) {
    const read = await readForest(reader, `${base}/${name}`);
    if (size !== undefined && (read.size.columns !== size.columns || read.size.classes !== size.classes)) {
      throw reader.wrong(`${base}/${name}`, `a forest of ${size.columns} columns and ${size.classes} classes`);
    }
    size ??= read.size;
    forests.push(read.forest);
  }
  if (size === undefined) return { missing: "holds no trained classifier" };

  const knownLabels = await readKnownLabels(reader, `${base}/known_labels`, size.classes);
  if (knownLabels.length > Math.max(labelCount, 1)) {
    return { missing: `has a classifier for ${knownLabels.length} classes but only ${labelCount} label names` };
  }
  const featureNames = await reader.strings(`${base}/feature_names`);
  return { forests, knownLabels, columnCount: size.columns, ...(featureNames === undefined ? {} : { featureNames }) };
}

async function readKnownLabels(reader: ProjectReader, path: string, classes: number): Promise<readonly number[]> {
  const stored = (await reader.numbers(path))?.values;
  if (stored === undefined) return Array.from({ length: classes }, (_, i) => i + 1);
  if (stored.length !== classes || stored.some((label) => !Number.isInteger(label) || label < 1)) {
    throw reader.wrong(path, `${classes} label values`);
  }
  return stored;
}
