/**
 * What users ask for, section D (formats and axes), row by row: as they type it, from the shell.
 *
 * Rows that are not here are tests of the same name beside the code that does it: `grep -rn "D21:" tests`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { TiffFile } from "../../ffi/tiff.ts";
import { expectedValue, positions, TABLE } from "../inputs/fixtures.ts";
import { npy } from "./npy.ts";
import {
  CONVERT,
  G2D,
  image,
  input,
  LABELS,
  type Place,
  project,
  readNpy,
  refused,
  refusedEach,
  row,
  SMALL,
  succeeded,
  warnings,
} from "./users_ask.ts";

const RGB = `--project=${project("pc2d_rgb")}`;
const MOVIE = `--project=${project("pc2dt")}`;
const VOLUMES = `--project=${project("pc3d_few")}`;
const FLAT_VOLUMES = `--project=${project("pc3d_2d_s")}`;
const NAMED = "--output_filename_format={nickname}_r";

/** 64 × 64 pixels with structure on all scales. */
const PIXELS = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i * i + 31 * (i >> 6) * (i % 64)) % 256);

async function writeNpy({ folder }: Place, shapes: Readonly<Record<string, readonly number[]>>): Promise<void> {
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = Uint8Array.from({ length: size }, (_, i) => PIXELS[i % PIXELS.length] as number);
    await Deno.writeFile(join(folder, `${name}.npy`), npy(shape, values));
  }
}

/** Converts files in one run and compares each with what the program that wrote it was given. */
async function converts({ ask, folder }: Place, files: readonly string[]): Promise<void> {
  const outcome = await ask(...CONVERT, "--output_filename_format=out/{nickname}.npy", ...files.map(input));
  const paths = succeeded(outcome);
  assertEquals(paths.length, files.length);
  for (const [i, file] of files.entries()) {
    const wanted = TABLE.find((entry) => entry.file === file);
    assert(wanted !== undefined, file);
    const { shape, descr, bytes } = await readNpy(paths[i] as string);
    assertEquals(shape, wanted.axes.includes("c") ? wanted.shape : [...wanted.shape, 1], file);
    const values = numbers(descr, bytes);
    const all = positions(wanted.shape.map(() => 0), wanted.shape);
    assertEquals(values, all.map((index) => Number(expectedValue(wanted, index))), `${file} in ${folder}`);
  }
}

function numbers(descr: string, { buffer }: Uint8Array): number[] {
  const types = { "|u1": Uint8Array, "<u2": Uint16Array, "<i2": Int16Array, "<f4": Float32Array, "<f8": Float64Array };
  const type = types[descr as keyof typeof types];
  assert(type !== undefined, descr);
  return Array.from(new type(buffer as ArrayBuffer));
}

row("D1: axes of size 1 are dropped and added, anything else is refused with a proposal", async (place) => {
  const shapes = { a: [64, 64, 1], b: [64, 64], c: [1, 64, 64, 1], d: [1, 1, 64, 64, 1] };
  await writeNpy(place, { ...shapes, wrong: [3, 64, 64] });
  const words = [SMALL, "--export_source=labels", "--output_format=numpy", NAMED];
  const segmented = [SMALL, "--export_source=simple segmentation", "--output_format=numpy", NAMED];
  const outcome = await place.ask(...segmented, ...Object.keys(shapes).map((name) => `${name}.npy`));
  const [first, ...others] = await Promise.all(succeeded(outcome).map(async (path) => (await readNpy(path)).bytes));
  assertEquals(others.length, 3);
  for (const other of others) assertEquals(other, first);
  assertMatch(outcome.stderr, /`c\.npy` \(1×64×64×1\) is read as `zyxc` by its shape; trained on `yxc`/);
  const both = /`wrong\.npy` \(3×64×64\) has 64 channels when read as `yxc` .*; .* for example `--input_axes=zyx`$/;
  refused(await place.ask(...words, "wrong.npy"), 4, both);
  const letters =
    /`--input_axes=tzyxc` names 5 axes, but `b\.npy` has 2 dimensions \(64×64\); give 2 letters; .* read as `yx`$/;
  refused(await place.ask(...words, "--input_axes=tzyxc", "b.npy"), 4, letters);
});

