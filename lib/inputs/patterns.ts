/**
 * Shell patterns over files and over inner paths.
 *
 * @module
 */

/** Whether a text has wildcards: `*`, `?` or `[…]`. */
export function isPattern(text: string): boolean {
  return /[*?]|\[[^\]]+\]/.test(text);
}

/** Matches inner paths as the shell matches words: `*` and `?` also match `/`. */
export function innerMatcher(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^(?:${translate(pattern, "[^]")})$`, "u");
  return (path) => expression.test(path);
}

/**
 * Paths of the files and folders that match a pattern, in no order. Hidden ones are not matched by wildcards.
 *
 * @param pattern absolute, `/` between the parts
 */
export async function expandPattern(pattern: string): Promise<string[]> {
  const [root, ...parts] = pattern.split("/");
  let found = [root === "" ? "/" : `${root}/`];
  for (const [i, part] of parts.entries()) {
    const next: string[] = [];
    const last = i === parts.length - 1;
    for (const folder of found) {
      for (const name of await matchingNames(folder, part)) next.push(last ? folder + name : `${folder}${name}/`);
    }
    found = next;
  }
  return found;
}

async function matchingNames(folder: string, part: string): Promise<string[]> {
  if (!isPattern(part)) return await exists(folder + part) ? [part] : [];
  const expression = new RegExp(`^(?:${translate(part, "[^/]")})$`, "u");
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (expression.test(name) && (part.startsWith(".") || !name.startsWith("."))) names.push(name);
    }
  } catch (error) {
    // A part that is no folder, or may not be listed, matches nothing, as in every shell.
    if (!UNLISTABLE.some((type) => error instanceof type)) throw error;
  }
  return names;
}

const UNLISTABLE = [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.PermissionDenied];

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** A shell pattern as a regular expression; `any` matches one character for `*` and `?`. */
function translate(pattern: string, any: string): string {
  return pattern.replace(/\*+|\?|\[(!?)([^\]]+)\]|[^*?[]+|\[/gu, (piece, not: string | undefined, set?: string) => {
    if (piece.startsWith("*")) return `${any}*`;
    if (piece === "?") return any;
    if (set !== undefined) return letterSet(set, not === "!");
    return piece.replace(/[\\^$.|+(){}[\]/]/g, "\\$&");
  });
}

/** A set of letters and ranges; ranges that go backwards hold nothing, as in Python's `fnmatch`. */
function letterSet(set: string, not: boolean): string {
  const letters = set.replace(/(.)-(.)/gsu, (range, first: string, last: string) => first <= last ? range : "");
  return `[${not ? "^" : ""}${letters.replace(/[\\^[]/g, "\\$&")}]`;
}
