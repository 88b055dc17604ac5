/**
 * What is left of a damaged project, in words.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { readClassifier } from "./classifier.ts";
import { readExportSettings } from "./export_settings.ts";
import { readFeatures } from "./features.ts";
import { readLane, readLaneNames, readRoleNames } from "./inputs.ts";
import { DamagedProject, type ProjectReader } from "./reader.ts";
import { stageGroup } from "./stage_group.ts";

/**
 * One line about a project whose file is damaged as a whole, for example one that was cut off; `undefined` for others.
 * Damage inside of parts that nobody reads is not looked for.
 */
export async function damageLine(reader: ProjectReader): Promise<string | undefined> {
  if (reader.damage === undefined) return undefined;
  return `the project ${reader.path} is damaged: ${reader.damage}; ${await survey(reader)}`;
}

/** What `read` gives; if it meets damage, the error also says what of the project can be read and what cannot. */
export async function surveyed<T>(reader: ProjectReader, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DamagedProject)) throw error;
    throw new DamagedProject(`${error.message}; ${await survey(reader)}`, error.cause);
  }
}

/** A part of a project: its name once it is read, for example ``workflow `Pixel Classification` ``. */
interface Part {
  /** Name of the part when it cannot be read. */
  readonly name: string;
  /** Reads it. @returns its name; `undefined` when the project has no such part */
  readonly read: () => Promise<string | undefined>;
}

/** What can be read and what cannot, of all that a run needs. */
async function survey(reader: ProjectReader): Promise<string> {
  const readable: string[] = [];
  const lost: string[] = [];
  for (const { name, read } of [...commonParts(reader), ...await stageParts(reader)]) {
    try {
      const found = await read();
      if (found !== undefined) readable.push(found);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      lost.push(name);
    }
  }
  const found = `can be read: ${readable.length === 0 ? "nothing" : readable.join(", ")}`;
  return lost.length === 0 ? found : `${found}; cannot be read: ${lost.join(", ")}`;
}

function commonParts(reader: ProjectReader): readonly Part[] {
  const text = (name: string, path: string): Part => ({
    name,
    read: async () => {
      const found = await reader.string(path);
      return found === undefined ? undefined : `${name} \`${found}\``;
    },
  });
  const part = (name: string, read: () => Promise<unknown>): Part => ({
    name,
    read: async () => await read() === undefined ? undefined : name,
  });
  return [
    text("workflow", "workflowName"),
    text("version", "ilastikVersion"),
    part("description of the training images", async () => {
      const last = (await readLaneNames(reader)).at(-1);
      return last === undefined ? undefined : await readLane(reader, last, await readRoleNames(reader));
    }),
    part("export settings", () => readExportSettings(reader, "Prediction Export")),
  ];
}

/** Parts of the stages with pixel features. */
async function stageParts(reader: ProjectReader): Promise<readonly Part[]> {
  const count = await stageCount(reader);
  return Array.from({ length: count }, (_, stage) => {
    const group = stageGroup("PixelClassification", stage);
    const named = (name: string) => count === 1 ? name : `${name} of stage ${stage + 1}`;
    const part = (name: string, isThere: () => Promise<boolean>): Part => ({
      name: named(name),
      read: async () => named(await isThere() ? name : `no ${name}`),
    });
    return [
      part("class names", async () => await reader.strings(`${group}/LabelNames`) !== undefined),
      part("features", async () => {
        // The first lane decides only how scales are computed, not whether they are there.
        const lane = () => Promise.resolve(undefined);
        return await readFeatures(reader, stageGroup("FeatureSelections", stage), lane) !== undefined;
      }),
      part("forest", async () => !("missing" in await readClassifier(reader, group, Infinity))),
    ];
  }).flat();
}

/** Stages that are in the file, whether they can be read or not. */
async function stageCount(reader: ProjectReader): Promise<number> {
  try {
    const names = new Set((await reader.members("/")).map(({ name }) => name));
    let count = 0;
    while (names.has(stageGroup("PixelClassification", count))) count++;
    return count;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return 0;
  }
}
