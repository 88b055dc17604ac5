/**
 * What a user may do wrong: one clear line, the right exit code, nothing left behind (cli-and-io.md §6).
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { MOUNT_OBSTACLE, onSmallDisk } from "../outputs/small_disk.ts";
import { npy } from "./npy.ts";
import { DATA, inFolder, run } from "./program.ts";

const OWN = join(DATA, "own");
const project = (name: string): string => `--project=${join(OWN, name)}`;
const image = (name: string): string => join(OWN, "images", name);

/** name, arguments (`{out}` is the folder of the test), exit code, what the line must say, files made before */
interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
  readonly before?: (folder: string) => Promise<void>;
}

const CASES: readonly Case[] = [
  { name: "no project", args: [image("g2d.png")], code: 2, says: /no project is given.*--project/ },
  {
    name: "missing project",
    args: ["--project={out}/no.ilp", image("g2d.png")],
    code: 3,
    says: /not found: .*no\.ilp/,
  },
  {
    name: "text file as project",
    args: ["--project={out}/text.ilp", image("g2d.png")],
    code: 3,
    says: /not an HDF5 file.*text\.ilp/,
    before: (folder) => Deno.writeTextFile(join(folder, "text.ilp"), "hello"),
  },
  {
    name: "truncated project",
    args: ["--project={out}/cut.ilp", image("g2d.png")],
    code: 3,
    says: /cut\.ilp/,
    before: async (folder) => {
      const whole = await Deno.readFile(join(OWN, "pc2d_small.ilp"));
      await Deno.writeFile(join(folder, "cut.ilp"), whole.subarray(0, whole.length / 2));
    },
  },
  {
    name: "HDF5 file that is no project",
    args: [`--project=${image("vol3d.h5")}`, image("g2d.png")],
    code: 3,
    says: /workflowName/,
  },
  { name: "folder as project", args: [`--project=${OWN}`, image("g2d.png")], code: 3, says: /is a folder/ },
  {
    name: "missing input",
    args: [project("pc2d_small.ilp"), image("nothere.png")],
    code: 4,
    says: /nothere\.png/,
  },
  {
    name: "missing inner path",
    args: [project("pc2d_f32.ilp"), `${image("f32_2d.h5")}/nope`],
    code: 4,
    says: /nope.*data/,
  },
  { name: "pattern without match", args: [project("pc2d_small.ilp"), image("zzz*.png")], code: 4, says: /zzz\*\.png/ },
  {
    name: "wrong channels",
    args: [project("pc2d_small.ilp"), image("rgb2d.png")],
    code: 4,
    says: /rgb2d\.png.*3 channels.*1 channel.*--input_channels=0 takes the first/,
  },
  {
    name: "a volume for images",
    args: [project("pc2d_small.ilp"), "--input_axes=zyx", image("vol3d.h5")],
    code: 4,
    says: /is 3D.*trained on 2D data; if z is time.*pattern in quotes is one stack/,
  },
  {
    name: "wrong number of axes",
    args: [project("pc2d_small.ilp"), "--input_axes=tzyxc", image("g2d.png")],
    code: 4,
    says: /5 axes.*3 dim/,
  },
  {
    name: "image smaller than the largest filter",
    args: [project("pc2d_all.ilp"), "--input_axes=yxc", "{out}/small.npy"],
    code: 4,
    says: /too small.*10.*36 pixels.*read as y 20, x 64, c 1, --input_axes/,
    before: (folder) => Deno.writeFile(join(folder, "small.npy"), npy([20, 64, 1])),
  },
  {
    name: "text file as image",
    args: [project("pc2d_small.ilp"), "{out}/text.png"],
    code: 4,
    says: /text\.png/,
    before: (folder) => Deno.writeTextFile(join(folder, "text.png"), "not a picture"),
  },
  {
    name: "truncated image",
    args: [project("pc2d_small.ilp"), "{out}/cut.png"],
    code: 4,
    says: /cut\.png/,
    before: async (folder) => {
      const whole = await Deno.readFile(image("g2d.png"));
      await Deno.writeFile(join(folder, "cut.png"), whole.subarray(0, whole.length - 1000));
    },
  },
  {
    name: "more masks than images",
    args: [project("pc2d_small.ilp"), "--raw_data", image("g2d.png"), "--prediction_mask", image("g2d.png"), "b.png"],
    code: 2,
    says: /2 files for --prediction_mask, 1 for --raw_data; give at most one --prediction_mask for every --raw_data/,
  },
  { name: "empty name", args: [project("pc2d_small.ilp"), ""], code: 2, says: /empty/ },
  {
    name: "unknown option",
    args: [project("pc2d_small.ilp"), "--export_sorce=Labels", image("g2d.png")],
    code: 2,
    says: /--export_sorce.*did you mean --export_source/,
  },
  {
    name: "unknown export source",
    args: [project("pc2d_small.ilp"), "--export_source=Nonsense", image("g2d.png")],
    code: 2,
    says: /Nonsense.*Probabilities, Simple Segmentation, Uncertainty, Features, Labels/,
  },
  {
    name: "unknown format",
    args: [project("pc2d_small.ilp"), "--output_format=docx", image("g2d.png")],
    code: 2,
    says: /docx.*hdf5/,
  },
  {
    name: "unknown element type",
    args: [project("pc2d_small.ilp"), "--export_dtype=uint9", image("g2d.png")],
    code: 2,
    says: /uint9.*uint8/,
  },
  {
    name: "role that the project does not have",
    args: [project("pc2d_small.ilp"), "--readonly", "--raw_data", image("g2d.png"), "--", image("g2d.png")],
    code: 2,
    says: /raw_data/,
  },
  {
    name: "options without inputs",
    args: [project("pc2d_small.ilp"), "--export_source=Labels"],
    code: 2,
    says: /no inputs/,
  },
  {
    name: "two inputs with one output name",
    args: [project("pc2d_small.ilp"), image("g2d.png"), image("g2d_b.png")],
    code: 2,
    says: /g2d\.png.*g2d_b\.png/,
  },
  {
    name: "region of wrong length",
    args: [project("pc2d_small.ilp"), "--cutout_subregion=[(0,0),(10,10)]", image("g2d.png")],
    code: 2,
    says: /3 numbers.*y x c/,
  },
  {
    name: "axis order that drops an axis",
    args: [project("pc2d_small.ilp"), "--output_axis_order=yx", image("g2d.png")],
    code: 2,
    says: /leaves out c/,
  },
  {
    name: "memory budget too small for one block",
    args: [project("pc2d_small.ilp"), "--memory=1M", image("g2d.png")],
    code: 6,
    says: /memory.*--memory/,
  },
];

