import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { UserError } from "../../lib/array/mod.ts";
import { openProject } from "../../lib/project/mod.ts";

const OWN = fromFileUrl(new URL("../data/own", import.meta.url));

// The library is opened once for all tests, not inside one of them.
await (await openProject(join(OWN, "pc2d_small.ilp")))[Symbol.asyncDispose]();
/** What h5py reads, see tests/data/make/project_facts.py. */
interface Facts {
  readonly version: string;
  readonly labels: readonly string[];
  readonly selected: number;
  readonly trees: readonly number[];
  readonly topology: number;
  readonly columns: number;
  readonly axes: string;
}

const FACTS = JSON.parse(
  await Deno.readTextFile(new URL("../data/project_facts.json", import.meta.url)),
) as Readonly<Record<string, Facts>>;

for (const [name, facts] of Object.entries(FACTS)) {
  Deno.test(`openProject() reads ${name} as h5py does`, async () => {
    await using project = await openProject(join(OWN, name));
    assertEquals(project.header.workflowName, "Pixel Classification");
    assertEquals(project.header.version, facts.version);
    assertEquals(project.roleNames, ["Raw Data", "Prediction Mask"]);
    assertEquals((await project.lastLane()).map((input) => input?.axes.join("")), [facts.axes, undefined]);
    const stage = await project.pixelStage(0);
    assertEquals(stage.labelNames, facts.labels);
    assertEquals(stage.features?.matrix.flat().filter(Boolean).length, facts.selected);
    assert(!("missing" in stage.classifier));
    assertEquals(stage.classifier.forests.map((forest) => forest.trees.length), facts.trees);
    const words = stage.classifier.forests.flatMap((forest) => forest.trees.flatMap((tree) => [...tree.topology]));
    assertEquals(words.reduce((a, b) => a + b, 0), facts.topology);
    assertEquals(stage.classifier.columnCount, facts.columns);
    assertEquals(stage.classifier.featureNames?.length, facts.columns);
    assertEquals(stage.onlyLabels, false);
  });
}

Deno.test("a project keeps its flags for 2-D scales and its known labels", async () => {
  await using mix = await openProject(join(OWN, "pc3d_mix.ilp"));
  const features = (await mix.pixelStage(0)).features;
  assertEquals(features?.computeIn2d, [false, true, false, true, false, true, true]);
  assertEquals(features?.computeIn2dStored, true);
  await using gap = await openProject(join(OWN, "pc2d_emptyclass.ilp"));
  const { classifier } = await gap.pixelStage(0);
  assert(!("missing" in classifier));
  assertEquals(classifier.knownLabels, [1, 2, 3]);
});

Deno.test("stored export settings come out as ilastik stored them, -1 as no limit", async () => {
  await using project = await openProject(join(OWN, "pc2d_stored.ilp"));
  assertEquals(await project.exportSettings(), {
    outputFormat: "hdf5",
    outputFilenameFormat: "{dataset_dir}/../out/{nickname}_{result_type}",
    outputInternalPath: "volume/{nickname}",
    exportDtype: "uint8",
    outputAxisOrder: "cyx",
    ranges: { input: [0, 1], output: [0, 255] },
    region: { start: [undefined, 4, 0], stop: [40, undefined, undefined] },
  });
});

Deno.test("Autocontext projects have two stages", async () => {
  await using project = await openProject(join(OWN, "ac2d.ilp"));
  assertEquals(project.pixelStageCount, 2);
  assertEquals((await project.pixelStage(0)).labelNames.length, 3);
  assertEquals((await project.pixelStage(1)).labelNames.length, 2);
});

Deno.test("label blocks lie where ilastik put them", async () => {
  await using project = await openProject(join(OWN, "pc2d_small.ilp"));
  const blocks = await (await project.pixelStage(0)).labelBlocks();
  assertEquals(blocks.length, 1);
  for (const { start, stop, values } of blocks) {
    assertEquals(values.length, start.reduce((n, a, i) => n * ((stop[i] as number) - a), 1));
  }
});

Deno.test("what is no project is refused with kind project", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const text = join(dir, "text.ilp");
    await Deno.writeTextFile(text, "this is no project");
    const cases: [string, string][] = [
      [join(dir, "missing.ilp"), "project file not found"],
      [dir, "is a folder"],
      [text, "not an HDF5 file"],
      [join(OWN, "images", "vol3d.h5"), "no `workflowName` inside"],
      [join(OWN, "images", "g2d.png"), "not an HDF5 file"],
    ];
    for (const [path, words] of cases) {
      const error = await assertRejects(() => openProject(path), UserError, words);
      assertEquals(error.kind, "project");
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("leaves that a hole in the file turned into zeros are refused", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "hole.ilp");
    await Deno.copyFile(join(OWN, "pc2d_small.ilp"), path);
    const parameters = "PixelClassification/ClassifierForests/Forest0000/Tree_0/parameters";
    {
      await using file = await H5File.open(path, { write: true });
      const stored = await file.value(parameters);
      assert(stored?.kind === "numbers");
      await file.unlink(parameters);
      await file.writeValue(parameters, {
        dtype: "float64",
        shape: stored.shape,
        data: new Float64Array(stored.data.length),
      });
    }
    const error = await assertRejects(() => readAll(path), UserError, "is of no class");
    assertEquals(error.kind, "project");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a project with flipped bytes is refused, or read, but never hangs or crashes", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const whole = await Deno.readFile(join(OWN, "pc2d_small.ilp"));
    const path = join(dir, "flipped.ilp");
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor(state / 2 ** 32 * below);
    };
    for (let round = 0; round < 60; round++) {
      const bytes = whole.slice();
      for (let i = 0; i < 8; i++) bytes[random(bytes.length)] = random(256);
      await Deno.writeFile(path, bytes);
      try {
        await readAll(path);
      } catch (error) {
        assert(
          error instanceof UserError && error.kind === "project",
          String(error instanceof Error ? error.stack : error),
        );
      }
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

async function readAll(path: string): Promise<void> {
  await using project = await openProject(path);
  await project.exportSettings();
  await project.lastLane();
  await (await project.pixelStage(0)).labelBlocks();
}