row("D2: what an input was taken for is said by --verbose and --dry_run", async ({ ask }) => {
  const verbose = await ask(VOLUMES, "--verbose", "--dry_run", image("vol3d_small.h5"));
  assertMatch(verbose.stderr, /vol3d_small\.h5: 24×26×28 uint8, read as zyx like the training data$/m);
  assertMatch(verbose.stdout, /--raw_data: 24 x 26 x 28 \(zyx\), uint8, axes like the training data$/m);
  const given = await ask(VOLUMES, "--dry_run", "--input_axes=xyz", image("vol3d_small.h5"));
  assertMatch(given.stdout, /--raw_data: 24 x 26 x 28 \(xyz\), uint8, axes as --input_axes says$/m);
});

row("D3: planes are channels where the training images had them so", async (place) => {
  await writeNpy(place, { planes: [2, 64, 64] });
  const { code, stdout } = await place.ask(`--project=${project("pc2d_2ch")}`, "--dry_run", "planes.npy");
  assertEquals(code, 0);
  assertMatch(stdout, /--raw_data: 2 x 64 x 64 \(cyx\), uint8, axes like the training data$/m);
});

row("D4: each role has axes of its own, None keeps the automatic choice", async (place) => {
  await writeNpy(place, { mask: [64, 64] });
  const roles = [`--raw_data=${G2D}`, "--prediction_mask=mask.npy", "--dry_run"];
  const own = await place.ask(SMALL, ...roles, "--input_axes=None,xy");
  assertMatch(
    own.stdout,
    /--raw_data: 64 x 64 x 1 \(yxc\)[^]*--prediction_mask: 64 x 64 \(xy\), uint8, axes as --input/,
  );
  const bad = await place.ask(SMALL, ...roles, "--input_axes=yxc,yx,yx");
  assertEquals(bad.code, 2);
});

row("D5: channels in front are never turned by guess; the message says where the expected number is", async (place) => {
  await writeNpy(place, { first: [3, 64, 64] });
  const says = /`first\.npy` \(3×64×64\) has 64 channels .* the project needs 3; .* `--input_axes=cyx`$/;
  refused(await place.ask(RGB, NAMED, "first.npy"), 4, says);
  succeeded(await place.ask(RGB, ...LABELS, NAMED, "--input_axes=cyx", "first.npy"));
  const none = /the project needs 3; none of its dimensions is 3: give an image of the same kind as the training data$/;
  refused(await place.ask(RGB, NAMED, image("two_channel.h5")), 4, none);
  const tagged = await place.ask(RGB, ...LABELS, "--dry_run", NAMED, input("imagej_cyx.tif"));
  assertStringIncludes(tagged.stderr, "2 when read as `cyx` like the file says");
});

row("D6: a wrong number of channels is told with both numbers and the option that chooses", async (place) => {
  await writeNpy(place, { four: [64, 64, 4] });
  const says =
    /four\.npy: the image has 4 channels \(y 64, x 64, c 4\), the project was trained with 3 channels; --input_channels=0,1,2/;
  refused(await place.ask(RGB, NAMED, "--input_axes=yxc", "four.npy"), 4, says);
  succeeded(await place.ask(RGB, ...LABELS, NAMED, "--input_axes=yxc", "--input_channels=0,1,2", "four.npy"));
  const fewer = /the image has 1 channel .* trained with 3 channels; give an image of the same kind/;
  refused(await place.ask(RGB, NAMED, G2D), 4, fewer);
  const absent = /four\.npy has 4 channels, --input_channels asks for channel 7; channels are counted from 0$/;
  refused(await place.ask(RGB, NAMED, "--input_axes=yxc", "--input_channels=0,1,7", "four.npy"), 4, absent);
});

row(
  "D7: a region is one number per axis of the result, or named; anything else shows the axes and the form",
  async ({ ask }) => {
    const words = [SMALL, "--output_format=numpy", "--output_filename_format=r", G2D];
    const form = /3 numbers per corner in the order y x c \(shape 64 64 2\), found 5; `x=10:60,y=0:50` works too$/;
    refused(await ask(...words, "--cutout_subregion=[(0,0,0,0,0),(1,10,10,10,2)]"), 2, form);
    refused(await ask(...words, "--cutout_subregion=q=1:2"), 2, /cannot read `q=1:2` .* as in x=10:60,y=0:50,c=0:1$/);
    refused(await ask(...words, "--cutout_subregion=x=5"), 2, /cannot read `x=5` in `x=5`; give each axis/);
    const inside = await ask(...words, "--cutout_subregion=[(8, 16, 0), (10, 20, 1)]");
    const first = await readNpy(succeeded(inside)[0] as string);
    const named = await readNpy(succeeded(await ask(...words, "--cutout_subregion=c=0:1,x=16:20,y=8:10"))[0] as string);
    assertEquals(first.shape, [2, 4, 1]);
    assertEquals(named, first);
  },
);

