/**
 * What users ask for, section C (pipelines and other programs), row by row: as the callers type it.
 *
 * Rows that are not here are tests of the same name beside the code that does it: `grep -rn "C15:" tests`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { expectedValue, positions, TABLE } from "../inputs/fixtures.ts";
import { npy } from "./npy.ts";
import { ROOT } from "./program.ts";
import {
  CONVERT,
  G2D,
  image,
  input,
  LABELS,
  makeDataset,
  project,
  readNpy,
  refused,
  refusedEach,
  row,
  SMALL,
  succeeded,
  warnings,
} from "./users_ask.ts";

const G2D_B = image("g2d_b.png");
/** Pixels with structure, as float32 in 0…1. */
const FLOATS = Float32Array.from({ length: 48 * 48 }, (_, i) => (i * i + 31 * (i >> 6)) % 256 / 255);
/** Where the runtime of the tests keeps what it needs, whatever the home folder is. */
const RUNTIME = { DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache/deno") };

row(
  "C2: nothing is written but the outputs: not in the home, cache, temporary or current folder",
  async ({ askWith, folder, names }) => {
    for (const name of ["home", "cache", "tmp", "out"]) await Deno.mkdir(join(folder, name));
    const env = {
      ...RUNTIME,
      HOME: join(folder, "home"),
      XDG_CACHE_HOME: join(folder, "cache"),
      XDG_CONFIG_HOME: join(folder, "cache"),
      MPLCONFIGDIR: join(folder, "cache"),
      TMPDIR: join(folder, "tmp"),
    };
    const packed = Deno.env.has("ILASTIK_HEADLESS_PROGRAM");
    const formats = ["compressed hdf5", "multipage tiff", "png"];
    for (const format of formats) {
      const words = [SMALL, "--export_source=simple segmentation", `--output_format=${format}`, G2D];
      succeeded(await askWith(env, ...words, "--output_filename_format=out/r"));
    }
    assertEquals(names(), ["cache", "home", "out", "tmp"]);
    assertEquals(names("out"), ["r.h5", "r.png", "r.tiff"]);
    // The packed executable unpacks its libraries into the cache folder, once.
    assertEquals([names("home"), packed ? [] : names("cache"), names("tmp")], [[], [], []]);
  },
);

row("C3: the program works when it is called through a link named run_ilastik.sh", async ({ folder }) => {
  const program = Deno.env.get("ILASTIK_HEADLESS_PROGRAM") ?? join(ROOT, "scripts/ilastik-headless");
  const link = join(folder, "run_ilastik.sh");
  await Deno.symlink(program, link);
  const { code, stdout } = await new Deno.Command(link, { args: ["--headless", "--version"] }).output();
  assertEquals(code, 0);
  assertMatch(new TextDecoder().decode(stdout), /^\d+\.\d+\.\d+\n$/);
});

row("C4: libraries and settings of the caller do no harm", async ({ askWith, folder }) => {
  for (const name of ["libhdf5.so", "libtiff.so", "libz.so.1", "libilh_kernels.so"]) {
    await Deno.writeTextFile(join(folder, name), "no library\n");
  }
  const env = {
    ...RUNTIME,
    LD_LIBRARY_PATH: folder,
    PYTHONPATH: folder,
    PYTHONHOME: folder,
    QT_PLUGIN_PATH: folder,
    HDF5_PLUGIN_PATH: folder,
    LANG: "de_DE.UTF-8",
    LC_ALL: "de_DE.UTF-8",
  };
  const words = [
    SMALL,
    "--output_format=multipage tiff",
    "--pipeline_result_drange=(0.0,0.5)",
    "--export_drange=(0.0,1.5)",
  ];
  succeeded(await askWith(env, ...words, "--output_filename_format=r", G2D));
});

row("C5: the exit code tells the kind of failure, and the last line the reason", async ({ ask }) => {
  refused(await ask(SMALL, "--output_format=docx", G2D), 2, /unknown format `docx`/);
  refused(await ask("--project=none.ilp", G2D), 3, /project file not found/);
  refused(await ask(SMALL, "none.png"), 4, /none\.png`: there is no such file$/);
  refused(await ask(SMALL, "--output_filename_format=/proc/none/r", G2D), 5, /\/proc\/none/);
  refused(await ask(SMALL, "--memory=1M", "--output_filename_format=r", G2D), 6, /--memory=/);
});

row(
  "C6: the final paths are on stdout in the order of the inputs; an extension of another format is warned of",
  async ({ ask, folder }) => {
    const inputs = ["c", "a", "b"].map((name) => `${name}.png`);
    for (const name of inputs) await Deno.copyFile(G2D, join(folder, name));
    const stored = await ask(
      `--project=${project("pc2d_stored")}`,
      "--output_filename_format={nickname}.tiff",
      ...inputs,
    );
    assertEquals(succeeded(stored), inputs.map((name) => `${folder}/${name.replace("png", "h5")}`));
    assertEquals(
      warnings(stored),
      inputs.map((name) =>
        `${name.replace("png", "tiff")} is written as ${name.replace("png", "h5")} in the format hdf5; ` +
        "add --output_format=tiff to get tiff"
      ),
    );
  },
);

row("C7: an empty file under the name of the output is replaced", async ({ ask, folder }) => {
  for (const [format, name] of [["hdf5", "r.h5"], ["tiff", "r.tiff"], ["numpy", "r.npy"]]) {
    await Deno.writeFile(join(folder, name as string), new Uint8Array());
    succeeded(await ask(SMALL, `--output_format=${format}`, "--output_filename_format=r", G2D));
    assert((await Deno.stat(join(folder, name as string))).size > 1000, name);
  }
});

row(
  "C8: C19: CellProfiler's call: words of their own, a bare float dataset, the result as y, x, c",
  async ({ ask, folder }) => {
    await makeDataset(join(folder, "in.h5"), [48, 48], FLOATS);
    await Deno.writeFile(join(folder, "out.h5"), new Uint8Array());
    const words = [
      "--headless",
      "--project",
      project("pc2d_f32"),
      "--output_format",
      "hdf5",
      "--export_source",
      "Probabilities",
    ];
    succeeded(await ask(...words, "--output_filename_format", join(folder, "out.h5"), join(folder, "in.h5")));
    await using file = await H5File.open(join(folder, "out.h5"));
    await using dataset = await file.dataset("exported_data");
    assertEquals(dataset.info.shape, [48, 48, 2]);
    assert(await dataset.read([0, 0, 0], [1, 1, 2]) instanceof Float32Array);
  },
);

row(
  "C9: C20: Fiji's call: five axes, a result in the order that was asked for, float32 in 0…1",
  async ({ ask, folder }) => {
    await makeDataset(join(folder, "raw.h5"), [1, 1, 1, 48, 48], FLOATS);
    await Deno.writeFile(join(folder, "raw.npy"), npy([48, 48], FLOATS));
    const f32 = `--project=${project("pc2d_f32")}`;
    const fiji = [
      "--headless",
      f32,
      "--output_format=hdf5",
      "--output_axis_order=tzcyx",
      "--input_axes=tzcyx",
      "--readonly=1",
    ];
    const more = [
      "--output_internal_path=exported_data",
      "--export_source=Probabilities",
      `--raw_data=${folder}/raw.h5`,
    ];
    succeeded(await ask(...fiji, ...more, `--output_filename_format=${folder}/outputs/predictions.h5`));
    const plain = await ask(
      f32,
      "--output_format=numpy",
      "--output_axis_order=cyx",
      "--output_filename_format=r",
      "raw.npy",
    );
    const { bytes } = await readNpy(succeeded(plain)[0] as string);
    await using file = await H5File.open(join(folder, "outputs/predictions.h5"));
    await using dataset = await file.dataset("exported_data");
    assertEquals(dataset.info.shape, [1, 1, 2, 48, 48]);
    const values = await dataset.read([0, 0, 0, 0, 0], [1, 1, 2, 48, 48]);
    assertEquals(new Float32Array(bytes.buffer as ArrayBuffer), values);
    assert(Array.from(values, Number).every((p) => p >= 0 && p <= 1));
  },
);

row("C10: Autocontext on a volume of too few slices is refused before anything is computed", async ({ ask, names }) => {
  const thin =
    /the image is too small \(z 6\) for the scales 1\.6, 5 of .*ac3d\.ilp \(stage 1\); at least 19 pixels are needed along z;/;
  refused(await ask(`--project=${project("ac3d")}`, "--output_filename_format=r", image("vol3d_thin.h5")), 4, thin);
  assertEquals(names(), []);
});

row("C12: KNIME's call: a format of two words, results in the order of the inputs", async ({ askWith, folder }) => {
  const env = { LAZYFLOW_THREADS: "2", LAZYFLOW_TOTAL_RAM_MB: "1000" };
  const words = [
    "--headless",
    SMALL,
    "--output_format=multipage tiff",
    `--output_filename_format=${folder}/tmp{nickname}_result`,
  ];
  const outcome = await askWith(env, ...words, G2D_B, G2D);
  assertEquals(succeeded(outcome), [`${folder}/tmpg2d_b_result.tiff`, `${folder}/tmpg2d_result.tiff`]);
});

row("C13: inputs from a list, with comments, and in columns for several roles", async ({ ask, folder }) => {
  await Deno.writeTextFile(join(folder, "list.txt"), `# images\n${G2D}\n\n${G2D_B}\n`);
  const words = [SMALL, ...LABELS, "--output_filename_format={nickname}"];
  assertEquals(succeeded(await ask(...words, "--inputs_from=list.txt")), [`${folder}/g2d.png`, `${folder}/g2d_b.png`]);
  await Deno.writeTextFile(join(folder, "columns.txt"), `raw_data\tprediction_mask\n${G2D}\t${G2D}\n`);
  assertEquals(succeeded(await ask(...words, "--inputs_from", "columns.txt")), [`${folder}/g2d.png`]);
  const none = /^error: cannot read the list none\.txt of --inputs_from: there is no such file$/;
  refused(await ask(...words, "--inputs_from=none.txt"), 2, none);
});

row("C16: LAZYFLOW_THREADS and LAZYFLOW_TOTAL_RAM_MB are obeyed, bad values are refused", async ({ askWith }) => {
  const words = [SMALL, "--verbose", "--dry_run", G2D];
  const { stderr } = await askWith({ LAZYFLOW_THREADS: "1", LAZYFLOW_TOTAL_RAM_MB: "900" }, ...words);
  assertMatch(stderr, /^threads: 1 \(LAZYFLOW_THREADS\)\nmemory: 900 MiB \(LAZYFLOW_TOTAL_RAM_MB\)\n/);
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ LAZYFLOW_THREADS: "all" }, /LAZYFLOW_THREADS must be a whole number, found `all`$/],
    [{ LAZYFLOW_TOTAL_RAM_MB: "8GB" }, /LAZYFLOW_TOTAL_RAM_MB must be a whole number, found `8GB`$/],
    [
      { LAZYFLOW_TOTAL_RAM_MB: "8" },
      /LAZYFLOW_TOTAL_RAM_MB is 8, at least 500 is needed; the unit is megabytes; --memory/,
    ],
  ];
  for (const [env, says] of cases) refused(await askWith(env, ...words), 2, says);
});

