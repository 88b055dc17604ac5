/**
 * Many small inputs in one run: several are computed at a time, and nobody sees it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { basename, join } from "@std/path";
import { DATA, inFolder, readAll, run } from "./program.ts";

const OWN = join(DATA, "own");
const PROJECT = `--project=${join(OWN, "pc2d_small.ilp")}`;
const COUNT = 9;
// HDF5 is opened once, not inside a test.
await readAll(join(OWN, "images/f32_2d.h5"));

/** Copies of our images under other names, and what the program says and writes for each alone. */
async function inputs(folder: string): Promise<string[]> {
  const names = Array.from({ length: COUNT }, (_, i) => join(folder, `image${i}.png`));
  for (const [i, name] of names.entries()) {
    await Deno.copyFile(join(OWN, "images", i % 2 ? "g2d_b.png" : "g2d.png"), name);
  }
  return names;
}

const out = (folder: string): string => `--output_filename_format=${join(folder, "out", "{nickname}.npy")}`;

Deno.test("Small inputs computed at the same time give the files and lines of one after another", () =>
  inFolder(async (folder) => {
    const images = await inputs(folder);
    const args = [PROJECT, ...images, "--output_format=numpy", out(folder)];
    const expected = images.map((image) => join(folder, "out", `${basename(image, ".png")}.npy`));
    const one = await run([...args, "--threads=1"]);
    assertEquals(one, { code: 0, stdout: `${expected.join("\n")}\nCompleted Batch Processing\n`, stderr: "" });
    const files = await Promise.all(expected.map((path) => Deno.readFile(path)));
    await Deno.remove(join(folder, "out"), { recursive: true });
    assertEquals(await run([...args, "--threads=4"]), one);
    assertEquals(await Promise.all(expected.map((path) => Deno.readFile(path))), files);
  }));

Deno.test("Of many inputs the bad ones fail in their place, the others are written", () =>
  inFolder(async (folder) => {
    const images = await inputs(folder);
    // Damaged behind its header: found when it is read.
    const { length } = await Deno.readFile(images[3] ?? "");
    await Deno.truncate(images[3] ?? "", length - 60);
    await Deno.writeTextFile(images[5] ?? "", "no image");
    const args = [PROJECT, ...images, "--output_format=numpy", out(folder), "--threads=4"];
    const { code, stdout, stderr } = await run(args);
    assertEquals(code, 1, stderr);
    const good = images.filter((_, i) => i !== 3 && i !== 5).map((path) => `${basename(path, ".png")}.npy`);
    assertEquals(stdout.trim().split("\n").map((line) => basename(line)), good);
    const names = (await Array.fromAsync(Deno.readDir(join(folder, "out")))).map(({ name }) => name);
    assertEquals(names.sort(), good);
    assertEquals(stderr.match(/^error: input \d of 9/gm)?.sort(), ["error: input 4 of 9", "error: input 6 of 9"]);
    assert(stderr.endsWith("2 of 9 inputs failed\n"), stderr);

    const fast = await run([...args, "--fail_fast"]);
    assertEquals(fast.code, 4);
    assertEquals(fast.stdout, "");
  }));

Deno.test("Small inputs that go into one file all arrive there", () =>
  inFolder(async (folder) => {
    const images = await inputs(folder);
    const file = join(folder, "all.h5");
    const { code, stderr } = await run([
      PROJECT,
      ...images,
      "--output_format=hdf5",
      `--output_filename_format=${file}`,
      "--output_internal_path=results/{nickname}",
      "--threads=4",
    ]);
    assertEquals([code, stderr], [0, ""]);
    for (const image of images) {
      const { array } = await readAll(`${file}/results/${basename(image, ".png")}`);
      assert(array.data.some((value) => Number(value) > 0));
    }
  }));

Deno.test("A lane that needs more than its part of the memory gets all of it", () =>
  inFolder(async (folder) => {
    // A block of compressed HDF5 takes 35 MB with this project, the program about 80 MB.
    const volume = Uint8Array.from({ length: 100 ** 3 }, (_, i) => (i * i) >> 7);
    const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (100, 100, 100), }";
    const images = [0, 1, 2].map((i) => join(folder, `volume${i}.npy`));
    const start = Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, 118, 0);
    const npy = new Blob([start, header.padEnd(117), "\n", volume]);
    for (const image of images) await Deno.writeFile(image, npy.stream());
    const { code, stdout, stderr } = await run([
      `--project=${join(OWN, "pc3d_few.ilp")}`,
      ...images,
      "--input_axes=zyx",
      "--export_source=Simple Segmentation",
      "--output_format=compressed hdf5",
      `--output_filename_format=${join(folder, "{nickname}.h5")}`,
      "--threads=3",
      "--memory=160M",
    ]);
    assertEquals(code, 0, stderr);
    assertEquals(stdout.trim().split("\n").length, images.length + 1);
  }));
