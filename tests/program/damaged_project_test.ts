/**
 * Damaged projects, run as a user would.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, run } from "./program.ts";

const IMAGE = join(DATA, "own", "images", "g2d.png");
const PROJECT = join(DATA, "own", "pc2d_small.ilp");

// The library is opened once for all tests, not inside one of them.
await (await H5File.open(PROJECT)).close();

/** A project with pixels of a training image at its end, which are then missing. */
async function withoutItsEnd(path: string): Promise<void> {
  await Deno.copyFile(PROJECT, path);
  {
    await using file = await H5File.open(path, { write: true });
    await file.writeValue("Input Data/local_data/late", {
      dtype: "uint8",
      shape: [50_000],
      data: new Uint8Array(50_000).fill(7),
    });
  }
  await Deno.truncate(path, (await Deno.stat(path)).size - 40_000);
}

Deno.test("A23: a project without its end gives the same result and one warning", () =>
  inFolder(async (folder) => {
    const cut = join(folder, "cut.ilp");
    await withoutItsEnd(cut);
    const results: Uint8Array[] = [];
    for (const project of [PROJECT, cut]) {
      const output = join(folder, `result${results.length}.npy`);
      const { code, stdout, stderr } = await run([
        `--project=${project}`,
        "--output_format=numpy",
        `--output_filename_format=${output}`,
        IMAGE,
      ]);
      assertEquals([code, stdout], [0, `${output}\nCompleted Batch Processing\n`], stderr);
      assertMatch(
        stderr,
        project === PROJECT
          ? /^$/
          : /^warning: the project \S+cut\.ilp is damaged: cut off after \d+ of \d+ bytes; can be read: workflow `Pixel Classification`, version `1\.4\S+`, description of the training images, export settings, class names, features, forest\n$/,
      );
      results.push(await Deno.readFile(output));
    }
    assertEquals(results[0], results[1]);
    const inspected = await run(["inspect", cut]);
    assertEquals(inspected.code, 0);
    assertMatch(
      inspected.stdout,
      /problems\n {2}the project \S+cut\.ilp is damaged: cut off after \d+ of \d+ bytes; can/,
    );
    assertMatch(inspected.stdout, /export sources\n {2}Probabilities, /);
    // Nothing was written beside the project.
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assertEquals(names, ["cut.ilp", "result0.npy", "result1.npy"]);
  }));

Deno.test("slim makes a whole project of one whose training images are cut off", () =>
  inFolder(async (folder) => {
    const [cut, slim] = [join(folder, "cut.ilp"), join(folder, "slim.ilp")];
    await withoutItsEnd(cut);
    const made = await run(["slim", cut, "-o", slim]);
    assertEquals([made.code, made.stdout], [0, `${slim}\n`], made.stderr);
    assertMatch(made.stderr, /^warning: the project \S+cut\.ilp is damaged: cut off after \d+ of \d+ bytes; /);
    await (await H5File.open(slim)).close(); // opens in the usual way
    const results: Uint8Array[] = [];
    for (const project of [PROJECT, slim]) {
      const output = join(folder, "result.npy");
      const { code, stderr } = await run([
        `--project=${project}`,
        "--output_format=numpy",
        `--output_filename_format=${output}`,
        IMAGE,
      ]);
      assertEquals([code, stderr], [0, ""]);
      results.push(await Deno.readFile(output));
    }
    assertEquals(results[0], results[1]);
    // With the forest cut off there is nothing to make.
    await Deno.truncate(cut, 60_000);
    const refused = await run(["slim", cut, "-o", join(folder, "no.ilp")]);
    assertEquals([refused.code, refused.stdout], [3, ""]);
    assertMatch(
      refused.stderr,
      /^error: [^\n]*cut off after 60000 of \d+ bytes; can be read: [^\n]*cannot be read: [^\n]*forest[^\n]*\n$/,
    );
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assertEquals(names, ["cut.ilp", "result.npy", "slim.ilp"]);
  }));

Deno.test("a project without its forest ends in one line that says what is left, exit code 3", () =>
  inFolder(async (folder) => {
    const cut = join(folder, "cut.ilp");
    await Deno.writeFile(cut, (await Deno.readFile(PROJECT)).subarray(0, 60_000));
    const { code, stdout, stderr } = await run([`--project=${cut}`, "--output_format=numpy", IMAGE]);
    assertEquals([code, stdout], [3, ""]);
    assertMatch(
      stderr,
      /^error: cannot read \S.* of the project \S+: cut off after 60000 of 80384 bytes; can be read: .*features; cannot be read: .*forest; take a copy [^\n]*\n$/,
    );
    const inspected = await run(["inspect", "--json", cut]);
    assertEquals(inspected.code, 0, inspected.stderr);
    const found = JSON.parse(inspected.stdout);
    assertEquals(found.workflow, { name: "Pixel Classification", supported: true });
    assertEquals(found.stages[0].classifier, null);
    assertMatch(found.problems[0], /cut off after 60000 of 80384 bytes/);
    assertMatch(found.sources[0].missing, /cut off/);
  }));

Deno.test("labels that are damaged do not keep a trained project from running", () =>
  inFolder(async (folder) => {
    const damaged = join(folder, "damaged.ilp");
    const bytes = await Deno.readFile(PROJECT);
    const text = new TextDecoder("latin1").decode(bytes);
    const name = text.indexOf("labels000"); // in the list of names of the group of label sets
    const heap = text.lastIndexOf("HEAP", name);
    bytes.fill(0, heap, heap + 4);
    await Deno.writeFile(damaged, bytes);
    const output = join(folder, "result.npy");
    const options = ["--output_format=numpy", `--output_filename_format=${output}`, IMAGE];
    const { code, stderr } = await run([`--project=${damaged}`, ...options]);
    assertEquals([code, stderr], [0, ""]);
    const retrained = await run([`--project=${damaged}`, "--retrain", ...options]);
    assertEquals(retrained.code, 3);
    assertMatch(
      retrained.stderr,
      /^error: cannot read PixelClassification\/LabelSets[^\n]*can be read: [^\n]*forest; [^\n]*\n$/,
    );
  }));

Deno.test("strings whose place holds zeros are an error, and soon: HDF5 itself read such a place forever", () =>
  inFolder(async (folder) => {
    const damaged = join(folder, "damaged.ilp");
    const bytes = await Deno.readFile(PROJECT);
    const heap = new TextDecoder("latin1").decode(bytes).indexOf("GCOL");
    bytes.fill(0, heap + 496, heap + 1008); // its header and the first strings stay
    await Deno.writeFile(damaged, bytes);
    const { code, stderr } = await run(["inspect", damaged], { signal: AbortSignal.timeout(60_000) });
    assertEquals(code, 3);
    assertMatch(
      stderr,
      /^error: cannot read workflowName [^\n]*free space of the heap has an impossible size[^\n]*\n$/,
    );
  }));
