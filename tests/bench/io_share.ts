// deno-lint-ignore-file no-console -- this program prints a table
/**
 * What reading and writing cost beside the kernels: processor time of whole files in and out, against the same blocks
 * computed from memory and thrown away, in turns, one computing thread.
 *
 *   deno run -A tests/bench/io_share.ts PROJECT.ilp IMAGE.h5/data [TURNS [OUTPUT]]      of all formats or one
 */
import process from "node:process";
import { TiffWriter } from "../../ffi/tiff.ts";
import { type ArraySource, type Axes, type Five, type NdArray, subArray, wholeRegion } from "../../lib/array/mod.ts";
import { type BlockTarget, Slots, writeBlocks } from "../../lib/engine/mod.ts";
import { interpretAxes, openInput } from "../../lib/inputs/mod.ts";
import { type Export, type ExportSettings, planExport } from "../../lib/outputs/mod.ts";
import { openProject, shutdown } from "../../lib/project/mod.ts";
import { type PreparedWorkflow, WORKFLOWS } from "../../lib/workflows/mod.ts";
import { settingsFor } from "../outputs/helpers.ts";

const EXPORT_SOURCE = "Probabilities";
const MEMORY = 1e9;
/** What `--export_dtype=uint8 --pipeline_result_drange=(0.0,1.0) --export_drange=(0,255)` means. */
const BYTES = { dtype: "uint8", range: { from: [0, 1], integerLow: false, to: [0, 255] } } as const;

/** A way in and a way out. */
interface Row {
  readonly input: string;
  readonly output: string;
  readonly settings?: Partial<ExportSettings>;
}

const COMMON_ROWS: readonly Row[] = [
  { input: "hdf5", output: "hdf5" },
  { input: "hdf5", output: "compressed hdf5" },
  { input: "hdf5", output: "multipage tiff" },
  { input: "tiff", output: "hdf5" },
  { input: "tiff lzw", output: "hdf5" },
];
const PLANE_ROWS: readonly Row[] = [
  ...COMMON_ROWS,
  { input: "hdf5", output: "tiff" },
  { input: "tiff lzw", output: "tiff" },
  { input: "hdf5", output: "tiff", settings: BYTES },
  { input: "hdf5", output: "png", settings: BYTES },
  { input: "hdf5", output: "numpy" },
];
const VOLUME_ROWS: readonly Row[] = [
  ...COMMON_ROWS,
  { input: "hdf5", output: "tiff sequence" },
  { input: "hdf5", output: "multipage tiff", settings: BYTES },
  { input: "hdf5", output: "png sequence", settings: BYTES },
  { input: "hdf5", output: "single-scale OME-Zarr" },
];

/** Processor seconds of all threads. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function plan(prepared: PreparedWorkflow, source: ArraySource, row: Row, folder: string): Export {
  const lane = prepared.lane([source], {
    slots: new Slots(1),
    memory: MEMORY,
    exportSources: [EXPORT_SOURCE],
    warn: () => {},
    info: () => {},
  });
  const settings = settingsFor(folder, {
    formatName: row.output,
    fileNamePattern: row.output.endsWith("sequence") ? "r_{slice_index}" : "r",
    replaceForeign: true,
    warn: () => {},
    ...row.settings,
  });
  return planExport(lane.result(EXPORT_SOURCE), { text: "a", nickname: "a", datasetDir: folder }, settings);
}

/** From file to file. */
async function whole(prepared: PreparedWorkflow, path: string, axes: Axes, row: Row, folder: string): Promise<void> {
  const opened = await open(path);
  const { source, open: openSink } = plan(prepared, interpretAxes(opened.array, axes), row, folder);
  const target = await openSink();
  await writeBlocks([{ source, target }], { threads: 1, memory: MEMORY });
  await target.commit();
  await opened.array.close();
}

/** The same blocks from memory, thrown away. */
async function kernel(prepared: PreparedWorkflow, memory: ArraySource, row: Row, folder: string): Promise<void> {
  // Without ranges: these belong to writing.
  const { source } = plan(prepared, memory, { input: row.input, output: "numpy" }, folder);
  const { blockMultiple, abort } = await plan(prepared, memory, row, folder).open();
  await abort();
  const target: BlockTarget = { blockMultiple, ordered: false, write: () => Promise.resolve() };
  await writeBlocks([{ source, target }], { threads: 1, memory: MEMORY });
}

async function open(path: string) {
  return await openInput({ text: path, stackAlong: "z", naturalSort: false, compat: false, warn: () => {} });
}

function inMemory(array: NdArray, like: ArraySource): ArraySource {
  const { cost: _cost, ...rest } = like;
  return { ...rest, read: (region) => Promise.resolve(subArray(array, region)) };
}

/** Pages with strips of 64 rows. */
async function writeTiff(path: string, array: NdArray, compression: number): Promise<void> {
  const [, depth, height, width] = array.shape;
  const rows = 64;
  const file = await TiffWriter.create(path, false);
  const page = width * height;
  for (let z = 0; z < depth; z++) {
    await file.begin({ width, height, samples: 1, dtype: "uint8", photometric: 1, compression, rowsPerStrip: rows });
    for (let strip = 0; strip * rows < height; strip++) {
      const [from, to] = [strip * rows * width, Math.min(height, (strip + 1) * rows) * width];
      await file.writeBlock(strip, array.data.subarray(z * page + from, z * page + to));
    }
    await file.end();
  }
  await file.close();
}

const [projectPath, imagePath, turns = "5", only] = Deno.args;
if (projectPath === undefined || imagePath === undefined) throw new Error("a project and an image are needed");
const folder = await Deno.makeTempDir();
const project = await openProject(projectPath);
const workflow = WORKFLOWS.find(({ names }) => names.includes(project.header.workflowName));
if (workflow === undefined) throw new Error("the project is of an unknown workflow");
const prepared = await workflow.prepare(project, [EXPORT_SOURCE]);
const original = await open(imagePath);
const source = interpretAxes(original.array, original.array.axes);
const array = await source.read(wholeRegion(source.shape));
const shape: Five = source.shape;
const paths: Record<string, string> = { "hdf5": imagePath, "tiff": `${folder}/t.tif`, "tiff lzw": `${folder}/l.tif` };
await writeTiff(`${folder}/t.tif`, array, 1);
await writeTiff(`${folder}/l.tif`, array, 5);
const tiffAxes: Axes = shape[1] > 1 ? ["z", "y", "x"] : ["y", "x"];
const memory = inMemory(array, source);
console.log(`| in | out | kernels, s | files, s | share |\n| --- | --- | --- | --- | --- |`);
for (const row of shape[1] > 1 ? VOLUME_ROWS : PLANE_ROWS) {
  if (only !== undefined && row.output !== only) continue;
  const axes = row.input === "hdf5" ? original.array.axes : tiffAxes;
  let [alone, files] = [Infinity, Infinity];
  for (let turn = 0; turn < Number(turns); turn++) {
    alone = Math.min(alone, await seconds(() => kernel(prepared, memory, row, folder)));
    files = Math.min(files, await seconds(() => whole(prepared, paths[row.input] ?? "", axes, row, folder)));
  }
  const type = row.settings === undefined ? "" : ", uint8 by range";
  const share = `${((files / alone - 1) * 100).toFixed(1)} %`;
  console.log(`| ${row.input} | ${row.output}${type} | ${alone.toFixed(3)} | ${files.toFixed(3)} | ${share} |`);
}
await original.array.close();
await project[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
await shutdown();
