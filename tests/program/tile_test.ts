/**
 * `--tile` and `merge`: the joined tiles are the file of one run.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { DATA, inFolder, type Outcome, PYTHON, pythonHas, readAll, run } from "./program.ts";

const OWN = join(DATA, "own");
const h5py = await pythonHas("h5py");
const numpy = await pythonHas("numpy");

await readAll(join(OWN, "images/f32_2d.h5")); // opens the library once, not inside a test

const project = (name: string): string => `--project=${join(OWN, name)}`;
const image = (name: string): string => join(OWN, "images", name);
/** Tests look at one file each: the names of inputs are no matter. */
const named = (folder: string, name = "o"): string => `--output_filename_format=${join(folder, name)}`;

async function good(args: readonly string[]): Promise<Outcome> {
  const outcome = await run(args);
  assertEquals(outcome.code, 0, outcome.stderr);
  return outcome;
}

/** Runs all tiles; the files that were written, in their order. */
async function runTiles(count: number, folder: string, args: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (let i = 1; i <= count; i++) {
    const { stdout } = await good([...args, named(folder), `--tile=${i}/${count}`]);
    const [file = "", ...rest] = stdout.trimEnd().split("\n");
    if (rest.length > 0) files.push(file);
  }
  return files;
}

async function merge(files: readonly string[], folder: string, ...options: readonly string[]): Promise<string> {
  const { stdout } = await good(["merge", ...files.toReversed(), "-o", join(folder, "merged"), ...options]);
  return stdout.trimEnd();
}

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly tiles: number;
  readonly filled?: number;
}

const CASES: readonly Case[] = [
  { name: "an image", args: [project("pc2d_rgb.ilp"), image("rgb2d.png")], tiles: 5 },
  {
    name: "a volume, with region, type and order",
    args: [
      project("pc3d_few.ilp"),
      image("vol3d_small.h5"),
      "--cutout_subregion=z=3:20,x=2:27,c=1:3",
      "--export_dtype=uint8",
      "--pipeline_result_drange=(0.0,1.0)",
      "--export_drange=(0,255)",
      "--output_axis_order=cxyz",
      "--output_format=hdf5",
      "--output_internal_path=a/{result_type}_{z_start}",
    ],
    tiles: 7,
  },
  {
    name: "a movie",
    args: [project("pc2dt_s.ilp"), image("time2d.h5"), "--export_source=Simple Segmentation"],
    tiles: 3,
  },
  { name: "Autocontext", args: [project("ac2d.ilp"), image("g2d.png")], tiles: 4 },
  { name: "Autocontext of a volume", args: [project("ac3d.ilp"), image("vol3d.h5")], tiles: 2 },
  {
    name: "more tiles than pixels",
    args: [project("pc2d_rgb.ilp"), image("rgb2d.png"), "--cutout_subregion=y=1:3,x=5:8"],
    tiles: 8,
    filled: 6,
  },
];

for (const { name, args, tiles, filled = tiles } of CASES) {
  Deno.test({
    name: `C15: ${name} in ${tiles} tiles, joined, is the file of one run`,
    ignore: !h5py,
    fn: () =>
      inFolder(async (folder) => {
        await good([...args, named(folder, "one")]);
        const files = await runTiles(tiles, folder, args);
        assertEquals(files.length, filled);
        const joined = await merge(files, folder);
        assertEquals(joined, join(folder, "merged.h5"));
        const script = join(import.meta.dirname ?? "", "compare_projects.py");
        const compared = await new Deno.Command(PYTHON, { args: [script, join(folder, "one.h5"), joined] }).output();
        assertEquals(new TextDecoder().decode(compared.stdout), "");
        assert(compared.success, new TextDecoder().decode(compared.stderr));
      }),
  });
}

