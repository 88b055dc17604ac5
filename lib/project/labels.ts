/**
 * Label blocks, read only for training (pixel-classification.md §5.1).
 *
 * @module
 */
import type { ProjectReader } from "./reader.ts";
import type { LabelBlock } from "./types.ts";

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
