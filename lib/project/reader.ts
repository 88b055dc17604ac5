/**
 * Reading values out of a project file, by ilastik's storage conventions (pixel-classification.md §1.1).
 *
 * @module
 */
import { H5File, type H5Member, type H5Value, isHdf5, NativeError } from "../../ffi/hdf5.ts";
import { UserError } from "../array/mod.ts";

/** A project file; every failure names it. */
export class ProjectReader implements AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  readonly #file: H5File;

  private constructor(path: string, file: H5File) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a project file for reading.
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
      return new ProjectReader(path, await H5File.open(path));
    } catch (error) {
      throw projectError(path, error);
    }
  }

  /** Members of a group in name order; none when there is no such group. */
  async members(path: string): Promise<readonly H5Member[]> {
    return await this.#try(async () => await this.#file.kind(path) === "group" ? await this.#file.members(path) : []);
  }

  /** Whether a path leads to a group or dataset. */
  async has(path: string): Promise<boolean> {
    return await this.#try(async () => await this.#file.kind(path) !== undefined);
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

  /** An attribute of an object. */
  async attribute(path: string, name: string): Promise<H5Value | undefined> {
    return await this.#try(() => this.#file.attribute(path, name));
  }

  /** The error for content that is not what it should be. */
  wrong(path: string, expected: string, found?: H5Value): UserError {
    const what = found === undefined ? "nothing" : describe(found);
    return new UserError("project", `damaged project ${this.path}: ${path} should hold ${expected}, found ${what}`, {
      hint: "open and save it in ilastik",
    });
  }

  /** Closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #value(path: string): Promise<H5Value | undefined> {
    return await this.#try(() => this.#file.value(path));
  }

  async #isEmpty(path: string): Promise<boolean> {
    const attribute = await this.attribute(path, "isEmpty");
    return attribute?.kind === "numbers" && Number(attribute.data[0]) !== 0;
  }

  async #try<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw projectError(this.path, error);
    }
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

function projectError(path: string, error: unknown): unknown {
  if (!(error instanceof NativeError)) return error;
  return new UserError("project", `cannot read the project ${path}: ${error.reason}`, {
    hint: "the file may be damaged or cut off; save it again in ilastik",
    cause: error,
  });
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
