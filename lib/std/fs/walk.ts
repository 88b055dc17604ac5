import { join, normalize } from "@std/path";

/** What {@linkcode walk} visits. */
export interface WalkOptions {
  /** How many levels below the root. @default {Infinity} */
  maxDepth?: number;
  /** Report files. @default {true} */
  includeFiles?: boolean;
  /** Report folders, the root too. @default {true} */
  includeDirs?: boolean;
  /** Report links that are not followed. @default {true} */
  includeSymlinks?: boolean;
  /** Go on behind links, reporting the path they point at. @default {false} */
  followSymlinks?: boolean;
  /** Only files with one of these ends. @default {undefined} */
  exts?: string[];
  /** Only entries whose path matches one of these. @default {undefined} */
  match?: RegExp[];
  /** Neither entries nor folders whose path matches one of these. @default {undefined} */
  skip?: RegExp[];
}

/** One entry that was found. */
export interface WalkEntry extends Deno.DirEntry {
  /** Path, beginning with the root as given. */
  path: string;
}

function wanted(path: string, { exts, match, skip }: WalkOptions): boolean {
  return (!exts || exts.some((end) => path.endsWith(end.startsWith(".") ? end : `.${end}`))) &&
    (!match || match.some((pattern) => pattern.test(path))) &&
    !skip?.some((pattern) => pattern.test(path));
}

async function entryOf(path: string): Promise<WalkEntry> {
  const { isDirectory, isFile, isSymlink } = await Deno.stat(path);
  return { path, name: path.split(/[\\/]/).at(-1) ?? path, isDirectory, isFile, isSymlink };
}

/**
 * Visits a folder and everything below it, folders before what they hold.
 *
 * @param root the folder
 * @param options what is visited and reported
 * @returns the entries, in the file system's order
 */
export async function* walk(root: string | URL, options: WalkOptions = {}): AsyncIterableIterator<WalkEntry> {
  const { maxDepth = Infinity, includeFiles = true, includeDirs = true, includeSymlinks = true } = options;
  if (maxDepth < 0) return;
  const folder = normalize(root);
  if (includeDirs && wanted(folder, options)) yield await entryOf(folder);
  if (maxDepth < 1 || options.skip?.some((pattern) => pattern.test(folder))) return;
  for await (const found of Deno.readDir(folder)) {
    let entry: WalkEntry = { ...found, path: join(folder, found.name) };
    if (entry.isSymlink && options.followSymlinks) {
      entry = await entryOf(await Deno.realPath(entry.path));
    }
    if (entry.isDirectory) {
      yield* walk(entry.path, { ...options, maxDepth: maxDepth - 1 });
    } else if ((entry.isSymlink ? includeSymlinks : includeFiles) && wanted(entry.path, options)) {
      yield entry;
    }
  }
}
