// deno-lint-ignore-file no-console -- this program prints a table
/**
 * Random forests: our kernel on every instruction set, the scalar walk, and vigra and scikit-learn where they are
 * installed, in turns, in processor time. `deno run -A tests/bench/forest_compare.ts [PYTHON [PROJECT IMAGE]]` prints a
 * table; PYTHON has vigra or scikit-learn. Trees of several sizes are trained from random labels on the features of our own
 * image; PROJECT and IMAGE add the stored forests of a real project on the features of a real image.
 */
import process from "node:process";
import { join } from "@std/path";
import { alignedBytes } from "../../ffi/kernels.ts";
import { openLibrary } from "../../ffi/library.ts";
import { wholeRegion } from "../../lib/array/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";
import { compileForest, type ForestTrees, PixelKernel, trainForests } from "../../lib/kernels/mod.ts";
import { openProject, shutdown } from "../../lib/project/mod.ts";

const OWN = join(import.meta.dirname ?? ".", "../data/own");
const TREES = 100;
/** Labelled pixels that give trees of about 20, 200 and 2000 inner nodes: labels without any rule are hard to learn. */
const LABELLED = [70, 720, 4096];
const NAMES = ["scalar", "portable", "neon", "avx2", "avx512"];
const TURNS = 5;

const library = openLibrary("ilh_kernels", {
  ilh_cpu_has: { parameters: ["i32"], result: "i32" },
  ilh_forest_scratch: { parameters: ["buffer"], result: "u64" },
  ilh_forest_predict: {
    parameters: ["buffer", "i32", "buffer", "i64", "buffer", "i64", "buffer", "i64", "buffer", "u64"],
    result: "i32",
  },
});

/** Feature vectors of all pixels of an image, and the stored forests. */
interface Rows {
  readonly rows: Float32Array<ArrayBuffer>;
  readonly pixels: number;
  readonly columns: number;
  readonly forests: readonly ForestTrees[];
}

/** All features of a project on an image, one row per pixel. */
async function features(projectPath: string, imagePath: string): Promise<Rows> {
  await using project = await openProject(projectPath);
  const { features: selected, classifier } = await project.pixelStage(0);
  if (selected === undefined) throw new Error("the project has features");
  const context = { stackAlong: "z", naturalSort: false, compat: false, warn: () => {} } as const;
  const { array } = await openInput({ text: imagePath, ...context });
  const source = interpretAxes(array, array.axes);
  const kernel = new PixelKernel({ shape: source.shape, dtype: source.dtype, features: selected }, undefined);
  const whole = wholeRegion(source.shape);
  const input = await source.read(whole);
  const block = await kernel.run({ kind: "features", input, inputRegion: whole, output: whole });
  await array.close();
  const columns = kernel.columns.length;
  const rows = block.data as Float32Array<ArrayBuffer>;
  return {
    rows,
    pixels: rows.length / columns,
    columns,
    forests: classifier !== undefined && "forests" in classifier ? classifier.forests : [],
  };
}

function seconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Prints a row per instruction set; returns the mean number of inner nodes. */
function measure({ rows, pixels, columns }: Rows, forests: readonly ForestTrees[], classes: number): number {
  const nodes = forests.flatMap((forest) => forest.trees.map(({ topology }) => innerNodes(topology)));
  const mean = Math.round(nodes.reduce((a, b) => a + b, 0) / nodes.length);
  const compiled = compileForest(forests, columns, classes);
  const used = compiled.usedColumns;
  const planes = new Float32Array(used.length * pixels);
  used.forEach((column, j) => {
    for (let i = 0; i < pixels; i++) planes[j * pixels + i] = rows[i * columns + column] as number;
  });
  const scratch = alignedBytes(Number(library.symbols.ilh_forest_scratch(compiled.memory)));
  const out = new Float32Array(classes * pixels);
  const n = BigInt(pixels);
  const { memory } = compiled;
  const predict = (level: number): void => {
    const { ilh_forest_predict } = library.symbols;
    ilh_forest_predict(memory, level, planes, n, null, n, out, n, scratch, BigInt(scratch.length));
  };
  const levels = [4, 3, 2, 1, 0].filter((level) => library.symbols.ilh_cpu_has(level) === 1);
  const best = levels.map(() => Infinity);
  for (let turn = 0; turn < TURNS; turn++) {
    levels.forEach((level, i) => {
      const time = seconds(() => predict(level)) / pixels / nodes.length * 1e9;
      best[i] = Math.min(best[i] as number, time);
    });
  }
  levels.forEach((level, i) => console.log(`| ${mean} | ${NAMES[level]} | ${best[i]?.toFixed(2)} |`));
  return mean;
}

/** Inner nodes of a tree: 5 words each, a leaf has 2, before all stand 2 (pixel-classification.md §1.6). */
function innerNodes(topology: Int32Array): number {
  return (topology.length - 4) / 7;
}

/** vigra and scikit-learn on the same rows, with the same labels or vigra with the same stored forests. */
async function others(command: string, mean: number, { rows, columns }: Rows, what: readonly string[]): Promise<void> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
  const script = join(import.meta.dirname ?? ".", "forest_others.py");
  const args = [script, path, String(columns), ...what];
  const { stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  await Deno.remove(path);
  for (const line of new TextDecoder().decode(stdout).trim().split("\n").filter((row) => row !== "")) {
    const [name, time] = line.split(" ");
    console.log(`| ${mean} | ${name} | ${Number(time).toFixed(2)} |`);
  }
}

const [python, project, image] = Deno.args;
console.log(`| inner nodes per tree | what | ns per pixel and tree |\n| --- | --- | --- |`);
const own = await features(join(OWN, "pc2d_all.ilp"), join(OWN, "images/g2d.png"));
for (const labelled of LABELLED) {
  const { rows, pixels, columns } = own;
  // Every k-th pixel, labelled by a hash of its number.
  const step = Math.floor(pixels / labelled);
  const index = Array.from({ length: labelled }, (_, i) => i * step);
  const trained = await trainForests({
    features: Float32Array.from(index.flatMap((i) => [...rows.subarray(i * columns, (i + 1) * columns)])),
    labels: Uint8Array.from(index, (i) => 1 + (Math.imul(i + 1, 2654435761) >>> 8) % 3),
    classes: 3,
    trees: TREES,
    seed: 1,
    threads: 2,
  });
  const mean = measure(own, trained.forests.map(({ trees }) => ({ weighted: false, trees })), 3);
  if (python !== undefined) await others(python, mean, own, [String(labelled), String(TREES)]);
}
if (project !== undefined && image !== undefined) {
  const real = await features(project, image);
  const classes = real.forests[0]?.trees[0]?.topology[1] ?? 0;
  const mean = measure(real, real.forests, classes);
  if (python !== undefined) await others(python, mean, real, [project]);
}
await shutdown();
