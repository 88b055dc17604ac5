/**
 * What a training writes beside results: the project that it is stored in, and the table of variable importances
 * (pixel-classification.md §5.3, §6); and labels of old (§1.9) and damaged projects.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, type Outcome, PYTHON, pythonHas, readAll, run } from "./program.ts";

const OWN = join(DATA, "own");
const IMAGES = join(OWN, "images");
const COMPARE = fromFileUrl(new URL("compare_projects.py", import.meta.url));
const h5py = await pythonHas("h5py");
await readAll(join(IMAGES, "f32_2d.h5")); // opens the library once, not inside a test

/** Trains a project from its labels. */
async function retrain(project: string, ...args: string[]): Promise<Outcome> {
  const outcome = await run([`--project=${project}`, "--retrain", `--training_data=${IMAGES}`, ...args]);
  assertEquals(outcome.code, 0, outcome.stderr);
  return outcome;
}

/** Copies a project of ours and changes the copy. */
async function copyOf(name: string, folder: string, change?: (file: H5File) => Promise<void>): Promise<string> {
  const path = join(folder, name);
  await Deno.copyFile(join(OWN, name), path);
  if (change !== undefined) {
    await using file = await H5File.open(path, { write: true });
    await change(file);
  }
  return path;
}

async function replace(file: H5File, path: string, value: Parameters<H5File["writeValue"]>[1]): Promise<void> {
  await file.unlink(path);
  await file.writeValue(path, value);
}

/** Lines of h5py's comparison of two files, without what is given. */
async function differences(a: string, b: string, ...without: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(PYTHON, { args: [COMPARE, a, b, ...without] }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout);
}

for (const name of ["pc2d_small.ilp", "pc3d_few.ilp", "ac2d.ilp"]) {
  Deno.test({
    name: `${name}: to h5py a stored training changes the classifier only, attributes included`,
    ignore: !h5py,
    fn: () =>
      inFolder(async (folder) => {
        const path = await copyOf(name, folder);
        await retrain(path, "--readonly=0");
        const original = join(OWN, name);
        const replaced = ["ClassifierForests", "ClassifierFactory", "time"];
        assertEquals(await differences(original, path, ...replaced), "");
        assertMatch(await differences(original, path), /ClassifierForests\/Forest0000/);
      }),
  });

  Deno.test({
    name: `${name}: to h5py the same training is stored for 1 and 2 threads`,
    ignore: !h5py,
    fn: () =>
      inFolder(async (folder) => {
        const stored: string[] = [];
        for (const threads of [1, 2]) {
          await Deno.mkdir(join(folder, `${threads}`));
          stored.push(await copyOf(name, join(folder, `${threads}`)));
          await retrain(stored.at(-1) as string, "--readonly=0", `--threads=${threads}`);
        }
        assertEquals(await differences(stored[0] as string, stored[1] as string, "time"), "");
      }),
  });
}

async function enableImportance(file: H5File): Promise<void> {
  const path = "PixelClassification/ClassifierFactory";
  const value = await file.value(path);
  assert(value?.kind === "strings");
  const text = value.strings[0] ?? "";
  const enabled = text.replace(/(V_variable_importance_enabled\np\d+\n)I00\n/, "$1I01\n");
  assert(enabled !== text);
  await replace(file, path, enabled);
}

Deno.test("--variable-importance-path: the folder gets the table of all features, which sums up as it should", () =>
  inFolder(async (folder) => {
    const path = await copyOf("pc2d_small.ilp", folder, enableImportance);
    await retrain(
      path,
      `--variable-importance-path=${folder}/a/b`,
      `--output_filename_format=${folder}/r.h5`,
      join(IMAGES, "g2d.png"),
    );
    const table = await Deno.readTextFile(join(folder, "a/b/varimp.txt"));
    const [head, ...rows] = table.trimEnd().split("\n").map((line) => line.split(","));
    assertEquals(head?.map((cell) => cell.trim()), ["Feature Name", "Class #0", "Class #1", "Overall", "Gini"]);
    assertEquals(
      rows.map(([name]) => name?.trim()).sort(),
      [
        "Difference of Gaussians (σ=0.7) in 2D",
        ...[0.7, 0.7, 3.5, 3.5].map((s, i) => `Structure Tensor Eigenvalues (σ=${s}) in 2D [${i % 2}]`),
      ],
    );
    const numbers = rows.map((row) => row.slice(1).map(Number));
    const overall = numbers.map((row) => row[2] as number);
    assertEquals(overall, [...overall].sort((a, b) => a - b));
    for (const [first = NaN, second = NaN, all = NaN] of numbers) {
      // Rows are counted over all classes, so those of the classes add up, but for the printed digits.
      assertAlmostEquals(first + second, all, 1.6e-7);
    }
    // Pure leaves: all of the impurity of the root, 191 * 65 / 256 for the whole set, is given to the features. Sets
    // that are drawn with replacement have 255/256 of it in the mean; of 10 trees the mean spreads by about 1.
    const gini = numbers.reduce((sum, row) => sum + (row[3] as number), 0);
    assertAlmostEquals(gini, 191 * 65 / 256 * 255 / 256, 3);

    const logged = await retrain(path, `--output_filename_format=${folder}/r.h5`, join(IMAGES, "g2d.png"));
    assert(logged.stderr.includes(table.trimEnd()), "without a folder the table goes to the messages");
  }));

