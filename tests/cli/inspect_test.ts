import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { walk } from "@std/fs";
import { UserError } from "../../lib/array/mod.ts";
import { inspect } from "../../lib/cli/commands/inspect.ts";
import { inspectText } from "../../lib/cli/commands/inspect_text.ts";

const DATA = fromFileUrl(new URL("../data", import.meta.url));
const SHARED = fromFileUrl(new URL("../../../shared/data", import.meta.url));

// The library is opened once for all tests, not inside one of them.
await inspect(join(DATA, "own", "pc2d_small.ilp"));
/** What h5py reads, see tests/data/make/project_facts.py. */
interface Facts {
  readonly version: string;
  readonly labels: readonly string[];
  readonly selected: number;
  readonly trees: readonly number[];
  readonly columns: number;
  readonly axes: string;
}

const FACTS = JSON.parse(await Deno.readTextFile(join(DATA, "project_facts.json"))) as Readonly<Record<string, Facts>>;

for (const [name, facts] of Object.entries(FACTS)) {
  Deno.test(`inspect() says of ${name} what h5py reads`, async () => {
    const found = await inspect(join(DATA, "own", name));
    assertEquals(found.workflow, { name: "Pixel Classification", supported: true });
    assertEquals(found.version, facts.version);
    assertEquals(found.expects?.axes, facts.axes);
    const [stage] = found.stages;
    assertEquals(stage?.classes.map((row) => row.name), facts.labels);
    assertEquals(stage?.features.length, facts.selected);
    assertEquals(stage?.classifier?.trees, facts.trees);
    assertEquals(stage?.classifier?.columns, facts.columns);
    assertEquals(stage?.classifier?.featureNames.length, facts.columns);
    assertEquals(found.sources.map(({ missing }) => missing), [null, null, null, null, null]);
    assertEquals(found.problems, []);
  });
}

Deno.test("inspect() tells both stages of Autocontext apart", async () => {
  const found = await inspect(join(DATA, "own", "ac2d.ilp"));
  assertEquals(found.stages.map(({ name }) => name), [
    "Pixel Classification, stage 1",
    "Pixel Classification, stage 2",
  ]);
  assertEquals(found.stages.map(({ classes }) => classes.length), [3, 2]);
  assertEquals(found.stages.map(({ classifier }) => classifier?.columns), [12, 36]);
});

Deno.test("inspect() says what a project without classifier lacks, source by source", async () => {
  const found = await inspect(join(DATA, "untrained.ilp"));
  const missing = Object.fromEntries(found.sources.map((source) => [source.name, source.missing]));
  assert(missing["Probabilities"]?.startsWith("holds no trained classifier"), missing["Probabilities"] ?? "");
  assert(inspectText(found).includes("not possible: Probabilities, Simple Segmentation, Uncertainty (holds no"));
});

Deno.test("inspect() reads the header of workflows that are not supported", async () => {
  const found = await inspect(join(DATA, "other_workflow.ilp"));
  assertEquals(found.workflow.supported, false);
  assertEquals(found.sources, []);
  assert(found.problems.some((text) => text.includes(found.workflow.name)));
});

Deno.test("inspect() refuses what is no project", async () => {
  const error = await assertRejects(() => inspect(join(DATA, "own", "images", "vol3d.h5")), UserError);
  assertEquals(error.kind, "project");
});

Deno.test("the text of inspect shows classes with colours, sigmas, trees and stored settings", async () => {
  const text = inspectText(await inspect(join(DATA, "own", "pc2d_stored.ilp")));
  assertEquals(
    text.split("\n").slice(5, 21),
    [
      "",
      "Pixel Classification (with labels)",
      "  class 1: Label 1 #ffe119",
      "  class 2: Label 2 #0082c8",
      "  features (3), by sigma:",
      "    DifferenceOfGaussians          0.7 (2D)",
      "    StructureTensorEigenvalues     0.7 (2D), 3.5 (2D)",
      "  classifier: ParallelVigraRfLazyflowClassifier, 10 trees in 2 forests, 584 nodes",
      "  columns: 5, of which 5 are used by the trees",
      "",
      "stored export settings",
      '  output_format: "hdf5"',
      '  output_filename_format: "{dataset_dir}/../out/{nickname}_{result_type}"',
      '  output_internal_path: "volume/{nickname}"',
      '  export_dtype: "uint8"',
      '  output_axis_order: "cyx"',
    ],
  );
});

Deno.test({
  name: "inspect() reads every project of the reference data without problems of reading",
  ignore: !exists(SHARED),
  fn: async () => {
    let count = 0;
    for await (const { path } of walk(SHARED, { exts: [".ilp"], includeDirs: false })) {
      const found = await inspect(path);
      inspectText(found);
      assertEquals(found.problems.filter((text) => !text.includes("is not supported by this version")), [], path);
      count++;
    }
    assert(count > 50);
  },
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // the tests run without the reference data too
  }
}
