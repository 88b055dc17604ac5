/**
 * What a run would do, in words: `--dry_run`.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { dirname } from "@std/path";
import { format as formatBytes } from "@std/fmt/bytes";
import { along, type Axes, dtypeInfo, type Five, volume } from "../array/mod.ts";
import { blockBytes, type BlockPlan, chooseBlocks } from "../engine/mod.ts";
import type { Export } from "../outputs/mod.ts";
import type { EffectiveSetting } from "./events.ts";
import type { LaneInput, OpenLane } from "./lane_run.ts";
import type { Resources } from "./resources.ts";

/** Files of a stack that are listed. */
const MOST_FILES = 3;

/** Lines about the settings of a run, each with where it comes from. */
export function settingLines(settings: Readonly<Record<string, EffectiveSetting>>): string[] {
  return [
    "settings",
    ...Object.entries(settings).flatMap(([name, { value, origin }]) =>
      value === null ? [] : [`  --${name}=${value} (${origin})`]
    ),
  ];
}

/**
 * Lines about one input: how it is understood and what would be written.
 *
 * @param title which input
 * @throws {UserError} kind `memory` when not even one block fits into the budget
 */
export function laneLines(lane: OpenLane, title: string, resources: Resources): string[] {
  return [
    title,
    ...lane.inputs.flatMap(inputLines),
    ...lane.outputs.flatMap((output) => outputLines(output, lane.keptBytes, resources)),
  ];
}

/** Bytes of the values of an output, before any compression. */
export function outputBytes({ plan }: Export): number {
  return volume(plan.shape) * dtypeInfo(plan.dtype).bytes;
}

/**
 * Lines about the disks that outputs go to, one per folder, and warnings where too little is free.
 *
 * @param outputs path and bytes of each output
 */
export async function spaceLines(
  outputs: readonly { readonly path: string; readonly bytes: number }[],
): Promise<{ lines: string[]; warnings: string[] }> {
  const needs = new Map<string, number>();
  for (const { path, bytes: count } of outputs) {
    const folder = await existingFolder(dirname(path));
    needs.set(folder, (needs.get(folder) ?? 0) + count);
  }
  const lines: string[] = [];
  const warnings: string[] = [];
  for (const [folder, needed] of needs) {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    lines.push(`disk: ${bytes(free)} free in ${folder}, at most ${bytes(needed)} needed before compression`);
    if (free < needed) warnings.push(`${folder} has ${bytes(free)} free, the outputs may take up to ${bytes(needed)}`);
  }
  return { lines, warnings };
}

function inputLines({ flag, paths, source }: LaneInput): string[] {
  const files = paths.length <= MOST_FILES ? paths.join(", ") : `${paths[0]} and ${paths.length - 1} more`;
  return [`  --${flag}: ${arrayText(source.shape, source.axes, source.dtype)}`, `    ${files}`];
}

function outputLines(output: Export, keptBytes: number, { threads, memory }: Resources): string[] {
  const { plan, format, source } = output;
  const name = plan.slicePaths.length > 0
    ? `${plan.slicePaths[0]} … (${plan.slicePaths.length} files)`
    : format.container
    ? `${plan.path}/${plan.innerPath}`
    : plan.path;
  const left = memory - Deno.memoryUsage().rss - keptBytes;
  const blocks = chooseBlocks(source, { threads, memory: left, multiple: [1, 1, 1, 1, 1] });
  return [
    `  -> ${name}`,
    `    ${format.name}, ${arrayText(plan.shape, plan.axes, plan.dtype)}, ${bytes(outputBytes(output))}`,
    `    ${blockText(blocks, source.axes)}, about ${bytes(needed(output, blocks) + keptBytes)} of ${
      bytes(memory)
    } memory`,
  ];
}

/** Memory of all blocks in flight. */
function needed({ source }: Export, { block, inFlight, count }: BlockPlan): number {
  return blockBytes(source, { start: [0, 0, 0, 0, 0], stop: block }) * Math.min(inFlight, count);
}

function blockText({ block, count, inFlight }: BlockPlan, axes: Axes): string {
  const size = axes.map((axis) => along(block, axis)).join(" x ");
  return count === 1 ? `1 block` : `about ${count} blocks of ${size}, ${Math.min(inFlight, count)} at a time`;
}

function arrayText(shape: Five, axes: Axes, dtype: string): string {
  return `${axes.map((axis) => along(shape, axis)).join(" x ")} (${axes.join("")}), ${dtype}`;
}

/** The folder itself or the nearest one above that is there. */
async function existingFolder(folder: string): Promise<string> {
  for (let path = folder;; path = dirname(path)) {
    try {
      if ((await Deno.stat(path)).isDirectory) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    if (dirname(path) === path) return path;
  }
}

function bytes(count: number): string {
  return formatBytes(count, { binary: true, maximumFractionDigits: 1 });
}
