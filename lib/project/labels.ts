/**
 * Label blocks, read only for training (pixel-classification.md §5.1).
 *
 * @module
 */
import type { ProjectReader } from "./reader.ts";
import type { LabelBlock } from "./types.ts";

/** Versions whose labels lie in the axis order of the image file; all others use the internal order. */
const FILE_ORDER = { from: "1.3.3post2", to: "1.4.0b7" };
/** Order of the words in versions: alpha, beta, candidate, none, post. */
const WORDS = ["a", "b", "rc", "", "post"];

/** Whether label blocks of a version lie in the axis order of the image file (pixel-classification.md §1.9). */
export function labelsInFileOrder(version: string): boolean {
  return compareVersions(version, FILE_ORDER.from) >= 0 && compareVersions(version, FILE_ORDER.to) <= 0;
}

/** Negative, 0 or positive as `a` is older than, equal to or newer than `b`. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [versionKey(a), versionKey(b)];
  const differing = left.findIndex((part, i) => part !== right[i]);
  return differing < 0 ? 0 : (left[differing] as number) - (right[differing] as number);
}

function versionKey(version: string): number[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:(a|b|rc|post)(\d+))?/.exec(version);
  const [, major = "0", minor = "0", patch = "0", word = "", number = "0"] = match ?? [];
  return [Number(major), Number(minor), Number(patch), WORDS.indexOf(word), Number(number)];
}

/** Whether a group such as `PixelClassification` holds any label block. */
export async function hasLabels(reader: ProjectReader, group: string): Promise<boolean> {
  for (const set of await reader.members(`${group}/LabelSets`)) {
    if ((await reader.members(`${group}/LabelSets/${set.name}`)).length > 0) return true;
  }
  return false;
}

/**
 * All label blocks in lane and block order.
 *
 * @throws {UserError} kind `project` when a block is damaged
 */
export async function readLabelBlocks(reader: ProjectReader, group: string): Promise<readonly LabelBlock[]> {
  const blocks: LabelBlock[] = [];
  for (const set of await reader.members(`${group}/LabelSets`)) {
    const lane = Number(/\d+$/.exec(set.name)?.[0] ?? NaN);
    if (!Number.isInteger(lane)) continue;
    for (const { name } of await reader.members(`${group}/LabelSets/${set.name}`)) {
      blocks.push(await readBlock(reader, `${group}/LabelSets/${set.name}/${name}`, lane));
    }
  }
  return blocks;
}

async function readBlock(reader: ProjectReader, path: string, lane: number): Promise<LabelBlock> {
  const value = await reader.raw(path);
  if (value?.kind !== "numbers" || !(value.data instanceof Uint8Array)) throw reader.wrong(path, "uint8 labels", value);
  const slice = await reader.attribute(path, "blockSlice");
  const text = slice?.kind === "strings" ? slice.strings[0] ?? "" : "";
  const ranges = [...text.matchAll(/(\d+):(\d+)/g)].map((match) => [Number(match[1]), Number(match[2])] as const);
  if (ranges.length !== value.shape.length || ranges.some(([a, b], i) => b - a !== value.shape[i])) {
    throw reader.wrong(`${path}@blockSlice`, `a region of shape (${value.shape.join(", ")})`);
  }
  return { lane, start: ranges.map(([a]) => a), stop: ranges.map(([, b]) => b), values: value.data };
}

/** Names for projects that have labels but no names: up to the largest label (pixel-classification.md §1.10). */
export async function namesFromLabels(reader: ProjectReader, group: string): Promise<readonly string[]> {
  const largest = (await readLabelBlocks(reader, group))
    .reduce((most, { values }) => values.reduce((a, b) => Math.max(a, b), most), 0);
  return Array.from({ length: largest }, (_, i) => `Label ${i + 1}`);
}