for (const { name, args, code, says, before } of CASES) {
  Deno.test(`${name}: one line, exit code ${code}, nothing left`, () =>
    inFolder(async (folder) => {
      await before?.(folder);
      const filesBefore = names(folder);
      const outcome = await run([
        ...args.map((arg) => arg.replace("{out}", folder)),
        `--output_filename_format=${folder}/r.h5`,
      ]);
      assertEquals(outcome.code, code, outcome.stderr);
      const lines = outcome.stderr.trimEnd().split("\n");
      assertEquals(lines.filter((line) => line.startsWith("error: ")).length, 1, outcome.stderr);
      assertMatch(lines.at(-1) ?? "", says);
      assertEquals(outcome.stdout, "");
      assertEquals(names(folder), filesBefore);
    }));
}

Deno.test("B12: a project without classifier is refused with what to do, exit code 3", () =>
  inFolder(async (folder) => {
    const outcome = await run([
      `--project=${join(DATA, "untrained.ilp")}`,
      image("g2d.png"),
      `--output_filename_format=${folder}/r.h5`,
    ]);
    assertEquals(outcome.code, 3);
    assertMatch(outcome.stderr, /^error: .*untrained\.ilp holds no trained classifier.*Live Update/);
  }));

Deno.test("another workflow is refused with its name, exit code 3", () =>
  inFolder(async (folder) => {
    const outcome = await run([
      `--project=${join(DATA, "other_workflow.ilp")}`,
      image("g2d.png"),
      `--output_filename_format=${folder}/r.h5`,
    ]);
    assertEquals(outcome.code, 3);
    assertMatch(outcome.stderr, /^error: .*Carving/);
  }));

Deno.test("A14: one bad input among several: the others are written, exit code 1", () =>
  inFolder(async (folder) => {
    const outcome = await run([
      project("pc2d_small.ilp"),
      image("g2d.png"),
      image("nothere.png"),
      image("g2d_b.png"),
      `--output_filename_format=${folder}/{nickname}.h5`,
    ]);
    assertEquals(outcome.code, 1);
    assertEquals(names(folder), ["g2d.h5", "g2d_b.h5"]);
    assertMatch(outcome.stderr, /^error: input 2 of 3, .*nothere\.png/);
    assertMatch(outcome.stderr, /1 of 3 inputs failed/);
    assertEquals(outcome.stdout, `${folder}/g2d.h5\n${folder}/g2d_b.h5\n`);
  }));

