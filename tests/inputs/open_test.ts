import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError, type UserErrorKind } from "../../lib/array/mod.ts";
import { openInput } from "../../lib/inputs/mod.ts";
import { FIXTURES, readList, request, withInput } from "./fixtures.ts";

async function fails(text: string, kind: UserErrorKind, ...words: string[]): Promise<void> {
  const error = await assertRejects(() => openInput(request(text)), UserError);
  assertEquals(error.kind, kind);
  for (const word of words) assertStringIncludes(`${error.message}; ${error.hint}`, word);
}

/** Runs with a folder that is removed afterwards. */
async function inFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openInput() says what is wrong with an input that cannot be read", async (t) => {
  await t.step("a missing file", () => fails(`${FIXTURES}nope.png`, "input", "nope.png", "no such file"));
  await t.step("a missing HDF5 file with an inner path", () => fails(`${FIXTURES}no.h5/data`, "input", "no.h5`"));
  await t.step("a folder", () => fails(FIXTURES, "input", "folder", "/*.png"));
  await t.step("an empty text", () => fails("", "usage", "empty"));
  await t.step("remote data", () => fails("s3://bucket/a.zarr", "input", "not supported", "copy"));
  await t.step("a pattern without match", () => fails(`${FIXTURES}zz*.png`, "input", "zz*.png", "big.npy"));
  await t.step(
    "files of different kinds",
    () => fails(`${FIXTURES}small_gray.*`, "input", ".bmp .gif .pgm .ras", "same"),
  );
  await t.step("two patterns", () => fails(`${FIXTURES}s*.h5/t*`, "usage", "wildcards"));
  await t.step(
    "an inner path that is missing",
    () => fails(`${FIXTURES}single.h5/zz`, "input", "`zz`", "`a/b` (3×4×5 uint8)"),
  );
  await t.step(
    "an inner path of an image",
    () => fails(`${FIXTURES}c.npy/zz`, "input", "one array", "leave `/zz` away"),
  );
  await t.step(
    "an inner path of a Zarr that is one array",
    () => fails(`${FIXTURES}shards3.zarr/a/b`, "input", "one array", "leave `/a/b` away"),
  );
  await t.step("a Zarr folder without metadata", () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/a.zarr`);
      await fails(`${folder}/a.zarr`, "input", "a.zarr`: it holds no metadata of Zarr", "`.zarray`");
    }));
  await t.step("links that lead nowhere", () =>
    inFolder(async (folder) => {
      await Deno.symlink("gone.png", `${folder}/a.png`);
      await Deno.symlink("b.png", `${folder}/b.png`);
      await fails(`${folder}/a.png`, "input", "a.png`: it is a link to `gone.png`, where no file is");
      await fails(`${folder}/b.png`, "input", "b.png`: it is a link to `b.png`");
    }));
  if (Deno.build.os !== "windows") {
    await t.step(
      "a pipe, which would be waited for",
      () => fails("/dev/null", "input", "a pipe, a socket or a device"),
    );
  }
  await t.step("a file and a folder that may not be read", () =>
    inFolder(async (folder) => {
      if (Deno.uid() === 0) return;
      await Deno.mkdir(`${folder}/locked`);
      await Deno.writeFile(`${folder}/a.png`, new Uint8Array(8), { mode: 0 });
      await Deno.chmod(`${folder}/locked`, 0);
      await fails(`${folder}/a.png`, "input", "a.png`: permission denied");
      await fails(`${folder}/locked/b.png`, "input", "locked/b.png`: permission denied");
    }));
  await t.step("a truncated HDF5 file", () =>
    inFolder(async (folder) => {
      await Deno.copyFile(`${FIXTURES}single.h5`, `${folder}/a.h5`);
      const { size } = await Deno.stat(`${folder}/a.h5`);
      await Deno.truncate(`${folder}/a.h5`, size - 100);
      await fails(`${folder}/a.h5`, "input", `the file is truncated: it has ${size - 100} bytes, ${size} are needed`);
    }));
  await t.step("a TIFF that ends before its directory", () =>
    inFolder(async (folder) => {
      await Deno.copyFile(`${FIXTURES}ome_set/t0_c1.ome.tif`, `${folder}/a.tif`);
      await Deno.truncate(`${folder}/a.tif`, 9);
      const error = await assertRejects(() => openInput(request(`${folder}/a.tif`)), UserError);
      assertEquals(error.message.includes(".c:"), false);
    }));
  await t.step(
    "several datasets",
    () => fails(`${FIXTURES}slices.h5`, "input", "`t0/data` (2×4×5 uint8)", "inner path"),
  );
  await t.step("no dataset of 2 to 5 dimensions", () => fails(`${FIXTURES}table.h5/one`, "input", "1 dimensions"));
  await t.step("an empty dataset", () => fails(`${FIXTURES}table.h5/empty`, "input", "empty", "0×4"));
  await t.step("a compound dataset", () => fails(`${FIXTURES}table.h5/compound`, "input", "compound"));
  await t.step(
    "an unknown HDF5 filter",
    () => fails(`${FIXTURES}table.h5/packed/bitshuffle`, "input", "`bitshuffle`", "gzip"),
  );
  await t.step("several arrays in an archive", () => fails(`${FIXTURES}two.npz`, "input", "`a` (4×5 uint8), `b`"));
  await t.step("a missing array of an archive", () => fails(`${FIXTURES}two.npz/z`, "input", "`z`", "`a` (4×5 uint8)"));
  await t.step("an empty archive", () => fails(`${FIXTURES}empty.npz`, "input", "no arrays"));
  await t.step("records in npy", () => fails(`${FIXTURES}record.npy`, "input", "records"));
  await t.step("complex numbers in npy", () => fails(`${FIXTURES}complex.npy`, "input", "<c8"));
  await t.step(
    "TIFF pages of unequal size",
    () => fails(`${FIXTURES}tiff_unequal.tif`, "input", "several series", "4×5", "2×3"),
  );
  await t.step(
    "a TIFF of several calls of tifffile's writer, each of which is an image of its own",
    () => fails(`${FIXTURES}tiff_calls.tif`, "input", "several series of images (4×5, 4×5)"),
  );
  await t.step("several series", () => fails(`${FIXTURES}ome_two.ome.tif`, "input", "X 5 Y 4 Z 3", "X 3 Y 2"));
  await t.step(
    "OME-TIFF in several files, one of which is missing",
    () => fails(`${FIXTURES}ome_files.ome.tif`, "input", "2 files", "`other.ome.tif` cannot be found", "one folder"),
  );
  await t.step(
    "a stack of files that are one image anyway",
    () => fails(`${FIXTURES}ome_set/*.ome.tif`, "input", "t0_c0.ome.tif` is one of 4 files", "give that one file"),
  );
  await t.step("an OME-TIFF without the file of its metadata", () =>
    inFolder(async (folder) => {
      await Deno.copyFile(`${FIXTURES}ome_companion/c0.ome.tif`, `${folder}/c0.ome.tif`);
      await fails(`${folder}/c0.ome.tif`, "input", "`set.companion.ome`, which is not there", "one folder");
    }));
  await t.step("an OME-TIFF of several files, one of which is cut off", () =>
    inFolder(async (folder) => {
      for (const name of ["t0_c0", "t0_c1", "t1_c0", "t1_c1"]) {
        await Deno.copyFile(`${FIXTURES}ome_set/${name}.ome.tif`, `${folder}/${name}.ome.tif`);
      }
      await Deno.truncate(`${folder}/t1_c0.ome.tif`, 100);
      await fails(`${folder}/t0_c0.ome.tif`, "input", "t1_c0.ome.tif`:");
    }));
  await t.step("TIFF compression", () => fails(`${FIXTURES}tiff_jpeg2000.tif`, "input", "JPEG 2000", "deflate"));
  await t.step("complex TIFF", () => fails(`${FIXTURES}tiff_complex.tif`, "input", "complex samples of 64 bits"));
  await t.step(
    "a raw file that is too short",
    () => fails(`${FIXTURES}raw-40-50-60.bin`, "input", "40×50×60", "120000"),
  );
  await t.step("text named as an image", () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/a.png`, "no image\n");
      await fails(`${folder}/a.png`, "input", "not a PNG image but text");
      await Deno.writeTextFile(`${folder}/a.h5`, "no image\n");
      await fails(`${folder}/a.h5/data`, "input", "not an HDF5 file");
      await Deno.writeTextFile(`${folder}/a.xyz`, "no image\n");
      await fails(`${folder}/a.xyz`, "input", "not recognized", ".png");
      await Deno.writeTextFile(`${folder}/a.czi`, "no image\n");
      await fails(`${folder}/a.czi`, "input", "not recognized", "OME-Zarr");
      await Deno.writeTextFile(`${folder}/a.npy`, "");
      await fails(`${folder}/a.npy`, "input", "empty");
    }));
});

Deno.test("openInput() reads a file by its content when the extension says something else, and warns", async () => {
  await inFolder(async (folder) => {
    await Deno.copyFile(`${FIXTURES}c.npy`, `${folder}/a.png`);
    const said: string[] = [];
    const shape = await withInput(`${folder}/a.png`, (array) => Promise.resolve(array.shape), {
      warn: (m) => said.push(m),
    });
    assertEquals(shape, [3, 4, 5]);
    assertEquals(said, [`\`${folder}/a.png\` is not a PNG image but a NumPy array, and is read as such`]);
  });
});

