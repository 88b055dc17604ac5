// deno-lint-ignore-file no-console -- this program prints a table
/**
 * Random forests: our kernel on every instruction set, the scalar walk, and vigra and scikit-learn where they are
 * installed, in turns, in processor time. `deno run -A tests/bench/forest_compare.ts [PYTHON]` prints a table; PYTHON has
 * vigra or scikit-learn.
 */
import process from "node:process";
import { join } from "@std/path";
import { alignedBytes } from "../../ffi/kernels.ts";
import { openLibrary } from "../../ffi/library.ts";
import { wholeRegion } from "../../lib/array/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";
import { compileForest, PixelKernel, trainForests } from "../../lib/kernels/mod.ts";
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

/** All 49 features of a real image, one row per pixel. */
async function features(): Promise<{ rows: Float32Array<ArrayBuffer>; pixels: number; columns: number }> {
  await using project = await openProject(join(OWN, "pc2d_all.ilp"));
  const selected = (await project.pixelStage(0)).features;
  if (selected === undefined) throw new Error("the project has features");
  const path = join(OWN, "images/g2d.png");
  const { array } = await openInput({ text: path, stackAlong: "z", naturalSort: false, compat: false, warn: () => {} });
  const source = interpretAxes(array, array.axes);
  const kernel = new PixelKernel({ shape: source.shape, dtype: source.dtype, features: selected }, undefined);
  const whole = wholeRegion(source.shape);
  const input = await source.read(whole);
  const block = await kernel.run({ kind: "features", input, inputRegion: whole, output: whole });
  await array.close();
  const columns = kernel.columns.length;
  return { rows: block.data as Float32Array<ArrayBuffer>, pixels: block.data.length / columns, columns };
}

function seconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

const { rows, pixels, columns } = await features();
const [python] = Deno.args;
console.log(`| inner nodes per tree | what | ns per pixel and tree |\n| --- | --- | --- |`);
for (const labelled of LABELLED) {
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
  const forests = trained.forests.map(({ trees }) => ({ weighted: false, trees }));
  const nodes = forests.flatMap((forest) => forest.trees.map(({ topology }) => (topology.length - 4) / 7));
  const mean = Math.round(nodes.reduce((a, b) => a + b, 0) / nodes.length);
  const compiled = compileForest(forests, columns, 3);
  const used = compiled.usedColumns;
  const planes = new Float32Array(used.length * pixels);
  used.forEach((column, j) => {
    for (let i = 0; i < pixels; i++) planes[j * pixels + i] = rows[i * columns + column] as number;
  });
  const scratch = alignedBytes(Number(library.symbols.ilh_forest_scratch(compiled.memory)));
  const out = new Float32Array(3 * pixels);
  const n = BigInt(pixels);
  const run = (level: number): number =>
    seconds(() =>
      library.symbols.ilh_forest_predict(
        compiled.memory,
        level,
        planes,
        n,
        null,
        n,
        out,
        n,
        scratch,
        BigInt(scratch.length),
      )
    ) / pixels / TREES * 1e9;
  const levels = [4, 3, 2, 1, 0].filter((level) => library.symbols.ilh_cpu_has(level) === 1);
  const best = levels.map(() => Infinity);
  for (let turn = 0; turn < TURNS; turn++) {
    levels.forEach((level, i) => best[i] = Math.min(best[i] as number, run(level)));
  }
  levels.forEach((level, i) => console.log(`| ${mean} | ${NAMES[level]} | ${best[i]?.toFixed(2)} |`));
  if (python !== undefined) await others(python, mean, labelled);
}
await shutdown();

/** vigra and scikit-learn on the same rows, labels and number of trees. */
async function others(command: string, mean: number, labelled: number): Promise<void> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
  const script = join(import.meta.dirname ?? ".", "forest_others.py");
  const args = [script, path, String(columns), String(labelled), String(TREES)];
  const { stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  await Deno.remove(path);
  for (const line of new TextDecoder().decode(stdout).trim().split("\n").filter((row) => row !== "")) {
    const [name, time] = line.split(" ");
    console.log(`| ${mean} | ${name} | ${Number(time).toFixed(2)} |`);
  }
}
