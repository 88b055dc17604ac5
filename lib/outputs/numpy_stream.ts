/**
 * `numpy` into a stream, for programs that read it at the other end of a pipe.
 *
 * @module
 */
import { join } from "@std/path";
import { along, type AxisKey, CANONICAL, type Five, fromCanonical, untilStopped } from "../array/mod.ts";
import { outputError, writing } from "./errors.ts";
import { wholeAlong } from "./file_sink.ts";
import { bytesOf, toFileBlock } from "./layout.ts";
import { npyHeader, NUMPY_FORMAT } from "./numpy.ts";
import type { OutputFormat, OutputPlan, Sink } from "./types.ts";

/** Where bytes go. */
export interface ByteTarget {
  /** Writes some of the bytes; returns how many. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
}

/** The reader went away before the end, as `head` does: no failure, but nobody needs the rest. */
export class ReaderGone extends Error {
  /** Name of the class. */
  override readonly name = "ReaderGone";
}

/** Bytes that are copied at a time. */
const COPY_BYTES = 1 << 20;

/**
 * The format `numpy`, written to a stream instead of a file: C order, as it comes where blocks can be computed in that
 * order at little extra cost (images and movies of images in canonical axes), else by way of a temporary file.
 *
 * @param target the stream; its sinks throw {@linkcode ReaderGone} when nobody reads any more
 * @param signal ends the waiting for a reader that does not read
 */
export function numpyStream(target: ByteTarget, signal: AbortSignal): OutputFormat {
  const write = (bytes: Uint8Array<ArrayBuffer>) => writeAll(target, bytes, signal);
  return {
    ...NUMPY_FORMAT,
    extension: "",
    stream: true,
    presence: () => Promise.resolve("nothing"),
    checkTarget: () => Promise.resolve(),
    open: (plan) => {
      const multiple = inOrderMultiple(plan);
      return multiple === undefined ? openSpool(plan, write) : openInOrder(plan, multiple, write);
    },
  };
}

type Write = (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

/**
 * How blocks must be cut to come in the order of the stream: whole but along the slowest axis. Time steps come one by
 * one anyway. `undefined` when other axes are slower than in canonical order, or when blocks would be slices of a volume,
 * which cost much more than cubes.
 */
export function inOrderMultiple({ shape, axes }: Pick<OutputPlan, "shape" | "axes">): Five | undefined {
  const real = axes.filter((axis) => along(shape, axis) > 1);
  if (!isCanonical(real)) return undefined;
  const [slowest, ...inner] = real.filter((axis) => axis !== "t");
  if (slowest === undefined) return wholeAlong(shape, []);
  return inner.filter((axis) => axis !== "c").length > 1 ? undefined : wholeAlong(shape, inner);
}

function isCanonical(axes: readonly AxisKey[]): boolean {
  return axes.join() === CANONICAL.filter((axis) => axes.includes(axis)).join();
}

async function openInOrder(plan: OutputPlan, blockMultiple: Five, write: Write): Promise<Sink> {
  await write(npyHeader(plan.dtype, fromCanonical(plan.shape, plan.axes)));
  return {
    blockMultiple,
    ordered: true,
    write: async (region, block) => await write(bytesOf((await toFileBlock(region, block, plan.axes)).data)),
    commit: () => Promise.resolve([plan.path]),
    abort: () => Promise.resolve(),
  };
}

/** The array as a file in the temporary folder, which goes down the stream when it is complete. */
async function openSpool(plan: OutputPlan, write: Write): Promise<Sink> {
  const folder = await writing(
    "a temporary file",
    () => Deno.makeTempDir({ prefix: "ilastik-headless-" }),
  );
  const remove = () => Deno.remove(folder, { recursive: true }).catch(() => {});
  const path = join(folder, `${plan.path}.npy`);
  let sink: Sink;
  try {
    sink = await NUMPY_FORMAT.open({ ...plan, path });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    ...sink,
    commit: async (signal) => {
      await sink.commit(signal);
      await copyFile(path, write);
      await remove();
      return [plan.path];
    },
    abort: async () => {
      await sink.abort();
      await remove();
    },
  };
}

async function copyFile(path: string, write: Write): Promise<void> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(COPY_BYTES);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return;
    await write(buffer.subarray(0, count));
  }
}

async function writeAll(target: ByteTarget, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      done += await untilStopped(target.write(bytes.subarray(done)), signal);
    }
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (cause instanceof Deno.errors.BrokenPipe) throw new ReaderGone("stdout is not read any more", { cause });
    throw outputError("stdout", cause);
  }
}
