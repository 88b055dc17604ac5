import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { NativeError, type Numbers, TiffFile, type TiffPage, TiffWriter } from "../../ffi/tiff.ts";

const DATA = `${import.meta.dirname}/../data/tiff`;

// Opened before the tests: the library stays open, which they would take for a leak.
await (await TiffFile.open(`${DATA}/rgb.tif`)).close();

/** Samples as tests/data/make/tiff.py writes them: `(7 x + 13 y + 29 s + 101 p) mod m`, C order y x s. */
function expected(page: TiffPage, modulus = 251, pageNumber = 0): number[] {
  const { height, width, samples } = page;
  return Array.from({ length: height * width * samples }, (_, i) => {
    const [y, x, s] = [Math.floor(i / (width * samples)), Math.floor(i / samples) % width, i % samples];
    return (7 * x + 13 * y + 29 * s + 101 * pageNumber) % modulus;
  });
}

/** All pixels of a page. */
function readAll(file: TiffFile, page: TiffPage): Promise<Numbers> {
  return file.read(page, { y: [0, page.height], x: [0, page.width], samples: [0, page.samples] });
}

/** Opens a file, describes its first page. */
async function withPage(name: string, test: (file: TiffFile, page: TiffPage) => Promise<void>): Promise<void> {
  await using file = await TiffFile.open(`${DATA}/${name}.tif`);
  await test(file, await file.page(0));
}

