/**
 * Reading values out of a project file, by ilastik's storage conventions (pixel-classification.md §1.1).
 *
 * @module
 */
import {
  type CutOff,
  cutOffOf,
  H5File,
  type H5Kind,
  type H5Member,
  type H5Value,
  isHdf5,
  NativeError,
} from "../../ffi/hdf5.ts";
import { UserError } from "../array/mod.ts";

/** Something that is needed cannot be read, or is not what it should be. */
export class DamagedProject extends UserError {
  /** The text is for the user, as that of every {@linkcode UserError}. */
  constructor(message: string, cause?: unknown) {
    super("project", message, {
      hint: "take a copy of it that is whole, or open and save it in ilastik",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** A project file; every failure names it. */
export class ProjectReader implements AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** What is wrong with the file as a whole, for example `cut off after 10 of 20 bytes`. */
  readonly damage: string | undefined;
  readonly #file: H5File;

  private constructor(path: string, file: H5File) {
    this.path = path;
    this.damage = file.cutOff && damageText(file.cutOff);
    this.#file = file;
  }

  /**
   * Opens a project file for reading. What is left of one that was cut off can be read too: nothing that is missing is
   * ever taken for zeros.
   *
   * @throws {UserError} kind `project` when it is missing, a folder, unreadable, damaged or no HDF5 file
   */
  static async open(path: string): Promise<ProjectReader> {
    const info = await statProject(path);
    if (info.isDirectory) {
      throw new UserError("project", `the project ${path} is a folder`, { hint: "give the .ilp file" });
    }
    try {
      if (!await isHdf5(path)) {
        throw new UserError("project", `not an ilastik project (not an HDF5 file): ${path}`, {
          hint: "give an .ilp file that ilastik saved",
        });
      }
      return new ProjectReader(path, await H5File.openCutOff(path));
    } catch (error) {
      throw projectError(path, error);
    }
  }

  /** Members of a group in name order, also those that cannot be read (`broken`); none when there is no such group. */
  async members(path: string): Promise<readonly H5Member[]> {
    return await this.#kind(path) === "group" ? await this.#try(path, () => this.#file.members(path)) : [];
  }

  /** Names of the groups in a group, in name order. One that cannot be read is an error: nobody knows what it was. */
  async groups(path: string): Promise<readonly string[]> {
    const members = await this.members(path);
    for (const { name, kind } of members) if (kind === "broken") throw this.#lost(`${path}/${name}`);
    return members.filter(({ kind }) => kind === "group").map(({ name }) => name);
  }

  /** Whether a path leads to a group or dataset. */
  async has(path: string): Promise<boolean> {
    return await this.#kind(path) !== undefined;
  }

  /** A scalar string; `undefined` when it is not there. Lists of one string count too. */
  async string(path: string): Promise<string | undefined> {
    const value = await this.#value(path);
    return value?.kind === "strings" ? value.strings[0] : undefined;
  }

  /** A list of strings; empty for `isEmpty` lists, `undefined` when it is not there. */
  async strings(path: string): Promise<readonly string[] | undefined> {
    const value = await this.#value(path);
    if (value === undefined || await this.#isEmpty(path)) return value === undefined ? undefined : [];
    if (value.kind === "strings") return value.strings;
    throw this.wrong(path, "a list of texts", value);
  }

  /** Numbers with their shape; no numbers for `isEmpty` lists, `undefined` when it is not there. */
  async numbers(path: string): Promise<{ shape: readonly number[]; values: readonly number[] } | undefined> {
    const value = await this.#value(path);
    if (value === undefined) return undefined;
    if (value.kind === "empty" || await this.#isEmpty(path)) return { shape: [0], values: [] };
    if (value.kind === "numbers") return { shape: value.shape, values: Array.from(value.data, Number) };
    throw this.wrong(path, "numbers", value);
  }

  /** A single number; `undefined` when it is not there. */
  async number(path: string): Promise<number | undefined> {
    return (await this.numbers(path))?.values[0];
  }

  /** A dataset as it is stored. */
  async raw(path: string): Promise<H5Value | undefined> {
    return await this.#value(path);
  }

  /** Element type of a dataset; `undefined` when it is not there or holds no numbers. Its content is not read. */
  async dtype(path: string): Promise<string | undefined> {
    if (await this.#kind(path) !== "dataset") return undefined;
    return await this.#try(path, async () => {
      await using dataset = await this.#file.dataset(path);
      return dataset.info.type.kind === "number" ? dataset.info.type.dtype : undefined;
    });
  }

  /** An attribute of an object. */
  async attribute(path: string, name: string): Promise<H5Value | undefined> {
    return await this.#try(path, () => this.#file.attribute(path, name));
  }

  /** The error for content that is not what it should be. */
  wrong(path: string, expected: string, found?: H5Value): DamagedProject {
    const what = found === undefined ? "nothing" : describe(found);
    return new DamagedProject(`damaged project ${this.path}: ${path} should hold ${expected}, found ${what}`);
  }

  /** Closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #value(path: string): Promise<H5Value | undefined> {
    const value = await this.#try(path, () => this.#file.value(path));
    if (value === undefined) await this.#kind(path);
    return value;
  }

  /** What a path leads to. Something that is there but cannot be read is not the same as nothing. */
  async #kind(path: string): Promise<H5Kind | undefined> {
    const kind = await this.#try(path, () => this.#file.kind(path));
    if (kind === "broken") throw this.#lost(path);
    return kind;
  }

  async #isEmpty(path: string): Promise<boolean> {
    const attribute = await this.attribute(path, "isEmpty");
    return attribute?.kind === "numbers" && Number(attribute.data[0]) !== 0;
  }

  async #try<T>(path: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw error instanceof NativeError ? this.#lost(path, error) : error;
    }
  }

  /** The error for something that cannot be read. */
  #lost(path: string, cause?: NativeError): DamagedProject {
    const why = this.damage ?? cause?.reason ?? "it is damaged";
    return new DamagedProject(`cannot read ${path} of the project ${this.path}: ${why}`, cause);
  }
}

async function statProject(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UserError("project", `project file not found: ${path}`, { hint: "check its path", cause: error });
    }
    throw new UserError("project", `cannot open the project ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** The error for a file that cannot be opened. */
function projectError(path: string, error: unknown): unknown {
  if (!(error instanceof NativeError)) return error;
  const cut = cutOffOf(error);
  const why = cut === undefined ? error.reason : `${damageText(cut)}, nothing in it can be read`;
  return new DamagedProject(`cannot read the project ${path}: ${why}`, error);
}

function damageText({ length, needed }: CutOff): string {
  return `cut off after ${length} of ${needed} bytes`;
}

function describe(value: H5Value): string {
  switch (value.kind) {
    case "numbers":
      return `${value.dtype} of shape (${value.shape.join(", ")})`;
    case "strings":
      return `text`;
    case "empty":
      return "nothing";
    case "other":
      return value.text;
  }
}
