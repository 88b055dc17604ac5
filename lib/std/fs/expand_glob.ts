import { basename, globToRegExp, isGlob, joinGlobs, normalize, resolve } from "@std/path";
import { walk, type WalkEntry } from "./walk.ts";

/** How {@linkcode expandGlob} reads a pattern. */
export interface ExpandGlobOptions {
  /** Folder that a relative pattern starts from. @default {Deno.cwd()} */
  root?: string;
  /** Report folders too. @default {true} */
  includeDirs?: boolean;
  /** Upper and lower case are the same. @default {false} */
  caseInsensitive?: boolean;
}

/** The folders in front of the first part that holds a pattern. */
function fixedPart(glob: string): string {
  const parts = glob.split("/");
  const first = parts.findIndex((part) => isGlob(part));
  return first < 0 ? glob : parts.slice(0, first).join("/") || "/";
}

/**
 * Finds the files and folders that match a pattern (`*`, `?`, `[ab]`, `{a,b}`, `**`).
 *
 * @param glob the pattern
 * @param options how it is read
 * @returns the matches with absolute paths, sorted by path, each once
 */
export async function* expandGlob(
  glob: string | URL,
  options: ExpandGlobOptions = {},
): AsyncIterableIterator<WalkEntry> {
  const { includeDirs = true, caseInsensitive = false } = options;
  const root = resolve(options.root ?? Deno.cwd());
  const text = normalize(glob).replaceAll("\\", "/");
  const absolute = text.startsWith("/") || /^[a-zA-Z]:/.test(text) ? text : joinGlobs([root, text]);
  const pattern = globToRegExp(absolute, { globstar: true, extended: true, caseInsensitive });
  const start = fixedPart(absolute);
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(start);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
  if (!isGlob(absolute)) {
    if (info.isDirectory && !includeDirs) return;
    const { isDirectory, isFile, isSymlink } = info;
    yield { path: start, name: basename(start), isDirectory, isFile, isSymlink };
    return;
  }
  const depth = absolute.includes("**")
    ? Infinity
    : absolute.split("/").length - start.replace(/\/$/, "").split("/").length;
  const found: WalkEntry[] = [];
  for await (const entry of walk(start, { maxDepth: depth, includeDirs })) {
    if (pattern.test(entry.path.replaceAll("\\", "/"))) found.push(entry);
  }
  yield* found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
