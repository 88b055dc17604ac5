/**
 * Writes the outputs of a lane.
 *
 * @module
 */
import { writeBlocks, type WriteOptions } from "../engine/mod.ts";
import type { Export, Sink } from "../outputs/mod.ts";

/**
 * Computes and writes outputs, those of equal sizes in one pass. Outputs that share a file come one after another, since
 * each replaces the file by one that holds it too. What fails leaves nothing under a final name but the outputs that were
 * complete before.
 *
 * @returns paths of the files of each output
 */
export async function writeOutputs(
  outputs: readonly Export[],
  options: WriteOptions,
): Promise<readonly (readonly string[])[]> {
  const passes = Map.groupBy(
    outputs,
    ({ source, plan }, i) =>
      [...source.shape.slice(0, 4), outputs.slice(0, i).filter((before) => before.plan.path === plan.path).length]
        .join(),
  );
  const written = new Map<Export, readonly string[]>();
  let done = 0;
  for (const pass of passes.values()) {
    const share = pass.length / outputs.length;
    const before = done;
    const paths = await writeTogether(pass, {
      ...options,
      onProgress: (part) => options.onProgress?.(before + share * part),
    });
    pass.forEach((output, i) => written.set(output, paths[i] ?? []));
    done += share;
  }
  return outputs.map((output) => written.get(output) ?? []);
}

async function writeTogether(
  outputs: readonly Export[],
  options: WriteOptions,
): Promise<readonly (readonly string[])[]> {
  const open: Sink[] = [];
  try {
    for (const output of outputs) open.push(await output.open());
    await writeBlocks(outputs.map(({ source }, i) => ({ source, target: open[i] as Sink })), options);
    const paths: (readonly string[])[] = [];
    for (const sink of [...open]) {
      paths.push(await sink.commit());
      open.shift();
    }
    return paths;
  } catch (error) {
    for (const sink of open) await sink.abort();
    throw error;
  }
}
