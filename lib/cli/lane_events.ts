/**
 * What listeners hear of lanes and their outputs.
 *
 * @module
 */
import { along, type Axes, type Five, volume } from "../array/mod.ts";
import type { Export } from "../outputs/mod.ts";
import type { ArrayFacts, RunEvent } from "./events.ts";
import type { OpenLane } from "./lane_run.ts";

/** What came of an output. */
export interface OutputDone {
  /** Whether it was written, was there and stays, or would be written. */
  readonly status: "written" | "kept" | "planned";
  /** Its files. */
  readonly paths: readonly string[];
  /** Its share of the time of the pass that wrote it. */
  readonly seconds: number;
}

/** An opened input. `i` counts from 0. */
export function inputEvent(lane: OpenLane, i: number, name: string): RunEvent {
  const roles = lane.inputs.map(({ flag, paths, source }) => ({ role: flag, paths, ...arrayFacts(source) }));
  return { event: "input", input: i + 1, name, roles };
}

/** An output of input `i`, counted from 0. */
export function outputEvent(output: Export, i: number, name: string, done: OutputDone): RunEvent {
  const { plan, format, channel } = output;
  return {
    event: "output",
    input: i + 1,
    name,
    source: output.result,
    class: channel?.name ?? null,
    status: done.status,
    format: format.name,
    paths: done.paths,
    innerPath: format.container ? plan.innerPath : null,
    ...arrayFacts(plan),
    tile: plan.tile === undefined ? null : {
      index: plan.tile.tile,
      count: plan.tile.whole.tiles,
      offset: plan.tile.offset,
      whole: plan.tile.whole.shape,
    },
    pixels: pixelsOf(output),
    seconds: done.seconds,
  };
}

/** Paths of the files that an output will have. */
export function outputPaths({ plan }: Export): readonly string[] {
  return plan.slicePaths.length > 0 ? plan.slicePaths : [plan.path];
}

/** Number of pixels of an output, however many channels it has. */
export function pixelsOf({ plan }: Export): number {
  return volume(plan.shape) / plan.shape[4];
}

function arrayFacts({ shape, axes, dtype }: { shape: Five; axes: Axes; dtype: string }): ArrayFacts {
  return { shape: axes.map((axis) => along(shape, axis)), axes: axes.join(""), dtype };
}
