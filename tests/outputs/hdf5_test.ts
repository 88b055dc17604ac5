import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { H5File } from "../../ffi/hdf5.ts";
import { type Dtype, DTYPES, type Five, parseAxes, UserError } from "../../lib/array/mod.ts";
import { axistagsText, axisUnitsText, seventeenDigits } from "../../lib/outputs/axistags.ts";
import { chunkShape } from "../../lib/outputs/chunks.ts";
import { type ExportResult, type ExportSettings, planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];
const INPUT = { text: "in.png", nickname: "in", datasetDir: "/in" };
/** HDF5 stays open for the whole process. */
const native = { sanitizeResources: false, sanitizeOps: false };

function inFolder(name: string, test: (folder: string) => Promise<void>): void {
  Deno.test({
    ...native,
    name,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await test(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

function result(dtype: Dtype, shape: Five, letters: string, changes: Partial<ExportResult> = {}): ExportResult {
  const array = filled(dtype, shape, (i) => dtype === "bool" ? i % 2 : i % 100);
  return {
    name: "Probabilities",
    source: memorySource(array, axes(letters), { drange: [0, 1], displayMode: "grayscale" }),
    outputAxes: axes(letters),
    continuous: false,
    ...changes,
  };
}

/** Names in a folder. */
async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

/** Writes a result and gives its path. */
async function write(from: ExportResult, settings: ExportSettings): Promise<string> {
  const planned = planExport(from, INPUT, settings);
  await planned.checkTarget();
  const [path = ""] = await writeAll(planned);
  return path;
}

Deno.test("chunks have the shapes that ilastik gives them", () => {
  assertEquals(chunkShape([300, 400, 1], axes("yxc"), "uint8"), [300, 400, 1]);
  assertEquals(chunkShape([2000, 3000, 2], axes("yxc"), "float32"), [358, 357, 1]);
  assertEquals(chunkShape([7, 20, 30, 2], axes("tyxc"), "float32"), [1, 20, 30, 1]);
  assertEquals(chunkShape([7, 20, 30, 2], axes("zyxc"), "float32"), [7, 20, 30, 1]);
  assertEquals(chunkShape([192, 192, 192, 2], axes("zyxc"), "float32"), [50, 51, 50, 1]);
});

Deno.test("axistags is written character by character as ilastik does", () => {
  assertEquals(
    axistagsText(axes("tyc"), { t: 2, y: 0.4 }),
    `{
  "axes": [
    {
      "key": "t",
      "typeFlags": 8,
      "resolution": 2,
      "description": ""
    },
    {
      "key": "y",
      "typeFlags": 2,
      "resolution": 0.40000000000000002,
      "description": ""
    },
    {
      "key": "c",
      "typeFlags": 1,
      "resolution": 0,
      "description": ""
    }
  ]
}`,
  );
});

Deno.test("numbers have the digits of C's %.17g", () => {
  const expected: Readonly<Record<string, number>> = {
    "0.10000000000000001": 0.1,
    "1.0000000000000001e-05": 1e-5,
    "1.0000000000000001e-09": 1e-9,
    "123456789": 123456789,
    "9.9999999999999992e+22": 1e23,
    "0.00032499999999999999": 0.000325,
    "3": 3,
  };
  for (const [text, value] of Object.entries(expected)) assertEquals(seventeenDigits(value), text);
});

Deno.test("axis_units is JSON as Python writes it, in the order of the source", () => {
  assertEquals(axisUnitsText({ units: { y: "nm", x: "cm" } }), '{"y": "nm", "x": "cm"}');
  assertEquals(axisUnitsText({ units: { t: "", z: "µm" } }), '{"t": "", "z": "\\u00b5m"}');
  assertEquals(axisUnitsText({}), undefined);
});

for (const [format, filters] of [["hdf5", []], ["compressed hdf5", [{ id: 1, values: [1] }]]] as const) {
  inFolder(`${format} has the dataset, the chunks and the attributes of ilastik`, async (folder) => {
    const path = await write(result("float32", [1, 1, 40, 30, 2], "yxc"), settingsFor(folder, { formatName: format }));
    assertEquals(path, join(folder, "r.h5"));
    await using file = await H5File.open(path);
    await using dataset = await file.dataset("exported_data");
    assertEquals(dataset.info.shape, [40, 30, 2]);
    assertEquals(dataset.info.chunk, [40, 30, 1]);
    assertEquals(dataset.info.filters.map(({ id, values }) => ({ id, values })), [...filters]);
    assertEquals(
      new Set(await dataset.attributeNames()),
      new Set(["axistags", "display_mode", "drange", "DIMENSION_LABELS"]),
    );
    const text = await dataset.attribute("axistags");
    assertEquals(text, { kind: "strings", shape: [], strings: [axistagsText(axes("yxc"))] });
    assertEquals(await dataset.attribute("display_mode"), { kind: "strings", shape: [], strings: ["grayscale"] });
    assertEquals(await dataset.attribute("DIMENSION_LABELS"), {
      kind: "strings",
      shape: [3],
      strings: ["y", "x", "c"],
    });
    const drange = await dataset.attribute("drange");
    assertEquals(drange, { kind: "numbers", dtype: "float32", shape: [2], data: new Float32Array([0, 1]) });
    const data = await dataset.read([0, 0, 0], [40, 30, 2]);
    assertEquals(data, Float32Array.from({ length: 2400 }, (_, i) => i % 100));
  });
}

inFolder("every element type and axis order comes back", async (folder) => {
  for (const dtype of DTYPES) {
    const path = await write(
      result(dtype, [2, 3, 9, 8, 2], "tzyxc"),
      settingsFor(folder, { axisOrder: axes("cxyzt"), innerPathPattern: "volume/deep/{nickname}" }),
    );
    await using file = await H5File.open(path);
    await using dataset = await file.dataset("volume/deep/in");
    assertEquals(dataset.info.type, { kind: "number", dtype, native: true });
    assertEquals(dataset.info.shape, [2, 8, 9, 3, 2]);
    const data = await dataset.read([1, 0, 8, 2, 1], [1, 2, 1, 1, 1]);
    const flat = (x: number) => (((1 * 3 + 2) * 9 + 8) * 8 + x) * 2 + 1;
    assertEquals([...data].map(Number), [0, 1].map((x) => dtype === "bool" ? flat(x) % 2 : flat(x) % 100));
  }
});

for (const format of ["hdf5", "compressed hdf5"]) {
  inFolder(`${format}: chunks at the edges and blocks that cut chunks come back`, async (folder) => {
    const shape: Five = [1, 1, 500, 620, 2];
    for (const block of [[1, 1, 358, 357, 2], [1, 1, 500, 620, 2]] as const) {
      const [path = ""] = await writeAll(
        planExport(result("float32", shape, "yxc"), INPUT, settingsFor(folder, { formatName: format })),
        block,
      );
      await using file = await H5File.open(path);
      await using dataset = await file.dataset("exported_data");
      assertEquals(dataset.info.chunk, [358, 357, 1]);
      const data = await dataset.read([0, 0, 0], [500, 620, 2]);
      assert(data.every((value, i) => Number(value) === i % 100));
    }
    const planned = planExport(result("float32", shape, "yxc"), INPUT, settingsFor(folder, { formatName: format }));
    const sink = await planned.open();
    for (const [start, stop] of [[0, 123], [123, 400], [400, 500]] as const) {
      const region = { start: [0, 0, start, 0, 0], stop: [1, 1, stop, 620, 2] } as const;
      await sink.write(region, await planned.source.read(region));
    }
    const [path = ""] = await sink.commit();
    await using file = await H5File.open(path);
    await using dataset = await file.dataset("exported_data");
    const data = await dataset.read([0, 0, 0], [500, 620, 2]);
    assert(data.every((value, i) => Number(value) === i % 100));
  });
}

inFolder("another dataset in an existing file is kept, the one of that name replaced", async (folder) => {
  const from = result("uint8", [1, 1, 4, 5, 1], "yxc");
  await write(from, settingsFor(folder, { innerPathPattern: "a/b" }));
  await write(from, settingsFor(folder, { innerPathPattern: "exported_data" }));
  const path = await write(result("uint16", [1, 1, 2, 2, 1], "yxc"), settingsFor(folder));
  await using file = await H5File.open(path);
  assertEquals((await file.datasets()).map((found) => [found.path, found.shape]), [
    ["a/b", [4, 5, 1]],
    ["exported_data", [2, 2, 1]],
  ]);
});

inFolder("an existing file with only the old dataset does not grow", async (folder) => {
  const from = result("uint8", [1, 1, 40, 50, 1], "yxc");
  const path = await write(from, settingsFor(folder));
  const { size } = await Deno.stat(path);
  await write(from, settingsFor(folder));
  assertEquals((await Deno.stat(path)).size, size);
});

inFolder("an empty file is replaced", async (folder) => {
  await Deno.writeTextFile(join(folder, "r.h5"), "");
  await write(result("uint8", [1, 1, 4, 5, 1], "yxc"), settingsFor(folder));
});

inFolder("a file of another kind is refused, unless asked for, and left as it is", async (folder) => {
  const path = join(folder, "r.h5");
  await Deno.writeTextFile(path, "my thesis");
  const from = result("uint8", [1, 1, 4, 5, 1], "yxc");
  const planned = planExport(from, INPUT, settingsFor(folder));
  assertEquals((await assertRejects(() => planned.checkTarget(), UserError, "is no HDF5 file")).kind, "output");
  await assertRejects(() => planned.open(), UserError, "is no HDF5 file");
  assertEquals(await Deno.readTextFile(path), "my thesis");
  await write(from, settingsFor(folder, { replaceForeign: true }));
});

inFolder("a group or dataset in the way inside the file is refused", async (folder) => {
  const from = result("uint8", [1, 1, 4, 5, 1], "yxc");
  await write(from, settingsFor(folder, { innerPathPattern: "a/b" }));
  for (const inner of ["a", "a/b/c"]) {
    const planned = planExport(from, INPUT, settingsFor(folder, { innerPathPattern: inner }));
    await assertRejects(() => planned.checkTarget(), UserError, "there");
  }
});

inFolder("a folder in the place of the output is refused", async (folder) => {
  await Deno.mkdir(join(folder, "r.h5"));
  const planned = planExport(result("uint8", [1, 1, 4, 5, 1], "yxc"), INPUT, settingsFor(folder));
  assertEquals((await assertRejects(() => planned.checkTarget(), UserError, "it is a folder")).kind, "output");
});

inFolder("nothing stands under the final name before the end, and nothing at all after an abort", async (folder) => {
  const from = result("uint8", [1, 1, 4, 5, 1], "yxc");
  const planned = planExport(from, INPUT, settingsFor(join(folder, "new", "er")));
  const sink = await planned.open();
  const found = await names(join(folder, "new", "er"));
  assertEquals(found.length, 1);
  assert(found[0]?.endsWith(".tmp"));
  await sink.abort();
  assertEquals(await names(folder), []);
});

inFolder("an abort leaves folders that others use", async (folder) => {
  const from = result("uint8", [1, 1, 4, 5, 1], "yxc");
  const sink = await planExport(from, INPUT, settingsFor(join(folder, "new"))).open();
  await Deno.writeTextFile(join(folder, "new", "other"), "");
  await sink.abort();
  assertEquals(await names(join(folder, "new")), ["other"]);
});

inFolder("a full disk is one clear error that leaves nothing", async (folder) => {
  const mounted = new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", "size=200k", "tmpfs", folder],
    stderr: "null",
  });
  if (Deno.build.os !== "linux" || Deno.uid() !== 0 || !(await mounted.output()).success) return;
  try {
    const planned = planExport(
      result("float32", [1, 1, 500, 500, 1], "yxc"),
      INPUT,
      settingsFor(folder, { formatName: "hdf5" }),
    );
    const error = await assertRejects(() => writeAll(planned), UserError, "no space left");
    assertEquals(error.kind, "output");
    assertEquals(await names(folder), []);
  } finally {
    await new Deno.Command("umount", { args: [folder] }).output();
  }
});
