/**
 * The list of the original's odd behaviour (cli-and-io.md §8), by number, without and with `--compat=ilastik`. Rows that
 * parsing, naming and reading settle alone are tested beside these.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, type Outcome, readAll, run } from "./program.ts";

const OWN = join(DATA, "own");
const project = (name: string): string => `--project=${join(OWN, name)}`;
const image = (name: string): string => join(OWN, "images", name);
const SMALL = project("pc2d_small.ilp");
const G2D = image("g2d.png");

/** A run in a folder of its own. */
interface Run extends Outcome {
  readonly folder: string;
  readonly names: readonly string[];
}

/** Runs the same words in both modes; `{out}` is the folder, `{nickname}` and the like stay. */
function both(
  name: string,
  args: readonly string[],
  check: (plain: Run, compat: Run) => Promise<void> | void,
  before?: (folder: string) => Promise<void>,
): void {
  const one = async (folder: string, mode: readonly string[]): Promise<Run> => {
    await before?.(folder);
    const outcome = await run([...mode, ...args.map((arg) => arg.replaceAll("{out}", folder))]);
    return { ...outcome, folder, names: await listed(folder) };
  };
  Deno.test({
    name,
    sanitizeResources: false, // the libraries stay open
    sanitizeOps: false,
    fn: () =>
      inFolder((first) =>
        inFolder(async (second) => check(await one(first, []), await one(second, ["--compat=ilastik"])))
      ),
  });
}

