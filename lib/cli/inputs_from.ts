/**
 * Inputs out of a text file, for lists that are longer than a command line may be.
 *
 * @module
 */
import { errorText, UserError } from "../array/mod.ts";
import { normalizeName } from "./options.ts";
import type { Request } from "./parse.ts";
import { absolutePath, type Folders } from "./paths.ts";

/**
 * Adds the inputs that `--inputs_from` lists: one file per line; empty lines and those that begin with `#` do not count.
 * With tabs the first line names the roles and each further one is a row of inputs; an empty cell means none.
 *
 * @param folders what the path of the list is relative to
 * @throws {UserError} kind `usage` when the list cannot be read or its rows do not fit its first line
 */
export async function withListedInputs(request: Request, folders: Folders): Promise<Request> {
  const path = request.options.get("inputs_from");
  if (path === undefined) return request;
  const rows = (await readList(path, folders))
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  const [head] = rows;
  if (head === undefined || !head.includes("\t")) {
    return { ...request, files: [...request.files, ...rows.map((row) => row.trim())] };
  }
  const flags = head.split("\t").map((name) => normalizeName(name.trim().toLowerCase().replaceAll(" ", "_")));
  const roles = new Map([...request.roles].map(([flag, files]) => [flag, [...files]]));
  for (const row of rows.slice(1)) {
    const cells = row.split("\t");
    if (cells.length > flags.length) {
      throw new UserError(
        "usage",
        `${path}: a line has ${cells.length} columns, the first one names ${flags.length} roles`,
        {
          hint: "separate columns by one tab each",
        },
      );
    }
    cells.forEach((cell, i) => {
      const flag = flags[i] as string;
      if (cell.trim() !== "") roles.set(flag, [...(roles.get(flag) ?? []), cell.trim()]);
    });
  }
  return { ...request, roles };
}

async function readList(path: string, folders: Folders): Promise<string> {
  try {
    if (path !== "-") return stripBom(await Deno.readTextFile(absolutePath(path, folders)));
    return await new Response(Deno.stdin.readable).text();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : errorText(error);
    throw new UserError("usage", `cannot read the list ${path} of --inputs_from: ${reason}`, { cause: error });
  }
}

/** Without the mark that some editors of Windows put in front. */
function stripBom(text: string): string {
  return text.replace(/^\ufeff/, "");
}
