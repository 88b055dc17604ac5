/**
 * Runs the whole program in tests: from source, or the executable that `ILASTIK_HEADLESS_PROGRAM` names.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { fromFileUrl, join } from "@std/path";
import { CANONICAL, type Five, five, type NdArray, toDense, wholeRegion } from "../../lib/array/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";

/** Folder of the repository. */
export const ROOT = fromFileUrl(new URL("../..", import.meta.url));
/** Folder of the test data. */
export const DATA = join(ROOT, "tests", "data");

/** What a run gave. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command that starts the program. */
export function programCommand(): readonly [string, ...string[]] {
  const packed = Deno.env.get("ILASTIK_HEADLESS_PROGRAM");
  if (packed !== undefined) return [packed];
  return [Deno.execPath(), "run", "--allow-all", "--no-check", "--frozen", "--cached-only", join(ROOT, "main.ts")];
}

/**
 * Runs the program and waits for its end.
 *
 * @param options.signal ends it, where it might never do so by itself
 */
export async function run(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const [program, ...before] = programCommand();
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...before, ...args],
    stdin: "null",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    env: { NO_COLOR: "1", ...options.env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** The system's Python, which Debian's packages are for. */
export const PYTHON = "/usr/bin/python3";

/** Whether the system's Python is there and has these modules, as in `vigra, h5py`. */
export async function pythonHas(modules: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(PYTHON, { args: ["-c", `import ${modules}`], stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Gives a test a folder of its own and removes it afterwards. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ilastik-headless-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All of an array that the program wrote, with the axes of the file. */
export async function readAll(path: string): Promise<{ array: NdArray; axes: string }> {
  const opened = await openInput({
    text: path,
    stackAlong: "z",
    naturalSort: false,
    compat: false,
    warn: (message) => {
      throw new Error(message);
    },
  });
  try {
    const source = interpretAxes(opened.array, opened.array.axes);
    return { array: await source.read(wholeRegion(source.shape)), axes: opened.array.axes.join("") };
  } finally {
    await opened.array.close();
  }
}

/**
 * CRC-32 of the little-endian bytes in the order of `axes`, of every `step[i]`-th element along axis `i`.
 *
 * @param axes all axes of the array with more than one element
 */
export function checksum(array: NdArray, axes: string, step: readonly number[] | null): number {
  const shape = five((axis, i) => Math.ceil((array.shape[i] as number) / stepOf(axis, axes, step)));
  const strides = five((axis, i) => (array.strides[i] as number) * stepOf(axis, axes, step));
  const order = [...CANONICAL.filter((axis) => !axes.includes(axis)), ...axes];
  const inOrder = (values: Five) => five((_, i) => values[CANONICAL.findIndex((axis) => axis === order[i])] as number);
  const { data } = toDense({ ...array, shape: inOrder(shape), strides: inOrder(strides) });
  return crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function stepOf(axis: string, axes: string, step: readonly number[] | null): number {
  return step?.[axes.indexOf(axis)] ?? 1;
}
