/**
 * Numbers of ilastik itself, bit for bit: see tests/data/make/program_references.py.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { checksum, DATA, inFolder, readAll, run } from "./program.ts";

interface Reference {
  readonly id: string;
  readonly args: readonly string[];
  readonly file: string;
  readonly dataset: string;
  readonly axes: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly crop: readonly number[] | null;
  readonly crc32: number;
}

const REFERENCES = JSON.parse(await Deno.readTextFile(join(DATA, "program_references.json"))) as readonly Reference[];
for (const reference of REFERENCES) {
  // The libraries stay open.
  Deno.test(`${reference.id} has ilastik's own bits`, { sanitizeResources: false }, () =>
    inFolder(async (folder) => {
      const fill = (text: string): string =>
        text.replace(/\{\{|\}\}|\{data\}|\{out\}/g, (word) =>
          ({ "{data}": DATA, "{out}": folder })[word] ?? word[0] ?? "");
      const outcome = await run(["--headless", ...reference.args.map(fill)]);
      assertEquals(outcome.code, 0, outcome.stderr);
      const path = fill(reference.file);
      assertEquals(outcome.stdout, `${path}\nCompleted Batch Processing\n`);
      const { array, axes } = await readAll(`${path}/${reference.dataset}`);
      assertEquals([axes, array.dtype], [reference.axes, reference.dtype]);
      assertEquals(
        [...axes].map((axis) =>
          array.shape["tzyxc".indexOf(axis)]
        ),
        [...reference.shape],
      );
      assertEquals(checksum(array, axes, reference.crop), reference.crc32);
    }));
}

Deno.test(
  "several export sources in one run each have ilastik's own bits",
  { sanitizeResources: false },
  () =>
    inFolder(async (folder) => {
      const ids = ["probabilities", "simple-segmentation", "uncertainty", "features"].map((name) =>
        `PixelClassification/2d-rgb-${name}`
      );
      const wanted = ids.map((id) => REFERENCES.find((reference) => reference.id === id) as Reference);
      const names = ["Probabilities", "Simple Segmentation", "Uncertainty", "Features"];
      const outcome = await run([
        `--project=${join(DATA, "own/pc2d_rgb.ilp")}`,
        join(DATA, "own/images/rgb2d.png"),
        `--export_source=${names.join(",")}`,
        `--output_filename_format=${folder}/{result_type}.h5`,
      ]);
      assertEquals(outcome.code, 0, outcome.stderr);
      for (const [i, { axes, crop, crc32 }] of wanted.entries()) {
        const { array } = await readAll(`${folder}/${names[i]}.h5/exported_data`);
        assertEquals(checksum(array, axes, crop), crc32, names[i]);
      }
    }),
);
