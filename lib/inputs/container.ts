/**
 * Folders that are one file to people: Zarr and N5.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";

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

/** What a folder is; `undefined` when it is an ordinary one. */
export async function containerKind(folder: string): Promise<ContainerKind | undefined> {
  for (const [mark, kind] of Object.entries(MARKS)) {
    if (await isFile(join(folder, mark))) return kind;
  }
  return undefined;
}

/** The outermost folder of the container that `folder` lies in; `undefined` when it is in none. */
export async function containerRoot(folder: string): Promise<string | undefined> {
  const named = /^(.*?\.(?:zarr|n5))(?:\/|$)/i.exec(folder)?.[1];
  if (named !== undefined && await containerKind(named) !== undefined) return named;
  let root: string | undefined;
  for (let at = folder; basename(at) !== "" && await containerKind(at) !== undefined; at = dirname(at)) root = at;
  return root;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