Deno.test("Data Conversion in tiles of NumPy, joined, is the file of one run", () =>
  inFolder(async (folder) => {
    const args = [
      `--new_project=${join(folder, "p.ilp")}`,
      "--workflow=DataConversionWorkflow",
      "--output_format=numpy",
      image("vol3d.h5"),
    ];
    await good([...args, named(folder, "one")]);
    const files = await runTiles(3, folder, args);
    assertEquals(files.map((file) => file.slice(folder.length)), [1, 2, 3].map((i) => `/o_tile-${i}-of-3.npy`));
    if (numpy) assertEquals(await loadTwice(files[1] ?? ""), [2, [0, 0, 15, 0]]); // a third of 46 columns
    const joined = await merge(files, folder);
    assertEquals(await Deno.readFile(joined), await Deno.readFile(join(folder, "one.npy")));
  }));

/** Number and offset of a tile as NumPy reads them behind the array, and whether the array has the tile's sizes. */
async function loadTwice(path: string): Promise<unknown> {
  const script = "import json, numpy, sys; f = open(sys.argv[1], 'rb'); a = numpy.load(f); " +
    "r = json.loads(numpy.load(f).tobytes()); w = r['whole']['shape']; " +
    "assert all(n <= m for n, m in zip(a.shape, w)) and f.read() == b''; print(json.dumps([r['tile'], r['offset']]))";
  const { stdout, stderr } = await new Deno.Command(PYTHON, { args: ["-c", script, path] }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("tiles are joined into every other format as a run would write it", () =>
  inFolder(async (folder) => {
    const args = [
      project("pc3d_few.ilp"),
      image("vol3d_small.h5"),
      "--export_source=Simple Segmentation",
      "--cutout_subregion=z=9:12",
    ];
    const files = await runTiles(2, folder, args);
    for (
      const [format, name] of [
        ["png sequence", "_{slice_index}"],
        ["multipage tiff", ""],
        ["n5", ""],
        ["single-scale OME-Zarr", ""],
        ["numpy", ""],
      ] as const
    ) {
      const [one, joined] = ["one", "joined"].map((kind) => join(folder, format, kind)) as [string, string];
      await good([...args, `--output_format=${format}`, named(one, `o${name}`)]);
      await good(["merge", `${folder}/*.h5`, "-o", join(joined, `o${name}`), `--output_format=${format}`]);
      const [expected, found] = [await contents(one), await contents(joined)];
      assert(expected.size > 0);
      assertEquals(found, expected, format);
    }
    assertEquals(files.length, 2);
  }));

/** All files below a folder, byte by byte but for the random identifier of OME files. */
async function contents(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const latin = new TextDecoder("latin1");
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (!isDirectory) files.set(name, latin.decode(await Deno.readFile(path)).replace(/urn:uuid:[-0-9a-f]+/, ""));
    else for (const [below, content] of await contents(path)) files.set(`${name}/${below}`, content);
  }
  return files;
}

Deno.test("several results are cut alike and told apart by the dataset", () =>
  inFolder(async (folder) => {
    const args = [
      project("pc2d_rgb.ilp"),
      image("rgb2d.png"),
      "--export_source=Simple Segmentation,Probabilities",
      "--output_internal_path={result_type}",
    ];
    const files = await runTiles(2, folder, args);
    // A result alone is cut as it is beside others.
    await good([...args, "--export_source=Probabilities", named(folder), "--tile=2/2"]);
    const refused = await run(["merge", ...files, "-o", join(folder, "merged")]);
    assertEquals(refused.code, 4);
    assertStringIncludes(refused.stderr, "holds several arrays");
    for (const result of ["Probabilities", "Simple Segmentation"]) {
      await good(["merge", `${folder}/o_tile*.h5/${result}`, "-o", join(folder, "all.h5")]);
    }
    await good([...args, named(folder, "one")]);
    const one = await good(["diff", join(folder, "one.h5/Probabilities"), join(folder, "all.h5/Probabilities")]);
    const two = await good([
      "diff",
      join(folder, "one.h5/Simple Segmentation"),
      join(folder, "all.h5/Simple Segmentation"),
    ]);
    assertMatch(one.stdout + two.stdout, /equal\n[^]*equal\n$/);
  }));

Deno.test("what would be done, what was done and an empty tile are told", () =>
  inFolder(async (folder) => {
    const args = [project("pc3d_few.ilp"), image("vol3d_small.h5"), named(folder)];
    const dry = await good([...args, "--tile=2/2", "--dry_run"]);
    assertStringIncludes(dry.stdout, `  -> ${folder}/o_tile-2-of-2.h5/exported_data`);
    assertStringIncludes(dry.stdout, "    tile 2 of 2: z 0:24, y 0:26, x 14:28, c 0:3 of 24 x 26 x 28 x 3\n");
    const report = join(folder, "report.json");
    await good([...args, "--tile=2/2", `--report=${report}`]);
    const [input] = JSON.parse(await Deno.readTextFile(report)).inputs;
    assertEquals(input.outputs[0].tile, { index: 2, count: 2, offset: [0, 0, 14, 0], whole: [24, 26, 28, 3] });
    assertEquals(input.outputs[0].shape, [24, 26, 14, 3]);

    const tiny = [...args, "--cutout_subregion=z=0:1,y=0:1,x=0:2"];
    const empty = await good([...tiny, "--tile=3/3", `--report=${report}`]);
    assertEquals(empty.stdout, "Completed Batch Processing\n");
    assertMatch(empty.stderr, /^[^\n]*tile 3 of 3 is empty, there are fewer pixels than tiles; nothing to do\n$/);
    assertEquals(JSON.parse(await Deno.readTextFile(report)).inputs[0].status, "empty");
    const events = await good([...tiny, "--tile=3/3", "--events=json"]);
    assertMatch(events.stderr, /"event":"empty","time":[\d.]+,"input":1,/);
    const dryEmpty = await good([...tiny, "--tile=3/3", "--dry_run"]);
    assertMatch(dryEmpty.stderr, /tile 3 of 3 is empty/);
  }));

Deno.test("--if_exists holds for tiles and for the joined file", () =>
  inFolder(async (folder) => {
    const args = [project("pc2d_rgb.ilp"), image("rgb2d.png"), named(folder), "--tile=1/1"];
    await good(args);
    assertMatch(
      (await good([...args, "--if_exists=skip"])).stderr,
      /o_tile-1-of-1\.h5\/exported_data exists and is kept/,
    );
    const tile = join(folder, "o_tile-1-of-1.h5");
    const joined = await merge([tile], folder);
    const refused = await run(["merge", tile, "-o", joined, "--if_exists=error"]);
    assertEquals([refused.code, refused.stdout], [5, ""]);
    const kept = await good(["merge", tile, "-o", joined, "--if_exists=skip"]);
    assertEquals(kept.stdout, "");
    assertMatch(kept.stderr, /merged\.h5\/exported_data exists and is kept/);
    await merge([tile], folder, "--if_exists=overwrite");
  }));

Deno.test("what cannot be joined is refused in one line, and nothing is written", () =>
  inFolder(async (folder) => {
    const rgb = [project("pc2d_rgb.ilp"), image("rgb2d.png")];
    const files = await runTiles(6, folder, rgb);
    const tile = async (name: string, args: readonly string[], number = 3): Promise<string> =>
      (await good([...args, `--tile=${number}/6`, named(folder, name)])).stdout.split("\n")[0] ?? "";
    const with3 = (other: string): string[] => files.with(2, other);
    const damaged = join(folder, "damaged.h5");
    await Deno.writeFile(damaged, (await Deno.readFile(files[2] ?? "")).slice(0, -500));
    const misplaced = join(folder, "misplaced.h5");
    await Deno.copyFile(files[2] ?? "", misplaced);
    {
      await using file = await H5File.open(misplaced, { write: true });
      await using dataset = await file.dataset("exported_data");
      const record = await dataset.attribute("ilastik_headless_tile");
      assert(record?.kind === "strings");
      await dataset.writeAttribute(
        "ilastik_headless_tile",
        record.strings[0]?.replace('"offset":[', '"offset":[9') ?? "",
      );
    }
    const otherProject = join(folder, "other.ilp");
    await Deno.writeFile(otherProject, new Uint8Array([...await Deno.readFile(join(OWN, "pc2d_rgb.ilp")), 0]));
    const copy = join(folder, "copy.h5");
    await Deno.copyFile(files[3] ?? "", copy);
    const split = await good([...rgb, "--split_channels", "--tile=1/1", named(folder, "s")]);
    const channels = split.stdout.split("\n").slice(0, 2);
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [files.slice(0, 5), /^error: tile 6 of 6 is missing; [^\n]*--tile=6\/6\n$/],
      [
        [files[1], files[5]].map((file) => file ?? ""),
        /^error: tiles 1 and 3-5 of 6 are missing; [^\n]*--tile=1\/6\n$/,
      ],
      [[...files, copy], /^error: tile 4 is given twice: `[^\n]*o_tile-4-of-6\.h5` and `[^\n]*copy\.h5`\n$/],
      [with3(image("vol3d_small.h5")), /^error: `[^\n]*vol3d_small\.h5` is no tile; [^\n]*--tile\n$/],
      [with3(damaged), /^error: cannot read `[^\n]*damaged\.h5`: [^\n]*truncated[^\n]*\n$/],
      [with3(misplaced), /^error: `[^\n]*misplaced\.h5` is a damaged tile: [^\n]*\n$/],
      [with3(join(folder, "absent.h5")), /^error: [^\n]*absent\.h5[^\n]*\n$/],
      [
        with3(await tile("a", [...rgb, "--export_dtype=float64"])),
        /^error: `[^\n]*a_tile-3-of-6\.h5` is of another run than `[^\n]*o_tile-1-of-6\.h5`: --export_dtype is float64, not the default\n$/,
      ],
      [
        with3(await tile("b", [...rgb, "--cutout_subregion=y=0:50"])),
        /: --cutout_subregion is y=0:50, not the default\n$/,
      ],
      [
        with3(await tile("c", [...rgb, "--export_source=Uncertainty"])),
        /: the result is Uncertainty, not Probabilities\n$/,
      ],
      [
        with3(await tile("d", [`--project=${otherProject}`, image("rgb2d.png")])),
        /: SHA-256 of the project is [0-9a-f]{64}, not [0-9a-f]{64}\n$/,
      ],
      [channels, /: the place in the result \(tzyxc\) is 0, 0, 0, 0, 1, not 0, 0, 0, 0, 0\n$/],
    ];
    for (const [words, message] of refusals) {
      const { code, stdout, stderr } = await run(["merge", ...words, "-o", join(folder, "merged.h5")]);
      assertEquals([code, stdout], [4, ""], stderr);
      assertMatch(stderr, message);
    }
    const over = await run(["merge", ...files, "-o", files[0] ?? ""]);
    assertEquals(over.code, 2);
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert(!names.some((name) => name.startsWith("merged") || name.startsWith(".")), names.join());
  }));