async function listed(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** All values of an output, as numbers in C order. */
async function values(path: string): Promise<number[]> {
  return Array.from((await readAll(path)).array.data, Number);
}

async function shapeOf(path: string): Promise<string> {
  const { array, axes } = await readAll(path);
  return [...axes].map((axis) => array.shape["tzyxc".indexOf(axis)]).join(" ");
}

async function attribute(path: string, name: string): Promise<unknown> {
  await using file = await H5File.open(path);
  await using dataset = await file.dataset("exported_data");
  const value = await dataset.attribute(name);
  return value?.kind === "numbers" ? Array.from(value.data, Number) : value;
}

function succeed(...runs: readonly Run[]): void {
  for (const { code, stderr } of runs) assertEquals(code, 0, stderr);
}

/** The bits of `PBM`, first row first. */
const BITS = [1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
const CONVERT = ["--new_project={out}/p.ilp", "--workflow=DataConversionWorkflow", "--output_format=numpy"];

/** A part of the image without certain pixels. */
const PATCH = "--cutout_subregion=y=8:16,x=48:56,c=0:1";

async function probabilities(folder: string, ...more: readonly string[]): Promise<number[]> {
  const { code } = await run([SMALL, ...more, "--output_format=numpy", `--output_filename_format=${folder}/p`, G2D]);
  assertEquals(code, 0);
  return await values(join(folder, "p.npy"));
}

both(
  "D1: probabilities as PNG are scaled from 0…1, or stretched from their smallest to their largest value",
  [SMALL, "--output_format=png", PATCH, "--output_filename_format={out}/r", G2D],
  async (plain, compat) => {
    succeed(plain, compat);
    assertMatch(plain.stderr, /^warning: png cannot hold float32: values 0…1 are written as 0…255/);
    assertEquals(compat.stderr, "");
    const first = await probabilities(plain.folder, PATCH);
    const [low, high] = [Math.min(...first), Math.max(...first)];
    assert(low > 0 && high < 1);
    const near = (got: readonly number[], wanted: readonly number[]) =>
      got.every((value, i) => Math.abs(value - (wanted[i] ?? NaN)) <= 0.5 + 1e-9);
    assert(near(await values(join(plain.folder, "r.png")), first.map((p) => 255 * p)));
    const stretched = first.map((p) => 255 / (high - low) * (p - low));
    assertEquals(await values(join(compat.folder, "r.png")), stretched.map((p) => Math.floor(p + 0.5)));
  },
);

both(
  "D2: values above the range of an integer type are the largest, or wrap around",
  [
    SMALL,
    "--output_format=numpy",
    "--export_dtype=uint8",
    "--pipeline_result_drange=(0.0,0.5)",
    "--export_drange=(0,255)",
    "--output_filename_format={out}/r",
    G2D,
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    assertMatch(plain.stderr, /^warning: .*values do not fit uint8/);
    assertEquals(compat.stderr, "");
    const mapped = (await probabilities(plain.folder)).map((p) => Math.round(510 * p));
    const [saturated, wrapped] = [await values(`${plain.folder}/r.npy`), await values(`${compat.folder}/r.npy`)];
    const high = mapped.findIndex((value) => value > 300);
    assertEquals([saturated[high], wrapped[high]], [255, (mapped[high] ?? 0) % 256]);
  },
);

both(
  "D4: probabilities cast to integers are 0, with a warning or silently",
  [SMALL, "--output_format=numpy", "--export_dtype=uint8", "--output_filename_format={out}/r", G2D],
  async (plain, compat) => {
    succeed(plain, compat);
    assertMatch(plain.stderr, /^warning: values 0…1 of Probabilities will become 0 in uint8/);
    assertEquals(compat.stderr, "");
    for (const { folder } of [plain, compat]) assert((await values(`${folder}/r.npy`)).every((value) => value <= 1));
  },
);

both(
  "D5: labels with a range are cut off, not rounded",
  [
    SMALL,
    "--export_source=Simple Segmentation",
    "--output_format=hdf5",
    "--export_dtype=uint8",
    "--pipeline_result_drange=(0,2)",
    "--export_drange=(0,255)",
    "--output_filename_format={out}/r",
    G2D,
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    for (const { folder } of [plain, compat]) {
      assertEquals([...new Set(await values(`${folder}/r.h5`))].sort(), [127, 255]);
    }
  },
);

both(
  "D24: the stored range of a segmentation is 0…1",
  [
    SMALL,
    "--export_source=Simple Segmentation",
    "--output_format=hdf5",
    "--output_filename_format={out}/r",
    G2D,
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    for (const { folder } of [plain, compat]) assertEquals(await attribute(`${folder}/r.h5`, "drange"), [0, 1]);
  },
);

both(
  "D6: the order of the axes does not turn an image file",
  [
    SMALL,
    "--export_source=Simple Segmentation",
    "--output_format=png",
    "--output_axis_order=xyc",
    "--output_filename_format={out}/r",
    image("g2d_b.png"),
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    const [width, height] = await pngSize(image("g2d_b.png"));
    for (const { folder } of [plain, compat]) assertEquals(await pngSize(`${folder}/r.png`), [width, height]);
  },
);

both(
  "D7: images stacked along c are x y c",
  [
    ...CONVERT,
    "--stack_along=c",
    "--output_filename_format={out}/r",
    `${image("stack_0.png")}:${image("stack_1.png")}`,
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    const [width, height] = await pngSize(image("stack_0.png"));
    for (const { folder } of [plain, compat]) assertEquals(await shapeOf(`${folder}/r.npy`), `${width} ${height} 2`);
  },
);

both(
  "D8: a region is given in the order y x c, whatever the order of the file",
  [
    SMALL,
    "--input_axes=xyc",
    "--cutout_subregion=[(0,0,0),(5,9,1)]",
    "--output_format=numpy",
    "--output_filename_format={out}/r",
    G2D,
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    for (const { folder } of [plain, compat]) assertEquals(await shapeOf(`${folder}/r.npy`), "9 5 1");
  },
);

both(
  "D14: two inputs with one output name are refused, or the later one wins",
  [SMALL, "--output_format=numpy", "--output_filename_format={out}/r", G2D, image("g2d_b.png")],
  (plain, compat) => {
    assertEquals([plain.code, plain.names], [2, []]);
    assertEquals([compat.code, compat.names], [0, ["r.npy"]]);
  },
);

both(
  "D17: brackets in names and .h5 in folder names work",
  [SMALL, "--output_format=numpy", "{out}/in.h5/a[1].png"],
  async (plain, compat) => {
    succeed(plain, compat);
    for (const { folder } of [plain, compat]) {
      assertEquals(await listed(`${folder}/in.h5`), [
        "a[1].png",
        "a[1]_Probabilities.npy",
      ]);
    }
  },
  async (folder) => {
    await Deno.mkdir(`${folder}/in.h5`);
    await Deno.copyFile(G2D, `${folder}/in.h5/a[1].png`);
  },
);

both(
  "D20: an image option of another workflow is refused, or ignored",
  [SMALL, "--export_object_prediction_img", "--output_format=numpy", "--output_filename_format={out}/r", G2D],
  (plain, compat) => {
    assertEquals([plain.code, plain.names], [2, []]);
    assertMatch(plain.stderr, /^error: a `Pixel Classification` project takes no --export_object_prediction_img;/);
    assertEquals([compat.code, compat.names], [0, ["r.npy"]]);
    assertMatch(compat.stderr, /^warning: unused command-line args: --export_object_prediction_img$/m);
  },
);

both(
  "D22: a failing input does not end the run and leaves nothing",
  [SMALL, "--output_format=numpy", "--output_filename_format={out}/{nickname}", image("nothere.png"), G2D],
  (plain, compat) => {
    for (const { code, names } of [plain, compat]) assertEquals([code, names], [1, ["g2d.npy"]]);
  },
);

both(
  "D23: without inputs, asking for something is an error, or nothing",
  [SMALL, "--export_source=Labels"],
  (plain, compat) => {
    assertEquals([plain.code, compat.code], [2, 0]);
  },
);

both(
  "D26: multipage TIFF with given axes works",
  [SMALL, "--input_axes=xyc", "--output_format=multipage tiff", "--output_filename_format={out}/r", G2D],
  succeed,
);

both(
  "D27: other datasets of an existing HDF5 file stay",
  [SMALL, "--output_format=hdf5", "--output_filename_format={out}/r", "--output_internal_path=new", G2D],
  async (plain, compat) => {
    succeed(plain, compat);
    for (const { folder } of [plain, compat]) {
      await using file = await H5File.open(`${folder}/r.h5`);
      assertEquals((await file.members("/")).map(({ name }) => name), ["data", "new"]);
    }
  },
  (folder) => Deno.copyFile(image("f32_2d.h5"), `${folder}/r.h5`),
);

both(
  "D31: TIFF with more than four channels is refused before anything is computed",
  [SMALL, "--export_source=Features", "--output_format=tiff", "--output_filename_format={out}/r", G2D],
  (plain, compat) => {
    for (const { code, names, stderr } of [plain, compat]) {
      assertEquals([code, names], [2, []]);
      assertMatch(stderr, /^error: tiff holds 1, 2, 3, 4 channels.*multipage tiff/m);
    }
  },
);

for (const [kind, content] of [["text", textBitmap()], ["packed", packedBitmap()]] as const) {
  both(
    `D32: bits of a ${kind} bitmap are 1, or 255 as vigra gives them`,
    [...CONVERT, "--output_filename_format={out}/r", "{out}/a.pbm"],
    async (plain, compat) => {
      succeed(plain, compat);
      assertEquals(await values(`${plain.folder}/r.npy`), BITS);
      assertEquals(await values(`${compat.folder}/r.npy`), BITS.map((bit) => 255 * bit));
    },
    (folder) => Deno.writeFile(`${folder}/a.pbm`, content),
  );
}

both(
  "D33: --table_only for a workflow without tables is refused, or writes nothing",
  [SMALL, "--table_only", "--output_format=numpy", "--output_filename_format={out}/r", G2D],
  (plain, compat) => {
    assertEquals([plain.code, plain.names], [2, []]);
    assertMatch(plain.stderr, /^error: a `Pixel Classification` project takes no --table_only;/);
    assertEquals([compat.code, compat.names], [0, []]);
    assertMatch(compat.stderr, /has no table: nothing is written/);
    assertEquals(compat.stdout, "Completed Batch Processing\n");
  },
);

both(
  "D34: the range of bytes is 0…255",
  [
    "--new_project={out}/p.ilp",
    "--workflow=DataConversionWorkflow",
    "--output_format=hdf5",
    G2D,
    "--output_filename_format={out}/r",
  ],
  async (plain, compat) => {
    succeed(plain, compat);
    for (const { folder } of [plain, compat]) assertEquals(await attribute(`${folder}/r.h5`, "drange"), [0, 255]);
  },
);

both(
  "D36: files in front of a flag of the first role are refused, or replaced",
  [
    SMALL,
    "--output_format=numpy",
    "--output_filename_format={out}/{nickname}",
    G2D,
    `--raw_data=${image("g2d_b.png")}`,
  ],
  (plain, compat) => {
    assertEquals([plain.code, plain.names], [2, []]);
    assertEquals([compat.code, compat.names], [0, ["g2d_b.npy"]]);
  },
);

both(
  "D37: a project of a workflow without headless mode is refused",
  [`--project=${join(DATA, "other_workflow.ilp")}`, G2D],
  (plain, compat) => {
    assertEquals([plain.code, compat.code], [3, 3]);
  },
);

/** Width and height in the header of a PNG file. */
async function pngSize(path: string): Promise<readonly [number, number]> {
  const view = new DataView((await Deno.readFile(path)).buffer);
  return [view.getUint32(16), view.getUint32(20)];
}

/** Nine columns, two rows. */
function textBitmap(): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`P1\n9 2\n${BITS.slice(0, 9).join(" ")}\n${BITS.slice(9).join("")}\n`);
}

function packedBitmap(): Uint8Array<ArrayBuffer> {
  const rows = [BITS.slice(0, 9), BITS.slice(9)].flatMap((row) => {
    const bits = row.join("").padEnd(16, "0");
    return [parseInt(bits.slice(0, 8), 2), parseInt(bits.slice(8), 2)];
  });
  return Uint8Array.from([...new TextEncoder().encode("P4\n9 2\n"), ...rows]);
}
