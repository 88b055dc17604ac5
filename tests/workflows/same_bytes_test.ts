/**
 * Results do not depend on threads, blocks and instruction sets.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  type ArraySource,
  copyArray,
  createArray,
  type Five,
  type NdArray,
  type Region,
  subArray,
  wholeRegion,
} from "../../lib/array/mod.ts";
import { kernels } from "../../ffi/kernels.ts";
import { type BlockTarget, Slots, writeBlocks } from "../../lib/engine/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";
import { openProject } from "../../lib/project/mod.ts";
import { makeModel } from "../../lib/workflows/pixel_classification/model.ts";
import { Prediction } from "../../lib/workflows/pixel_classification/predict.ts";
import { WORKFLOWS } from "../../lib/workflows/mod.ts";
import { DATA, inFolder, readAll, run } from "../program/program.ts";

const OWN = join(DATA, "own");
// The libraries are opened once, not inside a test.
await readAll(join(OWN, "images/f32_2d.h5"));
kernels();

async function openImage(name: string): Promise<{ source: ArraySource; close: () => Promise<void> }> {
  const { array } = await openInput({
    text: join(OWN, "images", name),
    stackAlong: "z",
    naturalSort: false,
    compat: false,
    warn: () => {},
  });
  return { source: interpretAxes(array, array.axes), close: () => array.close() };
}

/** Collects all blocks in one array and remembers how they were cut. */
function collector(source: ArraySource): BlockTarget & { whole: NdArray; blocks: Region[] } {
  const whole = createArray(source.dtype, source.shape);
  const blocks: Region[] = [];
  return {
    blockMultiple: [1, 1, 1, 1, 1],
    ordered: false,
    whole,
    blocks,
    write: (region, block) => {
      blocks.push(region);
      copyArray(block, subArray(whole, region));
      return Promise.resolve();
    },
  };
}

/** Reads `source` by blocks of given edges, whatever they cost. */
async function byBlocks(source: ArraySource, edges: Five, threads: number): Promise<NdArray> {
  const target = collector(source);
  // A cost that makes blocks of just these edges the best choice.
  const volume = edges.reduce((a, b) => a * b, 1);
  const cost = {
    bytes: (region: Region) =>
      region.stop.every((stop, i) => stop - (region.start[i] as number) <= Math.max(1, edges[i] as number) || i === 4)
        ? 1
        : Infinity,
    work: () => volume,
  };
  await writeBlocks([{ source: { ...source, cost }, target }], { threads, memory: 1000 });
  return target.whole;
}

const KINDS = ["probabilities", "segmentation", "uncertainty", "features"] as const;

for (
  const [projectName, image, blocks] of [
    ["pc2d_all.ilp", "g2d_b.png", [[1, 1, 7, 13, 49], [1, 1, 50, 8, 49], [1, 1, 1, 71, 49]]],
    ["pc2d_rgb.ilp", "rgb2d.png", [[1, 1, 33, 31, 51], [1, 1, 3, 64, 51]]],
    ["pc3d_few.ilp", "vol3d_small.h5", [[1, 5, 9, 11, 22], [1, 24, 26, 3, 22]]],
    ["pc3d_mix.ilp", "vol3d_small.h5", [[1, 1, 26, 28, 15], [1, 10, 7, 28, 15]]],
    ["pc2dt.ilp", "time2d.h5", [[1, 1, 16, 16, 11], [1, 1, 48, 5, 11]]],
  ] as const
) {
  Deno.test(`${projectName}: same bytes for any blocks and threads`, async () => {
    await using project = await openProject(join(OWN, projectName));
    const model = makeModel(await project.pixelStage(0), project.path, true);
    const { source, close } = await openImage(image);
    for (const kind of KINDS) {
      const expected = await new Prediction(model, source, undefined, new Slots(1))[kind]().read(wholeRegion(
        new Prediction(model, source, undefined, new Slots(1))[kind]().shape,
      ));
      for (const edges of blocks) {
        for (const threads of [1, 2, 4]) {
          const result = new Prediction(model, source, undefined, new Slots(threads))[kind]();
          const got = await byBlocks(result, edges, threads);
          assertEquals(bytes(got), bytes(expected), `${kind}, blocks ${edges}, ${threads} threads`);
        }
      }
    }
    await close();
  });
}

for (const exportSource of ["Probabilities All Stages", "Probabilities Stage 2"]) {
  Deno.test(`B15: Autocontext, ${exportSource}: same bytes for any blocks, tiles of stage 1 and threads`, async () => {
    await using project = await openProject(join(OWN, "ac2d.ilp"));
    const workflow = WORKFLOWS.find(({ names }) => names.includes(project.header.workflowName));
    assert(workflow !== undefined);
    const exportSources = [exportSource];
    const prepared = await workflow.prepare(project, exportSources);
    const { source, close } = await openImage("g2d.png");
    const results: Uint8Array[] = [];
    for (
      const [memory, threads, edges] of [
        [1e9, 1, [1, 1, 64, 64, 5]],
        [4e7, 2, [1, 1, 9, 64, 5]],
        [3.2e7, 4, [1, 1, 20, 17, 5]],
      ] as const
    ) {
      const lane = prepared.lane([source], {
        slots: new Slots(threads),
        memory,
        exportSources,
        warn: () => {},
        info: () => {},
      });
      results.push(bytes(await byBlocks(lane.result(exportSource).source, edges, threads)));
    }
    assertEquals(results[1], results[0]);
    assertEquals(results[2], results[0]);
    await close();
  });
}

for (const [projectName, image] of [["pc2d_all.ilp", "g2d_b.png"], ["pc3d_few.ilp", "vol3d_small.h5"]] as const) {
  Deno.test(`${projectName}: same file for every instruction set and number of threads`, () =>
    inFolder(async (folder) => {
      const files: Uint8Array[] = [];
      for (const level of ["portable", "avx2", "avx512", "neon"]) {
        for (const threads of ["1", "3"]) {
          const outcome = await run([
            `--project=${join(OWN, projectName)}`,
            join(OWN, "images", image),
            "--export_source=Probabilities",
            "--output_format=numpy",
            `--threads=${threads}`,
            `--output_filename_format=${folder}/r.npy`,
          ], { env: { ILASTIK_HEADLESS_SIMD: level } });
          // An instruction set that the processor lacks is refused or replaced; what runs must agree.
          if (outcome.code === 0) files.push(await Deno.readFile(join(folder, "r.npy")));
        }
      }
      assert(files.length >= 2);
      for (const file of files) assertEquals(file, files[0]);
    }));
}

function bytes(array: NdArray): Uint8Array {
  return new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
}
