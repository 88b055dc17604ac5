/**
 * Images on another intensity scale than the training data, run as a user would.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, run } from "./program.ts";

/** Trained on an 8-bit image, which lies beside it. */
const PROJECT = join(DATA, "own", "pc2d_small.ilp");
const ROLE = "Input Data/infos/lane0000/Raw Data";
const SHAPE = [40, 44];

// The library is opened once for all tests, not inside one of them.
await (await H5File.open(PROJECT)).close();

/** Writes an image of values 0…199, times `factor`. */
async function writeImage(path: string, dtype: "uint8" | "float32", factor = 1): Promise<string> {
  await using file = await H5File.create(path);
  const values = Array.from({ length: 40 * 44 }, (_, i) => (i * 37 % 200) * factor);
  const data = dtype === "uint8" ? Uint8Array.from(values) : Float32Array.from(values);
  await file.writeValue("data", { dtype, shape: SHAPE, data });
  return path;
}

/** Runs a project over images; returns the warnings. */
async function warnings(project: string, images: readonly string[], ...options: string[]): Promise<string[]> {
  const { code, stderr } = await run([
    `--project=${project}`,
    "--input_axes=yx",
    "--output_format=numpy",
    ...options,
    ...images,
  ]);
  assertEquals(code, 0, stderr);
  return stderr.split("\n").filter((line) => line.startsWith("warning:"));
}

Deno.test("images of another element type than the training image: one warning for all", () =>
  inFolder(async (folder) => {
    const same = await writeImage(join(folder, "same.h5"), "uint8");
    const others = await Promise.all(
      ["a.h5", "b.h5", "c.h5"].map((name) => writeImage(join(folder, name), "float32", 1 / 256)),
    );
    assertEquals(await warnings(PROJECT, [same]), []);
    const found = await warnings(PROJECT, [same, ...others]);
    assertEquals(found.length, 1);
    assertMatch(
      found[0] ?? "",
      /^warning: 3 of 4 inputs \(first: \S*a\.h5\) are float32, the project was trained on uint8: values are taken as/,
    );
    assertEquals((await warnings(PROJECT, others, "--dry_run")).length, 1);
    assertEquals(await warnings(PROJECT, others, "--compat=ilastik"), []);
  }));

Deno.test("the type of a training image inside the project, and a range that it stores", () =>
  inFolder(async (folder) => {
    const image = await writeImage(join(folder, "image.h5"), "float32", 1 / 256);
    const project = join(folder, "project.ilp");
    await Deno.copyFile(PROJECT, project);
    // Beside this copy there is no training image: nothing is known.
    assertEquals(await warnings(project, [image]), []);
    {
      await using file = await H5File.open(project, { write: true });
      await file.writeValue(`${ROLE}/drange`, { dtype: "float64", shape: [2], data: Float64Array.of(0, 255) });
    }
    const [range = "", ...more] = await warnings(project, [image]);
    assertEquals(more, []);
    assertMatch(
      range,
      /^warning: \S*image\.h5 has values of another scale \(0 to 0\.7\d+\) than the training data \(0 to 255\):/,
    );
    {
      await using file = await H5File.open(project, { write: true });
      for (const name of ["__class__", "inner_path"]) {
        if (await file.kind(`${ROLE}/${name}`) !== undefined) await file.unlink(`${ROLE}/${name}`);
      }
      await file.writeValue(`${ROLE}/__class__`, "ProjectInternalDatasetInfo");
      await file.writeValue(`${ROLE}/inner_path`, "Input Data/local_data/raw");
      const data = new Uint16Array(40 * 44);
      await file.writeValue("Input Data/local_data/raw", { dtype: "uint16", shape: SHAPE, data });
    }
    const [type = "", ...rest] = await warnings(project, [image]);
    assertEquals(rest, []);
    assertMatch(type, /^warning: \S*image\.h5 is float32, the project was trained on uint16:/);
  }));