Deno.test("an unwritable folder is found before anything is computed, exit code 5", {
  ignore: Deno.build.os === "windows",
}, () =>
  inFolder(async (folder) => {
    const outcome = await run([
      project("pc2d_small.ilp"),
      image("g2d.png"),
      "--output_filename_format=/proc/nope/r.h5",
    ]);
    assertEquals(outcome.code, 5, outcome.stderr);
    assertMatch(outcome.stderr, /^error: .*\/proc\/nope/);
    assertEquals(names(folder), []);
  }));

Deno.test("A28: a full disk leaves nothing under the final name, exit code 5", {
  ignore: MOUNT_OBSTACLE !== undefined,
}, () =>
  onSmallDisk("size=64k", async (folder) => {
    const outcome = await run([
      project("pc2d_all.ilp"),
      "--export_source=Features",
      "--output_format=hdf5",
      image("g2d.png"),
      `--output_filename_format=${folder}/r.h5`,
    ]);
    assertEquals(outcome.code, 5, outcome.stderr);
    assertMatch(outcome.stderr, /^error: .*r\.h5/);
    assertEquals(names(folder), []);
  }));

Deno.test("a read-only disk is found before anything is computed, exit code 5", {
  ignore: MOUNT_OBSTACLE !== undefined,
}, () =>
  onSmallDisk("ro", async (folder) => {
    const outcome = await run([
      project("pc2d_small.ilp"),
      "--dry_run",
      image("g2d.png"),
      `--output_filename_format=${folder}/new/r.h5`,
    ]);
    assertEquals(outcome.code, 5, outcome.stderr);
    assertMatch(outcome.stderr, /^error: .*cannot write \S+\/new\/r\.h5: the file system is read-only$/m);
  }));

Deno.test("NaN pixels give probabilities of 0 and are no error", () =>
  inFolder(async (folder) => {
    const values = new Float32Array(48 * 48).fill(0.5);
    values[24 * 48 + 24] = NaN;
    await Deno.writeFile(join(folder, "nan.npy"), npy([48, 48], values));
    const outcome = await run([
      project("pc2d_f32.ilp"),
      `${folder}/nan.npy`,
      "--output_format=numpy",
      `--output_filename_format=${folder}/r`,
    ]);
    assertEquals(outcome.code, 0, outcome.stderr);
    const bytes = await Deno.readFile(`${folder}/r.npy`);
    const probabilities = new Float32Array(bytes.buffer, bytes.length - 48 * 48 * 2 * 4);
    const at = (24 * 48 + 24) * 2;
    assertEquals([probabilities[at], probabilities[at + 1]], [0, 0]);
    assert(probabilities.every(Number.isFinite));
  }));

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("a native library that does not open is said in one line with what helps, not as a bug", async (t) => {
  for (const name of ["HDF5", "KERNELS"]) {
    await t.step(name, () =>
      inFolder(async (folder) => {
        const variable = `ILASTIK_HEADLESS_${name}_PATH`;
        const { code, stderr } = await run([project("pc2d_small.ilp"), image("g2d.png")], {
          cwd: folder,
          env: { [variable]: "/no/such/library" },
        });
        assertEquals(code, 1);
        assertMatch(
          stderr,
          new RegExp(`^error: (.*: )?cannot open the native library [^\\n]*; ${variable} names this file\\n`, "m"),
        );
        assert(!stderr.includes("internal error"), stderr);
      }));
  }
});

Deno.test({
  name: "an HDF5 output that another program has open for writing is refused before anything is computed, exit code 5",
  ignore: Deno.build.os === "windows",
  sanitizeResources: false, // the library stays open
  sanitizeOps: false,
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "r.h5");
      await using _writer = await H5File.create(path);
      const before = await Deno.readFile(path);
      const outcome = await run([project("pc2d_small.ilp"), image("g2d.png"), `--output_filename_format=${path}`]);
      assertEquals(outcome.code, 5, outcome.stderr);
      assertMatch(
        outcome.stderr,
        /^error: .*cannot write \S+\/r\.h5: another program has it open for writing; close it/,
      );
      assertEquals([names(folder), await Deno.readFile(path)], [["r.h5"], before]);
    }),
});
