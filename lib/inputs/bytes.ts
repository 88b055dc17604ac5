/**
 * Files as bytes that are read at any place, and bytes as elements.
 *
 * @module
 */
import { allocate, type Dtype, dtypeInfo, type TypedArray, viewBytes } from "../array/mod.ts";
import { inputError } from "./input_error.ts";

/** A file that is read in pieces; reads may overlap in time. */
export interface ByteFile {
  /** Path as given, or what messages call the file. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Reads exactly `length` bytes.
   *
   * @throws {UserError} kind `input` when the file ends before
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads `count` short runs of `length` bytes, `step` apart, one behind the other: cheaper than as many reads.
   *
   * @throws {UserError} kind `input` when the file ends before
   */
  readRuns(offset: number, length: number, step: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Closes the file. */
  close(): Promise<void>;
}

/**
 * Opens a file.
 *
 * @param name what messages call it
 * @throws {UserError} kind `input`: missing, a folder, no permission
 */
export async function openBytes(path: string, name = path): Promise<ByteFile> {
  const file = await attempt(name, () => Deno.open(path, { read: true }));
  const info = await attempt(name, () => file.stat());
  let last: Promise<unknown> = Promise.resolve();
  const readNow = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = new Uint8Array(length);
    await file.seek(offset, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const got = await attempt(name, () => file.read(bytes.subarray(done)));
      if (got === null) throw inputError(name, "the file is truncated");
      done += got;
    }
    return bytes;
  };
  const queue = (end: number, read: () => Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>) => {
    if (!(end <= info.size)) {
      return Promise.reject(inputError(name, `the file is truncated: it has ${info.size} bytes, ${end} are needed`));
    }
    const next = last.then(read);
    last = next.catch(() => {});
    return next;
  };
  return {
    path: name,
    size: info.size,
    read: (offset, length) => queue(offset + length, () => readNow(offset, length)),
    readRuns: (offset, length, step, count) =>
      queue(offset + (count - 1) * step + length, () => readRunsNow(name, file, offset, length, step, count)),
    async close() {
      await last;
      file.close();
    },
  };
}

/** A run of a kilobyte costs less than the way to another thread and back. */
function readRunsNow(
  path: string,
  file: Deno.FsFile,
  offset: number,
  length: number,
  step: number,
  count: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length * count);
  for (let run = 0; run < count; run++) {
    file.seekSync(offset + run * step, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const got = file.readSync(bytes.subarray(run * length + done, (run + 1) * length));
      if (got === null) throw inputError(path, "the file is truncated");
      done += got;
    }
  }
  return bytes;
}

/**
 * Reads a whole file.
 *
 * @throws {UserError} kind `input`: missing, a folder, no permission
 */
export function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return attempt(path, () => Deno.readFile(path));
}

/** The first bytes of a file, fewer when it is shorter. */
export async function readHead(path: string, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openBytes(path);
  try {
    return await file.read(0, Math.min(length, file.size));
  } finally {
    await file.close();
  }
}

/** Elements from their bytes; `bytes` may be taken over or swapped in place. */
export function elementsFromBytes(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>, littleEndian: boolean): TypedArray {
  const size = dtypeInfo(dtype).bytes;
  if (!littleEndian) swapBytes(bytes, size);
  const length = Math.floor(bytes.length / size);
  if (bytes.byteOffset % size === 0) return viewBytes(dtype, bytes.buffer, bytes.byteOffset, length);
  const aligned = allocate(dtype, length);
  new Uint8Array(aligned.buffer).set(bytes.subarray(0, length * size));
  return aligned;
}

/** Reverses the bytes of each element in place. */
export function swapBytes(bytes: Uint8Array<ArrayBuffer>, size: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - size + 1;
  if (size === 2) { for (let i = 0; i < end; i += 2) view.setUint16(i, view.getUint16(i, true), false); }
  if (size === 4) { for (let i = 0; i < end; i += 4) view.setUint32(i, view.getUint32(i, true), false); }
  if (size === 8) { for (let i = 0; i < end; i += 8) view.setBigUint64(i, view.getBigUint64(i, true), false); }
}

/** The bytes of Latin-1 text, to compare with signatures. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Whether bytes hold `text` (Latin-1) at `offset`. */
export function hasAscii(bytes: Uint8Array, text: string, offset = 0): boolean {
  return text.length + offset <= bytes.length && ascii(text).every((byte, i) => bytes[offset + i] === byte);
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw inputError(path, reasonOf(thrown), { cause: thrown });
  }
}

const REASONS: readonly (readonly [new (message: string) => Error, string])[] = [
  [Deno.errors.NotFound, "there is no such file"],
  [Deno.errors.PermissionDenied, "permission denied"],
  [Deno.errors.IsADirectory, "it is a folder"],
  [Deno.errors.NotADirectory, "a part of the path is not a folder"],
  [Deno.errors.FilesystemLoop, "the symbolic links form a loop"],
];

function reasonOf(thrown: unknown): string {
  const known = REASONS.find(([type]) => thrown instanceof type);
  return known?.[1] ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
