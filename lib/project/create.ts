/**
 * New projects. Only Data Conversion needs none that was made in ilastik's window (cli-and-io.md §3.9).
 *
 * @module
 */
import { dirname } from "@std/path";
import { ensureDir } from "@std/fs";
import { H5File } from "../../ffi/hdf5.ts";
import { UserError } from "../array/mod.ts";
import { openProject } from "./open.ts";
import { pythonTime } from "./python_time.ts";
import { isWriteError } from "./write_error.ts";

/** Version that new projects say they are of: the newest whose layout they have. */
const VERSION = "1.4.0";

/** What such a project calls its workflow. */
const DATA_CONVERSION = "Data Conversion";

/**
 * Makes an empty Data Conversion project in place of one of that name.
 *
 * @param replacesAny whether it may also take the place of any other file, as in ilastik
 * @throws {UserError} kind `project` when another file has that name, or it cannot be written
 */
export async function createDataConversionProject(path: string, replacesAny: boolean): Promise<void> {
  if (!replacesAny) await refuseOtherFile(path);
  try {
    await ensureDir(dirname(path));
    await using file = await H5File.create(path);
    await file.writeValue("ilastikVersion", VERSION);
    await file.writeValue("time", pythonTime(new Date()));
    await file.writeValue("workflowName", DATA_CONVERSION);
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

/** A trained project, which somebody's labels are in, is not lost to a mistaken option. */
async function refuseOtherFile(path: string): Promise<void> {
  const { size, isFile } = await Deno.stat(path).catch(() => ({ size: 0, isFile: false }));
  if (!isFile || size === 0) return;
  const workflow = await workflowOf(path);
  if (workflow === DATA_CONVERSION) return;
  throw new UserError(
    "project",
    `--new_project would replace ${path}, which is ${workflow === undefined ? "no" : `a \`${workflow}\``} project`,
    { hint: "to use it, give it with --project; for a new one, give another path or delete it first" },
  );
}

async function workflowOf(path: string): Promise<string | undefined> {
  try {
    await using project = await openProject(path);
    return project.header.workflowName;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