Deno.test("bad uses of --tile and merge end in one line", async () => {
  const rgb = [project("pc2d_rgb.ilp"), image("rgb2d.png")];
  for (
    const [args, message] of [
      [[...rgb, "--tile=0/4"], /^error: --tile=0\/4: there is no tile 0 of 4, tiles are counted from 1; [^\n]*\n$/],
      [[...rgb, "--tile=/4"], /^error: --tile: cannot read `\/4`; [^\n]*--tile=1\/16[^\n]*\n$/],
      [
        [...rgb, "--tile=1/4", "--output_format=png"],
        /^error: --tile: a tile cannot be written as png; [^\n]*"hdf5"[^\n]*merge[^\n]*\n$/,
      ],
      [[...rgb, "--tile=1/4", "--retrain", "--readonly=0"], /^error: --tile and --readonly=0[^\n]*\n$/],
      [[...rgb, "--distributed"], /^error: --distributed is not supported; [^\n]*--tile=1\/16[^\n]*merge[^\n]*\n$/],
      [["merge"], /^error: `merge` needs TILE[^\n]*\n$/],
      [["merge", image("rgb2d.png")], /^error: `merge` needs the name of the joined file; add -o FILE\n$/],
      [["merge", image("rgb2d.png"), "-o", "-"], /^error: `merge` writes a file, not to stdout; [^\n]*\.\/-[^\n]*\n$/],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(args);
    assertEquals([code, stdout], [2, ""], stderr);
    assertMatch(stderr, message);
  }
});
