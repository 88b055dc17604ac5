/**
 * Walks over a source block by block and hands the blocks to a target, on several threads, in bounded memory.
 *
 * @module
 */
import { type ArraySource, blocksOf, type Five, type NdArray, type Region, wholeRegion } from "../array/mod.ts";
import { chooseBlocks } from "./blocks.ts";

/** Where blocks go. Output sinks are such targets. */
export interface BlockTarget {
  /** Block edges must be multiples of these, or the whole axis (canonical order). */
  readonly blockMultiple: Five;
  /** Whether blocks must arrive in C order. */
  readonly ordered: boolean;
  /** Takes one block; calls may overlap when not `ordered`. */
  write(region: Region, block: NdArray): Promise<void>;
}

/** How to run. */
export interface WriteOptions {
  /** Blocks computed at the same time. */
  readonly threads: number;
  /** Bytes that all blocks in flight may take together. */
  readonly memory: number;
  /** Stops the run; blocks in flight end first. */
  readonly signal?: AbortSignal;
  /** Called after each written block with the share of the pixels that are done, 0…1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Reads all of `source` in blocks and writes them into `target`. The result does not depend on threads or blocks.
 *
 * @throws whatever a read or write throws first, after all blocks in flight have ended; `signal.reason` when stopped
 */
export async function writeBlocks(source: ArraySource, target: BlockTarget, options: WriteOptions): Promise<void> {
  const plan = chooseBlocks(source, { ...options, multiple: target.blockMultiple });
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const blocks = blocksOf(wholeRegion(source.shape), plan.block);
  let turn: Promise<void> = Promise.resolve();
  let written = 0;

  const worker = async (): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const next = blocks.next();
      if (next.done === true) return;
      const region = next.value;
      // The place in the queue of an ordered target is taken here, in the order of the blocks.
      const before = turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      turn = promise;
      try {
        const block = await source.read(region, signal);
        if (target.ordered) await before;
        signal.throwIfAborted();
        await target.write(region, block);
      } catch (error) {
        // Before the next block in the queue goes on, so that nothing is written behind a hole.
        stop.abort(error);
        throw error;
      } finally {
        resolve();
      }
      options.onProgress?.(++written / plan.count);
    }
  };
  await Promise.allSettled(Array.from({ length: Math.min(plan.inFlight, plan.count) }, worker));
  signal.throwIfAborted();
}
