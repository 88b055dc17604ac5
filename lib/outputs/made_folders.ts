/**
 * Folders that are made for outputs. Several outputs may use one at the same time, so only the last one that leaves an
 * empty folder takes it away again.
 *
 * @module
 */
import { dirname, SEPARATOR } from "@std/path";
import { kindOf } from "./kind_of.ts";

/** Folders that this process made. */
const made = new Set<string>();
/** Number of outputs that are being written into each folder. */
const users = new Map<string, number>();

/** Makes a folder and those above it, and keeps them until {@linkcode leaveFolder}. */
export async function useFolder(folder: string): Promise<void> {
  // First of all: from here on nobody else removes the folder.
  users.set(folder, (users.get(folder) ?? 0) + 1);
  try {
    const missing: string[] = [];
    for (let path = folder; !(await kindOf(path)); path = dirname(path)) missing.push(path);
    await Deno.mkdir(folder, { recursive: true });
    for (const path of missing) made.add(path);
  } catch (error) {
    leaveFolder(folder, true);
    throw error;
  }
}

/**
 * Ends the use of a folder.
 *
 * @param failed whether there is no output: then folders that were made, hold nothing and are not used go away
 */
export function leaveFolder(folder: string, failed: boolean): void {
  const others = (users.get(folder) ?? 1) - 1;
  if (others > 0) users.set(folder, others);
  else users.delete(folder);
  if (!failed) return;
  for (let path = folder; made.has(path) && !isUsed(path); path = dirname(path)) {
    try {
      // Without waiting, so that nobody begins to use it meanwhile.
      Deno.removeSync(path);
    } catch {
      return; // it holds something
    }
    made.delete(path);
  }
}

function isUsed(folder: string): boolean {
  return users.keys().some((used) => used === folder || used.startsWith(folder + SEPARATOR));
}
