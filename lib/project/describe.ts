/**
 * What a project of any workflow holds, as far as it can be read; for people, not for prediction.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { describeForests, type ForestDescription } from "./describe_forest.ts";
import { readExportSettings } from "./export_settings.ts";
import { readFeatures } from "./features.ts";
import { readHeader } from "./header.ts";
import { readLane, readLaneNames, readRoleNames } from "./inputs.ts";
import { hasLabels } from "./labels.ts";
import { ProjectReader } from "./reader.ts";
import { damageLine, surveyed } from "./survey.ts";
import type { FeatureSelection, ProjectHeader, StoredExportSettings, TrainingInput } from "./types.ts";

/** A class that was labelled. */
export interface ClassDescription {
  /** Name. */
  readonly name: string;
  /** `[red, green, blue]` 0…255. */
  readonly color?: readonly [number, number, number];
}

/** A trained part of a project. */
export interface StageDescription {
  /** Its group in the file. */
  readonly group: string;
  /** Name for people. */
  readonly title: string;
  /** Classes, in order of their label values. */
  readonly classes: readonly ClassDescription[];
  /** Whether labels are stored. */
  readonly hasLabels: boolean;
  /** Pixel features; absent where the part has none. */
  readonly features?: FeatureSelection;
  /** The classifier, when it can be read. */
  readonly classifier?: ForestDescription;
}

/** A value that somebody set in ilastik. */
export type Setting = number | string | readonly number[] | readonly string[];

/** Everything that can be said about a project. */
export interface ProjectDescription {
  /** Absolute path. */
  readonly path: string;
  /** Version and workflow. */
  readonly header: ProjectHeader;
  /** When it was saved, in ilastik's words. */
  readonly saved?: string;
  /** Names of the roles. */
  readonly roleNames: readonly string[];
  /** One entry per lane, one input per role. */
  readonly lanes: readonly (readonly (TrainingInput | undefined)[])[];
  /** One entry per stage with pixel features. */
  readonly stages: readonly StageDescription[];
  /** Settings of other parts of the workflow, by path in the file. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** Stored export settings. */
  readonly exportSettings: StoredExportSettings;
  /** Parts that cannot be read, one line each. */
  readonly problems: readonly string[];
}

interface StageRow {
  readonly title: string;
  readonly group: RegExp;
  /** Group of the pixel features, for the suffix of the stage. */
  readonly features?: string;
  /** Where the forests lie below the group. */
  readonly forests: string;
}

/** Parts with classes or classifiers, by their groups. */
const STAGES: readonly StageRow[] = [
  {
    title: "Pixel Classification",
    group: /^PixelClassification(\d*)$/,
    features: "FeatureSelections",
    forests: "ClassifierForests",
  },
  { title: "Object Classification", group: /^ObjectClassification$/, forests: "ClassifierForests" },
  { title: "Cell Density Counting", group: /^Counting$/, features: "FeatureSelections", forests: "ClassifierForests" },
  { title: "Edge Training", group: /^Training and Multicut$/, forests: "Output" },
  { title: "Object Count Classification", group: /^CountClassification$/, forests: "ClassifierForests" },
  { title: "Division Detection", group: /^DivisionDetection$/, forests: "ClassifierForests" },
];

/** Groups whose small values are settings. */
const SETTING_GROUPS: readonly string[] = [
  "ThresholdTwoLevels",
  "Blockwise Object Classification",
  "ObjectExtraction/Features",
  "ObjectClassification/SelectedFeatures",
  "DT Watershed",
  "Training and Multicut",
  "Counting",
  "ConservationTracking/Parameters",
  "StructuredTracking/Parameters",
];

/** Groups of the export settings, one per workflow. */
const EXPORT_GROUPS: readonly string[] = [
  "Prediction Export",
  "Object Information Export",
  "Data Export",
  "Density Export",
  "Tracking Result Export",
];

/** A setting has at most this many values; longer lists are data. */
const MOST_VALUES = 16;
/** Longer texts are pickles. */
const MOST_LETTERS = 200;
const NO_SETTINGS: readonly string[] = ["StorageVersion", "LabelNames", "LabelColors", "PmapColors"];

/**
 * Reads all that can be said about a project. Damaged parts are named in `problems`, the others are still read.
 *
 * @throws {UserError} kind `project` when it is no project, or not even its header can be read
 */
