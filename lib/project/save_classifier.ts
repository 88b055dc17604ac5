/**
 * Stores newly trained classifiers in a project, in the form in which ilastik itself does
 * (pixel-classification.md §1.5–1.7, §6). The rest of the file stays as it is.
 *
 * @module
 */
import { dirname } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { errorText, UserError } from "../array/mod.ts";
import { isWriteError } from "./write_error.ts";
import { withFactoryOptions } from "./pickle_text.ts";
import { pythonTime } from "./python_time.ts";
import { stageGroup } from "./stage_group.ts";
import type { StoredForest, TrainedStage } from "./types.ts";

/** Protocol-0 pickle of a reference to ilastik's parallel forest. */
const PICKLED_TYPE =
  "clazyflow.classifiers.parallelVigraRfLazyflowClassifier\nParallelVigraRfLazyflowClassifier\np0\n.";
const FOREST_FORMAT = 0.1;

/**
 * Checks that a project can be replaced by a changed copy.
 *
 * @throws {UserError} kind `project`
 */
export async function checkSavable(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true })).close();
    await (await H5File.open(path)).close(); // what is damaged can perhaps be read, but not be changed
    await Deno.remove(await temporaryFor(await Deno.realPath(path)));
  } catch (error) {
    throw new UserError("project", `the project ${path} cannot be written: ${errorText(error)}`, {
      hint: "leave out --readonly=0 to train for this run only",
      cause: error,
    });
  }
}

/**
 * Writes the classifiers into a copy of the project, which then takes the project's place. A link to the project stays.
 *
 * @throws {UserError} kind `project`
 */
export async function saveClassifiers(path: string, stages: readonly TrainedStage[]): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await Deno.realPath(path);
    temporary = await temporaryFor(target);
    await Deno.copyFile(target, temporary);
    {
      await using file = await H5File.open(temporary, { write: true });
      for (const stage of stages) await writeStage(file, stage);
      await replaceValue(file, "time", pythonTime(new Date()));
    }
    await Deno.rename(temporary, target);
  } catch (error) {
    if (temporary !== undefined) await Deno.remove(temporary).catch(() => {}); // the first error is the one that counts
    if (!isWriteError(error)) throw error;
    throw new UserError("project", `the project ${path} cannot be written: ${error.message}`, { cause: error });
  }
}

function temporaryFor(path: string): Promise<string> {
  return Deno.makeTempFile({ dir: dirname(path), prefix: ".ilastik-headless-", suffix: ".ilp" });
}

async function writeStage(file: H5File, stage: TrainedStage): Promise<void> {
  const group = stageGroup("PixelClassification", stage.index);
  const base = `${group}/ClassifierForests`;
  const { classifier } = stage;
  if (await file.kind(base) !== undefined) await file.unlink(base);
  await file.createGroup(base);
  for (const [i, forest] of classifier.forests.entries()) {
    await writeForest(
      file,
      `${base}/Forest${String(i).padStart(4, "0")}`,
      forest,
      stage.settings[i],
      classifier.knownLabels,
    );
  }
  await file.writeValue(`${base}/known_labels`, uint32(classifier.knownLabels));
  await file.writeValue(`${base}/feature_names`, classifier.featureNames);
  await file.writeValue(`${base}/pickled_type`, PICKLED_TYPE);

  const factory = await file.value(`${group}/ClassifierFactory`);
  const text = factory?.kind === "strings" ? factory.strings[0] : undefined;
  const changed = text === undefined ? undefined : withFactoryOptions(text, stage.treeCount, stage.labelProportion);
  if (changed !== undefined) await replaceValue(file, `${group}/ClassifierFactory`, changed);
}

async function writeForest(
  file: H5File,
  base: string,
  forest: StoredForest,
  settings: TrainedStage["settings"][number] | undefined,
  labels: readonly number[],
): Promise<void> {
  await file.createGroup(base);
  await file.writeAttribute(base, "vigra_random_forest_version", float64([FOREST_FORMAT]));
  for (const [name, value] of Object.entries(settings?.options ?? {})) {
    await file.writeValue(`${base}/_options/${name}`, float64([value]));
  }
  for (const [name, values] of Object.entries(settings?.extParam ?? {})) {
    await file.writeValue(`${base}/_ext_param/${name}`, float64(values));
  }
  await file.writeValue(`${base}/_ext_param/labels`, uint32(labels));
  const digits = String(forest.trees.length - 1).length;
  for (const [i, { topology, parameters }] of forest.trees.entries()) {
    const tree = `${base}/Tree_${String(i).padStart(digits, "0")}`;
    await file.writeValue(`${tree}/topology`, { dtype: "int32", shape: [topology.length], data: topology });
    await file.writeValue(`${tree}/parameters`, { dtype: "float64", shape: [parameters.length], data: parameters });
  }
}

async function replaceValue(file: H5File, path: string, text: string): Promise<void> {
  if (await file.kind(path) !== undefined) await file.unlink(path);
  await file.writeValue(path, text);
}

function float64(
  values: readonly number[],
): { dtype: "float64"; shape: readonly number[]; data: Float64Array<ArrayBuffer> } {
  return { dtype: "float64", shape: [values.length], data: Float64Array.from(values) };
}

function uint32(
  values: readonly number[],
): { dtype: "uint32"; shape: readonly number[]; data: Uint32Array<ArrayBuffer> } {
  return { dtype: "uint32", shape: [values.length], data: Uint32Array.from(values) };
}
