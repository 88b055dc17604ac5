import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../lib/array/mod.ts";
import { withListedInputs } from "../../lib/cli/inputs_from.ts";
import { parseArguments } from "../../lib/cli/parse.ts";
import { inFolder } from "../program/program.ts";

async function listed(text: string, ...words: string[]): Promise<{ files: readonly string[]; roles: unknown }> {
  let result: { files: readonly string[]; roles: unknown } | undefined;
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/list.txt`, text);
    const request = parseArguments(["--inputs_from=list.txt", ...words], false);
    const { files, roles } = await withListedInputs(request, { currentFolder: folder, homeFolder: undefined });
    result = { files, roles: Object.fromEntries(roles) };
  });
  return result as { files: readonly string[]; roles: unknown };
}

Deno.test("--inputs_from adds one file per line, without comments and empty lines", async () => {
  assertEquals(await listed("\ufeff# images\na.png\r\n\n  # more\n b c.h5/data \ncell #3.tif\n", "first.png"), {
    files: ["first.png", "a.png", "b c.h5/data", "cell #3.tif"],
    roles: {},
  });
});

Deno.test("--inputs_from with tabs takes a column per role", async () => {
  assertEquals(await listed("Raw Data\tprediction-mask\na.png\tm.png\nb.png\t\n"), {
    files: [],
    roles: { raw_data: ["a.png", "b.png"], prediction_mask: ["m.png"] },
  });
  await assertRejects(() => listed("raw_data\tprediction_mask\na\tb\tc\n"), UserError, "3 columns");
});

Deno.test("a list that is not there is a usage error that names it", async () => {
  const request = parseArguments(["--inputs_from=nowhere.txt"], false);
  const error = await assertRejects(
    () => withListedInputs(request, { currentFolder: "/", homeFolder: undefined }),
    UserError,
    "nowhere.txt",
  );
  assertEquals(error.kind, "usage");
});
