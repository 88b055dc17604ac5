/**
 * Files and folders that get their final name only when they are complete.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { UserError } from "../array/mod.ts";
import { writing } from "./errors.ts";
import { kindOf } from "./kind_of.ts";
import { leaveFolder, useFolder } from "./made_folders.ts";
import type { Presence } from "./types.ts";

/** How temporary names begin. */
const TEMPORARY = ".ilastik-headless-";

/** A file or folder under a temporary name beside its final one. */
export class PendingPath {
  /** Where it will be. */
  readonly final: string;
  /** Where it is written. Does not exist yet. */
  readonly temporary: string;
  #usesFolder = true;

  private constructor(final: string, temporary: string) {
    this.final = final;
    this.temporary = temporary;
  }

  /**
   * Makes the folders above `final` and picks a temporary name.
   *
   * @throws {UserError} kind `output`
   */
  static async create(final: string): Promise<PendingPath> {
    const folder = dirname(final);
    await writing(final, () => useFolder(folder));
    return new PendingPath(final, join(folder, `${TEMPORARY}${crypto.randomUUID().slice(0, 13)}.tmp`));
  }

  /**
   * Gives the complete file or folder its final name; replaces what has it.
   *
   * @throws {UserError} kind `output`
   */
  async commit(): Promise<void> {
    await writing(this.final, () => Deno.rename(this.temporary, this.final));
    this.#leave(false);
  }

  /** Removes what is left under the temporary name after its parts were moved; folders that were made stay. */
  async discard(): Promise<void> {
    await removeIfThere(this.temporary);
    this.#leave(false);
  }

  /** Removes what was written, and folders that were made for it and that nobody else uses. */
  async abort(): Promise<void> {
    await removeIfThere(this.temporary);
    this.#leave(true);
  }

  #leave(failed: boolean): void {
    if (this.#usesFolder) leaveFolder(dirname(this.final), failed);
    this.#usesFolder = false;
  }
}

/** A folder whose files are made with the folders above them. */
export class FileTree {
  /** Path as given. */
  readonly path: string;
  readonly #made = new Map<string, Promise<void>>();

  /**
   * Nothing is made yet.
   *
   * @param path the folder; made with the first file
   */
  constructor(path: string) {
    this.path = path;
  }

  /** Writes a file, for example `s0/0/1`. */
  async write(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<void> {
    const path = join(this.path, name);
    const folder = dirname(path);
    let made = this.#made.get(folder);
    if (made === undefined) {
      made = Deno.mkdir(folder, { recursive: true });
      this.#made.set(folder, made);
    }
    await made;
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }

  /** Reads a file that was written. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return Deno.readFile(join(this.path, name));
  }

  /** Writes a value as JSON. */
  writeJson(name: string, value: unknown): Promise<void> {
    return this.write(name, JSON.stringify(value, undefined, 2));
  }
}

/** Removes a file, or a folder with all that is in it. */
async function removeIfThere(path: string): Promise<void> {
  // Clean-up after a failure: the failure itself is what the user is told, never a second one.
  await Deno.remove(path, { recursive: true }).catch(() => {});
}

/**
 * Looks whether a path could be written: nothing else in its place, a folder above it that takes files.
 *
 * @throws {UserError} kind `output`
 */
export async function checkWritable(path: string, expected: "file" | "folder"): Promise<void> {
  await checkPlace(path, expected);
  await checkFolder(path);
}

/**
 * The same for the files of a sequence.
 *
 * @throws {UserError} kind `output`
 */
export async function checkFilesWritable(paths: readonly string[]): Promise<void> {
  for (const path of paths) await checkPlace(path, "file");
  const folders = new Map(paths.map((path) => [dirname(path), path]));
  for (const path of folders.values()) await checkFolder(path);
}

async function checkPlace(path: string, expected: "file" | "folder"): Promise<void> {
  const found = await writing(path, () => kindOf(path));
  if (found === undefined || found === expected) return;
  throw new UserError("output", `cannot write ${path}: it is a ${found}`);
}

/** Only a file that is made and removed again tells: permission bits know nothing of read-only and network disks. */
async function checkFolder(path: string): Promise<void> {
  await writing(path, async () => {
    let folder = dirname(path);
    while (!(await kindOf(folder)) && dirname(folder) !== folder) folder = dirname(folder);
    if (await kindOf(folder) === "file") throw new UserError("output", `cannot write ${path}: ${folder} is a file`);
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: TEMPORARY, suffix: ".tmp" }));
  });
}

/** Longest name of a file or folder in bytes, on all usual file systems. */
const MAX_NAME = 255;
const MAX_PATH = 4095;
const SHORTER = "give a shorter one with --output_filename_format";

/**
 * Checks the lengths of a path and its parts.
 *
 * @throws {UserError} kind `output`
 */
export function checkNameLength(path: string): void {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const long = path.split(/[/\\]/).find((part) => bytes(part) > MAX_NAME);
  if (long !== undefined) {
    throw new UserError(
      "output",
      `the name ${shorten(long)} has ${bytes(long)} bytes, at most ${MAX_NAME} are possible`,
      { hint: SHORTER },
    );
  }
  if (bytes(path) > MAX_PATH) {
    throw new UserError(
      "output",
      `the path of ${basename(path)} has ${bytes(path)} bytes, at most ${MAX_PATH} are possible`,
      { hint: SHORTER },
    );
  }
}

function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 40)}…${name.slice(-15)}` : name;
}

/**
 * How much is there of an output that is these files. Empty ones are nothing: callers make them for a name.
 *
 * @throws {UserError} kind `output` when it cannot be found out
 */
export async function presenceOf(paths: readonly string[]): Promise<Presence> {
  let found = 0;
  for (const path of paths) {
    await writing(path, async () => {
      if (await kindOf(path) === "file" && (await Deno.stat(path)).size > 0) found++;
    });
  }
  return found === 0 ? "nothing" : found < paths.length ? "part" : "all";
}
