/**
 * Results that came with the original's own projects, made on macOS: flavour M, bit for bit (pixel-classification.md §9.2).
 * They may not be copied, so these tests run only where the shared data lie beside the repository.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { parseAxes, wholeRegion } from "../../lib/array/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";
import { PixelKernel } from "../../lib/kernels/mod.ts";
import { openProject, shutdown } from "../../lib/project/mod.ts";
import { makeModel } from "../../lib/workflows/pixel_classification/model.ts";
import { ROOT } from "../program/program.ts";

const API = join(ROOT, "../shared/data/api");
const here = await exists(join(API, "results.h5"));

/** Result, project, image, axes of the image, every how many z slices the result holds. */
const CASES: readonly (readonly [string, string, string, string, number])[] = [
  ["Data_1channel_pc1xyc", "PixelClass.ilp", "Data_1channel.png", "yxc", 1],
  ["Data_1channel_pc1xy", "2464_PixelClassification_xy_input.ilp", "Data_1channel.png", "yxc", 1],
  ["Data_3channel_pc3c", "PixelClass3Channel.ilp", "Data_3channel.png", "yxc", 1],
  ["Data_3D_pc3d", "PixelClass3D.ilp", "Data_3D.npy", "zyxc", 8],
  ["Data_3D_pc3d2dfm", "PixelClass3D_2D_3D_feature_mix.ilp", "Data_3D.npy", "zyxc", 8],
];

for (const [result, projectName, image, axes, every] of CASES) {
  Deno.test({
    name: `flavour M gives ${result} bit for bit`,
    ignore: !here,
    sanitizeResources: false, // the libraries stay open
    fn: async () => {
      await using project = await openProject(join(API, projectName));
      const model = makeModel(await project.pixelStage(0), project.path, true);
      const input = await read(join(API, image), axes);
      const kernel = new PixelKernel({ ...input, features: model.features }, model.classifier, { flavour: "M" });
      const whole = wholeRegion([...input.shape.slice(0, 4), 1] as unknown as typeof input.shape);
      const got = await kernel.run({
        kind: "probabilities",
        input: input.array,
        inputRegion: wholeRegion(input.shape),
        output: whole,
      });
      const expected = await read(`${join(API, "results.h5")}/${result}`, axes);
      const [, , y, x, c] = got.shape;
      const slice = y * x * c;
      const values = got.data as Float32Array;
      const kept = new Float32Array(expected.array.data.length);
      for (let k = 0; k * slice < kept.length; k++) {
        kept.set(values.subarray(k * every * slice, (k * every + 1) * slice), k * slice);
      }
      assertEquals(expected.array.dtype, "float32");
      assertEquals(differing(kept, expected.array.data as Float32Array), 0);
    },
  });
}
if (here) Deno.test.afterAll(shutdown);

async function read(path: string, axes: string): Promise<{
  shape: ReturnType<typeof interpretAxes>["shape"];
  dtype: ReturnType<typeof interpretAxes>["dtype"];
  array: Awaited<ReturnType<ReturnType<typeof interpretAxes>["read"]>>;
}> {
  const opened = await openInput({ text: path, stackAlong: "z", naturalSort: false, compat: false, warn: () => {} });
  const source = interpretAxes(opened.array, parseAxes(axes) ?? []);
  const array = await source.read(wholeRegion(source.shape));
  await opened.array.close();
  return { shape: source.shape, dtype: source.dtype, array };
}

function differing(a: Float32Array, b: Float32Array): number {
  return a.reduce((count, value, i) => count + (value === b[i] ? 0 : 1), 0);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false; // outsiders do not have the shared data
  }
}
