/**
 * Options as people really write them, and the rules that follow from the calls of other programs.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { TiffFile } from "../../ffi/tiff.ts";
import { npy } from "./npy.ts";
import {
  CONVERT,
  G2D,
  image,
  LABELS,
  makeDataset,
  makeProject,
  project,
  readNpy,
  refused,
  row,
  SMALL,
  succeeded,
  warnings,
} from "./users_ask.ts";

const VOLUME = [`--project=${project("pc3d_few")}`, image("vol3d_small.h5"), "--output_format=numpy"];
const FLOATS = Float32Array.from({ length: 48 * 48 }, (_, i) => (i * i + 31 * (i >> 6)) % 256 / 255);

/** What a dry run says would be written, without the current folder. */
function planned({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }, folder: string): string {
  assertEquals(code, 0, stderr);
  return /^ {2}-> (.*)$/m.exec(stdout)?.[1]?.replace(`${folder}/`, "") ?? "";
}

row("options: ranges with blanks, brackets, parentheses, integers and floats are the same", async ({ ask }) => {
  const words = [SMALL, "--output_format=numpy", "--export_dtype=uint16", "--output_filename_format=r", G2D];
  const files: Uint8Array[] = [];
  for (const range of ["(0.0,1.0)", "(0.0, 1.0)", "[0.0,1.00]", "(0,1)"]) {
    const outcome = await ask(...words, `--pipeline_result_drange=${range}`, "--export_drange", "[0, 65535]");
    files.push((await readNpy(succeeded(outcome)[0] as string)).bytes);
    assertEquals(outcome.stderr, "");
  }
  for (const file of files) assertEquals(file, files[0]);
  refused(await ask(...words, "--export_drange=(0,255)"), 2, /--export_drange .*--pipeline_result_drange/);
  refused(await ask(...words, "--pipeline_result_drange=0..1", "--export_drange=(0,255)"), 2, /`0\.\.1`/);
});

row(
  "options: --cutout_subregion with None, blanks and five numbers; the last one is the channel of the result",
  async ({ ask, folder }) => {
    const words = [...VOLUME, "--output_filename_format=r"];
    const one = await ask(...words, "--cutout_subregion=[(None,None,None,0),(None,None,None,1)]");
    assertEquals((await readNpy(succeeded(one)[0] as string)).shape, [24, 26, 28, 1]);
    await Deno.writeFile(
      join(folder, "a.npy"),
      npy([2, 20, 20, 8, 3], Uint8Array.from({ length: 19200 }, (_, i) => i % 251)),
    );
    const five = await ask(
      ...CONVERT,
      "--output_filename_format=r",
      "a.npy",
      "--cutout_subregion=[(0,5,5,0,0), (1, 15, 15, 5, 2)]",
    );
    assertEquals((await readNpy(succeeded(five)[0] as string)).shape, [1, 10, 10, 5, 2]);
    const beyond = await ask(...words, "--cutout_subregion=[(0,0,0,0), (4, 150, 150, 2)]");
    assertEquals(warnings(beyond), [
      "--cutout_subregion reaches beyond the result and was clipped: y 150 to 26, x 150 to 28",
    ]);
    assertEquals((await readNpy(succeeded(beyond)[0] as string)).shape, [4, 26, 28, 2]);
  },
);

row("options: names of formats; others are refused with the nearest", async ({ ask, folder }) => {
  const cases: Readonly<Record<string, string>> = {
    "tif sequence": "r_00.tif … (24 files)",
    "multipage tiff sequence": "r_00.tiff … (24 files)",
    "compressed hdf5": "r.h5/exported_data",
    "hdf5": "r.h5/exported_data",
    "h5": "r.h5/exported_data",
    "Multipage_TIFF": "r.tiff",
    "numpy": "r.npy",
    "npy": "r.npy",
    "zarr": "r.zarr",
  };
  const words = [`--project=${project("pc3d_few")}`, image("vol3d_small.h5"), "--dry_run"];
  for (const [format, wanted] of Object.entries(cases)) {
    const name = format.includes("sequence") ? "r_{slice_index}" : "r";
    const outcome = await ask(...words, `--output_format=${format}`, `--output_filename_format=${name}`);
    assertEquals(planned(outcome, folder), wanted, format);
  }
  refused(
    await ask(...words, "--output_format=jpeg2000"),
    2,
    /unknown format `jpeg2000`; did you mean `jpeg`\? choose from hdf5, /,
  );
});

