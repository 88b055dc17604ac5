/**
 * Training lanes (pixel-classification.md §1.3). Nothing but the description is read; the images are not opened.
 *
 * @module
 */
import { type Axes, type Dtype, isAxisKey, isDtype, parseAxes } from "../array/mod.ts";
import { DamagedProject, type ProjectReader } from "./reader.ts";
import type { TrainingInput } from "./types.ts";

const INFOS = "Input Data/infos";

/** Names of the roles; empty in very old projects, whose lanes hold one unnamed role. */
export async function readRoleNames(reader: ProjectReader): Promise<readonly string[]> {
  return await reader.strings("Input Data/Role Names") ?? [];
}

/** Names of the training lanes in order, also of those that cannot be read. */
export async function readLaneNames(reader: ProjectReader): Promise<readonly string[]> {
  return (await reader.members(INFOS)).filter(({ kind }) => kind !== "dataset").map(({ name }) => name);
}

/** One lane: an input per role, `undefined` where nothing is set. */
export async function readLane(
  reader: ProjectReader,
  lane: string,
  roles: readonly string[],
): Promise<readonly (TrainingInput | undefined)[]> {
  const base = `${INFOS}/${lane}`;
  if (roles.length === 0) return [await readInput(reader, base)];
  const inputs: (TrainingInput | undefined)[] = [];
  for (const role of roles) inputs.push(await readInput(reader, `${base}/${role}`));
  return inputs;
}

/** Axes out of the JSON text of vigra's axistags; `undefined` for anything else. */
export function parseAxistags(text: string): Axes | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller falls back or reports
  }
  const list = typeof parsed === "object" && parsed !== null && "axes" in parsed ? parsed.axes : undefined;
  if (!Array.isArray(list)) return undefined;
  const keys = list.map((entry: unknown) =>
    typeof entry === "object" && entry !== null && "key" in entry ? entry.key : undefined
  );
  return keys.every((key) => typeof key === "string" && isAxisKey(key)) ? parseAxes(keys.join("")) : undefined;
}

async function readInput(reader: ProjectReader, base: string): Promise<TrainingInput | undefined> {
  const members = new Set((await reader.members(base)).map(({ name }) => name));
  if (!members.has("axistags") && !members.has("axisorder") && !members.has("filePath")) return undefined;
  const text = async (name: string): Promise<string | undefined> =>
    members.has(name) ? await reader.string(`${base}/${name}`) : undefined;

  const axes = parseAxistags(await text("axistags") ?? "") ?? parseAxes(await text("axisorder") ?? "");
  if (axes === undefined) throw reader.wrong(`${base}/axistags`, "axis tags");
  const shape = members.has("shape") ? (await reader.numbers(`${base}/shape`))?.values : undefined;
  const kind = await text("__class__") ?? await text("location") ?? "";
  const internal = kind.startsWith("ProjectInternal");
  const datasetId = internal ? await text("datasetId") : undefined;
  const innerPath = await text("inner_path") ??
    (datasetId === undefined ? undefined : `Input Data/local_data/${datasetId}`);
  const dtype = internal && innerPath !== undefined ? await readDtype(reader, innerPath) : undefined;
  const range = members.has("drange") ? (await reader.numbers(`${base}/drange`))?.values : undefined;
  return {
    filePath: await text("filePath") ?? "",
    internal,
    ...(innerPath === undefined ? {} : { innerPath }),
    nickname: await text("nickname") ?? "",
    axes,
    ...(shape !== undefined && shape.length === axes.length ? { shape } : {}),
    ...(dtype === undefined ? {} : { dtype }),
    ...(range?.length === 2 ? { range: [range[0] ?? 0, range[1] ?? 0] } : {}),
  };
}

/** Element type of pixels in the project. ilastik stores none for other images. Nobody needs it: damage is no error. */
async function readDtype(reader: ProjectReader, path: string): Promise<Dtype | undefined> {
  try {
    const dtype = await reader.dtype(path);
    return dtype !== undefined && isDtype(dtype) ? dtype : undefined;
  } catch (error) {
    if (error instanceof DamagedProject) return undefined;
    throw error;
  }
}
