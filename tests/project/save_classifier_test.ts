/**
 * Stored classifiers in the eyes of others: h5py, vigra's own loader, and our reader.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { openProject } from "../../lib/project/mod.ts";
import { DATA, inFolder, PYTHON, pythonHas, readAll, run } from "../program/program.ts";

const OWN = join(DATA, "own");
const SCRIPT = fromFileUrl(new URL("read_forest.py", import.meta.url));
const vigra = await pythonHas("vigra, h5py");
await readAll(join(OWN, "images/f32_2d.h5")); // opens the library once, not inside a test

/** Copies a project, trains it, and stores the result. */
async function retrained(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await Deno.copyFile(join(OWN, name), path);
  const outcome = await run([
    `--project=${path}`,
    "--retrain",
    "--readonly=0",
    `--training_data=${join(OWN, "images")}`,
  ]);
  assertEquals(outcome.code, 0, outcome.stderr);
  return path;
}

/** All datasets of a file but those that a training replaces. */
async function contents(path: string): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  await using file = await H5File.open(path);
  const visit = async (group: string): Promise<void> => {
    for (const { name, kind } of await file.members(group)) {
      const inner = group === "/" ? name : `${group}/${name}`;
      if (/^time$|ClassifierForests|ClassifierFactory/.test(inner)) continue;
      if (kind === "group") await visit(inner);
      else found.set(inner, await file.value(inner));
    }
  };
  await visit("/");
  return found;
}

for (const name of ["pc2d_small.ilp", "pc2d_emptyclass.ilp", "pc3d_few.ilp", "ac2d.ilp"]) {
  Deno.test(`${name}: a stored training leaves everything else as it was and is read again`, () =>
    inFolder(async (folder) => {
      const path = await retrained(folder, name);
      assertEquals(await contents(path), await contents(join(OWN, name)));
      await using project = await openProject(path);
      await using before = await openProject(join(OWN, name));
      for (let i = 0; i < project.pixelStageCount; i++) {
        const { classifier } = await project.pixelStage(i);
        const { classifier: old } = await before.pixelStage(i);
        if ("missing" in classifier || "missing" in old) throw new Error("no classifier");
        assertEquals(classifier.featureNames, old.featureNames);
        assertEquals(classifier.knownLabels, old.knownLabels);
        const trees = (of: typeof old) => of.forests.reduce((sum, forest) => sum + forest.trees.length, 0);
        assertEquals(trees(classifier), (await before.pixelStage(i).then((stage) => stage.factory())).treeCount);
      }
      assertEquals((await run(["inspect", path])).code, 0);
      assertEquals(await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name), [name]);
    }));
}

Deno.test({
  name: "a training is stored in the project that a link leads to; link and permissions stay",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      await Deno.mkdir(join(folder, "real"));
      const real = join(folder, "real", "p.ilp");
      await Deno.copyFile(join(OWN, "pc2d_small.ilp"), real);
      await Deno.chmod(real, 0o664);
      await Deno.symlink("real/p.ilp", join(folder, "link.ilp"));
      const before = await Deno.readFile(real);
      const outcome = await run([
        `--project=${join(folder, "link.ilp")}`,
        "--retrain",
        "--seed=7",
        "--readonly=0",
        `--training_data=${join(OWN, "images")}`,
      ]);
      assertEquals(outcome.code, 0, outcome.stderr);
      assertEquals((await Deno.lstat(join(folder, "link.ilp"))).isSymlink, true);
      assertEquals(((await Deno.stat(real)).mode ?? 0) & 0o777, 0o664);
      assertNotEquals(await Deno.readFile(real), before);
      assertEquals(await Array.fromAsync(Deno.readDir(join(folder, "real")), (entry) => entry.name), ["p.ilp"]);
    }),
});

/** project, image, channels of features and of probabilities by stage: group, suffix of the sources */
const STAGES = [
  ["pc2d_small.ilp", "g2d.png", "PixelClassification", ""],
  ["pc2d_rgb.ilp", "rgb2d.png", "PixelClassification", ""],
  ["pc3d_few.ilp", "vol3d_small.h5", "PixelClassification", ""],
  ["ac2d.ilp", "g2d.png", "PixelClassification", " Stage 1"],
  ["ac2d.ilp", "g2d.png", "PixelClassification01", " Stage 2"],
] as const;

for (const [name, image, group, suffix] of STAGES) {
  Deno.test({
    name: `${name}${suffix}: vigra's own loader opens the stored classifier and predicts the same values`,
    ignore: !vigra,
    fn: () =>
      inFolder(async (folder) => {
        const path = await retrained(folder, name);
        for (const source of ["Features", "Probabilities"]) {
          const outcome = await run([
            `--project=${path}`,
            join(OWN, "images", image),
            `--export_source=${source}${suffix}`,
            "--output_format=numpy",
            `--output_filename_format=${folder}/${source}.npy`,
          ]);
          assertEquals(outcome.code, 0, outcome.stderr);
        }
        const check = `import numpy, subprocess, sys
features = numpy.load("${folder}/Features.npy")
numpy.save("${folder}/rows.npy", features.reshape(-1, features.shape[-1]))
subprocess.run([sys.executable, "${SCRIPT}", "${path}", "${group}", "${folder}/rows.npy", "${folder}/theirs.npy"], check=True)
ours = numpy.load("${folder}/Probabilities.npy")
print(int((ours.reshape(-1, ours.shape[-1]) != numpy.load("${folder}/theirs.npy")).sum()), ours.size > 0)`;
        const { stdout, stderr } = await new Deno.Command(PYTHON, { args: ["-c", check] }).output();
        const text = new TextDecoder();
        assertEquals(text.decode(stdout), "0 True\n", text.decode(stderr));
      }),
  });
}