row("C21: one channel of one scale of an OME-Zarr, region by region", async ({ ask }) => {
  const words = [...CONVERT, "--output_filename_format=r", "--input_channels=1", "--cutout_subregion=x=2:6,z=1:3"];
  const [path = ""] = succeeded(await ask(...words, "--scale=s0", input("ome04.zarr")));
  const { shape, bytes } = await readNpy(path);
  assertEquals(shape, [1, 1, 2, 6, 4]);
  const wanted = TABLE.find(({ file }) => file === "ome04.zarr/s0");
  const values = positions([0, 1, 1, 0, 2], [1, 2, 3, 6, 6]).map((index) =>
    wanted && Number(expectedValue(wanted, index))
  );
  assertEquals(Array.from(new Uint16Array(bytes.buffer as ArrayBuffer)), values);
});

row(
  "C22: mcmicro's call: an HDF5 file of any extension with one dataset; OME-TIFF is read directly",
  async ({ ask, folder, names }) => {
    await makeDataset(join(folder, "exemplar.hdf5"), [1, 48, 48, 1], FLOATS, "exemplar");
    const words = ["--headless", "--export_dtype", "uint8", "--project", project("pc2d_f32")];
    const outcome = await ask(...words, "exemplar.hdf5");
    succeeded(outcome);
    assertEquals(names(), ["exemplar.hdf5", "exemplar_Probabilities.h5"]);
    const [path = ""] = succeeded(await ask(...CONVERT, "--output_filename_format=r", input("ome_tczyx.ome.tif")));
    assertEquals((await readNpy(path)).shape, [2, 2, 3, 4, 5]);
  },
);

row("C23: addresses that are no Zarr or N5 say to download first", async ({ ask }) => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(null, { status: 404 }),
  );
  try {
    const address = `http://127.0.0.1:${server.addr.port}`;
    const words = [SMALL, "--output_filename_format={nickname}"];
    await refusedEach(ask(...words, `${address}/a.tif`, "s3://bucket/a.zarr", "ftp://host/a.png"), 4, [
      /\/a\.tif`: there is no Zarr or N5 store at this address; download it first if it is another kind of file$/,
      /`s3:\/\/bucket\/a\.zarr`: remote data of this kind is not supported; copy it to a local file first$/,
      /`ftp:\/\/host\/a\.png`: remote data of this kind is not supported; copy it to a local file first$/,
    ]);
  } finally {
    await server.shutdown();
  }
  refused(
    await ask("--project=https://host/p.ilp", G2D),
    3,
    /projects on servers are not supported: .*; copy it to a file first$/,
  );
});