row(
  "D8: ImageJ's file of one directory and many planes is read to its end",
  (place) => converts(place, ["imagej_single_directory.tif", "imagej_tzcyx.tif"]),
);

row(
  "D9: TIFF in tiles, planes, one strip, with predictors, big endian, 12 bits and palettes is read",
  async (place) => {
    await converts(place, [
      "tiff_tiled.tif",
      "tiff_planar.tif",
      "tiff_planar_tiled.tif",
      "tiff_zlib.tif",
      "tiff_predictor.tif",
      "tiff_predictor3.tif",
      "tiff_big_uint16.tif",
      "tiff_bigtiff.tif",
      "tiff_lzw.tif",
      "tiff_zstd.tif",
    ]);
    await refusedEach(place.ask(...CONVERT, NAMED, input("tiff_jpeg2000.tif"), input("tiff_complex.tif")), 4, [
      /tiff_jpeg2000\.tif`: .*JPEG 2000.*deflate/,
      /tiff_complex\.tif`: .*complex samples of 64 bits/,
    ]);
  },
);

row(
  "D10: an image smaller than the largest filter is one line with axis, size, scales and the smallest size",
  async (place) => {
    await writeNpy(place, { tiny: [20, 64, 1] });
    const flat =
      /tiny\.npy: the image is too small \(y 20\) for the scales 10 of .*pc2d_all\.ilp; at least 36 pixels are needed along y;/;
    refused(await place.ask(`--project=${project("pc2d_all")}`, NAMED, "tiny.npy"), 4, flat);
    const thin =
      /vol3d_thin\.h5: the image is too small \(z 6\) for the scales 1\.6, 3\.5, 5, 10 of .* 36 pixels are needed along z;/;
    refused(await place.ask(`--project=${project("pc3d_all")}`, NAMED, image("vol3d_thin.h5")), 4, thin);
  },
);

row("D11: 2D images fit a project of volumes whose scales are all 2D, whatever their format", async (place) => {
  await writeNpy(place, { flat: [64, 64], slice: [1, 64, 64] });
  const words = [FLAT_VOLUMES, "--export_source=simple segmentation", "--output_format=numpy"];
  // The same pixels as PNG.
  const converted = await place.ask(
    ...CONVERT.slice(0, 2),
    "--output_format=png",
    "--output_filename_format=p",
    "flat.npy",
  );
  succeeded(converted);
  const outcome = await place.ask(...words, NAMED, "flat.npy", "slice.npy", "p.png");
  const [flat, slice, png] = await Promise.all(succeeded(outcome).map(async (path) => (await readNpy(path)).bytes));
  assertMatch(outcome.stderr, /`p\.png` \(64×64×1\) is read as `yxc` as the file says; trained on `zyx`/);
  assertEquals([flat, png], [slice, slice]);
  const refusal =
    /the image is 2D \(y 64, x 64\), the project was trained on 3D data; give volumes, or train a 2D project$/;
  refused(await place.ask(VOLUMES, NAMED, "flat.npy"), 4, refusal);
});

row(
  "D12: slices are in the order of ilastik, with a warning when numbers say otherwise, and --natural_sort",
  async (place) => {
    await writeNpy(place, { s1: [64, 64], s2: [64, 64], s10: [64, 64] });
    const words = [MOVIE, "--stack_along=t", "--dry_run", "s*.npy"];
    const bytes = await place.ask(...words);
    assertMatch(
      warnings(bytes)[0] ?? "",
      /`\/.*\/s10\.npy` stands before `\/.*\/s2\.npy`; `--natural_sort` sorts by number$/,
    );
    assertMatch(bytes.stdout, /\/s1\.npy, \/.*\/s10\.npy, \/.*\/s2\.npy$/m);
    assertMatch((await place.ask("--natural_sort", ...words)).stdout, /\/s1\.npy, \/.*\/s2\.npy, \/.*\/s10\.npy$/m);
  },
);

