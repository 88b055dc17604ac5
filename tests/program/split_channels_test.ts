/**
 * One file per channel: `--split_channels` and `{class}`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join, relative } from "@std/path";
import { walk } from "@std/fs";
import { FORMATS } from "../../lib/outputs/mod.ts";
import { DATA, inFolder, programCommand, PYTHON, pythonHas, readAll, ROOT, run } from "./program.ts";

const OWN = join(DATA, "own");
const PROJECT = `--project=${join(OWN, "pc2d_rgb.ilp")}`;
const IMAGE = join(OWN, "images", "rgb2d.png");
/** Names of the classes of that project. */
const CLASSES = ["paper", "cell body", "edge"];
const BYTES = ["--export_dtype=uint8", "--pipeline_result_drange=(0,1)", "--export_drange=(0,255)"];

/** Runs the program, which must do well. Returns the paths that it prints, relative to the folder. */
async function written(folder: string, ...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(words, { cwd: folder });
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split("\n").slice(0, -1).map((path) => relative(folder, path));
}

/** All files below a path, as name and bytes; the numbers that TIFF files are given at random are left out. */
async function contents(path: string): Promise<[name: string, bytes: string][]> {
  const files = await Array.fromAsync(walk(path, { includeDirs: false }));
  return await Promise.all(
    files.map((file) => file.path).sort().map(async (file): Promise<[string, string]> => {
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(file));
      return [relative(path, file), bytes.replace(/urn:uuid:[0-9a-f-]+/, "")];
    }),
  );
}

const CASES = [
  { name: "probabilities", project: "pc2d_rgb", input: "rgb2d.png", options: [], formats: ["npy", "h5", "tiff"] },
  { name: "probabilities as bytes", project: "pc2d_rgb", input: "rgb2d.png", options: BYTES, formats: ["png", "bmp"] },
  { name: "a volume", project: "pc3d_few", input: "vol3d_small.h5", options: [], formats: ["npy", "h5"] },
  { name: "a movie", project: "pc2dt", input: "time2d.h5", options: ["--threads=1"], formats: ["h5"] },
  {
    name: "features",
    project: "pc2d_rgb",
    input: "rgb2d.png",
    options: ["--export_source=Features", "--output_axis_order=yxc"],
    formats: ["npy", "tiff"],
  },
  {
    name: "both stages",
    project: "ac2d",
    input: "g2d.png",
    options: ["--export_source=Probabilities All Stages"],
    formats: ["h5"],
  },
];
const OUTPUT_FORMATS: Readonly<Record<string, string>> = { npy: "numpy", h5: "compressed hdf5" };
const hasReaders = await pythonHas("vigra, h5py");

for (const { name, project, input, options, formats } of CASES) {
  Deno.test({
    name: `D27: split ${name}: other readers find in each file the channel of the unsplit result`,
    ignore: !hasReaders,
    fn: () =>
      inFolder(async (folder) => {
        const words = [`--project=${join(OWN, `${project}.ilp`)}`, join(OWN, "images", input), ...options];
        const [whole = ""] = await written(folder, ...words, "--output_format=numpy", "--output_filename_format=u");
        for (const format of formats) {
          const files = await written(
            folder,
            ...words,
            "--split_channels",
            `--output_format=${OUTPUT_FORMATS[format] ?? format}`,
            "--output_filename_format=s",
          );
          const { success, stderr } = await new Deno.Command(PYTHON, {
            args: [join(ROOT, "tests", "program", "split_channels.py"), whole, ...files],
            cwd: folder,
          }).output();
          assert(success, new TextDecoder().decode(stderr));
        }
      }),
  });
}

/** Formats that hold one channel in files; of the sequences two are enough. */
const SINGLE = FORMATS.filter(({ name, sequence }) =>
  sequence ? ["png sequence", "tiff sequence"].includes(name) : name !== "dvid" && name !== "hdr"
);

for (const { name: format, sequence, extension } of SINGLE) {
  Deno.test(`${format}: a file is what --cutout_subregion of its channel writes`, () =>
    inFolder(async (folder) => {
      const [project, input, name] = sequence
        ? ["pc2dt.ilp", "time2d.h5", "Label 2"] as const
        : ["pc2d_rgb.ilp", "rgb2d.png", "cell body"] as const;
      const words = [`--project=${join(OWN, project)}`, join(OWN, "images", input), `--output_format=${format}`]
        .concat(format === "xv" ? [] : BYTES);
      const to = (pattern: string) => `--output_filename_format=${pattern}${sequence ? "_{slice_index}" : ""}`;
      const split = await run([...words, "--split_channels", to("split/n")], { cwd: folder });
      assertEquals(split.code, 0, split.stderr);
      const cut = await run([...words, "--cutout_subregion=c=1:2", `${to("cut/n")}_${name}`], { cwd: folder });
      assertEquals(cut.code, 0, cut.stderr);
      const files = (await contents(join(folder, "split"))).filter(([file]) => file.includes(`_${name}.${extension}`));
      assert(files.length > 0);
      assertEquals(files, await contents(join(folder, "cut")));
    }));
}

