/**
 * Folders that are one file to people: Zarr and N5.
 *
 * @module
 */
import { basename, dirname } from "@std/path";
import { isUrl, openStore } from "./key_store.ts";

/** Files that mark a group or array of Zarr 2, Zarr 3, N5. */
const MARKS: Readonly<Record<string, ContainerKind>> = {
  "zarr.json": "zarr",
  ".zgroup": "zarr",
  ".zarray": "zarr",
  ".zattrs": "zarr",
  "attributes.json": "n5",
};

/** The two kinds of folders. */
export type ContainerKind = "zarr" | "n5";

/** What a folder or address is; `undefined` when it is an ordinary folder. Not all writers of N5 mark the outermost one. */
export async function containerKind(folder: string): Promise<ContainerKind | undefined> {
  const mark = await markOf(folder);
  if (mark !== undefined || isUrl(folder)) return mark;
  return EXTENSION.exec(folder)?.[1]?.toLowerCase() as ContainerKind | undefined;
}

const EXTENSION = /\.(zarr|n5)$/i;

async function markOf(folder: string): Promise<ContainerKind | undefined> {
  const store = openStore(folder);
  for (const [mark, kind] of Object.entries(MARKS)) {
    if (await store.get(mark) !== undefined) return kind;
  }
  return undefined;
}

/** The outermost folder of the container that `folder` lies in; `undefined` when it is in none. */
export async function containerRoot(folder: string): Promise<string | undefined> {
  const named = /^(.*?\.(?:zarr|n5))(?:\/|$)/i.exec(folder)?.[1];
  if (named !== undefined && await markOf(named) !== undefined) return named;
  if (isUrl(folder)) return undefined;
  let root: string | undefined;
  for (let at = folder; basename(at) !== "" && await markOf(at) !== undefined; at = dirname(at)) root = at;
  if (root === undefined || EXTENSION.test(root)) return root;
  return /^(.*\.(?:zarr|n5))\//i.exec(root)?.[1] ?? root;
}
