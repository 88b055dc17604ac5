import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { H5File, type H5Value, isHdf5, NativeError } from "../../ffi/hdf5.ts";

const DATA = `${import.meta.dirname}/../data/hdf5`;
/** The same content in the oldest and the newest format (tests/data/make/hdf5.py). */
const FORMATS = ["old", "new"] as const;

// Opened before the tests: it stays open, which they would take for a leak.
await isHdf5(`${DATA}/old.h5`);

/** Runs with an open file. */
async function withFile(name: string, test: (file: H5File) => Promise<void>): Promise<void> {
  await using file = await H5File.open(`${DATA}/${name}.h5`);
  await test(file);
}

/** A test for both formats. */
function inBothFormats(name: string, test: (file: H5File) => Promise<void>): void {
  for (const format of FORMATS) Deno.test(`${name} (${format} format)`, () => withFile(format, test));
}

/** Runs with a path of a file that may be written. */
async function withTemporary(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/täst.h5`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function numbersOf(value: H5Value | undefined): (number | bigint)[] {
  assert(value?.kind === "numbers");
  return [...value.data];
}

function stringsOf(value: H5Value | undefined): readonly string[] {
  assert(value?.kind === "strings");
  return value.strings;
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
  f2: "float16",
  f4: "float32",
  f8: "float64",
} as const;

inBothFormats("numbers of every type and byte order are read", async (file) => {
  for (const order of ["little", "big"]) {
    for (const [key, dtype] of Object.entries(DTYPES)) {
      const path = `numbers/${order}/${key}`;
      const value = await file.value(path);
      assert(value?.kind === "numbers");
      assertEquals([value.dtype, value.shape], [dtype, [2, 3]], path);
      const expected = [0, 1, 2, 3, 4, 5].map((n) => key.startsWith("u") ? n : n - 3);
      assertEquals(Array.from(value.data, Number), expected, path);
      await using dataset = await file.dataset(path);
      const native = order === "little" || key.endsWith("1");
      assertEquals(dataset.info.type, { kind: "number", dtype, native }, path);
    }
  }
});

inBothFormats("numbers of odd size, enums, booleans and single values are read", async (file) => {
  assertEquals(await file.value("numbers/int24"), {
    kind: "numbers",
    dtype: "int32",
    shape: [3],
    data: Int32Array.of(-2, 70000, 5),
  });
  assertEquals(await file.value("numbers/enum"), {
    kind: "numbers",
    dtype: "int16",
    shape: [2],
    data: Int16Array.of(300, 7),
  });
  assertEquals(await file.value("numbers/bool"), {
    kind: "numbers",
    dtype: "bool",
    shape: [3],
    data: Uint8Array.of(1, 0, 1),
  });
  assertEquals(await file.value("numbers/true"), {
    kind: "numbers",
    dtype: "bool",
    shape: [],
    data: Uint8Array.of(1),
  });
  assertEquals(await file.value("numbers/scalar"), {
    kind: "numbers",
    dtype: "float64",
    shape: [],
    data: Float64Array.of(2.5),
  });
});

inBothFormats("strings are read in all forms", async (file) => {
  const expected = {
    variable: ["grün"],
    "variable list": ["a", "", "日本"],
    ascii: ["plain"],
    fixed: ["abc"],
    "fixed list": ["Gaussian", "x", ""],
    "fixed utf-8": ["grün"],
    "latin-1": ["grün"],
    opaque: ["raw bytes"],
    none: [],
  };
  for (const [name, strings] of Object.entries(expected)) {
    assertEquals(stringsOf(await file.value(`text/${name}`)), strings, name);
  }
});

inBothFormats("datasets without content are empty", async (file) => {
  assertEquals(await file.value("empty/null"), { kind: "empty" });
  const zero = await file.value("empty/zero");
  assertEquals(zero, { kind: "numbers", dtype: "uint16", shape: [0, 4], data: new Uint16Array(0) });
  await using dataset = await file.dataset("empty/null");
  assertEquals(dataset.info.shape, undefined);
});

inBothFormats("types that are not read are named", async (file) => {
  assertEquals(await file.value("odd/compound"), { kind: "other", text: "compound {x: int32, y: float64}" });
  assertEquals(await file.value("odd/lists"), { kind: "other", text: "variable-length list" });
  assertEquals(await file.value("odd/reference"), { kind: "other", text: "reference" });
  await using dataset = await file.dataset("odd/compound");
  const error = await assertRejects(async () => void await dataset.read([0], [1]), NativeError);
  assertEquals(error.reason, "odd/compound holds no numbers but compound {x: int32, y: float64}");
});

inBothFormats("attributes are read and listed", async (file) => {
  assertEquals(await file.attributeNames("attributes"), [
    "empty",
    "fixed",
    "flag",
    "number",
    "numbers",
    "reference",
    "text",
    "texts",
  ]);
  const read = (name: string) => file.attribute("attributes", name);
  assertEquals(stringsOf(await read("text")), ["grün"]);
  assertEquals(stringsOf(await read("fixed")), ["abc"]);
  assertEquals(stringsOf(await read("texts")), ["a", "b"]);
  assertEquals(numbersOf(await read("number")), [3n]);
  assertEquals(numbersOf(await read("numbers")), [0.5, 2]);
  assertEquals(numbersOf(await read("flag")), [1]);
  assertEquals(await read("empty"), { kind: "empty" });
  assertEquals(await read("reference"), { kind: "other", text: "reference" });
  assertEquals(await read("absent"), undefined);
});

inBothFormats("labels of dimensions are an attribute", async (file) => {
  await using dataset = await file.dataset("labelled");
  assertEquals(stringsOf(await dataset.attribute("DIMENSION_LABELS")), ["y", "x"]);
});

inBothFormats("packed chunks are read by region, whatever packed them", async (file) => {
  for (const name of ["plain", "all"]) {
    await using dataset = await file.dataset(`packed/${name}`);
    assertEquals([dataset.info.layout, dataset.info.chunk], ["chunked", [3, 4]]);
    const values = await dataset.read([1, 2], [4, 3]);
    assertEquals([...values], [1, 2, 3, 4].flatMap((y) => [2, 3, 4].map((x) => y * 7 + x)), name);
  }
  await using all = await file.dataset("packed/all");
  assertEquals(all.info.filters.map(({ id, name, available }) => [id, name, available]), [
    [2, "shuffle", true],
    [1, "deflate", true],
    [3, "fletcher32", true],
  ]);
});

inBothFormats("chunks that were never written have the fill value", async (file) => {
  await using dataset = await file.dataset("packed/holes");
  assertEquals([...await dataset.read([0, 0], [2, 4])], [1, 1, -7, -7, 1, 1, -7, -7]);
  assertEquals(await dataset.readChunk([2, 2]), undefined);
  assertEquals((await dataset.readChunk([0, 0]))?.bytes.length, 16);
});

inBothFormats("a chunk as it lies in the file is what its filter made", async (file) => {
  await using dataset = await file.dataset("packed/gzip");
  const chunk = await dataset.readChunk([8, 16]);
  assert(chunk !== undefined);
  assertEquals(chunk.filterMask, 0);
  const stream = new Blob([chunk.bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const values = new Float32Array(await new Response(stream).arrayBuffer());
  // The chunk goes beyond the last column, 29; what lies there is of no concern.
  assertEquals(values.length, 8 * 16);
  for (let y = 0; y < 8; y++) {
    const row = Array.from({ length: 14 }, (_, x) => (y + 8) * 30 + x + 16);
    assertEquals([...values.subarray(y * 16, y * 16 + 14)], row);
  }
});

inBothFormats("a filter that is not built in is named", async (file) => {
  await using dataset = await file.dataset("packed/lzf");
  const error = await assertRejects(async () => void await dataset.read([0], [500]), NativeError);
  assertEquals(error.reason, "it is packed by the filter lzf (32000), which is not built in");
});

inBothFormats("members and kinds say where links lead", async (file) => {
  assertEquals(await file.members("links"), [
    { name: "circle", kind: "group" },
    { name: "hard", kind: "dataset" },
    { name: "nowhere", kind: "broken" },
    { name: "soft", kind: "dataset" },
  ]);
  assertEquals(await file.kind("links/soft"), "dataset");
  assertEquals(await file.kind("/links//circle/links/circle"), "group");
  assertEquals(await file.kind("links/nowhere"), "broken");
  assertEquals(await file.kind("links/nowhere/deeper"), "broken");
  assertEquals(await file.kind("numbers/scalar/deeper"), undefined);
  assertEquals(await file.kind("absent/deeper"), undefined);
  assertEquals(await file.kind("/"), "group");
  assertEquals(await file.value("absent/deeper"), undefined);
  assertEquals(await file.value("links/nowhere"), undefined);
});

inBothFormats("every dataset is found once, circles or not", async (file) => {
  const paths = (await file.datasets()).map(({ path }) => path);
  assertEquals(new Set(paths).size, paths.length);
  // The first path by name wins: `links` comes before `numbers`, and `links/circle` leads to the root again.
  assertEquals(paths.filter((path) => /scalar|hard|soft/.test(path)), ["links/hard"]);
  assertEquals(paths.length, 2 * 11 + 5 - 1 + 9 + 2 + 3 + 5 + 1 + 1);
});

Deno.test("links to other files are refused", async () => {
  await withFile("links", async (file) => {
    assertEquals(await file.members("/"), [
      { name: "inside", kind: "dataset" },
      { name: "missing", kind: "broken" },
      { name: "outside", kind: "broken" },
      { name: "soft", kind: "broken" },
      { name: "storage", kind: "dataset" },
      { name: "virtual", kind: "dataset" },
    ]);
    assertEquals(await file.value("soft"), undefined);
    for (const path of ["outside/group/data", "soft"]) {
      const error = await assertRejects(async () => void await file.dataset(path), NativeError);
      assertEquals(error.reason, "the link to another file, other.h5, is not followed");
    }
    for (const path of ["storage", "virtual"]) {
      const reason = "the content lies in other files, which are not opened";
      assertEquals((await assertRejects(async () => void await file.dataset(path), NativeError)).reason, reason);
      assertEquals((await assertRejects(() => file.value(path), NativeError)).reason, reason);
    }
    // The refusal leaves nothing behind that the next error could report.
    const error = await assertRejects(async () => void await file.dataset("absent"), NativeError);
    assertEquals(error.reason, "object 'absent' doesn't exist");
  });
});

Deno.test("links to other files are followed if asked, also in circles", async () => {
  await using file = await H5File.open(`${DATA}/links.h5`, { otherFiles: true });
  assertEquals(numbersOf(await file.value("outside/group/data")), [0, 1, 2, 3]);
  assertEquals(numbersOf(await file.value("soft")), [0, 1, 2, 3]);
  await using virtual = await file.dataset("virtual");
  assertEquals([...await virtual.read([0, 0], [2, 2])], [0, 1, 2, 3]);
  const paths = (await file.datasets()).map(({ path }) => path);
  assertEquals(paths, ["inside", "outside/group/data", "storage", "virtual"]);
});

Deno.test("an error has HDF5's own words, cause last", async () => {
  const error = await assertRejects(() => H5File.open("/nowhere/absent.h5"), NativeError);
  assertEquals([error.library, error.call, error.code], ["HDF5", "H5Fopen", -1]);
  assertEquals(error.lines.at(0)?.function, "H5Fopen");
  assertMatch(error.reason, /name = '\/nowhere\/absent.h5', errno = 2, error message = 'No such file or directory'/);
});

Deno.test("a file of another kind is no HDF5 file", async () => {
  const path = `${import.meta.dirname}/hdf5_test.ts`;
  assertEquals(await isHdf5(path), false);
  assertEquals(await isHdf5(`${DATA}/new.h5`), true);
  const error = await assertRejects(() => H5File.open(path), NativeError);
  assertMatch(error.reason, /file signature not found|not an HDF5 file/);
});

Deno.test("a truncated file is refused at every length, never read wrong", async () => {
  const bytes = await Deno.readFile(`${DATA}/old.h5`);
  await withTemporary(async (path) => {
    for (let length = 0; length < bytes.length; length += 997) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      await assertRejects(() => H5File.open(path), NativeError);
    }
  });
});

Deno.test("files are written and read again, in the oldest format", async () => {
  await withTemporary(async (path) => {
    const values = Float32Array.from({ length: 30 * 50 }, (_, i) => i / 4);
    {
      await using file = await H5File.create(path);
      for (const gzip of [undefined, 3]) {
        const packing = gzip === undefined ? {} : { gzip, shuffle: true };
        const name = `some/where/${gzip ?? "plain"}`;
        const spec = { dtype: "float32", shape: [30, 50], chunk: [8, 16], fill: false } as const;
        await using dataset = await file.createDataset(name, { ...spec, ...packing });
        // In parts that do not fit the chunks.
        await dataset.write([0, 0], [13, 50], values.subarray(0, 13 * 50));
        await dataset.write([13, 0], [17, 50], values.subarray(13 * 50));
      }
    }
    await using file = await H5File.open(path);
    for (const name of ["plain", "3"]) {
      await using dataset = await file.dataset(`some/where/${name}`);
      assertEquals(await dataset.read([0, 0], [30, 50]), values);
      assertEquals([...await dataset.read([29, 48], [1, 2])], [1498 / 4, 1499 / 4]);
    }
    // Superblock of version 0: the oldest there is.
    assertEquals((await Deno.readFile(path))[8], 0);
  });
});

Deno.test("values of all kinds are written", async () => {
  await withTemporary(async (path) => {
    await using file = await H5File.create(path);
    const values = {
      text: "grün",
      texts: ["a", "", "日本"],
      flags: { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) },
      big: { dtype: "uint64", shape: [1], data: BigUint64Array.of(2n ** 63n) },
      half: { dtype: "float16", shape: [], data: Float16Array.of(0.5) },
      none: { dtype: "int32", shape: [0, 2], data: new Int32Array(0) },
    } as const;
    await file.createGroup("g/h");
    await file.createGroup("g");
    for (const [name, value] of Object.entries(values)) {
      await file.writeValue(`g/${name}`, value);
      await file.writeAttribute("g", name, "replaced");
      await file.writeAttribute("g", name, value);
    }
    await file.writeAttribute("g", "fixed", { fixed: "abc" });
    for (const read of [(n: string) => file.value(`g/${n}`), (n: string) => file.attribute("g", n)]) {
      assertEquals(stringsOf(await read("text")), ["grün"]);
      assertEquals(stringsOf(await read("texts")), ["a", "", "日本"]);
      for (const name of ["flags", "big", "half", "none"] as const) {
        assertEquals(await read(name), { kind: "numbers", ...values[name] });
      }
    }
    assertEquals(stringsOf(await file.attribute("g", "fixed")), ["abc"]);
  });
});

Deno.test("booleans are written block by block", async () => {
  await withTemporary(async (path) => {
    await using file = await H5File.create(path);
    await using dataset = await file.createDataset("mask", { dtype: "bool", shape: [4] });
    await dataset.write([1], [2], Uint8Array.of(1, 1));
    assertEquals([...await dataset.read([0], [4])], [0, 1, 1, 0]);
    assertEquals((await file.value("mask"))?.kind, "numbers");
  });
});

Deno.test("chunks that are packed already are written as they are", async () => {
  await withTemporary(async (path) => {
    await using file = await H5File.create(path);
    await using source = await H5File.open(`${DATA}/old.h5`);
    await using from = await source.dataset("packed/gzip");
    const spec = { dtype: "float32", shape: [20, 30], chunk: [8, 16], gzip: 1 } as const;
    await using to = await file.createDataset("copy", spec);
    for (const y of [0, 8, 16]) {
      for (const x of [0, 16]) {
        const chunk = await from.readChunk([y, x]);
        assert(chunk !== undefined);
        await to.writeChunk([y, x], chunk.bytes, chunk.filterMask);
      }
    }
    assertEquals(await to.read([0, 0], [20, 30]), Float32Array.from({ length: 600 }, (_, i) => i));
  });
});

Deno.test("objects are moved, removed and copied to other files", async () => {
  await withTemporary(async (path) => {
    {
      await using source = await H5File.open(`${DATA}/new.h5`);
      await using file = await H5File.create(path);
      await source.copy("text", file, "copied/text");
      await file.move("copied/text/ascii", "elsewhere/plain");
      await file.unlink("copied/text/opaque");
    }
    await using file = await H5File.open(path, { write: true });
    assertEquals(stringsOf(await file.value("elsewhere/plain")), ["plain"]);
    assertEquals(stringsOf(await file.value("copied/text/variable list")), ["a", "", "日本"]);
    assertEquals(await file.kind("copied/text/opaque"), undefined);
    assertEquals(await file.kind("copied/text/ascii"), undefined);
    await file.writeValue("added", "later");
  });
});

Deno.test("the same content gives the same bytes", async () => {
  await withTemporary(async (path) => {
    const write = async () => {
      await using file = await H5File.create(path);
      await file.createGroup("group");
      await file.writeValue("group/text", "text");
      await using dataset = await file.createDataset("data", { dtype: "uint8", shape: [9], chunk: [4], gzip: 1 });
      await dataset.write([0], [9], new Uint8Array(9).fill(7));
    };
    await write();
    const first = await Deno.readFile(path);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await write();
    assertEquals(await Deno.readFile(path), first);
  });
});

Deno.test("calls that are made at once take their turns", async () => {
  await withTemporary(async (path) => {
    await using file = await H5File.create(path);
    const rows = 64;
    const dataset = await file.createDataset("data", {
      dtype: "int32",
      shape: [rows, 4096],
      chunk: [3, 1000],
      gzip: 1,
    });
    const row = (y: number) => new Int32Array(4096).fill(y);
    const written = Array.from({ length: rows }, (_, y) => dataset.write([y, 0], [1, 4096], row(y)));
    const read = Array.from({ length: rows }, (_, y) => dataset.read([y, 0], [1, 4096]));
    const listed = Array.from({ length: rows }, () => file.members("/"));
    await Promise.all(written);
    for (const [y, values] of (await Promise.all(read)).entries()) assertEquals(values, row(y));
    for (const members of await Promise.all(listed)) assertEquals(members, [{ name: "data", kind: "dataset" }]);
    await dataset.close();
  });
});

Deno.test("the event loop goes on while a large dataset is written and read", async () => {
  await withTemporary(async (path) => {
    await using file = await H5File.create(path);
    const size = 24 * 2 ** 20;
    const dataset = await file.createDataset("data", { dtype: "uint8", shape: [size], chunk: [2 ** 20], gzip: 1 });
    const data = Uint8Array.from({ length: size }, (_, i) => (i * i) >> 7);
    for (const work of [() => dataset.write([0], [size], data), () => dataset.read([0], [size])]) {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      await work();
      clearInterval(timer);
      assert(ticks > 0, "a timer fired before the call was done");
    }
    await dataset.close();
  });
});

Deno.test("closing twice does nothing, use after closing fails", async () => {
  const file = await H5File.open(`${DATA}/old.h5`);
  const dataset = await file.dataset("numbers/scalar");
  await dataset.close();
  await dataset.close();
  await file.close();
  await file.close();
  await assertRejects(() => file.members("/"), NativeError);
  await assertRejects(async () => void await dataset.read([], []), NativeError);
});

Deno.test("closing a file closes what was opened in it", async () => {
  const file = await H5File.open(`${DATA}/old.h5`);
  const dataset = await file.dataset("numbers/scalar");
  await file.close();
  await assertRejects(async () => void await dataset.read([], []), NativeError);
});

Deno.test("a box that does not fit is an error", async () => {
  await withFile("old", async (file) => {
    await using dataset = await file.dataset("packed/plain");
    await assertRejects(async () => void await dataset.read([3, 0], [3, 7]), NativeError);
  });
});
