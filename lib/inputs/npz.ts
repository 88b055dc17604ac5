/**
 * Archives of NumPy arrays, `.npz/name` (cli-and-io.md §2.4).
 *
 * @module
 */
import { type ByteFile, openBytes } from "./bytes.ts";
import { layoutArray, readNpyHeader } from "./npy.ts";
import { isInputShape, type Listed, missingInner, onlyOne } from "./reader.ts";
import type { StoredArray } from "./types.ts";
import { isInMemory, openZipEntry, readZipEntries, type ZipEntry } from "./zip.ts";

const EXTENSION = ".npy";

/**
 * Opens an array of an archive; without a name the only one of 2 to 5 dimensions. Slashes of the name are dropped.
 *
 * @throws {UserError} kind `input`
 */
export async function openNpz(path: string, inner: string): Promise<StoredArray> {
  const file = await openBytes(path);
  try {
    const entries = await readZipEntries(file);
    const name = inner === ""
      ? onlyOne(path, (await listed(file, entries)).filter(isCandidate)).path
      : inner.replaceAll("/", "");
    const entry = entries.find((candidate) => candidate.name === name + EXTENSION);
    if (entry === undefined) throw missingInner(path, inner, await listed(file, entries));
    const member = await openZipEntry(file, entry);
    const header = await readNpyHeader(member);
    const array = layoutArray(member, header.shape, header);
    return isInMemory(entry) ? { ...array, keptBytes: entry.size } : array;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The arrays of an archive that can be inputs.
 *
 * @throws {UserError} kind `input` when it is no archive
 */
export async function listNpz(path: string): Promise<readonly Listed[]> {
  const file = await openBytes(path);
  try {
    return (await listed(file, await readZipEntries(file))).filter(isCandidate);
  } finally {
    await file.close();
  }
}

async function listed(file: ByteFile, entries: readonly ZipEntry[]): Promise<readonly Listed[]> {
  const arrays: Listed[] = [];
  for (const entry of entries.filter(({ name }) => name.endsWith(EXTENSION))) {
    const { shape, dtype } = await readNpyHeader(await openZipEntry(file, entry));
    arrays.push({ path: entry.name.slice(0, -EXTENSION.length), shape, type: dtype });
  }
  return arrays;
}

function isCandidate({ shape }: Listed): boolean {
  return isInputShape(shape);
}
