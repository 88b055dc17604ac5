/**
 * Ctrl-C and SIGTERM: the run ends with its own exit code and leaves nothing unfinished.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, programCommand, readAll } from "./program.ts";

await readAll(join(DATA, "own/images/f32_2d.h5")); // opens the library once, not inside a test
/** An image of 400 megapixels that takes no space: none of its chunks is stored. */
async function makeHugeImage(path: string): Promise<void> {
  await using file = await H5File.create(path);
  await using _dataset = await file.createDataset("data", {
    dtype: "uint8",
    shape: [20000, 20000, 1],
    chunk: [500, 500, 1],
    fill: false,
  });
}

/** The image as the only tile of itself (docs/formats.md). */
const HUGE_TILE = {
  schema: 1,
  tile: 1,
  offset: [0, 0, 0],
  whole: {
    tiles: 1,
    filled: 1,
    axes: ["y", "x", "c"],
    shape: [20000, 20000, 1],
    dtype: "uint8",
    format: "compressed hdf5",
    innerPath: "exported_data",
    nickname: "huge",
    result: {
      name: "Input",
      axes: ["y", "x", "c"],
      inputAxes: ["y", "x", "c"],
      shape: [1, 1, 20000, 20000, 1],
      start: [0, 0, 0, 0, 0],
      continuous: true,
      meta: {},
    },
    facts: {},
  },
};

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `A27: ${signal} ends a run with exit code ${code} and leaves nothing`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inFolder(async (folder) => {
        const image = join(folder, "huge.h5");
        await makeHugeImage(image);
        const out = join(folder, "out");
        const [program, ...before] = programCommand();
        const child = new Deno.Command(program, {
          args: [
            ...before,
            `--project=${join(DATA, "own/pc2d_all.ilp")}`,
            `${image}/data`,
            "--threads=1",
            `--output_filename_format=${out}/r.h5`,
          ],
          stdin: "null",
          stdout: "null",
          stderr: "piped",
        }).spawn();
        while (!await holdsFile(out)) await new Promise((resolve) => setTimeout(resolve, 20));
        child.kill(signal);
        const { code: ended, stderr } = await child.output();
        assertEquals(ended, code);
        assert(new TextDecoder().decode(stderr).includes(signal));
        assertEquals((await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name), ["huge.h5"]);
      }),
  });
}

Deno.test({
  name: "SIGINT ends a merge and leaves nothing",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const tile = join(folder, "tile.h5");
      await makeHugeImage(tile);
      {
        await using file = await H5File.open(tile, { write: true });
        await using dataset = await file.dataset("data");
        await dataset.writeAttribute("ilastik_headless_tile", JSON.stringify(HUGE_TILE));
      }
      const out = join(folder, "out");
      const [program, ...before] = programCommand();
      const child = new Deno.Command(program, {
        args: [...before, "merge", tile, "--threads=1", "-o", join(out, "all.h5")],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      while (!await holdsFile(out)) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill("SIGINT");
      const { code, stderr } = await child.output();
      assertEquals([code, new TextDecoder().decode(stderr)], [130, "stopped by SIGINT, nothing unfinished is left\n"]);
      assertEquals((await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name), ["tile.h5"]);
    }),
});

Deno.test({
  name: "SIGINT ends a run that waits for a server",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [program, ...words] = programCommand();
    const image = `http://127.0.0.1:${silent.addr.port}/a.zarr`;
    const child = new Deno.Command(program, {
      args: [...words, `--project=${join(DATA, "own/pc2d_small.ilp")}`, image],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const asked = await silent.accept();
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    asked.close();
    silent.close();
    assertEquals(code, 130);
    assertEquals(new TextDecoder().decode(stderr).includes("does not answer"), false);
  },
});

Deno.test({
  name: "SIGINT ends a training at once, and the project stays as it was",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const project = join(folder, "p.ilp");
      await Deno.copyFile(join(DATA, "own/pc3d_few.ilp"), project);
      const before = await Deno.readFile(project);
      const [program, ...words] = programCommand();
      // So many trees that the training would take minutes.
      const training = ["--retrain", "--readonly=0", "--tree_count=200000", "--events=json"];
      const child = new Deno.Command(program, {
        args: [...words, `--project=${project}`, `--training_data=${join(DATA, "own/images")}`, ...training],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      let told = "";
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (told === "") child.kill("SIGINT");
        told += text;
      }
      assertEquals((await child.status).code, 130);
      assertEquals(/"event":"start"/.test(told), true);
      assertEquals(/Training complete/.test(told), false, told);
      assertEquals(await Deno.readFile(project), before);
      assertEquals(await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name), ["p.ilp"]);
    }),
});

/** Whether the run has begun to write. */
async function holdsFile(folder: string): Promise<boolean> {
  try {
    for await (const _entry of Deno.readDir(folder)) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}