Deno.test("openInput() takes extensions in any case", async () => {
  await inFolder(async (folder) => {
    await Deno.copyFile(`${FIXTURES}single.h5`, `${folder}/A.H5`);
    assertEquals(await withInput(`${folder}/A.H5`, (array) => Promise.resolve(array.shape)), [3, 4, 5]);
  });
});

Deno.test("openInput() names the input as the original does", async (t) => {
  await inFolder(async (folder) => {
    const copy = (from: string, to: string) => Deno.copyFile(FIXTURES + from, `${folder}/${to}`);
    await copy("png_8_1.png", "g.png");
    await copy("png_8_1.png", "a.b.png");
    await copy("png_8_3.png", "rgb.png");
    await copy("png_8_3.png", "rgba.png");
    await copy("png_8_3.png", "other.png");
    for (const n of [1, 2, 3]) await copy("png_8_1.png", `st_00${n}.png`);
    await copy("single.h5", "two.h5");
    await copy("slices.h5", "t4.h5");
    for (const n of [0, 1]) await copy("single.h5", `hs_${n}.h5`);
    const cases: Readonly<Record<string, string>> = {
      "g.png": "g",
      "a.b.png": "a.b",
      "two.h5/a/b": "two-a-b",
      "two.h5//a/b": "two-a-b",
      "two.h5": "two",
      "st_*.png": "st_00",
      "st_001*.png": "st_001",
      "hs_*.h5/a/b": "hs_-a-b",
      "hs_*.h5": "hs_",
      "t4.h5/t*/data": "t4-t",
      [`rgba.png:${folder}/rgb.png`]: "rgb",
      [`rgba.png:${folder}/other.png`]: "stack_at-other",
    };
    for (const [text, wanted] of Object.entries(cases)) {
      await t.step(`${text.replaceAll(folder, "…")} is ${wanted}`, async () => {
        const { nickname, datasetDir, array } = await openInput(request(`${folder}/${text}`));
        await array.close();
        assertEquals([nickname, datasetDir], [wanted, folder]);
      });
    }
  });
});

