/**
 * Pixel size, position and classes go through the workflows (users-ask-for.md D22, D26; cli-and-io.md §5.10).
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { DATA, inFolder, run } from "./program.ts";

/** An OME-Zarr 0.4 of 48 × 64 pixels in one plain chunk, by the letter of its specification. */
async function makeImage(path: string): Promise<void> {
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
  const coordinateTransformations = [
    { type: "scale", scale: [0.5, 0.25] },
    { type: "translation", translation: [10, -3] },
  ];
  const multiscales = [{ version: "0.4", axes, datasets: [{ path: "0", coordinateTransformations }] }];
  const shape = [48, 64];
  const array = { zarr_format: 2, shape, chunks: shape, dtype: "|u1", order: "C", fill_value: 0, filters: null };
  await Deno.mkdir(join(path, "0"), { recursive: true });
  await Deno.writeTextFile(join(path, ".zgroup"), '{"zarr_format": 2}');
  await Deno.writeTextFile(join(path, ".zattrs"), JSON.stringify({ multiscales }));
  await Deno.writeTextFile(join(path, "0", ".zarray"), JSON.stringify({ ...array, compressor: null }));
  await Deno.writeFile(join(path, "0", "0.0"), Uint8Array.from({ length: 48 * 64 }, (_, i) => i * i >> 5));
}

const COLORS = ["FFE119", "0082C8", "E6194B"];

for (
  const [project, source, classes] of [
    ["pc2d_small.ilp", "Probabilities", COLORS.slice(0, 2)],
    ["pc2d_small.ilp", "Uncertainty", undefined],
    ["ac2d.ilp", "Probabilities Stage 1", COLORS],
    // Three classes in the first stage, two in the second.
    ["ac2d.ilp", "Probabilities All Stages", [...COLORS, ...COLORS.slice(0, 2)]],
  ] as const
) {
  Deno.test(`a part of ${source} by ${project} lies where it belongs and has the classes' colours`, () =>
    inFolder(async (folder) => {
      await makeImage(join(folder, "in.zarr"));
      const args = [`--project=${join(DATA, "own", project)}`, `--export_source=${source}`, "in.zarr"];
      const output = ["--output_format=single-scale OME-Zarr", "--output_filename_format=out/r"];
      const { code, stderr } = await run([...args, ...output, "--cutout_subregion=y=8:20,x=4:40"], { cwd: folder });
      assertEquals(code, 0, stderr);
      const { multiscales, omero } = JSON.parse(await Deno.readTextFile(join(folder, "out", "r.zarr", ".zattrs")));
      assertEquals(multiscales[0].datasets[0].coordinateTransformations, [
        { type: "scale", scale: [1, 1, 1, 0.5, 0.25] },
        { type: "translation", translation: [0, 0, 0, 10 + 8 * 0.5, -3 + 4 * 0.25] },
      ]);
      assertEquals(omero?.channels.map(({ color }: { color: string }) => color), classes);
    }));
}