export async function describeProject(path: string): Promise<ProjectDescription> {
  await using reader = await ProjectReader.open(path);
  const header = await surveyed(reader, () => readHeader(reader));
  const damage = await damageLine(reader);
  const problems: string[] = damage === undefined ? [] : [damage];
  const attempt = async <T>(read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      return otherwise;
    }
  };
  const groups = (await reader.members("/")).filter(({ kind }) => kind !== "dataset").map(({ name }) => name);
  const roleNames = await attempt(() => readRoleNames(reader), []);
  const lanes: (readonly (TrainingInput | undefined)[])[] = [];
  for (const name of await attempt(() => readLaneNames(reader), [])) {
    lanes.push(await attempt(() => readLane(reader, name, roleNames), []));
  }
  const stages: StageDescription[] = [];
  for (const group of groups) {
    const row = STAGES.find((stage) => stage.group.test(group));
    if (row === undefined) continue;
    const several = groups.filter((other) => row.group.test(other)).length > 1;
    const stage = await readStage(reader, group, row, lanes[0]?.[0], attempt);
    const number = Number(row.group.exec(group)?.[1] ?? 0) + 1;
    stages.push(several ? { ...stage, title: `${row.title}, stage ${number}` } : stage);
  }
  const settings: Record<string, Setting> = {};
  for (const group of SETTING_GROUPS) await attempt(() => collectSettings(reader, group, settings), undefined);
  const exportGroup = EXPORT_GROUPS.find((group) => groups.includes(group));
  const saved = await attempt(() => reader.string("time"), undefined);
  return {
    path: reader.path,
    header,
    ...(saved === undefined ? {} : { saved }),
    roleNames,
    lanes,
    stages,
    settings,
    exportSettings: exportGroup === undefined ? {} : await attempt(() => readExportSettings(reader, exportGroup), {}),
    problems,
  };
}

async function readStage(
  reader: ProjectReader,
  group: string,
  row: StageRow,
  firstInput: TrainingInput | undefined,
  attempt: <T>(read: () => Promise<T>, otherwise: T) => Promise<T>,
): Promise<StageDescription> {
  const suffix = row.group.exec(group)?.[1] ?? "";
  const names = await attempt(() => reader.strings(`${group}/LabelNames`), undefined) ?? [];
  const colors = (await attempt(() => reader.numbers(`${group}/PmapColors`), undefined))?.values ?? [];
  const features = row.features === undefined ? undefined : await attempt(
    () => readFeatures(reader, `${row.features}${suffix}`, () => Promise.resolve(firstInput)),
    undefined,
  );
  const classifier = await attempt(() => describeForests(reader, `${group}/${row.forests}`), undefined);
  return {
    group,
    title: row.title,
    classes: names.map((name, i) => {
      const [red, green, blue] = colors.slice(3 * i, 3 * i + 3);
      return red === undefined || green === undefined || blue === undefined
        ? { name }
        : { name, color: [red, green, blue] };
    }),
    hasLabels: await attempt(() => hasLabels(reader, group), false),
    ...(features === undefined ? {} : { features }),
    ...(classifier === undefined ? {} : { classifier }),
  };
}

/** Small values of a group and of the groups in it. */
async function collectSettings(reader: ProjectReader, group: string, into: Record<string, Setting>): Promise<void> {
  for (const { name, kind } of await reader.members(group)) {
    const path = `${group}/${name}`;
    if (kind === "group" && group.split("/").length < 3 && !/\d{3,}$|Output|LabelSets|EdgeFeatures/.test(name)) {
      await collectSettings(reader, path, into);
    }
    if (kind !== "dataset" || NO_SETTINGS.includes(name)) continue;
    const setting = await readSetting(reader, path);
    if (setting !== undefined) into[path] = setting;
  }
}

async function readSetting(reader: ProjectReader, path: string): Promise<Setting | undefined> {
  const value = await reader.raw(path);
  if (value?.kind === "strings" && value.strings.length <= MOST_VALUES) {
    if (value.strings.some((text) => text.length > MOST_LETTERS || /\p{Cc}/u.test(text))) return undefined;
    return value.strings.length === 1 ? value.strings[0] : value.strings;
  }
  if (value?.kind !== "numbers" || value.data.length > MOST_VALUES) return undefined;
  const numbers = Array.from(value.data, Number);
  return value.shape.length === 0 ? numbers[0] : numbers;
}
