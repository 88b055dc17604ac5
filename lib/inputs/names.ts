/**
 * Names that output paths are made of (cli-and-io.md §2.8).
 *
 * @module
 */
import { basename } from "@std/path";

/**
 * `{nickname}`: the common beginning of the file names without extension, then that of the inner paths.
 *
 * @param paths external paths with `/` between the parts, in order, at least one
 * @param innerPaths inner paths without leading slash, as far as they were given
 */
export function nickname(paths: readonly string[], innerPaths: readonly string[]): string {
  const common = commonPrefix(paths.map(withoutExtension));
  const outside = common.slice(common.lastIndexOf("/") + 1) ||
    `stack_at-${basename(withoutExtension(paths[0] ?? ""))}`;
  const inside = commonPrefix(innerPaths.map((path) => path.replace(/^\/+/, ""))).replaceAll("/", "-");
  return (innerPaths.length > 0 ? `${outside}-${inside}` : outside).replaceAll("*", "");
}

/** A path without its last extension; names that begin with their only dot keep it. */
function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]*$/, "");
}

function commonPrefix(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && other[same] === first[same]) same++;
    length = same;
  }
  return first.slice(0, length);
}
