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
  withAxis,
} from "../array/mod.ts";

/** What blocks are chosen by. */
export interface BlockNeeds {
  /** Blocks that are computed at the same time. */
  readonly threads: number;
  /** Memory that all blocks in flight may take together, in bytes. */
  readonly memory: number;
  /** The whole budget that `memory` is left of, in bytes; for messages. Without it, `memory` is all there is. */
  readonly budget?: number;
  /** Part of a larger budget that would not be left, for messages. */
  readonly budgetShare?: number;
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
/** Reading a pixel that only comes along with the chunk of another one, relative to computing one. */
const UNPACK_WORK = 0.03;
/** What handing a block on costs, whatever its size, in computed pixels. */
const BLOCK_WORK = 5000;
/** Blocks in flight beyond the computing ones: one is read and one written meanwhile. */
const AHEAD = 2;
/** Room in the budget that a message names. */
const ROOM = 1.05;
/** LAZYFLOW_TOTAL_RAM_MB takes no smaller values. */
const LEAST_VARIABLE = 500;
/** Shorter edges are only tried when longer ones do not fit once per thread. */
const SHORT = 32;
/** A block is never more work than this many pixels, so that progress and Ctrl-C stay lively. */
const MOST_WORK = 12e6;

/**
 * Chooses block edges for walking over all of `sources` together (time steps one by one, all channels together): the
 * split with the shortest expected run whose blocks in flight fit into the memory.
 *
 * @param sources at least one; their sizes may differ in the channels only
 * @throws {UserError} kind `memory` when not even the smallest block fits; names the budget that would do
 */
export function chooseBlocks(sources: readonly ArraySource[], needs: BlockNeeds): BlockPlan {
  const shape = commonShape(sources);
  const edges = (["t", "z", "y", "x", "c"] as const).map((axis, i) =>
    axis === "t"
      ? [Math.min(at(shape, 0), at(needs.multiple, 0))]
      : axis === "c"
      ? [at(shape, 4)]
      : splits(at(shape, i), at(needs.multiple, i))
  );
  const long = edges.map((axis, i) => axis.filter((edge) => edge >= Math.min(SHORT, at(shape, i))));
  const quick = cheapest(sources, shape, long, needs);
  if (quick.plan !== undefined && quick.plan.inFlight >= needs.threads) return quick.plan;
  const { plan, least } = cheapest(sources, shape, edges, needs);
  if (plan !== undefined) return plan;
  const { memory, budget = memory, budgetShare = 0 } = needs;
  const taken = budget > memory ? `the program takes ${megabytes(budget - memory)} MB, ` : "";
  // What the program takes differs a little from run to run.
  const enough = Math.ceil((budget + (least - memory) / (1 - budgetShare)) * ROOM / 1e7) * 10;
  const variable = enough < LEAST_VARIABLE ? "" : ` or LAZYFLOW_TOTAL_RAM_MB=${enough}`;
  throw new UserError(
    "memory",
    `the memory budget of ${megabytes(budget)} MB is too small: ${taken}the smallest block ${megabytes(least)} MB`,
    { hint: `${enough} MB are enough; give them with --memory=${enough}M${variable}` },
  );
}

/** The plan with the shortest expected run of all whose blocks fit, and the bytes of the smallest block. */
function cheapest(
  sources: readonly ArraySource[],
  shape: Five,
  edges: readonly (readonly number[])[],
  needs: BlockNeeds,
): { plan?: BlockPlan; least: number } {
  let best: { plan: BlockPlan; time: number } | undefined;
  let least = Infinity;
  const [[t = 1] = [], zs = [], ys = [], xs = [], [c = 1] = []] = edges;
  // Of equal plans the first one counts: that with the longest rows.
  for (const x of xs) {
    for (const y of ys) {
      for (const z of zs) {
        const block: Five = [t, z, y, x, c];
        const middle = middleBlock(shape, block);
        const bytes = blockBytes(sources, middle);
        least = Math.min(least, bytes);
        const inFlight = Math.min(needs.threads + AHEAD, Math.floor(needs.memory / bytes));
        if (inFlight < 1) continue;
        const count = volume(five((_, i) => Math.ceil(at(shape, i) / at(block, i))));
        const work = BLOCK_WORK + UNPACK_WORK * chunkVolume(sources, block) +
          sum(sources, (source) => source.cost?.work(ofSource(middle, source)) ?? regionVolume(middle));
        const lanes = Math.min(needs.threads, inFlight);
        const late = work > MOST_WORK && count === 1 ? work : Math.max(0, work - MOST_WORK);
        const time = Math.ceil(count / lanes) * work + 2 * IO_WORK * regionVolume(middle) + late;
        if (best === undefined || time < best.time) best = { plan: { block, inFlight, count }, time };
      }
    }
  }
  return { least, ...(best === undefined ? {} : { plan: best.plan }) };
}

/** Memory while one block of all sources is computed and written. */
export function blockBytes(sources: readonly ArraySource[], region: Region): number {
  return sum(sources, (source) => {
    const part = ofSource(region, source);
    return source.cost?.bytes(part) ?? regionVolume(part) * dtypeInfo(source.dtype).bytes;
  });
}

/** Pixels of the chunks that a block needs. A chunk that goes through the whole image is read once and then kept. */
function chunkVolume(sources: readonly ArraySource[], block: Five): number {
  const [first] = sources;
  if (first === undefined) return 0;
  const { chunk, shape } = first;
  return volume(five((axis, i) => {
    const edge = axis === "c" || at(chunk, i) >= at(shape, i) ? 1 : at(chunk, i);
    return Math.min(at(shape, i), Math.ceil(at(block, i) / edge) * edge);
  }));
}

/** The same block of another source: all of its channels. */
export function ofSource(region: Region, source: ArraySource): Region {
  return withAxis(region, "c", 0, source.shape[4]);
}

/** Sizes of sources that are walked over together; the channels are those of all of them. */
function commonShape(sources: readonly ArraySource[]): Five {
  const [first] = sources;
  if (first === undefined) throw new RangeError("no sources to walk over");
  const [t, z, y, x] = first.shape;
  for (const { shape } of sources) {
    if ([t, z, y, x].some((size, i) => size !== shape[i])) throw new RangeError("sources of different sizes");
  }
  return [t, z, y, x, sum(sources, ({ shape }) => shape[4])];
}

function sum(sources: readonly ArraySource[], value: (source: ArraySource) => number): number {
  return sources.reduce((total, source) => total + value(source), 0);
}

/** Edges to try: the axis in 1, 2, 3, … 8, 10, 13, … parts, rounded up to the multiple. */
function splits(size: number, multiple: number): number[] {
  const found = new Set<number>();
  for (let parts = 1; parts <= size; parts = parts < 8 ? parts + 1 : Math.ceil(parts * 1.25)) {
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