row(
  "D13: a quoted pattern for a 2D project says what quotes do, and --each makes every file an input",
  async ({ ask, folder }) => {
    for (const name of ["a1.png", "a2.png"]) await Deno.copyFile(G2D, join(folder, name));
    const words = [SMALL, ...LABELS, "--output_filename_format={nickname}_r", "a*.png"];
    refused(
      await ask(...words),
      4,
      /a quoted pattern is one stack; without quotes, or with --each, every file is an input/,
    );
    assertEquals(succeeded(await ask(...words, "--each")), [`${folder}/a1_r.png`, `${folder}/a2_r.png`]);
  },
);

row("D14: files, pages and datasets are stacked along the axis that --stack_along names", async (place) => {
  await writeNpy(place, { a1: [64, 64], a2: [64, 64] });
  const words = [...CONVERT, "--output_filename_format=r"];
  for (const [axis, shape] of Object.entries({ c: [2, 64, 64], t: [2, 64, 64, 1] })) {
    const [path = ""] = succeeded(await place.ask(...words, `--stack_along=${axis}`, "a*.npy"));
    assertEquals((await readNpy(path)).shape, shape);
  }
  const [inner = ""] = succeeded(await place.ask(...words, "--stack_along=c", `${input("slices.h5")}/t*/data`));
  assertEquals((await readNpy(inner)).shape, [3, 2, 4, 5]);
  refused(
    await place.ask(...words, "--stack_along=q", "a*.npy"),
    2,
    /`--stack_along=q` is no axis; use one of t, z, y, x, c$/,
  );
});

row("D15: a slice that does not fit is named beside the first one, with both shapes", async (place) => {
  await writeNpy(place, { s1: [30, 64], s2: [64, 64] });
  const says = /`\/.*\/s2\.npy` does not fit into the stack: it is 64×64 \(yx\), `\/.*\/s1\.npy` is 30×64 \(yx\)$/;
  refused(await place.ask(MOVIE, NAMED, "--stack_along=t", "s*.npy"), 4, says);
});

row("D16: the only dataset of a file is found, of several the list is shown ready to copy", async (place) => {
  await converts(place, ["single.h5", "one.npz"]);
  await refusedEach(place.ask(...CONVERT, NAMED, input("slices.h5"), input("two.npz"), `${input("single.h5")}/zz`), 4, [
    /slices\.h5` holds several arrays: `t0\/data` \(2×4×5 uint8\), .*; add the inner path, for example `\/.*slices\.h5\/t0\/data`$/,
    /two\.npz` holds several arrays: `a` \(4×5 uint8\), `b`.*; add the inner path/,
    /has no array `zz`; it has: `a\/b` \(3×4×5 uint8\)$/,
  ]);
});

row("D17: patterns inside a file and over files are stacks, both at once are refused", async ({ ask, folder }) => {
  for (const name of ["h0.h5", "h1.h5"]) await Deno.copyFile(input("single.h5"), join(folder, name));
  const words = [...CONVERT, "--stack_along=t", "--output_filename_format=r"];
  for (const pattern of ["h*.h5/a/b", "h*.h5", `${folder}/h?.h5/a/b`]) {
    const [path = ""] = succeeded(await ask(...words, pattern));
    assertEquals((await readNpy(path)).shape.slice(0, 4), [2, 3, 4, 5]);
  }
  refused(await ask(...words, "h*.h5/*"), 2, /wildcards in the file name and in the inner path; only one of the two/);
});

row("D18: axes and pixel sizes of HDF5 files come through a conversion", async ({ ask, folder }) => {
  const words = [
    ...CONVERT.slice(0, 2),
    "--output_format=hdf5",
    "--output_filename_format=r",
    `${input("table.h5")}/meta`,
  ];
  succeeded(await ask(...words));
  await using file = await H5File.open(join(folder, "r.h5"));
  await using dataset = await file.dataset("exported_data");
  const tags = await dataset.attribute("axistags");
  assert(tags?.kind === "strings");
  const { axes } = JSON.parse(tags.strings[0] ?? "");
  const sizes = axes.map(({ key, resolution }: { key: string; resolution: number }) => [key, resolution]);
  assertEquals(sizes, [["z", 2.5], ["y", 0.4], ["x", 0.4], ["c", 0]]);
});

