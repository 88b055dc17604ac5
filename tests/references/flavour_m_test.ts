/**
 * Results that came with the original's own projects, made on macOS: flavour M, bit for bit (pixel-classification.md §9.2).
 * They may not be copied, so these tests run only where the shared data lie beside the repository.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type ArraySource, type NdArray, parseAxes, wholeRegion } from "../../lib/array/mod.ts";
import { stackChannels } from "../../lib/engine/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";
import { PixelKernel } from "../../lib/kernels/mod.ts";
import { openProject, type Project } from "../../lib/project/mod.ts";
import { castProbabilities } from "../../lib/workflows/autocontext/cast_probabilities.ts";
import { makeModel } from "../../lib/workflows/pixel_classification/model.ts";
import { ROOT } from "../program/program.ts";

const API = join(ROOT, "../shared/data/api");
const here = await exists(join(API, "results.h5"));

/** Result, its stage, project, image, axes of the image, every how many z slices the result holds. */
const CASES: readonly (readonly [string, 1 | 2, string, string, string, number])[] = [
  ["Data_1channel_pc1xyc", 1, "PixelClass.ilp", "Data_1channel.png", "yxc", 1],
  ["Data_1channel_pc1xy", 1, "2464_PixelClassification_xy_input.ilp", "Data_1channel.png", "yxc", 1],
  ["Data_3channel_pc3c", 1, "PixelClass3Channel.ilp", "Data_3channel.png", "yxc", 1],
  ["Data_3D_pc3d", 1, "PixelClass3D.ilp", "Data_3D.npy", "zyxc", 8],
  ["Data_3D_pc3d2dfm", 1, "PixelClass3D_2D_3D_feature_mix.ilp", "Data_3D.npy", "zyxc", 8],
  ["Data_1channel_ac2ds1", 1, "Autocontext_2D.ilp", "Data_1channel.png", "yxc", 1],
  ["Data_1channel_ac2ds2", 2, "Autocontext_2D.ilp", "Data_1channel.png", "yxc", 1],
  ["Data_3D_ac2ds1", 1, "Autocontext_3D.ilp", "Data_3D.npy", "zyxc", 8],
  ["Data_3D_ac2ds2", 2, "Autocontext_3D.ilp", "Data_3D.npy", "zyxc", 8],
];

for (const [result, stage, projectName, image, axes, every] of CASES) {
  Deno.test({
    name: `flavour M gives ${result} bit for bit`,
    ignore: !here,
    sanitizeResources: false, // the libraries stay open
    fn: async () => {
      await using project = await openProject(join(API, projectName));
      const input = await read(join(API, image), axes);
      const first = await probabilities(project, 0, input);
      const got = stage === 1 ? first : await probabilities(project, 1, await stacked(input, first));
      const expected = await read(`${join(API, "results.h5")}/${result}`, axes);
      const [, , y, x, c] = got.shape;
      const slice = y * x * c;
      const values = got.data as Float32Array;
      const kept = new Float32Array(expected.data.length);
      for (let k = 0; k * slice < kept.length; k++) {
        kept.set(values.subarray(k * every * slice, (k * every + 1) * slice), k * slice);
      }
      assertEquals(expected.dtype, "float32");
      assertEquals(differing(kept, expected.data as Float32Array), 0);
    },
  });
}
/** Probabilities of a stage for a whole image, in flavour M. */
async function probabilities(project: Project, index: number, input: NdArray): Promise<NdArray> {
  const model = makeModel(await project.pixelStage(index), project.path, true);
  const kernel = new PixelKernel({ ...input, features: model.features }, model.classifier, { flavour: "M" });
  const inputRegion = wholeRegion(input.shape);
  return await kernel.run({ kind: "probabilities", input, inputRegion, output: inputRegion });
}

/** What stage 2 sees: the image, then the probabilities of stage 1 in its element type. */
async function stacked(image: NdArray, probabilities: NdArray): Promise<NdArray> {
  const cast = castProbabilities(asSource(probabilities), image.dtype);
  const both = stackChannels([asSource(image), cast]);
  return await both.read(wholeRegion(both.shape));
}

function asSource(array: NdArray): ArraySource {
  const { shape, dtype } = array;
  return { shape, dtype, axes: ["t", "z", "y", "x", "c"], chunk: shape, meta: {}, read: () => Promise.resolve(array) };
}

async function read(path: string, axes: string): Promise<NdArray> {
  const opened = await openInput({ text: path, stackAlong: "z", naturalSort: false, compat: false, warn: () => {} });
  const source = interpretAxes(opened.array, parseAxes(axes) ?? []);
  const array = await source.read(wholeRegion(source.shape));
  await opened.array.close();
  return array;
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
