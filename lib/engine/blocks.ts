/**
 * Choice of the blocks in which a result is computed and written.
 *
 * @module
 */
import {
  type ArraySource,
  dtypeInfo,
  type Five,
  five,
  type Region,
  regionVolume,
  UserError,
  volume,
} from "../array/mod.ts";

/** What blocks are chosen by. */
export interface BlockNeeds {
  /** Blocks that are computed at the same time. */
  readonly threads: number;
  /** Memory that all blocks in flight may take together, in bytes. */
  readonly memory: number;
  /** Block edges are multiples of this, or the whole axis (canonical order). */
  readonly multiple: Five;
}

/** Chosen blocks. */
export interface BlockPlan {
  /** Edge lengths, canonical order. */
  readonly block: Five;
  /** How many blocks may be in flight, so that they stay inside the memory. */
  readonly inFlight: number;
  /** Number of blocks. */
  readonly count: number;
}

/** Reading and writing a pixel, relative to computing one; only weighs many small blocks against few large ones. */
const IO_WORK = 0.1;
/** Blocks in flight beyond the computing ones: one is read and one written meanwhile. */
const AHEAD = 2;
/** A block is never more work than this many pixels, so that progress and Ctrl-C stay lively. */
const MOST_WORK = 12e6;

/**
 * Chooses block edges for walking over all of `source` (time steps one by one, all channels together): the split with
 * the shortest expected run whose blocks in flight fit into the memory.
 *
 * @throws {UserError} kind `memory` when not even the smallest block fits; names the budget that would do
 */
export function chooseBlocks(source: ArraySource, needs: BlockNeeds): BlockPlan {
  const edges = (["t", "z", "y", "x", "c"] as const).map((axis, i) =>
    axis === "t"
      ? [Math.min(at(source.shape, 0), at(needs.multiple, 0))]
      : axis === "c"
      ? [at(source.shape, 4)]
      : splits(at(source.shape, i), at(needs.multiple, i))
  );
  let best: { plan: BlockPlan; time: number } | undefined;
  let least = Infinity;
  const [[t = 1] = [], zs = [], ys = [], xs = [], [c = 1] = []] = edges;
  for (const z of zs) {
    for (const y of ys) {
      for (const x of xs) {
        const block: Five = [t, z, y, x, c];
        const middle = middleBlock(source.shape, block);
        const bytes = blockBytes(source, middle);
        least = Math.min(least, bytes);
        const inFlight = Math.min(needs.threads + AHEAD, Math.floor(needs.memory / bytes));
        if (inFlight < 1) continue;
        const count = volume(five((_, i) => Math.ceil(at(source.shape, i) / at(block, i))));
        const work = source.cost?.work(middle) ?? regionVolume(middle);
        const lanes = Math.min(needs.threads, inFlight);
        const late = work > MOST_WORK && count === 1 ? work : Math.max(0, work - MOST_WORK);
        const time = Math.ceil(count / lanes) * work + 2 * IO_WORK * regionVolume(middle) + late;
        if (best === undefined || time < best.time) best = { plan: { block, inFlight, count }, time };
      }
    }
  }
  if (best === undefined) {
    throw new UserError(
      "memory",
      `the memory budget is too small for one block: ${megabytes(needs.memory)} MB left, ${megabytes(least)} MB needed`,
      { hint: `give at least ${megabytes(least - needs.memory)} MB more with --memory or LAZYFLOW_TOTAL_RAM_MB` },
    );
  }
  return best.plan;
}

/** Memory while one block is computed and written. */
export function blockBytes(source: ArraySource, region: Region): number {
  const plain = regionVolume(region) * dtypeInfo(source.dtype).bytes;
  return source.cost === undefined ? plain : source.cost.bytes(region);
}

/** Edges to try: the axis in 1, 2, 3, … parts, rounded up to the multiple. */
function splits(size: number, multiple: number): number[] {
  const found = new Set<number>();
  for (let parts = 1; parts <= size; parts = parts < 16 ? parts + 1 : Math.ceil(parts * 1.25)) {
    found.add(Math.min(size, Math.ceil(size / parts / multiple) * multiple));
  }
  found.add(Math.min(size, multiple));
  return [...found];
}

/** A block away from the borders where there is one: it has the largest halo. */
function middleBlock(shape: Five, block: Five): Region {
  const start = five((_, i) => {
    const blocks = Math.ceil(at(shape, i) / at(block, i));
    return Math.floor((blocks - 1) / 2) * at(block, i);
  });
  return { start, stop: five((_, i) => Math.min(at(shape, i), at(start, i) + at(block, i))) };
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function at(values: Five, index: number): number {
  return values[index] as number;
}