row(
  "D19: a path to a scale is that scale; a store of several asks, with their sizes, or takes --scale",
  async ({ ask }) => {
    const store = input("ome04.zarr");
    const words = [...CONVERT, "--output_filename_format=r"];
    const asks =
      /ome04\.zarr` has 2 scales: `s0` \(1×2×3×6×8\), `s1` \(1×2×3×3×4\); pick one, for example `--scale=s0`$/;
    refused(await ask(...words, store), 2, asks);
    for (const form of [[`${store}/s1`], [store, "--scale=s1"], [store, "--scale=1"]]) {
      const [path = ""] = succeeded(await ask(...words, ...form));
      assertEquals((await readNpy(path)).shape, [1, 2, 3, 3, 4]);
    }
  },
);

row("D20: Zarr 2 and 3 with blosc, zstd, gzip, lz4 and shards are read; an unknown codec is named", async (place) => {
  await converts(place, [
    ...["codec2_blosc", "codec2_zstd", "codec2_gzip", "codec2_lz4"].map((name) => `${name}.zarr`),
    ...["codec3_blosc", "codec3_zstd", "codec3_gzip", "shards3"].map((name) => `${name}.zarr`),
    "ome05.zarr/s0",
  ]);
  const copy = join(place.folder, "odd.zarr");
  await Deno.mkdir(copy);
  const metadata = JSON.parse(await Deno.readTextFile(join(input("codec2_zlib.zarr"), ".zarray")));
  await Deno.writeTextFile(join(copy, ".zarray"), JSON.stringify({ ...metadata, compressor: { id: "zfpy" } }));
  refused(
    await place.ask(...CONVERT, NAMED, "odd.zarr"),
    4,
    /odd\.zarr`: its chunks are packed with `numcodecs\.zfpy`, .* store it with blosc, gzip, zstd/,
  );
});

row("D22: the pixel size of an ImageJ TIFF goes into HDF5 and multi-page TIFF", async ({ ask, folder }) => {
  const words = [...CONVERT.slice(0, 2), "--output_filename_format=r", input("imagej_zyx.tif")];
  succeeded(await ask(...words, "--output_format=multipage tiff"));
  const tiff = await TiffFile.open(join(folder, "r.tiff"));
  const text = new TextDecoder("latin1").decode(await Deno.readFile(join(folder, "r.tiff")));
  await tiff.close();
  assertMatch(text, /PhysicalSizeX="0\.4" /);
  assertMatch(text, /PhysicalSizeZ="3\.5" /);
  succeeded(await ask(...words, "--output_format=hdf5"));
  await using file = await H5File.open(join(folder, "r.h5"));
  await using dataset = await file.dataset("exported_data");
  const units = await dataset.attribute("axis_units");
  assert(units?.kind === "strings");
  assertMatch(units.strings[0] ?? "", /"z": "um"/);
});

row(
  "D24: labels stay as they are, --verbose tells which there are, --palette makes them visible",
  async ({ ask, folder }) => {
    const words = [SMALL, ...LABELS, "--output_filename_format=r", G2D];
    const plain = await ask(...words, "--verbose");
    succeeded(plain);
    assertMatch(plain.stderr, /g2d\.png: Simple Segmentation has the labels 1…2\n1 input, /);
    succeeded(await ask(...words, "--palette"));
    const bytes = await Deno.readFile(join(folder, "r.png"));
    // Colour type 3: the values are places in a table.
    assertEquals(bytes[25], 3);
    const table = new TextDecoder("latin1").decode(bytes).indexOf("PLTE") + 4;
    assertEquals([...bytes.subarray(table + 3, table + 9)], [255, 225, 25, 0, 130, 200]);
  },
);

row(
  "D25: dots in names: a pattern that ends in the extension keeps them, a name that is cut is shown",
  async ({ ask, folder }) => {
    for (const name of ["A.9_z108.png", "A.9_z109.png"]) await Deno.copyFile(G2D, join(folder, name));
    const words = [
      SMALL,
      "--export_source=simple segmentation",
      "--output_format=hdf5",
      "A.9_z108.png",
      "A.9_z109.png",
    ];
    const cut = await ask(...words, "--output_filename_format={nickname}");
    refused(cut, 2, /A\.9_z108\.png and A\.9_z109\.png would both write \/.*\/A\.h5; /);
    assertMatch(
      warnings(cut)[0] ?? "",
      /^A\.9_z108 is written as A\.h5: .* the extension; end the name in \.h5 to keep it$/,
    );
    const kept = await ask(...words, "--output_filename_format={nickname}.h5");
    assertEquals(succeeded(kept), [`${folder}/A.9_z108.h5`, `${folder}/A.9_z109.h5`]);
  },
);

