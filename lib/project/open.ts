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
import { damageLine, surveyed } from "./survey.ts";
import type { LabelBlock, PixelStage, Project, StoredExportSettings, TrainingInput } from "./types.ts";

/**
 * Opens a project for reading. Only the header and the names of lanes and roles are read at once.
 *
 * @param path absolute or relative to the current folder
 * @throws {UserError} kind `project`
 */
export async function openProject(path: string): Promise<Project> {
  const reader = await ProjectReader.open(path);
  const told = <T>(read: () => Promise<T>): Promise<T> => surveyed(reader, read);
  try {
    const header = await told(() => readHeader(reader));
    const roleNames = await told(() => readRoleNames(reader));
    const laneNames = await told(() => readLaneNames(reader));
    let pixelStageCount = 0;
    while (await told(() => reader.has(stageGroup("PixelClassification", pixelStageCount)))) pixelStageCount++;
    const lane = (name: string | undefined): Promise<readonly (TrainingInput | undefined)[]> =>
      name === undefined ? Promise.resolve([]) : readLane(reader, name, roleNames);
    return {
      path: reader.path,
      header,
      roleNames,
      laneCount: laneNames.length,
      pixelStageCount,
      damage: () => damageLine(reader),
      exportSettings: (): Promise<StoredExportSettings> => told(() => readExportSettings(reader, "Prediction Export")),
      lastLane: () => told(() => lane(laneNames.at(-1))),
      lanes: async () => {
        const all: (readonly (TrainingInput | undefined)[])[] = [];
        for (const name of laneNames) all.push(await told(() => lane(name)));
        return all;
      },
      pixelStage: (stage) => told(() => readStage(reader, stage, async () => (await lane(laneNames[0]))[0])),
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
  const stored = await reader.strings(`${group}/LabelNames`) ?? [];
  const labelNames = stored.length === 0 ? await namesFromLabels(reader, group) : stored;
  const features = await readFeatures(reader, stageGroup("FeatureSelections", stage), firstLane);
  const classifier = await readClassifier(reader, group, labelNames.length);
  const complete = features?.matrix.flat().includes(true) === true && !("missing" in classifier);
  return {
    index: stage,
    labelNames,
    labelColors: await readColors(reader, `${group}/PmapColors`, labelNames.length),
    features,
    classifier,
    // Labels may be many and damaged: they are not touched when prediction can do without.
    onlyLabels: !complete && await hasLabels(reader, group),
    labelBlocks: (): Promise<readonly LabelBlock[]> => surveyed(reader, () => readLabelBlocks(reader, group)),
    factory: (): Promise<FactoryOptions> =>
      surveyed(reader, async () => parseFactory(await reader.string(`${group}/ClassifierFactory`))),
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
