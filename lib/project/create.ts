/**
 * New projects. Only Data Conversion needs none that was made in ilastik's window (cli-and-io.md §3.9).
 *
 * @module
 */
import { dirname } from "@std/path";
import { ensureDir } from "@std/fs";
import { H5File } from "../../ffi/hdf5.ts";
import { UserError } from "../array/mod.ts";
import { pythonTime } from "./python_time.ts";
import { isWriteError } from "./write_error.ts";

/** Version that new projects say they are of: the newest whose layout they have. */
const VERSION = "1.4.0";

/**
 * Makes an empty Data Conversion project; replaces a file of that name, as ilastik does.
 *
 * @throws {UserError} kind `project` when it cannot be written
 */
export async function createDataConversionProject(path: string): Promise<void> {
  try {
    await ensureDir(dirname(path));
    await using file = await H5File.create(path);
    await file.writeValue("ilastikVersion", VERSION);
    await file.writeValue("time", pythonTime(new Date()));
    await file.writeValue("workflowName", "Data Conversion");
    await file.writeValue("Input Data/StorageVersion", "0.2");
    await file.writeValue("Input Data/Role Names", ["Input Data"]);
    await file.createGroup("Input Data/infos");
  } catch (error) {
    if (!isWriteError(error)) throw error;
    throw new UserError("project", `cannot write the new project ${path}: ${error.message}`, {
      hint: "give another path with --new_project",
      cause: error,
    });
  }
}
