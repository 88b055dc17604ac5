/**
 * Training options of the program: what is trained, what is stored, and what is refused (pixel-classification.md §6).
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, type Outcome, readAll, run } from "./program.ts";

const OWN = join(DATA, "own");
const IMAGES = join(OWN, "images");
await readAll(join(IMAGES, "f32_2d.h5")); // opens the library once, not inside a test

interface Bench {
  readonly folder: string;
  readonly project: string;
  readonly run: (...args: string[]) => Promise<Outcome>;
}

/** A copy of a project without its images beside it. */
async function withProject(name: string, test: (bench: Bench) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const project = join(folder, name);
    await Deno.copyFile(join(OWN, name), project);
    await test({
      folder,
      project,
      run: (...args) => run([`--project=${project}`, `--output_filename_format=${folder}/r.npy`, ...args]),
    });
  });
}

const FOUND = `--training_data=${IMAGES}`;
const IMAGE = join(IMAGES, "g2d.png");
const OUT = "--output_format=numpy";

async function edit(path: string, change: (file: H5File) => Promise<void>): Promise<void> {
  await using file = await H5File.open(path, { write: true });
  await change(file);
}

/** One block of labels in place of all. */
async function relabel(path: string, shape: readonly number[], slice: string, labels: readonly number[]) {
  await edit(path, async (file) => {
    const block = "PixelClassification/LabelSets/labels000/block0000";
    await file.unlink("PixelClassification/LabelSets");
    await file.writeValue(block, { dtype: "uint8", shape, data: Uint8Array.from(labels) });
    await file.writeAttribute(block, "blockSlice", slice);
  });
}

function refused(outcome: Outcome, code: number, says: RegExp): void {
  assertEquals(outcome.code, code, outcome.stderr);
  const errors = outcome.stderr.split("\n").filter((line) => line.startsWith("error: "));
  assertEquals(errors.length, 1, outcome.stderr);
  assertMatch(errors[0] ?? "", says);
}

Deno.test("--retrain of a read-only project serves this run, says so, and leaves the project", () =>
  withProject("pc2d_small.ilp", async ({ project, run }) => {
    const before = await Deno.readFile(project);
    const outcome = await run("--retrain", FOUND, OUT, IMAGE);
    assertEquals(outcome.code, 0, outcome.stderr);
    assertMatch(outcome.stderr, /Training complete\. Label counts: \(191, 65\)\. Average OOB: 0\.\d+/);
    assertMatch(outcome.stderr, /this run only; --readonly=0 stores it/);
    assertEquals(await Deno.readFile(project), before);
  }));

Deno.test("--retrain --readonly=0 without inputs stores the classifier, which then gives what that training gives", () =>
  withProject("pc2d_small.ilp", async ({ folder, run }) => {
    assertEquals((await run("--retrain", "--seed=5", FOUND, OUT, IMAGE)).code, 0);
    const trained = await Deno.readFile(join(folder, "r.npy"));
    const stored = await run("--retrain", "--readonly=0", "--seed=5", FOUND);
    assertEquals(stored.code, 0, stored.stderr);
    assertMatch(stored.stderr, /stored in .*pc2d_small\.ilp/);
    assertEquals((await run(OUT, IMAGE)).code, 0);
    assertEquals(await Deno.readFile(join(folder, "r.npy")), trained);
  }));

Deno.test("Autocontext: both stages are trained, stored and used", () =>
  withProject("ac2d.ilp", async ({ folder, run }) => {
    const all = ["--export_source=Probabilities All Stages", OUT, IMAGE];
    assertEquals((await run("--retrain", "--readonly=0", FOUND, ...all)).code, 0);
    const trained = await Deno.readFile(join(folder, "r.npy"));
    assertEquals((await run(...all)).code, 0);
    assertEquals(await Deno.readFile(join(folder, "r.npy")), trained);
  }));

Deno.test("--tree-count and --label-proportion train for this run", () =>
  withProject("pc2d_small.ilp", async ({ folder, run }) => {
    const outcome = await run("--tree-count=3", "--label-proportion=0.5", FOUND, OUT, IMAGE);
    assertEquals(outcome.code, 0, outcome.stderr);
    const counts = /Label counts: \((\d+), (\d+)\)/.exec(outcome.stderr);
    assertEquals(Number(counts?.[1]) + Number(counts?.[2]), 128);
    const values = (await readAll(join(folder, "r.npy"))).array.data as Float32Array;
    assert(values.every((value) => Math.abs(value * 3 - Math.round(value * 3)) < 1e-6));
  }));

Deno.test("a class without labels stays 0", () =>
  withProject("pc2d_emptyclass.ilp", async ({ folder, run }) => {
    assertEquals((await run("--retrain", FOUND, OUT, IMAGE)).code, 0);
    const { array } = await readAll(join(folder, "r.npy"));
    const last = array.data.filter((_, i) => i % 4 === 3);
    assertEquals(last.length, 64 * 64);
    assert(last.every((value) => Number(value) === 0));
  }));

