/**
 * Copies of projects without what prediction does not need: labels, pixels, caches, folders of training images.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { H5File, type H5NewValue, type H5Value, NativeError } from "../../ffi/hdf5.ts";
import { errorText, UserError } from "../array/mod.ts";
import { readClassifier } from "./classifier.ts";
import { readHeader } from "./header.ts";
import { hasLabels, namesFromLabels } from "./labels.ts";
import { DamagedProject, ProjectReader } from "./reader.ts";
import { damageLine, surveyed } from "./survey.ts";
import { isWriteError } from "./write_error.ts";

/** What a slim copy left out. */
export interface SlimResult {
  /** Groups whose content was left out. */
  readonly emptied: readonly string[];
  /** Texts that held folders, and what stands there now. */
  readonly renamed: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  /** One line about a project that is damaged as a whole; the copy is not. */
  readonly damage?: string;
  /** Size of the project. */
  readonly bytesBefore: number;
  /** Size of the copy. */
  readonly bytesAfter: number;
}

/** Groups that training and viewing need, but not prediction; they stay, without content. */
const EMPTIED: readonly RegExp[] = [
  /^Input Data\/local_data$/,
  /^PixelClassification\d*\/LabelSets$/,
  /^(ObjectClassification|CountClassification|DivisionDetection)\/(LabelInputs|CachedProbabilities)$/,
  /^(ObjectExtraction|TrackingFeatureExtraction)\/(LabelImage_v2|RelabelData|RegionFeatures\w*)$/,
  /^ThresholdTwoLevels\/CachedThresholdLabels$/,
  /^DT Watershed\/Superpixels$/,
  /^Training and Multicut\/(EdgeLabelsDict|EdgeFeatures)$/,
  /^TrackingAnnotations\/(Annotations|Appearances|Disappearances|Divisions|Labels)$/,
];

/** Texts with folders of the machine that the project was made on. */
const FOLDERS: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/^Input Data\/infos\/[^/]+\/([^/]+\/)?filePath$/, withoutFolders],
  [/^[^/]+ Export\/OutputFilenameFormat$|^Data Export\/OutputFilenameFormat$/, withDatasetDir],
];

/** Groups that are gone through member by member; all others are copied as a whole. */
const WALKED = /^(Input Data\/infos(\/[^/]+){0,2}|[^/]+)$/;

/** Between the files of a list; a single letter in front of a colon is a drive, slashes or digits behind it an address. */
const SEPARATOR = /(;|(?<!(?:^|[;:])[A-Za-z]):(?!\/\/|\d{1,5}\b))/;

/** Ends of file names behind which a path goes on inside the file. */
const CONTAINER = /^(.*?\.(?:h5|hdf5|ilp|n5|zarr|npz))(\/.*)?$/i;

/**
 * Writes a copy of a project that predicts the same numbers. Of a project that is cut off it is a whole one, if nothing but
 * what is left out anyway is lost.
 *
 * @param path absolute path of the project
 * @param target absolute path of the copy; it appears there when it is complete
 * @throws {UserError} kind `project` when it cannot be read or needs its labels, kind `output` when the copy cannot be
 * written
 */
export async function slimProject(path: string, target: string): Promise<SlimResult> {
  const { names, damage } = await checkUsable(path);
  const temporary = await temporaryFor(target);
  try {
    const copy = new SlimCopy();
    {
      await using from = await H5File.openCutOff(path);
      await using to = await H5File.create(temporary);
      await copy.attributes(from, to, "/");
      await copy.group(from, to, "");
      for (const [group, labels] of names) await to.writeValue(`${group}/LabelNames`, labels);
    }
    const [before, after] = [await Deno.stat(path), await Deno.stat(temporary)];
    await Deno.rename(temporary, target);
    const sizes = { bytesBefore: before.size, bytesAfter: after.size };
    return { emptied: copy.emptied, renamed: copy.renamed, ...(damage === undefined ? {} : { damage }), ...sizes };
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // the first error is the one that counts
    if (damage !== undefined && error instanceof NativeError) throw new DamagedProject(damage, error);
    if (!isWriteError(error)) throw error;
    throw new UserError("output", `cannot write ${target}: ${error.message}`, {
      hint: "give another name with -o",
      cause: error,
    });
  }
}

/** Text of a path list without any folder: `/a/b.h5/data` -> `b.h5/data`. Lists are separated by `:` or `;`. */
export function withoutFolders(text: string): string {
  return text.split(SEPARATOR).map((part) => {
    if (/^[;:]$/.test(part)) return part;
    const plain = part.replaceAll("\\", "/");
    const [, file = plain, inside = ""] = CONTAINER.exec(plain) ?? [];
    return file.slice(file.lastIndexOf("/") + 1) + inside;
  }).join("");
}

/** A pattern for output names that begins with an absolute folder begins with the input's folder instead. */
function withDatasetDir(text: string): string {
  const plain = text.replaceAll("\\", "/");
  return /^([A-Za-z]:)?\/|^~/.test(plain) ? `{dataset_dir}/${plain.slice(plain.lastIndexOf("/") + 1)}` : text;
}

