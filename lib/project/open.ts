/**
 * Opens a project.
 *
 * @module
 */
import { readClassifier } from "./classifier.ts";
import { readExportSettings } from "./export_settings.ts";
import { readFeatures } from "./features.ts";
import { readHeader } from "./header.ts";
import { readLane, readLaneNames, readRoleNames } from "./inputs.ts";
import { hasLabels, namesFromLabels, readLabelBlocks } from "./labels.ts";
import { type FactoryOptions, parseFactory } from "./pickle_text.ts";
import { ProjectReader } from "./reader.ts";
import { stageGroup } from "./stage_group.ts";
import type { LabelBlock, PixelStage, Project, StoredExportSettings, TrainingInput } from "./types.ts";

/**
 * Opens a project for reading. Only the header and the names of lanes and roles are read at once.
 *
 * @param path absolute or relative to the current folder
 * @throws {UserError} kind `project`
 */
export async function openProject(path: string): Promise<Project> {
  const reader = await ProjectReader.open(path);
  try {
    const header = await readHeader(reader);
    const roleNames = await readRoleNames(reader);
    const laneNames = await readLaneNames(reader);
    let pixelStageCount = 0;
    while (await reader.has(stageGroup("PixelClassification", pixelStageCount))) pixelStageCount++;
    const lane = (name: string | undefined): Promise<readonly (TrainingInput | undefined)[]> =>
      name === undefined ? Promise.resolve([]) : readLane(reader, name, roleNames);
    return {
      path: reader.path,
      header,
      roleNames,
      laneCount: laneNames.length,
      pixelStageCount,
      exportSettings: (): Promise<StoredExportSettings> => readExportSettings(reader, "Prediction Export"),
      lastLane: () => lane(laneNames.at(-1)),
      lanes: async () => {
        const all: (readonly (TrainingInput | undefined)[])[] = [];
        for (const name of laneNames) all.push(await lane(name));
        return all;
      },
      pixelStage: (stage) => readStage(reader, stage, async () => (await lane(laneNames[0]))[0]),
      [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    };
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}

async function readStage(
  reader: ProjectReader,
  stage: number,
  firstLane: () => Promise<TrainingInput | undefined>,
): Promise<PixelStage> {
  const group = stageGroup("PixelClassification", stage);
  const labelled = await hasLabels(reader, group);
  const stored = await reader.strings(`${group}/LabelNames`) ?? [];
  const labelNames = stored.length === 0 && labelled ? await namesFromLabels(reader, group) : stored;
  return {
    index: stage,
    labelNames,
    labelColors: await readColors(reader, `${group}/PmapColors`, labelNames.length),
    features: await readFeatures(reader, stageGroup("FeatureSelections", stage), firstLane),
    classifier: await readClassifier(reader, group, labelNames.length),
    hasLabels: labelled,
    labelBlocks: (): Promise<readonly LabelBlock[]> => readLabelBlocks(reader, group),
    factory: async (): Promise<FactoryOptions> => parseFactory(await reader.string(`${group}/ClassifierFactory`)),
  };
}

async function readColors(
  reader: ProjectReader,
  path: string,
  count: number,
): Promise<readonly (readonly [number, number, number])[]> {
  const colors = (await reader.numbers(path))?.values ?? [];
  return Array.from(
    { length: Math.min(count, Math.floor(colors.length / 3)) },
    (_, i) => [colors[3 * i] ?? 0, colors[3 * i + 1] ?? 0, colors[3 * i + 2] ?? 0] as const,
  );
}
