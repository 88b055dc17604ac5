/**
 * What a run would do, in words: `--dry_run`.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { dirname } from "@std/path";
import { format as formatBytes } from "@std/fmt/bytes";
import { along, type Axes, dtypeInfo, type Five, volume } from "../array/mod.ts";
import { blockBytes, chooseBlocks } from "../engine/mod.ts";
import type { Export, TileRecord } from "../outputs/mod.ts";
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
    ...lane.outputs.flatMap(outputLines),
    ...(lane.outputs.length === 0 ? [] : [blockLine(lane, resources)]),
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

function inputLines({ flag, paths, source, axesFrom }: LaneInput): string[] {
  const files = paths.length === 0
    ? "stdin"
    : paths.length <= MOST_FILES
    ? paths.join(", ")
    : `${paths[0]} and ${paths.length - 1} more`;
  return [`  --${flag}: ${arrayText(source.shape, source.axes, source.dtype)}, axes ${axesFrom}`, `    ${files}`];
}

function outputLines(output: Export): string[] {
  const { plan, format } = output;
  const name = plan.slicePaths.length > 0
    ? `${plan.slicePaths[0]} … (${plan.slicePaths.length} files)`
    : format.container
    ? `${plan.path}/${plan.innerPath}`
    : plan.path;
  return [
    `  -> ${name}`,
    `    ${format.name}, ${arrayText(plan.shape, plan.axes, plan.dtype)}, ${bytes(outputBytes(output))}`,
    ...(plan.tile === undefined ? [] : [`    ${tileText(plan.tile, plan.shape)}`]),
  ];
}

/** Which part of the whole is written, by axis. */
function tileText({ tile, offset, whole }: TileRecord, shape: Five): string {
  const ranges = whole.axes.map((axis, i) => {
    const first = offset[i] ?? 0;
    return `${axis} ${first}:${first + along(shape, axis)}`;
  });
  return `tile ${tile} of ${whole.tiles}: ${ranges.join(", ")} of ${whole.shape.join(" x ")}`;
}

/** How all outputs of an input are computed. The formats may still want other block edges. */
function blockLine({ outputs, keptBytes, keptShare }: OpenLane, { threads, memory }: Resources): string {
  const sources = outputs.map(({ source }) => source);
  const left = memory - Deno.memoryUsage().rss - keptBytes;
  const { block, count, inFlight } = chooseBlocks(sources, {
    threads,
    memory: left,
    budget: memory,
    budgetShare: keptShare,
    multiple: [1, 1, 1, 1, 1],
  });
  const together = Math.min(inFlight, count);
  const needed = blockBytes(sources, { start: [0, 0, 0, 0, 0], stop: block }) * together + keptBytes;
  const axes = (["t", "z", "y", "x"] as const).filter((axis) => sources.some((source) => source.axes.includes(axis)));
  const size = axes.map((axis) => `${axis} ${along(block, axis)}`).join(", ");
  const blocks = count === 1 ? "1 block" : `about ${count} blocks of ${size}, ${together} at a time`;
  return `  ${blocks}, about ${bytes(needed)} of ${bytes(memory)} memory`;
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
