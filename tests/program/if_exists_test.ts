/**
 * `--if_exists`: what happens to outputs that are there.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, type Outcome, run } from "./program.ts";

const OWN = join(DATA, "own");
const IMAGES = ["g2d.png", "g2d_b.png"].map((name) => join(OWN, "images", name));

function write(folder: string, images: readonly string[], ...options: readonly string[]): Promise<Outcome> {
  return run([
    `--project=${join(OWN, "pc2d_small.ilp")}`,
    "--export_source=Simple Segmentation",
    ...options.some((option) => option.startsWith("--output_filename_format"))
      ? []
      : [`--output_filename_format=${folder}/o`],
    ...options,
    ...images,
  ]);
}

for (
  const [format, name] of [
    ["compressed hdf5", "o.h5"],
    ["n5", "o.n5"],
    ["numpy", "o.npy"],
    ["png", "o.png"],
    ["multipage tiff", "o.tiff"],
    ["single-scale OME-Zarr", "o.zarr"],
    ["multi-scale OME-Zarr 0.5", "o.zarr"],
  ] as const
) {
  Deno.test(`${format}: skip keeps, error refuses, overwrite replaces`, () =>
    inFolder(async (folder) => {
      const [image = ""] = IMAGES;
      const once = (...more: string[]) => write(folder, [image], `--output_format=${format}`, ...more);
      const path = join(folder, name);
      for (const mode of ["error", "skip"]) {
        const { code, stdout, stderr } = await once(`--if_exists=${mode}`);
        assertEquals([code, stdout.startsWith(mode === "error" ? path : "Completed")], [0, true], stderr);
      }
      const refused = await once("--if_exists=error");
      assertEquals([refused.code, refused.stdout], [5, ""]);
      assertMatch(refused.stderr, /^error: [^\n]*the output [^\n]*exists; --if_exists=overwrite replaces it[^\n]*\n$/);
      const replaced = await once("--if_exists=overwrite");
      assertEquals([replaced.code, replaced.stdout], [0, `${path}\nCompleted Batch Processing\n`], replaced.stderr);
    }));
}

for (const [format, name] of [["compressed hdf5", "all.h5"], ["n5", "all.n5"]] as const) {
  Deno.test(`${format}: datasets of one file are kept and written one by one`, () =>
    inFolder(async (folder) => {
      const path = join(folder, name);
      const shared = [
        `--output_format=${format}`,
        `--output_filename_format=${path}`,
        "--output_internal_path={nickname}",
      ];
      for (const mode of ["skip", "error"]) {
        const first = await write(folder, IMAGES.slice(0, 1), ...shared, `--if_exists=${mode}`);
        assertEquals([first.code, first.stdout], [0, `${path}\nCompleted Batch Processing\n`], first.stderr);
        if (mode === "error") break;
        const both = await write(folder, IMAGES, ...shared, "--if_exists=skip");
        assertEquals([both.code, both.stdout], [0, `${path}\nCompleted Batch Processing\n`], both.stderr);
        assertEquals(both.stderr, `${path}/g2d exists and is kept\n`);
        for (const inner of ["g2d", "g2d_b"]) {
          assertEquals((await run(["diff", `${path}/${inner}`, `${path}/${inner}`])).code, 0, inner);
        }
        await Deno.remove(path, { recursive: true });
      }
      const second = await write(folder, IMAGES, ...shared, "--if_exists=error");
      assertEquals(second.code, 1);
      assertMatch(second.stderr, /^error: input 1 of 2, [^\n]*g2d exists[^\n]*\n1 of 2 inputs failed\n$/);
    }));
}

Deno.test("C7: an empty file that a caller made for the name is no output", () =>
  inFolder(async (folder) => {
    for (const mode of ["skip", "error"]) {
      await Deno.writeTextFile(join(folder, "o.h5"), "");
      const { code, stderr } = await write(folder, IMAGES.slice(0, 1), `--if_exists=${mode}`);
      assertEquals([code, stderr], [0, ""]);
      assertEquals((await Deno.stat(join(folder, "o.h5"))).size > 0, true);
    }
  }));

Deno.test("--if_exists=error refuses before anything is computed", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "g2d_b.npy"), "mine");
    const names = ["--output_format=numpy", `--output_filename_format=${folder}/{nickname}`];
    const { code, stderr } = await write(folder, IMAGES.toReversed(), ...names, "--if_exists=error", "--fail_fast");
    assertEquals(code, 5);
    assertMatch(stderr, /g2d_b\.npy exists/);
    assertEquals(await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name), ["g2d_b.npy"]);
    assertEquals(await Deno.readTextFile(join(folder, "g2d_b.npy")), "mine");
  }));

Deno.test("--new_project replaces its own kind and empty files; others only with --compat=ilastik", () =>
  inFolder(async (folder) => {
    const path = join(folder, "p.ilp");
    const convert = (...more: string[]) =>
      run([
        `--new_project=${path}`,
        "--workflow=DataConversionWorkflow",
        `--output_filename_format=${folder}/o`,
        ...more,
        ...IMAGES.slice(0, 1),
      ]);
    await Deno.writeTextFile(path, "");
    for (let i = 0; i < 2; i++) assertEquals((await convert()).code, 0);
    const others = [
      [join(OWN, "pc2d_small.ilp"), "a `Pixel Classification` project"],
      [join(OWN, "images", "vol3d.h5"), "no project"],
      [join(OWN, "images", "g2d.png"), "no project"],
    ] as const;
    for (const [other, what] of others) {
      await Deno.copyFile(other, path);
      const refused = await convert();
      assertEquals(refused.code, 3, refused.stderr);
      assertEquals(
        refused.stderr,
        `error: --new_project would replace ${path}, which is ${what}; to use it, give it with --project; ` +
          "for a new one, give another path or delete it first\n",
      );
      assertEquals(await Deno.readFile(path), await Deno.readFile(other));
    }
    assertEquals((await convert("--compat=ilastik")).code, 0);
  }));