/** Copies members by the tables and remembers what it left out. */
class SlimCopy {
  readonly emptied: string[] = [];
  readonly renamed: { path: string; from: string; to: string }[] = [];

  /** Copies the members of a group; `""` is the root. */
  async group(from: H5File, to: H5File, group: string): Promise<void> {
    for (const { name, kind } of await from.members(group === "" ? "/" : group)) {
      const path = group === "" ? name : `${group}/${name}`;
      if (kind !== "dataset" && EMPTIED.some((pattern) => pattern.test(path))) {
        await to.createGroup(path);
        if (kind === "broken") this.emptied.push(path);
        else await this.#empty(from, to, path);
      } else if (kind === "broken") {
        throw new DamagedProject(`cannot read ${path} of the project ${from.path}: it is damaged`);
      } else if (kind === "group" && WALKED.test(path)) {
        await to.createGroup(path);
        await this.attributes(from, to, path);
        await this.group(from, to, path);
      } else if (kind === "dataset" || kind === "group") {
        if (!await this.#rewrite(from, to, path)) await from.copy(path, to, path);
      }
    }
  }

  /** Copies the attributes of an object that is there in both files. */
  async attributes(from: H5File, to: H5File, path: string): Promise<void> {
    for (const name of await from.attributeNames(path)) {
      const value = newValue(await from.attribute(path, name));
      if (value !== undefined) await to.writeAttribute(path, name, value);
    }
  }

  /** Leaves out the members of a group. Whether they can be read does not matter. */
  async #empty(from: H5File, to: H5File, path: string): Promise<void> {
    try {
      await this.attributes(from, to, path);
      if ((await from.members(path)).length === 0) return;
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
    }
    this.emptied.push(path);
  }

  async #rewrite(from: H5File, to: H5File, path: string): Promise<boolean> {
    const change = FOLDERS.find(([pattern]) => pattern.test(path))?.[1];
    const value = change === undefined ? undefined : await from.value(path);
    if (change === undefined || value?.kind !== "strings") return false;
    const changed = value.strings.map(change);
    if (changed.join("\n") === value.strings.join("\n")) return false;
    await to.writeValue(path, textValue(changed, value.shape));
    for (const [i, text] of changed.entries()) this.renamed.push({ path, from: value.strings[i] ?? "", to: text });
    return true;
  }
}

/**
 * Whether the project can predict without its labels.
 *
 * @returns label names that only the labels tell, by group, and a line about a project that is damaged as a whole
 * @throws {UserError} kind `project`
 */
async function checkUsable(
  path: string,
): Promise<{ names: ReadonlyMap<string, readonly string[]>; damage: string | undefined }> {
  await using reader = await ProjectReader.open(path);
  const names = await surveyed(reader, () => namesToStore(reader));
  return { names, damage: await damageLine(reader) };
}

async function namesToStore(reader: ProjectReader): Promise<ReadonlyMap<string, readonly string[]>> {
  const { path } = reader;
  await readHeader(reader);
  if (await reader.has("Counting")) {
    throw new UserError("project", `${path} is trained from its labels and images at every run, so it needs them`, {
      hint: "Cell Density Counting projects cannot be made slim",
    });
  }
  const names = new Map<string, readonly string[]>();
  for (const { name } of await reader.members("/")) {
    if (!/^PixelClassification\d*$/.test(name)) continue;
    if ((await reader.members(`${name}/ClassifierForests`)).length === 0) {
      throw new UserError("project", `${path} holds no trained classifier, so it needs its labels`, {
        hint: "train it in ilastik or with --retrain --readonly=0 first",
      });
    }
    await readClassifier(reader, name, Infinity); // what is damaged is not passed on
    const stored = await reader.strings(`${name}/LabelNames`) ?? [];
    if (stored.length > 0 || !await hasLabels(reader, name)) continue;
    names.set(name, await namesFromLabels(reader, name));
  }
  return names;
}

/** A value to write like one that was read; `undefined` for kinds that groups of projects do not have. */
function newValue(value: H5Value | undefined): H5NewValue | undefined {
  if (value?.kind === "numbers") return value;
  return value?.kind === "strings" ? textValue(value.strings, value.shape) : undefined;
}

function textValue(texts: readonly string[], shape: readonly number[]): H5NewValue {
  return shape.length === 0 ? texts[0] ?? "" : texts;
}

/** A name beside the copy. The file itself is made by HDF5, so that others may read it as the user's mask says. */
async function temporaryFor(target: string): Promise<string> {
  try {
    await Deno.mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw new UserError("output", `cannot write ${target}: ${errorText(error)}`, {
      hint: "give another name with -o",
      cause: error,
    });
  }
  return join(dirname(target), `.ilastik-headless-${crypto.randomUUID().slice(0, 13)}.tmp`);
}
