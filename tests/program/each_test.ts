/**
 * Patterns and lists of single images: `--each`, and what is said without it.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, run } from "./program.ts";

const OWN = join(DATA, "own");
const PROJECT = `--project=${join(OWN, "pc2d_small.ilp")}`;

Deno.test("--each makes every file of a quoted pattern or a list an input of its own", () =>
  inFolder(async (folder) => {
    for (const name of ["a10.png", "a2.png", "b.png"]) {
      await Deno.copyFile(join(OWN, "images", "g2d.png"), join(folder, name));
    }
    const out = ["--output_format=numpy", `--output_filename_format=${folder}/out/{nickname}.npy`];
    const written = async (...words: string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await run([PROJECT, ...out, ...words]);
      assertEquals([code, stderr], [0, ""]);
      return stdout.trim().split("\n").slice(0, -1).map((path) => path.slice(`${folder}/out/`.length));
    };
    assertEquals(await written("--each", `${folder}/a*.png`), ["a10.npy", "a2.npy"]);
    assertEquals(await written("--each", "--natural_sort", `${folder}/a*.png`), ["a2.npy", "a10.npy"]);
    assertEquals(await written("--each", `--raw_data=${folder}/b.png:${folder}/a2.png`), ["a2.npy", "b.npy"]);
    assertEquals(await written("--each", `${folder}/b.png`, `${folder}/a?.png`), ["b.npy", "a2.npy"]);
  }));

Deno.test("--each with a pattern that matches nothing is an error that shows what is there", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "a.png"), "");
    const { code, stderr } = await run([PROJECT, "--each", `${folder}/*.tif`]);
    assertEquals(code, 4);
    assertMatch(stderr, /^error: no file matches `\S+\*\.tif`; `\S+` has `a\.png`[^\n]*\n$/);
  }));

Deno.test("A stack for a flat project is an error that says what quotes do", () =>
  inFolder(async (folder) => {
    for (const name of ["a.png", "b.png"]) await Deno.copyFile(join(OWN, "images", "g2d.png"), join(folder, name));
    const { code, stderr } = await run([PROJECT, `${folder}/*.png`]);
    assertEquals(code, 4);
    assertMatch(
      stderr,
      /; a quoted pattern is one stack; without quotes, or with --each, every file is an input of its own\n$/,
    );
  }));
