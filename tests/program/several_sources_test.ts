/**
 * Several export sources in one run: the same files as one by one.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, run } from "./program.ts";

const OWN = join(DATA, "own");
const SOURCES = ["Probabilities", "Simple Segmentation", "Uncertainty", "Features", "Labels"];

interface Case {
  readonly project: string;
  readonly input: readonly string[];
  readonly sources: readonly string[];
  readonly options?: readonly string[];
}

const CASES: readonly Case[] = [
  { project: "pc2d_rgb.ilp", input: ["rgb2d.png"], sources: SOURCES },
  { project: "pc3d_few.ilp", input: ["vol3d_small.h5"], sources: SOURCES.slice(0, 3) },
  { project: "pc2dt.ilp", input: ["time2d.h5"], sources: SOURCES.slice(0, 4) },
  // Other element types and axes than the computed ones.
  {
    project: "pc2d_rgb.ilp",
    input: ["rgb2d.png"],
    sources: SOURCES.slice(0, 3),
    options: ["--cutout_subregion=[(3,5,0),(40,61,None)]", "--output_axis_order=cxy", "--export_dtype=float64"],
  },
  {
    project: "ac2d.ilp",
    input: ["g2d.png"],
    sources: [1, 2].flatMap((stage) => SOURCES.slice(0, 4).map((name) => `${name} Stage ${stage}`)),
  },
];

async function files(folder: string, prefix: string, sources: readonly string[]): Promise<Uint8Array[]> {
  return await Promise.all(sources.map((source) => Deno.readFile(join(folder, `${prefix}_${source}.npy`))));
}

function args({ project, input, options = [] }: Case, folder: string, prefix: string): string[] {
  return [
    `--project=${join(OWN, project)}`,
    ...input.map((name) => join(OWN, "images", name)),
    "--output_format=numpy",
    `--output_filename_format=${join(folder, `${prefix}_{result_type}.npy`)}`,
    ...options,
  ];
}

for (const row of CASES) {
  const title = `${row.project}, ${row.sources.length} export sources`;
  Deno.test(`B10: ${title}: same files in one run as one by one`, () =>
    inFolder(async (folder) => {
      for (const source of row.sources) {
        const { code, stderr } = await run([...args(row, folder, "alone"), `--export_source=${source}`]);
        assertEquals(code, 0, stderr);
      }
      const all = `--export_source=${row.sources.join(",")}`;
      const { code, stdout, stderr } = await run([...args(row, folder, "together"), all, "--threads=2"]);
      assertEquals(code, 0, stderr);
      assertEquals(stdout.trim().split("\n").slice(0, -1), row.sources.map((s) => join(folder, `together_${s}.npy`)));
      assertEquals(await files(folder, "together", row.sources), await files(folder, "alone", row.sources));
    }));
}

Deno.test("Of several export sources, only those that are missing are computed with --if_exists=skip", () =>
  inFolder(async (folder) => {
    const row = { project: "pc2d_small.ilp", input: ["g2d.png"], sources: SOURCES.slice(0, 3) };
    const all = [...args(row, folder, "skip"), `--export_source=${row.sources.join(",")}`, "--if_exists=skip"];
    assertEquals((await run(all)).code, 0);
    const before = await files(folder, "skip", row.sources);
    const kept = join(folder, "skip_Uncertainty.npy");
    await Deno.writeTextFile(kept, "mine");
    await Deno.remove(join(folder, "skip_Probabilities.npy"));
    await Deno.remove(join(folder, "skip_Simple Segmentation.npy"));
    const { code, stderr } = await run(all);
    assertEquals(code, 0);
    assertEquals(stderr.match(/exists and is kept/g)?.length, 1, stderr);
    assertEquals(await Deno.readTextFile(kept), "mine");
    assertEquals(await files(folder, "skip", row.sources.slice(0, 2)), before.slice(0, 2));
  }));

Deno.test("A file that cannot be written leaves none of the outputs of one pass", () =>
  inFolder(async (folder) => {
    const row = { project: "pc2d_small.ilp", input: ["g2d.png"], sources: SOURCES.slice(0, 2) };
    // A folder where the second file should go.
    await Deno.mkdir(join(folder, "bad_Simple Segmentation.npy"));
    const { code, stderr } = await run([...args(row, folder, "bad"), `--export_source=${row.sources.join(",")}`]);
    assertEquals(code, 5, stderr);
    assertMatch(stderr, /Simple Segmentation\.npy/);
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert(left.length === 1 && left[0] === "bad_Simple Segmentation.npy", left.join());
  }));

for (const [format, extension] of [["hdf5", "h5"], ["compressed hdf5", "h5"], ["n5", "n5"]] as const) {
  Deno.test(`several export sources in one file: every dataset of ${format} is there`, () =>
    inFolder(async (folder) => {
      const sources = SOURCES.slice(0, 3);
      const words = [
        `--project=${join(OWN, "pc2d_small.ilp")}`,
        join(OWN, "images", "g2d.png"),
        `--export_source=${sources.join(",")}`,
        `--output_format=${format}`,
        "--output_internal_path={result_type}",
        `--output_filename_format=${join(folder, "all")}`,
      ];
      const { code, stderr } = await run(words);
      assertEquals(code, 0, stderr);
      for (const source of sources) {
        const alone = ["--output_format=numpy", `--export_source=${source}`];
        const name = `--output_filename_format=${join(folder, source)}.npy`;
        assertEquals((await run([...words.slice(0, 2), ...alone, name])).code, 0);
        const pair = [join(folder, `all.${extension}/${source}`), join(folder, `${source}.npy`)];
        const difference = await run(["diff", ...pair]);
        assertEquals(difference.code, 0, difference.stdout + difference.stderr);
      }
    }));
}
