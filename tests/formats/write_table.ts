/**
 * Writes a file for every format, element type, axis order and number of channels that the format allows, with pixel
 * sizes, position, names and colours, and a list of them (`rows.json`) for `check_table.py`, which reads them with other
 * people's libraries.
 *
 *   deno run --allow-all tests/formats/write_table.ts FOLDER [FORMAT…]
 */
import { join } from "@std/path";
import { shutdown } from "../../ffi/hdf5.ts";
import {
  type ArraySource,
  type Dtype,
  dtypeInfo,
  DTYPES,
  type Five,
  parseAxes,
  type SourceMeta,
  UserError,
} from "../../lib/array/mod.ts";
import { findFormat, FORMATS, type OutputFormat, planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "../outputs/helpers.ts";

/** A written output: what it holds is `content(i)` in the order t z y x c. */
interface Row {
  readonly format: string;
  readonly dtype: Dtype;
  readonly axes: string;
  readonly shape: Five;
  readonly paths: readonly string[];
}

/** Sizes t z y x and the order of the axes. */
const PLANES = [["yxc", 1, 1, 13, 17], ["cxy", 1, 1, 13, 17], ["zxc", 1, 5, 1, 17], ["tzyxc", 1, 7, 13, 1]] as const;
const VOLUMES = [["zyxc", 1, 5, 13, 17], ["tyxc", 4, 1, 13, 17], ["cxyzt", 2, 5, 13, 17], [
  "yxc",
  1,
  1,
  900,
  700,
]] as const;
const SEQUENCES = [["zyxc", 1, 5, 13, 17], ["cyx", 1, 1, 13, 17], ["txyc", 4, 1, 13, 17], [
  "tzyxc",
  2,
  5,
  13,
  17,
]] as const;
const CHANNELS = [1, 2, 3, 4] as const;

/** What is known of the image beside its pixels; the checker has the same numbers. */
function meta(channels: number): SourceMeta {
  return {
    drange: [0, 1],
    pixelSize: { t: 3, z: 2, y: 0.25, x: 0.5 },
    units: { t: "s", z: "um", y: "um", x: "um" },
    origin: { z: 40, y: -7.5, x: 100 },
    channelNames: Array.from({ length: channels }, (_, c) => `class ${c}`),
    classColors: Array.from({ length: channels }, (_, c) => [255, 0, c] as const),
  };
}

/** Value number `i`: small enough for every type. */
function content(dtype: Dtype, i: number): number {
  if (dtype === "bool") return i % 2;
  const value = i * 7 % 101;
  return dtypeInfo(dtype).kind === "f" ? value / 4 : value;
}

/** Formats by what one output holds, with the shapes that are tried. */
function shapesOf(format: OutputFormat): typeof PLANES | typeof VOLUMES | typeof SEQUENCES {
  if (format.sequence) return SEQUENCES;
  const single = FORMATS.some(({ name }) => name === `${format.name} sequence`) && format.name !== "multipage tiff";
  return single ? PLANES : VOLUMES;
}

/** Writes one output; `undefined` when the format says that it cannot hold it. */
async function writeOne(
  folder: string,
  name: string,
  format: OutputFormat,
  source: ArraySource,
  row: Omit<Row, "paths">,
) {
  const result = { name: "R", source, outputAxes: parseAxes(row.axes) ?? [], continuous: false };
  const fileNamePattern = format.sequence ? `${name}_{slice_index}` : name;
  const settings = settingsFor(folder, { formatName: format.name, fileNamePattern, warn: () => {} });
  try {
    const planned = planExport(result, { text: name, nickname: name, datasetDir: folder }, settings);
    return { ...row, paths: await writeAll(planned, [1, 2, row.shape[2] > 100 ? 200 : 5, 600, 4]) };
  } catch (error) {
    if (error instanceof UserError && error.kind === "usage") return undefined;
    throw error;
  }
}

const [folder, ...names] = Deno.args;
if (folder === undefined) throw new Error("a folder is needed");
await Deno.mkdir(folder, { recursive: true });
const rows: Row[] = [];
let number = 0;
const formats = (names.length > 0 ? names.map(findFormat) : FORMATS).filter(({ name }) => name !== "dvid");
for (const shapes of [PLANES, VOLUMES, SEQUENCES]) {
  for (const [axes, t, z, y, x] of shapes) {
    for (const c of CHANNELS) {
      for (const dtype of DTYPES) {
        const shape = [t, z, y, x, c] as const;
        const array = filled(dtype, shape, (i) => content(dtype, i));
        const source = memorySource(array, parseAxes("tzyxc") ?? [], meta(c));
        for (const format of formats.filter((candidate) => shapesOf(candidate) === shapes)) {
          const row = { format: format.name, dtype, axes, shape };
          const written = await writeOne(folder, `f${number++}`, format, source, row);
          if (written !== undefined) rows.push(written);
        }
      }
    }
  }
}
await Deno.writeTextFile(join(folder, "rows.json"), JSON.stringify(rows));
await shutdown();