async function withTemporary(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/täst.tif`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const DTYPES = {
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  f4: "float32",
  f8: "float64",
} as const;

Deno.test("samples of every type and byte order are read", async () => {
  for (const order of ["little", "big"]) {
    for (const [key, dtype] of Object.entries(DTYPES)) {
      await withPage(`${order}-${key}`, async (file, page) => {
        assertEquals([page.dtype, page.bigEndian], [dtype, order === "big"], key);
        assertEquals(Array.from(await readAll(file, page), Number), expected(page, 128), `${order} ${key}`);
      });
    }
  }
});

Deno.test("every compression that is built in is undone", async () => {
  const files = ["lzw", "zlib", "zstd", "lzma", "packbits", "predictor", "float-predictor", "half"];
  for (const name of files) {
    await withPage(name, async (file, page) => {
      assert(page.codec, name);
      assertEquals(Array.from(await readAll(file, page), Number), expected(page), name);
    });
  }
});

Deno.test("samples of other sizes than whole bytes are unpacked without scaling", async () => {
  const dtypes = {
    1: "uint8",
    2: "uint8",
    4: "uint8",
    6: "uint8",
    10: "uint16",
    12: "uint16",
    14: "uint16",
    24: "uint32",
  };
  for (const [bits, dtype] of Object.entries(dtypes)) {
    for (const suffix of bits === "12" ? ["", "-reversed"] : [""]) {
      await withPage(`bits-${bits}${suffix}`, async (file, page) => {
        assertEquals([page.bits, page.dtype], [Number(bits), dtype]);
        const values = expected(page, Math.min(2 ** Number(bits), 251));
        assertEquals([...await readAll(file, page)], values, `${bits} bits${suffix}`);
        const part = await file.read(page, { y: [2, 4], x: [3, 8], samples: [0, 1] });
        assertEquals([...part], [2, 3].flatMap((y) => values.slice(y * 11 + 3, y * 11 + 8)));
      });
    }
  }
  await withPage("bool", async (file, page) => {
    assertEquals([...await readAll(file, page)], expected(page).map((value) => value % 2));
  });
});

Deno.test("samples come in the order y x sample, whatever the file has", async () => {
  for (const [name, planar] of [["rgb", 1], ["rgb-planes", 2], ["rgb-tiles", 1]] as const) {
    await withPage(name, async (file, page) => {
      assertEquals([page.samples, page.planar, page.photometric], [3, planar, 2], name);
      const all = expected(page);
      assertEquals([...await readAll(file, page)], all, name);
      // A box that cuts strips, tiles and samples.
      const box = { y: [5, 35], x: [14, 33], samples: [1, 3] } as const;
      const values: number[] = [];
      for (let y = 5; y < 35; y++) {
        for (let x = 14; x < 33; x++) values.push(...all.slice((y * 45 + x) * 3 + 1, (y * 45 + x) * 3 + 3));
      }
      assertEquals([...await file.read(page, box)], values, name);
    });
  }
});

Deno.test("tags are read", async () => {
  await withPage("pages-bigtiff", async (file, page) => {
    assertEquals(await file.count(), 3);
    assertEquals([page.bigTiff, page.description, page.software], [true, "µm", "by hand"]);
    assertEquals([page.xResolution, page.yResolution, page.resolutionUnit], [[10, 3], [1, 7], 3]);
    for (const index of [2, 1, 0]) {
      const other = await file.page(index);
      assertEquals(other.description, index === 0 ? "µm" : `page ${index}`);
      assertEquals([...await readAll(file, other)], expected(other, 251, index));
    }
    // A page that was described before is read without describing it again.
    assertEquals([...await readAll(file, page)], expected(page));
  });
  await withPage("rgba", (_file, page) => {
    assertEquals([page.samples, page.extraSamples, page.firstExtra], [4, 1, 2]);
    return Promise.resolve();
  });
  await withPage("predictor", (_file, page) => {
    assertEquals([page.tiled, page.blockWidth, page.blockHeight, page.predictor], [true, 32, 16, 2]);
    assertEquals([page.compression, page.contiguous], [8, false]);
    return Promise.resolve();
  });
  await withPage("little-u2", (_file, page) => {
    assertEquals([page.contiguous, page.storedBytes], [true, 180]);
    assertEquals(page.blocks, 1);
    return Promise.resolve();
  });
});

Deno.test("an uncompressed run of bytes begins where the page says", async () => {
  await withPage("little-u2", async (_file, page) => {
    const bytes = await Deno.readFile(`${DATA}/little-u2.tif`);
    const values = new Uint16Array(bytes.slice(page.firstData, page.firstData + page.storedBytes).buffer);
    assertEquals([...values], expected(page, 128));
  });
});

Deno.test("a palette is read", async () => {
  await withPage("palette", async (file, page) => {
    assertEquals(page.photometric, 3);
    assertEquals(await file.palette(page), Uint16Array.from({ length: 768 }, (_, i) => i * 85));
    assertEquals([...await readAll(file, page)], expected(page));
  });
  await withPage("rgb", async (file, page) => {
    await assertRejects(() => file.palette(page), NativeError);
  });
});

Deno.test("pages below a page are found and read", async () => {
  await withPage("pyramid", async (file, page) => {
    assertEquals(await file.count(), 1);
    const below = await file.pagesBelow(page);
    assertEquals(below.map(({ width, height, subFileType }) => [width, height, subFileType]), [[23, 19, 1], [
      12,
      10,
      1,
    ]]);
    const full = expected(page);
    for (const [i, step] of [2, 4].entries()) {
      const small = below[i];
      assert(small !== undefined);
      const values: number[] = [];
      for (let y = 0; y < 37; y += step) for (let x = 0; x < 45; x += step) values.push(full[y * 45 + x] as number);
      assertEquals([...await readAll(file, small)], values);
    }
    assertEquals([...await readAll(file, page)], full);
  });
});

Deno.test("JPEG colours come as RGB", async () => {
  await withPage("jpeg-rgb", async (file, page) => {
    assertEquals([page.compression, page.photometric, page.samples], [7, 6, 3]);
    const values = await readAll(file, page);
    // One colour; JPEG keeps it within rounding of its colour conversion.
    for (let i = 0; i < values.length; i += 3) {
      const [r, g, b] = values.subarray(i, i + 3);
      for (const [is, was] of [[r, 200], [g, 100], [b, 50]] as const) assert(Math.abs(Number(is) - was) <= 2);
    }
  });
});

Deno.test("a compression that is not built in is said", async () => {
  await withPage("webp", async (file, page) => {
    assertEquals([page.codec, page.dtype], [false, undefined]);
    const error = await assertRejects(async () => void await readAll(file, page), NativeError);
    assertEquals([error.code, error.reason], [5, "pixels of this kind are not read"]);
  });
});

Deno.test("what cannot be opened is said in libtiff's words", async () => {
  const absent = await assertRejects(() => TiffFile.open("/nowhere/absent.tif"), NativeError);
  assertMatch(absent.reason, /No such file or directory/);
  const other = await assertRejects(() => TiffFile.open(`${import.meta.dirname}/tiff_test.ts`), NativeError);
  assertMatch(other.reason, /Not a TIFF/);
  await withPage("rgb", async (file) => {
    await assertRejects(() => file.page(1), NativeError);
  });
});

Deno.test("a box outside the page is an error", async () => {
  await withPage("rgb", async (file, page) => {
    for (const box of [{ y: [0, 38], x: [0, 1] }, { y: [0, 1], x: [44, 46] }] as const) {
      const error = await assertRejects(
        async () => void await file.read(page, { ...box, samples: [0, 1] }),
        NativeError,
      );
      assertEquals(error.code, 1);
    }
  });
});

Deno.test("pages are written and read again", async () => {
  await withTemporary(async (path) => {
    const width = 45;
    const height = 37;
    const common = { width, height, samples: 1, photometric: 1 };
    const values = Float32Array.from({ length: width * height }, (_, i) => i / 8);
    for (const big of [false, true]) {
      const writer = await TiffWriter.create(path, big);
      await writer.begin({ ...common, dtype: "float32", description: "µm", software: "we", page: true });
      await writer.writeRows(0, 20, values.subarray(0, 20 * width));
      await writer.writeRows(20, 17, values.subarray(20 * width));
      await writer.end();
      await writer.begin({ ...common, dtype: "float32", compression: 5, predictor: 3, rowsPerStrip: 10 });
      for (let y = 0; y < height; y += 10) {
        await writer.writeBlock(y / 10, values.subarray(y * width, Math.min(y + 10, height) * width));
      }
      await writer.end();
      await writer.begin({
        ...{ width: 16, height: 16, samples: 4, photometric: 2, dtype: "uint16", tile: [16, 16], compression: 8 },
        ...{ extraSamples: 1, extraKind: 2, resolution: { unit: 3, x: [10, 1], y: [1, 4] } },
      });
      await writer.writeBlock(0, Uint16Array.from({ length: 1024 }, (_, i) => i * 3));
      await writer.end();
      await writer.close();
      await using file = await TiffFile.open(path);
      assertEquals(await file.count(), 3);
      const pages = [await file.page(0), await file.page(1), await file.page(2)];
      assertEquals([pages[0]?.bigTiff, pages[0]?.bigEndian, pages[0]?.subFileType], [big, false, 2]);
      assertEquals([pages[0]?.description, pages[0]?.software, pages[0]?.contiguous], ["µm", "we", true]);
      assertEquals([pages[1]?.compression, pages[1]?.predictor, pages[1]?.blockHeight], [5, 3, 10]);
      const [first, second, third] = pages;
      assert(first !== undefined && second !== undefined && third !== undefined);
      assertEquals(await readAll(file, first), values);
      assertEquals(await readAll(file, second), values);
      assertEquals(await readAll(file, third), Uint16Array.from({ length: 1024 }, (_, i) => i * 3));
      assertEquals([third.xResolution, third.yResolution, third.firstExtra], [[10, 1], [1, 4], 2]);
    }
  });
});

Deno.test("writing into a folder that is not there is an error", async () => {
  const error = await assertRejects(() => TiffWriter.create("/nowhere/new.tif", false), NativeError);
  assertMatch(error.reason, /No such file or directory/);
});

Deno.test("use after closing is a bug that is reported", async () => {
  const file = await TiffFile.open(`${DATA}/rgb.tif`);
  await file.close();
  await file.close();
  await assertRejects(async () => void await file.count(), Error, "after it was closed");
});

Deno.test("reads that are made at once take their turns", async () => {
  await withPage("rgb-tiles", async (file, page) => {
    const all = expected(page);
    const rows = Array.from(
      { length: page.height },
      (_, y) => file.read(page, { y: [y, y + 1], x: [0, page.width], samples: [0, 3] }),
    );
    for (const [y, row] of (await Promise.all(rows)).entries()) {
      assertEquals([...row], all.slice(y * 135, y * 135 + 135));
    }
  });
});

/** Reads whatever a damaged file still gives; the only error that may come is libtiff's. */
async function readAnything(path: string): Promise<"read" | "refused"> {
  try {
    await using file = await TiffFile.open(path);
    for (let i = Math.min(await file.count(), 4) - 1; i >= 0; i--) {
      const page = await file.page(i);
      // What a caller would do too: no box of absurd size.
      if (page.width * page.height * page.samples > 2 ** 20) continue;
      if (page.width * page.height * page.samples === 0) continue;
      await readAll(file, page);
      await file.pagesBelow(page);
    }
    return "read";
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    return "refused";
  }
}

Deno.test("damaged files are read or refused, never more", async () => {
  // A small generator of numbers, always the same (Numerical Recipes' constants).
  let state = 12345;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  const names = (await Array.fromAsync(Deno.readDir(DATA), ({ name }) => name)).sort();
  await withTemporary(async (path) => {
    const counts = { read: 0, refused: 0 };
    for (const name of names) {
      const bytes = await Deno.readFile(`${DATA}/${name}`);
      for (let round = 0; round < 40; round++) {
        const damaged = bytes.slice(0, round % 4 === 0 ? random(bytes.length) : bytes.length);
        // Small files are mostly directory, so random places hit the tags.
        for (let i = 0; i < 1 + random(6) && damaged.length > 0; i++) {
          damaged[random(damaged.length)] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)] as number;
        }
        await Deno.writeFile(path, damaged);
        counts[await readAnything(path)]++;
      }
    }
    assert(counts.read > 100 && counts.refused > 100, JSON.stringify(counts));
  });
});

Deno.test("directories in a circle end", async () => {
  await withTemporary(async (path) => {
    const bytes = await Deno.readFile(`${DATA}/bits-4.tif`);
    const view = new DataView(bytes.buffer);
    const start = view.getUint32(4, true);
    const next = start + 2 + 12 * view.getUint16(start, true);
    view.setUint32(next, start, true);
    await Deno.writeFile(path, bytes);
    await using file = await TiffFile.open(path);
    assertEquals(await file.count(), 1);
    assertEquals((await file.page(0)).bits, 4);
    await assertRejects(() => file.page(1), NativeError);
  });
});

Deno.test("a size that the file cannot hold is refused before memory is taken for it", async () => {
  await withTemporary(async (path) => {
    const bytes = await Deno.readFile(`${DATA}/zlib.tif`);
    const view = new DataView(bytes.buffer);
    const start = view.getUint32(4, true);
    for (let i = 0; i < view.getUint16(start, true); i++) {
      const entry = start + 2 + 12 * i;
      // Width, height and rows per strip, as 32-bit numbers.
      if (![256, 257, 278].includes(view.getUint16(entry, true))) continue;
      view.setUint16(entry + 2, 4, true);
      view.setUint32(entry + 8, 2_000_000_000, true);
    }
    await Deno.writeFile(path, bytes);
    await using file = await TiffFile.open(path);
    const page = await file.page(0);
    assertEquals([page.width, page.height], [2e9, 2e9]);
    const box = { y: [0, 1], x: [0, 1], samples: [0, 1] } as const;
    const error = await assertRejects(async () => void await file.read(page, box), NativeError);
    assertEquals(error.code, 4);
  });
});

Deno.test("tiles that were never written are zeros", async () => {
  await withTemporary(async (path) => {
    const bytes = await Deno.readFile(`${DATA}/rgb-tiles.tif`);
    const view = new DataView(bytes.buffer);
    const start = view.getUint32(4, true);
    for (let i = 0; i < view.getUint16(start, true); i++) {
      const entry = start + 2 + 12 * i;
      // Offset and length of the first tile.
      if (![324, 325].includes(view.getUint16(entry, true))) continue;
      const wide = view.getUint16(entry + 2, true) === 4;
      const list = view.getUint32(entry + 8, true);
      if (wide) view.setUint32(list, 0, true);
      else view.setUint16(list, 0, true);
    }
    await Deno.writeFile(path, bytes);
    await using file = await TiffFile.open(path);
    const page = await file.page(0);
    const values = await readAll(file, page);
    const all = expected(page);
    assertEquals([...values.subarray(0, 48)], new Array(48).fill(0));
    assertEquals([...values.subarray(48, 135)], all.slice(48, 135));
  });
});
