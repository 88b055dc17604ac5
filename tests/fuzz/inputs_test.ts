/**
 * Every reader against files that are cut or changed: an error for the user or pixels, nothing else, and soon.
 * `FUZZ_ROUNDS` asks for more than the bounded number that every test run makes; `FUZZ_SEED` for other ones.
 */
import { assert } from "@std/assert";
import { extname } from "@std/path";
import { UserError } from "../../lib/array/mod.ts";
import { openInput } from "../../lib/inputs/mod.ts";
import { FIXTURES, request } from "../inputs/fixtures.ts";

const ROUNDS = Number(Deno.env.get("FUZZ_ROUNDS") ?? 40);
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? 1);
/** Places where a file is cut, beside its first bytes. */
const CUTS = 24;
/** More elements than this are not read from a file that claims to have them. */
const MOST_ELEMENTS = 1 << 22;

/** One file or more of every reader and every way through it. */
const FILES: readonly string[] = [
  "single.h5",
  "slices.h5/t*/data",
  "table.h5/packed/lzf_shuffled",
  "c.npy",
  "big_fortran.npy",
  "v3.npy",
  "two.npz/b",
  "one.npz",
  "png_8_3.png",
  "png_16_4_interlaced.png",
  "png_2_1.png",
  "png_palette_4.png",
  "tiff_zlib.tif",
  "tiff_lzw.tif",
  "tiff_tiled.tif",
  "tiff_bigtiff.tif",
  "tiff_planar.tif",
  "tiff_fax.tif",
  "tiff_predictor3.tif",
  "tiff_pages.tif",
  "tiff_shaped_zyx.tif",
  "tiff_zstd.tif",
  "tiff_lzma.tif",
  "imagej_tzcyx.tif",
  "imagej_single_directory.tif",
  "ome_squeezed.ome.tif",
  "ome_pyramid.ome.tif",
  "jpeg_rgb.jpg",
  "jpeg_444_progressive.jpg",
  "small_rgb.bmp",
  "small_palette.bmp",
  "small_bits.bmp",
  "small_palette.gif",
  "small_large.gif",
  "small_16.pgm",
  "small_ascii.ppm",
  "small_ascii.pbm",
  "small_bits.pbm",
  "small_rgb.ras",
  "small_rle.hdr",
  "small_flat.hdr",
  "small_big_int16.xv",
  "raw-6-7-8-uint16.raw",
];

/** Files inside stores, and what is opened then. */
const STORES: readonly (readonly [store: string, file: string])[] = [
  ["shards3.zarr", "zarr.json"],
  ["shards3.zarr", "c/0/0/0/0"],
  ["codec2_blosc.zarr", ".zarray"],
  ["codec2_blosc.zarr", "0.0.0.0"],
  ["codec3_zstd.zarr", "c/0/0/0/0"],
  ["codec3_gzip.zarr", "c/0/0/0/0"],
  ["ome05.zarr/s1", "zarr.json"],
  ["table.n5/codecs/gzip", "attributes.json"],
  ["table.n5/codecs/gzip", "0/0/0"],
  ["table.n5/codecs/blosc", "0/0/0"],
];

/** A small generator with a seed (Steele and Vigna's SplitMix32). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % below;
  };
}

/** The file cut in the middle of its structures, then with bytes changed, most of them near the front. */
function* variants(bytes: Uint8Array<ArrayBuffer>, seed: number): Generator<[string, Uint8Array<ArrayBuffer>]> {
  const random = randomNumbers(seed);
  const cuts = new Set([0, 1, 2, 4, 7, 8, 12, 16, 20, 24, 32, 33, bytes.length - 1, bytes.length - 4]);
  for (let i = 1; i < CUTS; i++) cuts.add(Math.floor(bytes.length * i / CUTS));
  for (const cut of cuts) if (cut >= 0 && cut < bytes.length) yield [`cut at ${cut}`, bytes.slice(0, cut)];
  for (let round = 0; round < ROUNDS; round++) {
    const changed = bytes.slice();
    const range = round % 2 === 0 ? Math.min(bytes.length, 256) : bytes.length;
    const said: string[] = [];
    for (let n = 0; n <= random(4); n++) {
      const at = random(range);
      const value = [0, 255, 128, random(256)][random(4)] as number;
      changed[at] = value;
      said.push(`${at} is ${value}`);
    }
    yield [said.join(", "), changed];
  }
}

/** Opens and reads; anything but an error for the user is a bug. */
async function open(text: string, what: string): Promise<void> {
  try {
    const { array } = await openInput(request(text));
    try {
      const elements = array.shape.reduce((product, n) => product * n, 1);
      const stop = elements <= MOST_ELEMENTS ? array.shape : array.shape.map(() => 1);
      const { data } = await array.read(array.shape.map(() => 0), stop);
      assert(data.length >= stop.reduce((product, n) => product * n, 1), `${what}: too few elements`);
    } finally {
      await array.close();
    }
  } catch (error) {
    if (error instanceof UserError && (error.kind === "input" || error.kind === "usage")) return;
    throw new Error(what, { cause: error });
  }
}

for (const name of FILES) {
  Deno.test(`openInput() survives ${name} cut and changed`, async () => {
    const [file = "", ...inner] = name.split("/");
    const bytes = await Deno.readFile(FIXTURES + file);
    const folder = await Deno.makeTempDir();
    // Raw files tell their shape by name.
    const target = `${folder}/${name.startsWith("raw") ? file : `a${extname(file)}`}`;
    try {
      for (const [what, variant] of variants(bytes, SEED)) {
        await Deno.writeFile(target, variant);
        await open([target, ...inner].join("/"), `${name}: ${what}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

for (const [store, file] of STORES) {
  Deno.test(`openInput() survives ${store} with ${file} cut and changed`, async () => {
    const [root = "", ...inner] = store.split("/");
    const folder = await Deno.makeTempDir();
    const target = `${folder}/${root}`;
    try {
      await copyFolder(FIXTURES + root, target);
      const changed = [target, ...inner, file].join("/");
      const bytes = await Deno.readFile(changed);
      for (const [what, variant] of variants(bytes, SEED)) {
        await Deno.writeFile(changed, variant);
        await open([target, ...inner].join("/"), `${store}: ${what}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    await (isDirectory ? copyFolder : Deno.copyFile)(`${from}/${name}`, `${to}/${name}`);
  }
}
