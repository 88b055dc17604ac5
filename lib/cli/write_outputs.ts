/**
 * Writes the outputs of a lane.
 *
 * @module
 */
import { writeBlocks, type WriteOptions } from "../engine/mod.ts";
import type { Export, Sink } from "../outputs/mod.ts";

/**
 * Whether outputs can be computed in one pass: all of one size, and each in a file of its own, since an output replaces
 * the file by one that holds it too.
 */
export function fitOnePass(outputs: readonly Export[]): boolean {
  const sizes = new Set(outputs.map(({ source }) => source.shape.slice(0, 4).join()));
  const files = new Set(outputs.map(({ plan }) => plan.path));
  return sizes.size === 1 && files.size === outputs.length;
}

/**
 * Computes and writes outputs that {@linkcode fitOnePass}. What fails leaves nothing under a final name but the outputs
 * that were complete before.
 *
 * @returns paths of the files of each output
 */
export async function writeOutputs(
  outputs: readonly Export[],
  options: WriteOptions,
): Promise<readonly (readonly string[])[]> {
  const open: Sink[] = [];
  try {
    for (const output of outputs) open.push(await output.open());
    await writeBlocks(outputs.map(({ source }, i) => ({ source, target: open[i] as Sink })), options);
    const paths: (readonly string[])[] = [];
    for (const sink of [...open]) {
      paths.push(await sink.commit(options.signal));
      open.shift();
    }
    return paths;
  } catch (error) {
    for (const sink of open) await sink.abort();
    throw error;
  }
}
