/**
 * From the word on the command line to files and inner paths (cli-and-io.md §2.3 and §2.4).
 *
 * @module
 */
import { dirname, extname, fromFileUrl, resolve } from "@std/path";
import { UserError } from "../array/mod.ts";
import { containerRoot } from "./container.ts";
import { inputError } from "./input_error.ts";
import { isUrl } from "./key_store.ts";
import { expandPattern, isPattern } from "./patterns.ts";
import { sortSlices } from "./sorting.ts";
import type { SearchRequest } from "./types.ts";

/** Where an array lies. */
export interface Location {
  /** Absolute path of the file or folder, or a URL. */
  readonly path: string;
  /** Path inside of it without leading slash; may be a pattern; empty when none was given. */
  readonly inner: string;
}

/** Extensions behind which a path goes on inside the file. */
const WITH_INNER = [".h5", ".hdf5", ".ilp", ".npz", ".n5", ".zarr"];
const WINDOWS = Deno.build.os === "windows";

/**
 * Finds the files that a word stands for, sorted. More than one is a stack.
 *
 * @throws {UserError} kind `input` when nothing is there, `usage` for words that cannot be a file
 */
export async function locate(request: SearchRequest): Promise<readonly Location[]> {
  const { text } = request;
  if (text === "") throw new UserError("usage", "an input is an empty text");
  if (isUrl(text)) {
    const path = await containerRoot(text) ?? text;
    return [{ path, inner: text.slice(path.length).replace(/^\/+|\/+$/g, "") }];
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !text.startsWith("file:")) {
    throw inputError(text, "remote data of this kind is not supported", { hint: "copy it to a local file first" });
  }
  const whole = await locateOne(await absolute(text, request.home));
  if (whole !== undefined) return [whole];
  const parts = splitList(text);
  if (parts.length === 1 && !isPattern(text)) throw await missing(await absolute(text, request.home));
  const found: Location[] = [];
  for (const part of parts) found.push(...await locatePart(await absolute(part, request.home)));
  const extensions = new Set(found.map(({ path }) => extname(path)));
  if (extensions.size > 1) {
    throw new UserError("input", `\`${text}\` matches files of different kinds: ${[...extensions].sort().join(" ")}`, {
      hint: "all files of a stack must have the same extension",
    });
  }
  return sorted(found, request);
}

/** Splits at `:` (`;` on Windows), but not before `//` and not before a port number. */
function splitList(text: string): string[] {
  return text.split(WINDOWS ? ";" : /:(?!\/\/|\d{1,5}\b)/).filter((part) => part !== "");
}

async function locatePart(path: string): Promise<readonly Location[]> {
  const one = await locateOne(path);
  if (one !== undefined) return [one];
  if (!isPattern(path)) throw await missing(path);
  const { outside, inner } = splitByExtension(path);
  if (inner !== "" && isPattern(outside) && isPattern(inner)) {
    throw new UserError("usage", `\`${path}\` has wildcards in the file name and in the inner path`, {
      hint: "only one of the two can be a pattern",
    });
  }
  if (!isPattern(outside)) throw await missing(outside);
  const files = await expandPattern(outside);
  if (files.length === 0) throw await noMatch(outside);
  return files.map((file) => ({ path: file, inner }));
}

/** The longest part of a path that exists, when it exists as a file or as a folder of a format with arrays inside. */
async function locateOne(path: string): Promise<Location | undefined> {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const outside = path.slice(0, end);
    const info = await stat(outside);
    if (info === undefined) continue;
    if (!info.isFile && !info.isDirectory) {
      throw inputError(outside, "it is no file but a pipe, a socket or a device", { hint: "write it to a file first" });
    }
    const inner = path.slice(end).replace(/^\/+|\/+$/g, "");
    if (info.isFile) return { path: outside, inner };
    const root = await containerRoot(outside);
    if (root !== undefined) return { path: root, inner: path.slice(root.length).replace(/^\/+|\/+$/g, "") };
    return inner === "" ? { path: outside, inner } : undefined;
  }
  return undefined;
}

/** The textual rule: what follows the last extension of a file with arrays inside is an inner path. */
function splitByExtension(path: string): { outside: string; inner: string } {
  const ends = WITH_INNER.map((extension) => path.toLowerCase().lastIndexOf(`${extension}/`) + extension.length)
    .filter((end, i) => end >= (WITH_INNER[i] as string).length);
  const end = Math.max(0, ...ends);
  return end === 0 ? { outside: path, inner: "" } : { outside: path.slice(0, end), inner: path.slice(end + 1) };
}

function sorted(locations: readonly Location[], request: SearchRequest): Location[] {
  const byName = new Map(locations.map((location) => [`${location.path}\0${location.inner}`, location]));
  const names = sortSlices([...byName.keys()], request.naturalSort, (message) => {
    request.warn(message.replaceAll(/\0([^`]*)/g, (_, inner: string) => inner === "" ? "" : `/${inner}`));
  });
  return names.flatMap((name) => byName.get(name) ?? []);
}

/** An absolute path with `/` between the parts. `~` is the home folder, `~name` that of another user. */
async function absolute(text: string, home: string | undefined): Promise<string> {
  const local = text.startsWith("file:") ? fromFileUrl(text) : text;
  const path = resolve(await withHome(local, home));
  return WINDOWS ? path.replaceAll("\\", "/") : path;
}

async function withHome(text: string, home: string | undefined): Promise<string> {
  const user = /^~([^/\\]*)(?=[/\\]|$)/.exec(text)?.[1];
  if (user === undefined || await stat(text) !== undefined) return text;
  const folder = user === "" ? home : await homeOf(user);
  return folder === undefined ? text : folder + text.slice(1 + user.length);
}

async function homeOf(user: string): Promise<string | undefined> {
  if (await stat("/etc/passwd") === undefined) return undefined;
  const lines = (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) => line.split(":"));
  return lines.find(([name]) => name === user)?.[5];
}

/** What is there; `undefined` when nothing is, or nothing that a path can lead to. */
async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.PermissionDenied) throw inputError(path, "permission denied", { cause });
    return undefined;
  }
}

async function missing(path: string): Promise<UserError> {
  const { outside } = splitByExtension(path);
  const target = await Deno.readLink(outside).catch(() => undefined);
  return inputError(
    outside,
    target === undefined ? "there is no such file" : `it is a link to \`${target}\`, where no file is`,
  );
}

/** How many names of a folder a message shows. */
const SHOWN = 5;

async function noMatch(pattern: string): Promise<UserError> {
  const folder = dirname(pattern);
  const text = `no file matches \`${pattern}\``;
  if (isPattern(folder)) return new UserError("input", text);
  if ((await stat(folder))?.isDirectory !== true) {
    return new UserError("input", text, { hint: `there is no folder \`${folder}\`` });
  }
  const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => `\`${name}\``)).sort();
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return new UserError("input", text, {
    hint: names.length === 0
      ? `\`${folder}\` is empty`
      : `\`${folder}\` has ${names.slice(0, SHOWN).join(", ")}${more}`,
  });
}