Deno.test("names: {class} in its place, else in front of the extension; a part of the channels keeps its names", () =>
  inFolder(async (folder) => {
    const to = (pattern: string) => [PROJECT, IMAGE, "--output_format=tiff", `--output_filename_format=${pattern}`];
    const named = (make: (name: string) => string) => CLASSES.map(make);
    assertEquals(await written(folder, ...to("a/{class}.tiff")), named((name) => `a/${name}.tiff`));
    assertEquals(await written(folder, ...to("b_{class:>9}_x")), named((name) => `b_${name.padStart(9)}_x.tiff`));
    assertEquals(await written(folder, ...to("{class}/c.tiff")), named((name) => `${name}/c.tiff`));
    assertEquals(await written(folder, ...to("d.tiff"), "--split_channels"), named((name) => `d_${name}.tiff`));
    assertEquals(await written(folder, ...to("e_{class}"), "--split_channels"), named((name) => `e_${name}.tiff`));
    const cut = "--cutout_subregion=[(None,None,1),(None,None,3)]";
    assertEquals(await written(folder, ...to("f"), "--split_channels", cut), ["f_cell body.tiff", "f_edge.tiff"]);
    assertEquals(await written(folder, ...to("g_{class}"), "--cutout_subregion=c=2:3"), ["g_edge.tiff"]);
  }));

Deno.test("names: features by name with their dots, converted images by number", () =>
  inFolder(async (folder) => {
    const features = await written(
      folder,
      PROJECT,
      IMAGE,
      "--export_source=Features",
      "--cutout_subregion=c=2:4",
      "--output_format=numpy",
      "--output_filename_format={nickname}_{class}",
    );
    assertEquals(features, [
      "rgb2d_Gaussian Smoothing (σ=1.0) in 2D [2].npy",
      "rgb2d_Gaussian Smoothing (σ=1.6) in 2D [0].npy",
    ]);
    const conversion = ["--new_project=p.ilp", "--workflow=DataConversionWorkflow", IMAGE, "--output_format=png"];
    const split = ["--split_channels", "--output_filename_format={nickname}"];
    assertEquals(await written(folder, ...conversion, ...split), ["rgb2d_0.png", "rgb2d_1.png", "rgb2d_2.png"]);
  }));

Deno.test(
  "datasets of split files can be named by {class}, which alone does not split",
  { sanitizeResources: false },
  () =>
    inFolder(async (folder) => {
      const words = [PROJECT, IMAGE, "--output_format=hdf5", "--output_internal_path=p/{class}"];
      const files = await written(folder, ...words, "--output_filename_format=h", "--split_channels");
      assertEquals(files, CLASSES.map((name) => `h_${name}.h5`));
      for (const [i, path] of files.entries()) {
        assertEquals((await readAll(join(folder, path, "p", CLASSES[i] ?? ""))).axes, "yxc");
      }
      const { code, stderr } = await run([...words, "--output_filename_format=h"], { cwd: folder });
      assertEquals(code, 2);
      assertMatch(stderr, /^error: --output_internal_path: unknown placeholder \{class\}[^\n]*\n$/);
    }),
);

Deno.test("a result of one channel stays one file with --split_channels, and cannot fill {class}", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, "--output_format=tiff"];
    const both = ["--export_source=Simple Segmentation,Probabilities", "--output_filename_format={result_type}"];
    const split = await run([...words, ...both, "--split_channels"], { cwd: folder });
    assertEquals(split.code, 0, split.stderr);
    assertMatch(
      split.stderr,
      /^warning: --split_channels has no effect on Simple Segmentation: it has one channel\n$/m,
    );
    const names = ["Simple Segmentation", ...CLASSES.map((name) => `Probabilities_${name}`)];
    assertEquals(
      split.stdout,
      [...names.map((name) => join(folder, `${name}.tiff`)), "Completed Batch Processing", ""]
        .join("\n"),
    );
    const named = await run([...words, "--export_source=Uncertainty", "--output_filename_format={class}"]);
    assertEquals(named.code, 2);
    assertMatch(
      named.stderr,
      /^error: \S+: \{class\} names channels, Uncertainty has only one; --split_channels [^\n]*\n$/,
    );
  }));

Deno.test("collisions of split outputs are found before anything is computed", () =>
  inFolder(async (folder) => {
    const copy = join(folder, "b.png");
    await Deno.copyFile(IMAGE, copy);
    const words = [PROJECT, IMAGE, copy, "--output_filename_format=x_{class}.h5"];
    const { code, stdout, stderr } = await run(words, { cwd: folder });
    assertEquals([code, stdout], [2, ""]);
    assertMatch(
      stderr,
      /^error: \S+rgb2d\.png \(Probabilities, paper\) and \S+b\.png \(Probabilities, paper\) would both/,
    );
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
  }));