Deno.test("openInput() takes an existing name literally, else as a pattern or a list", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/x.h5dir`);
    for (const name of ["br[1].png", "br1.png", "a:b.png", "x.h5dir/a.png"]) {
      await Deno.copyFile(`${FIXTURES}png_8_1.png`, `${folder}/${name}`);
    }
    for (const name of ["br[1].png", "a:b.png", "x.h5dir/a.png"]) {
      const { paths, array } = await openInput(request(`${folder}/${name}`));
      await array.close();
      assertEquals(paths, [`${folder}/${name}`]);
    }
    const { paths, array } = await openInput(request("~/br[0-1].png", { home: folder }));
    await array.close();
    assertEquals(paths, [`${folder}/br1.png`]);
  });
});

Deno.test("openInput() sorts slices by bytes and says when numbers would sort differently or are missing", async () => {
  await inFolder(async (folder) => {
    for (const n of [2, 10, 4]) await Deno.copyFile(`${FIXTURES}png_8_1.png`, `${folder}/s${n}.png`);
    const said: string[] = [];
    const names = async (naturalSort: boolean) => {
      const { paths, array } = await openInput(
        request(`${folder}/s*.png`, { naturalSort, warn: (m) => said.push(m.replaceAll(folder, "")) }),
      );
      await array.close();
      return paths.map((path) => path.slice(folder.length + 1));
    };
    assertEquals(await names(false), ["s10.png", "s2.png", "s4.png"]);
    assertEquals(said, [
      "slices are taken in byte order: `/s10.png` stands before `/s2.png`; `--natural_sort` sorts by number",
      "slice 3 is missing between `/s2.png` and `/s4.png`",
    ]);
    assertEquals(await names(true), ["s2.png", "s4.png", "s10.png"]);
  });
});

Deno.test("openInput() reads planes that an OME-TIFF lacks as zeros, and says so", async () => {
  const said: string[] = [];
  await withInput(`${FIXTURES}ome_gap.ome.tif`, async (array) => {
    const all = await readList(array);
    assertEquals([array.axes.join(""), array.shape], ["cyx", [2, 4, 5]]);
    assertEquals([all[0], all.slice(20).every((value) => value === 0)], [5, true]);
  }, { warn: (message) => said.push(message) });
  assertEquals(said.length, 1);
  assertStringIncludes(said[0] as string, "1 of 2 planes");
});

Deno.test("openInput() tells where a truncated TIFF ends", async () => {
  await inFolder(async (folder) => {
    for (const [file, cut] of [["tiff_bigtiff.tif", 3000], ["tiff_lzma.tif", 200]] as const) {
      const bytes = await Deno.readFile(FIXTURES + file);
      await Deno.writeFile(`${folder}/a.tif`, bytes.subarray(0, bytes.length - cut));
      const error = await assertRejects(
        () => withInput(`${folder}/a.tif`, (array) => array.read([0, 0], array.shape)),
        UserError,
      );
      assertStringIncludes(error.message, "page 0");
    }
  });
});

Deno.test("openInput() takes an N5 container that is not marked as one by its name", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/c.n5/g/a/0`, { recursive: true });
    const attributes = { dimensions: [3, 2], blockSize: [3, 2], dataType: "uint8", compression: { type: "raw" } };
    await Deno.writeTextFile(`${folder}/c.n5/g/a/attributes.json`, JSON.stringify(attributes));
    const block = Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6);
    await Deno.writeFile(`${folder}/c.n5/g/a/0/0`, block);
    for (const name of ["c.n5", "c.n5/g/a"]) {
      const { array, nickname, paths } = await openInput(request(`${folder}/${name}`));
      assertEquals([array.shape, paths], [[2, 3], [`${folder}/c.n5`]]);
      assertEquals(nickname, name === "c.n5" ? "c" : "c-g-a");
      assertEquals(await readList(array, [0, 0], [2, 3]), [1, 2, 3, 4, 5, 6]);
      await array.close();
    }
  }));

Deno.test({
  name: "openInput() takes ~ and ~name for home folders",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const root = (await Deno.readTextFile("/etc/passwd")).split("\n").find((line) => line.startsWith("root:"));
    await fails("~root/none.png", "input", `\`${root?.split(":")[5]}/none.png\`: there is no such file`);
    const home = await assertRejects(() => openInput(request("~/none.png", { home: "/home/me" })), UserError);
    assertStringIncludes(home.message, "`/home/me/none.png`");
    await fails("~nobody-of-this-name/none.png", "input", "/~nobody-of-this-name/none.png`: there is no such file");
  },
});

Deno.test("openInput() says which pixels a PNG has no colours for, whatever the streams say first", () =>
  inFolder(async (folder) => {
    const bytes = await Deno.readFile(`${FIXTURES}png_palette_4.png`);
    // The chunk of the palette is no longer known by its name.
    bytes[39] = 0xc6;
    await Deno.writeFile(`${folder}/a.png`, bytes);
    for (let i = 0; i < 20; i++) {
      const error = await assertRejects(
        () => withInput(`${folder}/a.png`, (array) => array.read([0, 0, 0], array.shape)),
        UserError,
      );
      assertStringIncludes(error.message, "colour");
    }
  }));