Deno.test("Labels of a training image are zeros, with one warning", () =>
  withProject("pc2d_small.ilp", async ({ folder, run }) => {
    const outcome = await run("--export_source=Labels", OUT, IMAGE);
    assertEquals(outcome.stderr.split("\n").filter((line) => line.includes("Labels")).length, 1);
    assert((await readAll(join(folder, "r.npy"))).array.data.every((value) => Number(value) === 0));
  }));

Deno.test("--print-labels-by-slice counts, --label-search-value counts one label", () =>
  withProject("pc3d_few.ilp", async ({ run }) => {
    const all = await run("--print-labels-by-slice", OUT, `${IMAGES}/vol3d_small.h5`);
    assertEquals(all.code, 0, all.stderr);
    assertMatch(all.stderr, /336 labelled pixels by z: .*8: \d+/);
    const one = await run("--print-labels-by-slice", "--label-search-value=2", OUT, `${IMAGES}/vol3d_small.h5`);
    const count = Number(/(\d+) labelled pixels in all/.exec(one.stderr)?.[1]);
    assert(count > 0 && count < 336);
  }));

const REFUSED: readonly (readonly [string, string, readonly string[], number, RegExp])[] = [
  ["--retrain without inputs on a read-only project", "pc2d_small.ilp", ["--retrain", FOUND], 2, /no inputs/],
  ["missing training images", "pc2d_small.ilp", ["--retrain", IMAGE], 3, /images\/g2d\.png.*--training_data/],
  ["no trees", "pc2d_small.ilp", ["--tree-count=0", FOUND, IMAGE], 2, /--tree_count.*from 1.*`0`/],
  ["label proportion above 1", "pc2d_small.ilp", ["--label-proportion=2", FOUND, IMAGE], 2, /--label_proportion.*`2`/],
  [
    "label proportion that loses a class",
    "pc2d_small.ilp",
    ["--label-proportion=0.004", FOUND, IMAGE],
    2,
    /Label 2 has no pixel left/,
  ],
  ["--tree-count for Autocontext", "ac2d.ilp", ["--tree-count=5", FOUND, IMAGE], 2, /--tree_count.*--retrain/],
  [
    "random labels",
    "pc2d_small.ilp",
    ["--generate-random-labels", FOUND, IMAGE],
    2,
    /--generate_random_labels is not supported; draw labels in ilastik/,
  ],
];
for (const [what, name, args, code, says] of REFUSED) {
  Deno.test(`${what}: refused with exit code ${code}`, () =>
    withProject(name, async ({ project, run }) => {
      const before = await Deno.readFile(project);
      refused(await run(...args), code, says);
      assertEquals(await Deno.readFile(project), before);
    }));
}

Deno.test("--dry_run --retrain says what would be trained and from what, and trains nothing", () =>
  withProject("pc2d_small.ilp", async ({ folder, project, run }) => {
    // The labels are those that the training of the same project counts; the classifier is not needed.
    await edit(project, (file) => file.unlink("PixelClassification/ClassifierForests"));
    const before = await Deno.readFile(project);
    const outcome = await run("--dry_run", "--retrain", "--label-proportion=0.5", "--seed=3", FOUND, OUT, IMAGE);
    assertEquals(outcome.code, 0, outcome.stderr);
    assertEquals(outcome.stderr, "");
    assertEquals(outcome.stdout.split("\n").slice(0, 6), [
      `training of ${project}`,
      "  256 labelled pixels: 191 of `Label 1`, 65 of `Label 2`",
      "  lane 0 (g2d): 256 labelled pixels, images/g2d.png",
      "  10 trees, 5 features, seed 3, label proportion 0.5",
      "  the new classifier would serve this run only; --readonly=0 with --retrain stores it in the project",
      `input 1 of 1: ${IMAGE}`,
    ]);
    assertMatch(outcome.stdout, /-> \S+r\.npy\n {4}numpy, 64 x 64 x 2 \(yxc\), float32/);
    const stored = await run("--dry_run", "--retrain", "--readonly=0", "--tree-count=7", FOUND);
    assertEquals(stored.code, 0, stored.stderr);
    assertMatch(stored.stdout, /\n {2}7 trees, 5 features, seed 0\n {2}the new classifier would be stored in \S+\n$/);
    assertEquals(await Deno.readFile(project), before);
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["pc2d_small.ilp"]);
    refused(await run("--dry_run", "--retrain", OUT, IMAGE), 3, /images\/g2d\.png.*--training_data/);
    await edit(project, (file) => file.unlink("PixelClassification/LabelSets"));
    refused(await run("--dry_run", "--retrain", FOUND, OUT, IMAGE), 3, /holds no labels to train from/);
  }));