row("D26: names of the classes are in HDF5 and in the OME description of TIFF", async ({ ask, folder }) => {
  succeeded(await ask(SMALL, "--output_format=hdf5", "--output_filename_format=r", G2D));
  await using file = await H5File.open(join(folder, "r.h5"));
  await using dataset = await file.dataset("exported_data");
  const names = await dataset.attribute("channel_names");
  assert(names?.kind === "strings");
  assertEquals(names.strings, ["Label 1", "Label 2"]);
  succeeded(await ask(SMALL, "--output_format=multipage tiff", "--output_filename_format=r", G2D));
  const text = new TextDecoder("latin1").decode(await Deno.readFile(join(folder, "r.tiff")));
  assertMatch(text, /<Channel [^>]*Name="Label 1"[^]*<Channel [^>]*Name="Label 2"/);
});

row("D28: npy in Fortran order and big endian and npz are read, what is no array of numbers is told", async (place) => {
  await converts(place, ["fortran.npy", "big_fortran.npy", "one.npz"]);
  await Deno.writeFile(join(place.folder, "single.npy"), npy([], Uint8Array.of(3)));
  const files = [input("record.npy"), input("complex.npy"), input("empty.npz"), "single.npy"];
  await refusedEach(place.ask(...CONVERT, NAMED, ...files), 4, [
    /record\.npy`: it holds structured records, only plain numbers can be read$/,
    /complex\.npy`: it holds elements of type `<c8`, only plain numbers can be read$/,
    /empty\.npz`: it contains no arrays of 2 to 5 dimensions$/,
    /single\.npy`: it has 0 dimensions \(a single value\), 2 to 5 are possible$/,
  ]);
});

row("D29: probabilities as 16 bits of full range are rounded, half to even", async ({ ask }) => {
  const words = [SMALL, "--output_format=numpy", "--output_filename_format=r", G2D];
  const float = await readNpy(succeeded(await ask(...words))[0] as string);
  const ranges = ["--export_dtype=uint16", "--pipeline_result_drange=(0.0,1.0)", "--export_drange=(0,65535)"];
  const packed = await readNpy(succeeded(await ask(...words, ...ranges))[0] as string);
  const wanted = numbers(float.descr, float.bytes).map((p) => roundHalfEven(Math.fround(65535 * p)));
  assertEquals(numbers(packed.descr, packed.bytes), wanted);
  refused(await ask(...words, "--export_drange=(0,255)"), 2, /--export_drange.*--pipeline_result_drange/);
});

row("D30: probabilities as bytes without a range are 0 and 1, with a warning that has the options", async ({ ask }) => {
  const words = [SMALL, "--output_format=numpy", "--output_filename_format=r", "--export_dtype=uint8", G2D];
  const outcome = await ask(...words);
  const { bytes } = await readNpy(succeeded(outcome)[0] as string);
  assert(bytes.every((value) => value <= 1));
  const option = "--pipeline_result_drange=(0.0,1.0) --export_drange=(0,255)";
  assertEquals(warnings(outcome), [`values 0…1 of Probabilities will become 0 in uint8; add ${option}`]);
  // A project that stores ranges needs no warning.
  assertEquals(warnings(await ask(`--project=${project("pc2d_stored")}`, "--dry_run", G2D)), []);
});

row("D31: formats of microscopes say how to convert them", async ({ ask, folder }) => {
  const files = ["a.czi", "a.nd2", "a.lif", "a.jp2", "a.dcm"];
  for (const name of files) await Deno.writeFile(join(folder, name), new Uint8Array(64).fill(7));
  const convert = /: the format is not recognized; convert it to HDF5, TIFF or OME-Zarr, .* Fiji or bioformats2raw$/;
  await refusedEach(ask(SMALL, NAMED, ...files), 4, files.map(() => convert));
});

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest === 0.5 ? low + low % 2 : rest < 0.5 ? low : low + 1;
}
