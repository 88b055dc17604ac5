/**
 * Sinks for formats with one file per output, or per slice of an output.
 *
 * @module
 */
import { join } from "@std/path";
import {
  along,
  AXIS_INDEX,
  type AxisKey,
  type Five,
  type NdArray,
  type Region,
  regionShape,
  regionVolume,
  shift,
  subArray,
  volume,
  wholeRegion,
  withAxis,
} from "../array/mod.ts";
import { outputError, writing } from "./errors.ts";
import { partMeta } from "./part_meta.ts";
import { PendingPath } from "./pending.ts";
import { stepAxis } from "./sequence_axis.ts";
import type { OutputPlan, Sink } from "./types.ts";

/** Writes one file. Calls do not overlap unless the format allows blocks in any order. */
export interface FileWriter {
  /** Writes a block; `region` is relative to what the file holds. */
  write(region: Region, block: NdArray): Promise<void>;
  /** Completes and closes the file. */
  finish(): Promise<void>;
  /** Closes the file, whatever its state. Never throws. */
  cancel(): Promise<void>;
}

/** How the files of a format are written. */
export interface FileFormat {
  /** How blocks should be cut for a file with this content. */
  readonly blockMultiple: (plan: OutputPlan) => Five;
  /** Whether blocks must arrive in canonical order. */
  readonly ordered: boolean;
  /** Makes the file `path`, which does not exist yet, for all that the plan describes. */
  readonly create: (path: string, plan: OutputPlan) => Promise<FileWriter>;
}

/** Opens a sink for one file. */
export async function openFileSink(plan: OutputPlan, format: FileFormat): Promise<Sink> {
  const pending = await PendingPath.create(plan.path);
  let writer: FileWriter;
  try {
    writer = await format.create(pending.temporary, plan);
  } catch (error) {
    await pending.abort();
    throw outputError(plan.path, error);
  }
  return {
    blockMultiple: format.blockMultiple(plan),
    ordered: format.ordered,
    write: (region, block) => writing(plan.path, () => writer.write(region, block)),
    commit: async () => {
      await writing(plan.path, () => writer.finish());
      await pending.commit();
      return [plan.path];
    },
    abort: async () => {
      await writer.cancel();
      await pending.abort();
    },
  };
}

/** What a file of a sequence holds: the output without its step axis, at one position of that axis. */
export function slicePlan(plan: OutputPlan, step: AxisKey, index: number): OutputPlan {
  const axes = plan.axes.filter((axis) => axis !== step);
  const region = withAxis(wholeRegion(plan.shape), step, index, index + 1);
  return { ...plan, axes, shape: regionShape(region), meta: partMeta(plan.meta, plan.shape, region) };
}

/** Opens a sink for a sequence: the files stay in a temporary folder until all are complete. */
export async function openSequenceSink(plan: OutputPlan, format: FileFormat): Promise<Sink> {
  const step = stepAxis(plan.axes, plan.shape) ?? "t";
  const pending = await PendingPath.create(plan.slicePaths[0] ?? plan.path);
  try {
    await Deno.mkdir(pending.temporary);
  } catch (error) {
    await pending.abort();
    throw outputError(plan.path, error);
  }
  return new SequenceSink(plan, step, pending, format);
}

interface OpenSlice {
  readonly writer: Promise<FileWriter>;
  /** Elements that are still to come. */
  missing: number;
}

class SequenceSink implements Sink {
  readonly blockMultiple: Five;
  readonly ordered: boolean;
  readonly #plan: OutputPlan;
  readonly #slice: OutputPlan;
  readonly #step: AxisKey;
  readonly #pending: PendingPath;
  readonly #format: FileFormat;
  readonly #open = new Map<number, OpenSlice>();

  constructor(plan: OutputPlan, step: AxisKey, pending: PendingPath, format: FileFormat) {
    this.#plan = plan;
    this.#slice = slicePlan(plan, step, 0);
    this.#step = step;
    this.#pending = pending;
    this.#format = format;
    this.ordered = format.ordered;
    this.blockMultiple = format.blockMultiple(this.#slice);
  }

  async write(region: Region, block: NdArray): Promise<void> {
    const [first, last] = [along(region.start, this.#step), along(region.stop, this.#step)];
    for (let index = first; index < last; index++) {
      const part = withAxis(region, this.#step, index, index + 1);
      const origin = region.start.map((start) => -start) as unknown as Five;
      const pixels = subArray(block, shift(part, origin));
      await writing(this.#path(index), () => this.#writeSlice(index, withAxis(part, this.#step, 0, 1), pixels));
    }
  }

  async commit(): Promise<readonly string[]> {
    const paths = this.#plan.slicePaths;
    if (this.#open.size > 0) throw new Error(`${this.#open.size} slices of ${this.#plan.path} are incomplete`);
    for (const [index, path] of paths.entries()) {
      await writing(path, async () => {
        await Deno.mkdir(join(path, ".."), { recursive: true });
        await Deno.rename(this.#temporary(index), path);
      });
    }
    await this.#pending.discard();
    return paths;
  }

  async abort(): Promise<void> {
    for (const { writer } of this.#open.values()) await writer.then((open) => open.cancel(), () => {});
    await this.#pending.abort();
  }

  async #writeSlice(index: number, region: Region, pixels: NdArray): Promise<void> {
    let slice = this.#open.get(index);
    if (slice === undefined) {
      slice = {
        writer: this.#format.create(this.#temporary(index), slicePlan(this.#plan, this.#step, index)),
        missing: volume(this.#slice.shape),
      };
      this.#open.set(index, slice);
    }
    const writer = await slice.writer;
    await writer.write(region, pixels);
    slice.missing -= regionVolume(region);
    if (slice.missing > 0) return;
    await writer.finish();
    this.#open.delete(index);
  }

  #temporary(index: number): string {
    return join(this.#pending.temporary, String(index));
  }

  #path(index: number): string {
    return this.#plan.slicePaths[index] ?? this.#plan.path;
  }
}

/** Block edges of an image that is written row by row: whole rows with all channels. */
export function wholeAlong(shape: Five, axes: readonly AxisKey[]): Five {
  const edges: [number, number, number, number, number] = [1, 1, 1, 1, 1];
  for (const axis of axes) edges[AXIS_INDEX[axis]] = along(shape, axis);
  return edges;
}