Deno.test("--variable-importance-path that cannot be a folder is named", () =>
  inFolder(async (folder) => {
    const path = await copyOf("pc2d_small.ilp", folder, enableImportance);
    const outcome = await run([
      `--project=${path}`,
      "--retrain",
      `--training_data=${IMAGES}`,
      `--variable-importance-path=${path}`,
      `--output_filename_format=${folder}/r.h5`,
      join(IMAGES, "g2d.png"),
    ]);
    assertEquals(outcome.code, 5, outcome.stderr);
    assertMatch(outcome.stderr, /^error: cannot write .*pc2d_small\.ilp\/varimp\.txt: .*--variable_importance_path$/m);
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["pc2d_small.ilp"]);
  }));

/** Gives one label of `pc2d_small` another number. */
async function renumber(file: H5File, from: number, to: number): Promise<void> {
  const path = "PixelClassification/LabelSets/labels000/block0000";
  const value = await file.value(path);
  assert(value?.kind === "numbers");
  const data = Uint8Array.from(value.data as Uint8Array, (label) => label === from ? to : label);
  await replace(file, path, { dtype: "uint8", shape: value.shape, data });
  await file.writeAttribute(path, "blockSlice", "[29:62,0:64,0:1]");
}

Deno.test("labels beyond the label names are refused before the training", () =>
  inFolder(async (folder) => {
    const path = await copyOf("pc2d_small.ilp", folder, (file) => renumber(file, 2, 9));
    const before = await Deno.readFile(path);
    const outcome = await run([`--project=${path}`, "--retrain", "--readonly=0", `--training_data=${IMAGES}`]);
    assertEquals(outcome.code, 3, outcome.stderr);
    assertMatch(outcome.stderr, /^error: .*pc2d_small\.ilp holds pixels of label 9, but only 2 labels have names/);
    assertEquals(await Deno.readFile(path), before);
  }));

Deno.test("a classifier with labels beyond the label names is refused", () =>
  inFolder(async (folder) => {
    const path = await copyOf("pc2d_small.ilp", folder, (file) => {
      const labels = { dtype: "uint32", shape: [2], data: Uint32Array.of(1, 3) } as const;
      return replace(file, "PixelClassification/ClassifierForests/known_labels", labels);
    });
    const outcome = await run([
      `--project=${path}`,
      `--output_filename_format=${folder}/r.h5`,
      join(IMAGES, "g2d.png"),
    ]);
    assertEquals(outcome.code, 3, outcome.stderr);
    assertMatch(outcome.stderr, /^error: .*: the classifier was trained on pixels of label 3, but only 2 labels have/);
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["pc2d_small.ilp"]);
  }));

/** The label block of `pc2d_2ch`, whose image has the axes c, y, x, in an axis order. */
async function labelsInOrder(file: H5File, order: "cyx" | "yxc"): Promise<void> {
  const path = "PixelClassification/LabelSets/labels000/block0000";
  const value = await file.value(path);
  assert(value?.kind === "numbers");
  assertEquals(value.shape, [22, 44, 1]);
  if (order === "yxc") return;
  await replace(file, path, { dtype: "uint8", shape: [1, 22, 44], data: value.data as Uint8Array<ArrayBuffer> });
  await file.writeAttribute(path, "blockSlice", "[0:1,3:25,0:44]");
}

for (
  const [version, order] of [
    ["1.3.2", "yxc"],
    ["1.3.3post1", "yxc"],
    ["1.3.3post2", "cyx"],
    ["1.3.3post3", "cyx"],
    ["1.4.0a1", "cyx"],
    ["1.4.0b7", "cyx"],
    ["1.4.0b8", "yxc"],
    ["1.4.0", "yxc"],
  ] as const
) {
  Deno.test(`labels of version ${version} for an image with the axes c, y, x lie in the order ${order}`, () =>
    inFolder(async (folder) => {
      const results: Uint8Array[] = [];
      const other = await copyOf("pc2d_2ch.ilp", folder, async (file) => {
        await replace(file, "ilastikVersion", version);
        await labelsInOrder(file, order);
      });
      for (const project of [join(OWN, "pc2d_2ch.ilp"), other]) {
        const outcome = await retrain(
          project,
          "--output_format=numpy",
          `--output_filename_format=${folder}/r.npy`,
          join(IMAGES, "two_channel.h5"),
        );
        assertMatch(outcome.stderr, /Label counts: \(\d+, \d+\)/);
        results.push(await Deno.readFile(join(folder, "r.npy")));
      }
      assertEquals(results[1], results[0]);
    }));
}

Deno.test("--variable-importance-path is said to have no effect where the project measures no importances", () =>
  inFolder(async (folder) => {
    const path = await copyOf("pc2d_small.ilp", folder);
    const { stderr } = await retrain(
      path,
      `--variable-importance-path=${folder}/a`,
      `--output_filename_format=${folder}/r.h5`,
      join(IMAGES, "g2d.png"),
    );
    assertMatch(stderr, /^warning: --variable_importance_path has no effect: .* measures no importances/m);
    assertEquals((await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort(), ["pc2d_small.ilp", "r.h5"]);
  }));