row("options: names of outputs with placeholders, without and with another extension", async ({ ask, folder }) => {
  const cases: Readonly<Record<string, string>> = {
    "X/{nickname}_{result_type}.tiff": "X/g2d_Simple Segmentation.h5/exported_data",
    "o/{nickname}.npy": "o/g2d.h5/exported_data",
    "o/out": "o/out.h5/exported_data",
    "o/x.hdf": "o/x.h5/exported_data",
    "a b/{nickname}.h5": "a b/g2d.h5/exported_data",
  };
  const words = [SMALL, "--export_source=simple segmentation", "--output_format=hdf5", "--dry_run", G2D];
  for (const [name, wanted] of Object.entries(cases)) {
    assertEquals(planned(await ask(...words, `--output_filename_format=${name}`), folder), wanted);
  }
  const slash = /`o\/` names a folder, not a file; .*=o\/\{nickname\}_\{result_type\}\.h5`$/;
  refused(await ask(...words.filter((word) => word !== "--dry_run"), "--output_filename_format=o/"), 2, slash);
});

row("options: axis orders and export sources in any case, with quotes", async ({ ask }) => {
  for (const [order, wanted] of [["zcyx", "zcyx"], ["'zcyx'", "zcyx"], ["TZYXC", "tzyxc"]]) {
    const { code, stdout } = await ask(SMALL, "--dry_run", `--output_axis_order=${order}`, G2D);
    assertEquals(code, 0);
    assert(stdout.includes(`(${wanted}), float32`), stdout);
  }
  for (const source of ["probabilities", "'simple segmentation'", '"Simple Segmentation"', "labels", "UNCERTAINTY"]) {
    const { code, stdout } = await ask(SMALL, "--dry_run", "--export_source", source, G2D);
    assertEquals(code, 0);
    assertMatch(stdout, /--export_source=(Probabilities|Simple Segmentation|Labels|Uncertainty) \(command line\)/);
  }
});

row("options: roles take several files up to the next option, a pattern is one stack", async ({ ask, folder }) => {
  for (const name of ["a_1.png", "a_2.png", "m_1.png", "m_2.png"]) await Deno.copyFile(G2D, join(folder, name));
  const words = [SMALL, ...LABELS, "--output_filename_format={nickname}"];
  const roles = ["--raw_data", "a_1.png", "a_2.png", "--prediction_mask", "m_1.png", "m_2.png"];
  refused(await ask(...words, ...roles), 2, /a_1\.png of a_1\.png is one of the files that are read/);
  const named = await ask(SMALL, ...roles, ...LABELS, "--output_filename_format={nickname}_r");
  assertEquals(succeeded(named), [`${folder}/a_1_r.png`, `${folder}/a_2_r.png`]);
  const stack = await ask(
    `--project=${project("pc2dt")}`,
    "--dry_run",
    "--stack_along=t",
    "--input_axes=tyxc",
    "--raw_data",
    "m_*.png",
  );
  assertMatch(stack.stdout, /input 1 of 1: m_\*\.png\n +--raw_data: 2 x 64 x 64 x 1 \(tyxc\)/);
});

row(
  "options: those of old scripts are used, ignored with one warning, or refused with what to use",
  async ({ ask, names }) => {
    const words = [SMALL, ...LABELS, "--output_filename_format=r"];
    const old = ["--preconvert_stacks", "--nn_device", "cpu", "--sys_tmp_dir=/tmp", "--clean_paths"];
    const outcome = await ask(
      G2D,
      ...words,
      ...old,
      "--logfile=l.txt",
      "--process_name",
      "me",
      "--ignore_training_axistags",
    );
    succeeded(outcome);
    const ignored = ["preconvert_stacks", "nn_device", "sys_tmp_dir", "clean_paths"];
    assertEquals(warnings(outcome), ignored.map((name) => `--${name} has no effect and is ignored`));
    assertEquals(names(), ["l.txt", "r.png"]);
    refused(await ask(...words, "--distributed", G2D), 2, /--distributed is not supported; .*--tile=1\/16 .*`merge`$/);
    refused(
      await ask(...words, "--configfile=none.ini", G2D),
      2,
      /configuration file not found: .*none\.ini; check --configfile$/,
    );
  },
);

row(
  "callers: steinbock: a bare --readonly, inner paths in {nickname}, 16-bit samples of all classes",
  async ({ askWith, folder }) => {
    const values = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * i + 31 * (i >> 6)) % 256);
    await makeDataset(join(folder, "f1.h5"), [3, 64, 64], values, "img");
    const env = { LAZYFLOW_THREADS: "2", LAZYFLOW_TOTAL_RAM_MB: "2000", SOME_UNKNOWN_SETTING: "1" };
    const words = [
      "--headless",
      `--project=${project("pc2d_rgb")}`,
      "--readonly",
      "--input_axes=cyx",
      "--export_source=Probabilities",
    ];
    const outcome = await askWith(
      env,
      ...words,
      "--output_format=tiff",
      `--output_filename_format=${folder}/{nickname}.tiff`,
      "--export_dtype=uint16",
      "--output_axis_order=yxc",
      "--pipeline_result_drange=(0.0,1.0)",
      "--export_drange=(0,65535)",
      `${folder}/f1.h5/img`,
    );
    assertEquals(succeeded(outcome), [`${folder}/f1-img.tiff`]);
    const file = await TiffFile.open(`${folder}/f1-img.tiff`);
    const page = await file.page(0);
    assertEquals([page.width, page.height, page.samples, page.bits], [64, 64, 3, 16]);
    await file.close();
  },
);

row(
  "callers: nf-core and IMC: --readonly 1, lower case, ranges in brackets with blanks, files last",
  async ({ ask, folder }) => {
    await makeDataset(join(folder, "in.h5"), [48, 48], FLOATS);
    const p = `--project=${project("pc2d_f32")}`;
    const nf = await ask(
      "--headless",
      "--readonly",
      "1",
      p,
      "--output_filename_format=id.h5",
      "--export_source=probabilities",
      "in.h5",
    );
    assertEquals(succeeded(nf), [`${folder}/id.h5`]);
    const words = ["--headless", p, "--output_format=tiff", "--output_filename_format=o/{nickname}_probabilities.tiff"];
    const ranges = [
      "--export_dtype=uint16",
      "--export_drange=[0, 65535]",
      "--pipeline_result_drange=[0.0, 1.0]",
      "--readonly",
      "1",
    ];
    const imc = await ask(...words, "--export_source=Probabilities", ...ranges, "in.h5");
    assertEquals(succeeded(imc), [`${folder}/o/in_probabilities.tiff`]);
  },
);

row("callers: nf-core's multicut call ends in one line while the workflow is not built", async ({ ask, folder }) => {
  await makeProject(join(folder, "p.ilp"), "Edge Training With Multicut");
  const words = ["--headless", "--readonly", "1", "--project=p.ilp", "--raw_data=r.h5", "--probabilities=q.h5"];
  const says = /`Edge Training With Multicut` of .* is not supported yet; supported: Pixel Classification/;
  refused(await ask(...words, "--export_source=Multicut Segmentation", "--output_filename_format=id.tiff"), 3, says);
});
