// deno-lint-ignore-file no-console -- this program prints a table
/**
 * Pixel features: our kernels on every instruction set, the scalar definition, and vigra and fastfilters2 where they are
 * installed, in turns, in processor time. `deno run -A tests/bench/features_compare.ts [PYTHON...]` prints a table; each
 * PYTHON has vigra or fastfilters2.
 */
import process from "node:process";
import { createArray, type Five, type NdArray, wholeRegion } from "../../lib/array/mod.ts";
import { compileForest, PixelKernel, type SelectedFeatures } from "../../lib/kernels/mod.ts";
import { FEATURE_IDS, LEVELS, scalarFeature } from "../kernels/scalar_features.ts";

const SCALES = [0.3, 0.7, 1.0, 1.6, 3.5, 5.0, 10.0];
const NAMES = ["scalar", "portable", "neon", "avx2", "avx512"];
const TURNS = 5;
const LEAF = 0x40000000;

/** What ilastik's window offers: all kinds at all scales, but at 0.3 only the Gaussian; or the kinds of one scale. */
function selection(scale?: number, kinds: readonly number[] = FEATURE_IDS.keys().toArray()): SelectedFeatures {
  const chosen = (feature: number, sigma: number): boolean =>
    kinds.includes(feature) && (scale === undefined ? sigma > 0.3 || feature === 0 : sigma === scale);
  return {
    ids: FEATURE_IDS,
    scales: SCALES,
    matrix: FEATURE_IDS.map((_, feature) => SCALES.map((sigma) => chosen(feature, sigma))),
    computeIn2d: SCALES.map(() => false),
    computeIn2dStored: true,
  };
}

/** Structured 8-bit pixels (pixel-classification.md §9.4). */
function makeImage(shape: Five): NdArray {
  const image = createArray("uint8", shape);
  const [, , Y, X] = shape;
  for (let i = 0; i < image.data.length; i++) {
    const [z, y, x] = [Math.floor(i / (X * Y)), Math.floor(i / X) % Y, i % X];
    image.data[i] = 37 * y + 91 * x + 53 * z + 5 * ((x * y + z) % 17) + Math.floor((x * x + z * y) / 7);
  }
  return image;
}

/** A candidate: one run, and how many pixels it works on. */
interface Candidate {
  readonly name: string;
  readonly pixels: number;
  readonly run: () => Promise<number>;
}

/** Processor seconds of a run, of all threads: other work on the machine counts little. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Features written out; or, with a forest of one stump per feature, used and thrown away. */
function ours(image: NdArray, features: SelectedFeatures, level: number, written: boolean): Candidate {
  const { shape, dtype } = image;
  const description = { shape, dtype, features };
  const columns = new PixelKernel(description, undefined, { level }).columns.length;
  const trees = Array.from({ length: columns }, (_, column) => ({
    topology: Int32Array.of(columns, 2, 0, 0, 7, 9, column, LEAF, 2, LEAF, 5),
    parameters: Float64Array.of(1, 10, 1, 1, 0, 1, 0, 1),
  }));
  const forest = compileForest([{ weighted: false, trees }], columns, 2);
  const classifier = { forest, classChannels: [0, 1], classCount: 2 };
  const kernel = new PixelKernel(description, written ? undefined : classifier, { level });
  const whole = wholeRegion(shape);
  const kind = written ? "features" : "segmentation";
  const job = { kind, input: image, inputRegion: whole, output: whole } as const;
  return {
    name: `${NAMES[level]}, ${written ? "features written" : "to a forest of stumps"}`,
    pixels: image.data.length,
    run: () => seconds(() => kernel.run(job)),
  };
}

function definition(shape: Five, features: SelectedFeatures): Candidate {
  const image = Float32Array.from(makeImage(shape).data as Uint8Array);
  const [, z, y, x] = shape;
  const work = (): Promise<void> => {
    features.matrix.forEach((row, feature) =>
      row.forEach((chosen, i) => {
        if (chosen) scalarFeature(image, { z, y, x }, SCALES[i] ?? 0, false, feature);
      })
    );
    return Promise.resolve();
  };
  return { name: "scalar definition", pixels: image.length, run: () => seconds(work) };
}

/** Filters of another program; `undefined` where it is not installed or does not work on this shape. */
async function peer(pythons: readonly string[], name: string, shape: Five): Promise<Candidate | undefined> {
  const [, z, y, x] = shape;
  const script = new URL("features_others.py", import.meta.url).pathname;
  for (const python of pythons) {
    const measure = async (size: readonly number[]): Promise<number | undefined> => {
      const args = [script, name, ...size.map(String)];
      const { stdout, success } = await new Deno.Command(python, { args, stderr: "null" }).output();
      return success ? Number(new TextDecoder().decode(stdout)) : undefined;
    };
    if (await measure([Math.min(z, 32), 128, 128]) === undefined) continue;
    return { name, pixels: z * y * x, run: async () => await measure([z, y, x]) ?? Infinity };
  }
  return undefined;
}

/** Runs candidates in turns; prints the fastest of each. */
async function table(title: string, candidates: readonly Candidate[]): Promise<void> {
  const best = candidates.map(() => Infinity);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, { run, pixels }] of candidates.entries()) {
      if (turn > 1 && (best[i] ?? 0) * pixels > 2e9) continue; // a slow one need not take all turns
      best[i] = Math.min(best[i] ?? Infinity, (await run()) / pixels * 1e9);
    }
  }
  console.log(`\n### ${title}\n\n| what | ns per pixel | Mpx/s | times the first |\n| --- | --- | --- | --- |`);
  candidates.forEach(({ name }, i) => {
    const ns = best[i] ?? 0;
    console.log(`| ${name} | ${ns.toFixed(1)} | ${(1000 / ns).toFixed(2)} | ${(ns / (best[0] ?? 1)).toFixed(1)} |`);
  });
}

if (import.meta.main) {
  const levels = LEVELS.toReversed();
  const sets: readonly (readonly [string, Five, Five])[] = [
    ["49 features of a 2-D image", [1, 1, 1024, 1024, 1], [1, 1, 128, 128, 1]],
    ["61 features of a 3-D image", [1, 96, 128, 192, 1], [1, 37, 38, 45, 1]],
  ];
  for (const [title, shape, small] of sets) {
    const image = makeImage(shape);
    const all = selection();
    const forPeers: Five = [1, Math.min(48, shape[1]), Math.min(256, shape[2]), 256, 1];
    const peers = [await peer(Deno.args, "vigra", forPeers), await peer(Deno.args, "fastfilters2", forPeers)];
    await table(title, [
      ...levels.flatMap((level) => [ours(image, all, level, false), ours(image, all, level, true)]),
      definition(small, all),
      ...peers.filter((candidate) => candidate !== undefined),
    ]);
    const best = levels[0] ?? 1;
    const named = (name: string, features: SelectedFeatures): Candidate => ({
      ...ours(image, features, best, false),
      name,
    });
    await table(`${title}: parts (${NAMES[best]}, to a forest of stumps)`, [
      ...SCALES.slice(1).map((scale) => named(`scale ${scale}: Gaussian alone`, selection(scale, [0]))),
      ...SCALES.slice(1).map((scale) => named(`scale ${scale}: all`, selection(scale))),
      ...FEATURE_IDS.map((id, kind) => named(`scale 1: ${id} alone`, selection(1, [kind]))),
    ]);
  }
}