Deno.test("--dry_run --retrain of Autocontext tells of both stages; a class without labels counts 0", async () => {
  await withProject("ac2d.ilp", async ({ run }) => {
    const { code, stdout, stderr } = await run("--dry_run", "--retrain", FOUND, OUT, IMAGE);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(
      stdout,
      /^training of \S+ \(stage 1\)\n {2}\d+ labelled pixels: .*\n[^]*\ntraining of \S+ \(stage 2\)\n/,
    );
  });
  await withProject("pc2d_emptyclass.ilp", async ({ run }) => {
    const { code, stdout, stderr } = await run("--dry_run", "--retrain", FOUND, OUT, IMAGE);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /labelled pixels: .*, 0 of `\S[^`]*`\n/);
    assertMatch(stdout, /64 x 64 x 4 \(yxc\)/);
  });
});

Deno.test("a stored label proportion that loses a class is the project's fault, and an option can replace it", () =>
  withProject("pc2d_small.ilp", async ({ project, run }) => {
    const FACTORY = "PixelClassification/ClassifierFactory";
    await edit(project, async (file) => {
      const stored = await file.value(FACTORY);
      assert(stored?.kind === "strings");
      const text = stored.strings[0] ?? "";
      const changed = text.replace(/(V_label_proportion\np\d+\n)N/, "$1F4e-03\n");
      assert(changed !== text);
      await file.unlink(FACTORY);
      await file.writeValue(FACTORY, { fixed: changed });
    });
    refused(
      await run("--retrain", FOUND, IMAGE),
      3,
      /Label 2 .* proportion 0\.004, which the project stores, .*--label-prop/,
    );
    assertEquals((await run("--retrain", "--label-proportion=1", FOUND, OUT, IMAGE)).code, 0);
  }));

Deno.test("a project that cannot be written is refused before the training", {
  ignore: Deno.build.os !== "linux" || !await canProtect(),
}, () =>
  withProject("pc2d_small.ilp", async ({ project, run }) => {
    await protect(project, true);
    try {
      const outcome = await run("--retrain", "--readonly=0", FOUND, IMAGE);
      refused(outcome, 3, /cannot be written.*--readonly=0/);
      assert(!outcome.stderr.includes("Training complete"));
    } finally {
      await protect(project, false);
    }
  }));

for (const [stage, group] of [[1, "PixelClassification"], [2, "PixelClassification01"]] as const) {
  Deno.test(`Autocontext without a classifier of stage ${stage}: the stage is named`, () =>
    withProject("ac2d.ilp", async ({ project, run }) => {
      await edit(project, (file) => file.unlink(`${group}/ClassifierForests`));
      refused(await run(OUT, IMAGE), 3, new RegExp(`stage ${stage}.*no trained classifier.*--retrain`));
    }));
}

Deno.test("Autocontext without labels in stage 2: the stage is named", () =>
  withProject("ac2d.ilp", async ({ project, run }) => {
    await edit(project, (file) => file.unlink("PixelClassification01/LabelSets"));
    refused(await run("--retrain", FOUND, IMAGE), 3, /stage 2.*no labels/);
  }));

Deno.test("a classifier of another number of features is refused", () =>
  withProject("pc2d_small.ilp", async ({ project, run }) => {
    await edit(project, async (file) => {
      const path = "FeatureSelections/SelectionMatrix";
      await file.unlink(path);
      await file.writeValue(path, {
        dtype: "uint8",
        shape: [6, 7],
        data: Uint8Array.from({ length: 42 }, (_, i) => i === 2 ? 1 : 0),
      });
    });
    refused(await run(OUT, IMAGE), 3, /trained on 5 features, the selection gives 1/);
  }));

Deno.test("labels outside of their image are refused", () =>
  withProject("pc2d_small.ilp", async ({ project, run }) => {
    await relabel(project, [1, 2, 1], "[63:64,63:65,0:1]", [1, 2]);
    refused(await run("--retrain", FOUND, IMAGE), 3, /outside of the training image/);
  }));

Deno.test("fewer labelled pixels than classes are an error, never a map of zeros", () =>
  withProject("pc2d_small.ilp", async ({ project, run, folder }) => {
    await relabel(project, [1, 1, 1], "[3:4,3:4,0:1]", [1]);
    refused(await run("--retrain", FOUND, IMAGE), 3, /[Tt]oo few labelled pixels.*1 for 2/);
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["pc2d_small.ilp"]);
  }));

async function protect(path: string, on: boolean): Promise<boolean> {
  try {
    return (await new Deno.Command("chattr", { args: [on ? "+i" : "-i", path], stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether files can be made immutable here, which also binds the superuser. */
async function canProtect(): Promise<boolean> {
  const path = await Deno.makeTempFile({ prefix: "ilastik-headless-test-" });
  const could = await protect(path, true);
  if (could) await protect(path, false);
  await Deno.remove(path);
  return could;
}