Deno.test("--if_exists=skip computes the channels that are missing; error stops before anything is computed", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, "--output_format=numpy", "--output_filename_format=s", "--split_channels"];
    await written(folder, ...words);
    const before = await contents(folder);
    await Deno.writeTextFile(join(folder, "s_cell body.npy"), "mine");
    await Deno.remove(join(folder, "s_edge.npy"));
    const skip = await run([...words, "--if_exists=skip"], { cwd: folder });
    assertEquals([skip.code, skip.stderr.match(/exists and is kept/g)?.length], [0, 2]);
    assertEquals(skip.stdout, `${join(folder, "s_edge.npy")}\nCompleted Batch Processing\n`);
    const after = await contents(folder);
    assertEquals(after.map(([name]) => name), before.map(([name]) => name));
    assertEquals(after[0]?.[1], "mine");
    assertEquals(after.slice(1), before.slice(1));
    const error = await run([...words, "--if_exists=error"], { cwd: folder });
    assertEquals(error.code, 5);
    assertMatch(error.stderr, /^error: \S+ the output \S+s_paper\.npy exists; [^\n]*\n$/);
  }));

Deno.test("dry runs, events and reports list the channels with their names", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, "--output_format=numpy", "--output_filename_format=s", "--split_channels"];
    const dry = await run([...words, "--dry_run"], { cwd: folder });
    assertEquals(dry.stdout.match(/^ {2}-> .*/gm), CLASSES.map((name) => `  -> ${join(folder, `s_${name}.npy`)}`));
    const { code, stderr } = await run([...words, "--events=json", "--report=r.json"], { cwd: folder });
    assertEquals(code, 0);
    const events = stderr.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) => event === "output");
    assertEquals(events.map((event) => event.class), CLASSES);
    assertEquals(events.map(({ shape, axes }) => `${shape} ${axes}`), CLASSES.map(() => "64,64,1 yxc"));
    const [input] = JSON.parse(await Deno.readTextFile(join(folder, "r.json"))).inputs;
    assertEquals(input.outputs.map((output: { class: string }) => output.class), CLASSES);
  }));

Deno.test({
  name: "more channels than files may be open: one line that says what helps, and nothing is left",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      for (const format of ["numpy", "hdf5", "tiff"]) {
        const words = [PROJECT, IMAGE, "--export_source=Features", "--split_channels", `--output_format=${format}`];
        const { code, stderr } = await new Deno.Command("sh", {
          args: ["-c", 'ulimit -n 60; "$@"', "sh", ...programCommand(), ...words, "--output_filename_format=s"],
          cwd: folder,
          env: { NO_COLOR: "1" },
        }).output();
        assertEquals(code, 5);
        assertMatch(
          new TextDecoder().decode(stderr),
          /^error: [^\n]+: too many files are open at once; write fewer [^\n]+\n$/,
        );
        assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
      }
    }),
});

Deno.test("tiles of split outputs are joined channel by channel", () =>
  inFolder(async (folder) => {
    const words = [PROJECT, IMAGE, "--output_format=hdf5", "--split_channels"];
    await written(folder, ...words, "--output_filename_format=whole");
    for (const tile of ["1/2", "2/2"]) {
      const files = await written(folder, ...words, "--output_filename_format=t", `--tile=${tile}`);
      assertEquals(files, CLASSES.map((name) => `t_${name}_tile-${tile.replace("/", "-of-")}.h5`));
    }
    for (const name of CLASSES) {
      const tiles = [1, 2].map((i) => `t_${name}_tile-${i}-of-2.h5`);
      const merge = await run(["merge", ...tiles, "-o", `${name}.h5`], { cwd: folder });
      assertEquals(merge.code, 0, merge.stderr);
      const diff = await run(["diff", `${name}.h5/exported_data`, `whole_${name}.h5/exported_data`], { cwd: folder });
      assertEquals(diff.code, 0, diff.stdout);
    }
    const mixed = [`t_${CLASSES[0]}_tile-1-of-2.h5`, `t_${CLASSES[1]}_tile-2-of-2.h5`];
    assert((await run(["merge", ...mixed, "-o", "mixed.h5"], { cwd: folder })).code > 1);
  }));

Deno.test("split outputs and stdout exclude each other", async () => {
  const { code, stderr } = await run([PROJECT, IMAGE, "--output_filename_format=-", "--split_channels"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^error: [^\n]*writes one array, --split_channels asks for one per channel; [^\n]*\n$/);
});

Deno.test("compatibility mode leaves {class} in the name, as ilastik does with what it does not know", () =>
  inFolder(async (folder) => {
    const compat = ["--compat=ilastik", "--output_filename_format=c_{class}.h5"];
    assertEquals(await written(folder, PROJECT, IMAGE, ...compat), ["c_{class}.h5"]);
  }));
