/**
 * Walks over sources block by block and hands the blocks to their targets, on several threads, in bounded memory.
 *
 * @module
 */
import {
  type ArraySource,
  blocksOf,
  type Five,
  five,
  giveBackArray,
  type NdArray,
  type Region,
  wholeRegion,
} from "../array/mod.ts";
import { chooseBlocks, ofSource } from "./blocks.ts";

/** Where blocks go. Output sinks are such targets. */
export interface BlockTarget {
  /** Block edges must be multiples of these, or the whole axis (canonical order). */
  readonly blockMultiple: Five;
  /** Whether blocks must arrive in C order. */
  readonly ordered: boolean;
  /**
   * Takes one block; calls may overlap when not `ordered`. The block's storage is used again once the promise is settled:
   * what is kept has to be copied.
   */
  write(region: Region, block: NdArray): Promise<void>;
}

/** A source and where its blocks go. */
export interface WriteJob {
  /** What is read. */
  readonly source: ArraySource;
  /** Where it goes. */
  readonly target: BlockTarget;
}

/** How to run. */
export interface WriteOptions {
  /** Blocks computed at the same time. */
  readonly threads: number;
  /** Bytes that all blocks in flight may take together. */
  readonly memory: number;
  /** The whole budget that `memory` is left of, in bytes; for messages. */
  readonly budget?: number;
  /** Part of a larger budget that would not be left, for messages. */
  readonly budgetShare?: number;
  /** Stops the run; blocks in flight end first. */
  readonly signal?: AbortSignal;
  /** Called after each written block with the share of the pixels that are done, 0…1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Reads all of the sources in blocks and writes them into their targets. Every block is read from all sources at once,
 * so that sources which share a computation need it only once. The result does not depend on threads or blocks.
 *
 * @param jobs at least one; the sizes of the sources may differ in the channels only
 * @throws whatever a read or write throws first, after all blocks in flight have ended; `signal.reason` when stopped
 */
export async function writeBlocks(jobs: readonly WriteJob[], options: WriteOptions): Promise<void> {
  const sources = jobs.map(({ source }) => source);
  const [t, z, y, x] = (sources[0] as ArraySource).shape;
  const plan = chooseBlocks(sources, { ...options, multiple: commonMultiple(jobs) });
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const blocks = blocksOf(wholeRegion([t, z, y, x, 1]), plan.block);
  let turn: Promise<void> = Promise.resolve();
  let written = 0;

  const worker = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const next = blocks.next();
      if (next.done === true) return;
      // The place in the queue of ordered targets is taken here, in the order of the blocks.
      const before = turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      turn = promise;
      try {
        const read = await all(jobs.map(async ({ source, target }) => {
          const region = ofSource(next.value, source);
          const block = await source.read(region, signal);
          if (target.ordered) await before;
          signal.throwIfAborted();
          await target.write(region, block);
          return block;
        }));
        // Only now: blocks of sources that share a computation may have one storage.
        read.forEach(giveBackArray);
        options.onProgress?.(++written / plan.count);
      } catch (error) {
        // Before the next block in the queue goes on, so that nothing is written behind a hole.
        stop.abort(error);
        throw error;
      } finally {
        resolve();
      }
    }
  };
  await Promise.allSettled(Array.from({ length: Math.min(plan.inFlight, plan.count) }, worker));
  signal.throwIfAborted();
}

/** Waits until all have ended; throws what the first that failed throws. */
async function all<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

/** Block edges that suit every target. */
function commonMultiple(jobs: readonly WriteJob[]): Five {
  return five((_, i) =>
    jobs.reduce((edge, { target }) => leastCommonMultiple(edge, target.blockMultiple[i] as number), 1)
  );
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return a / divisor * b;
}
