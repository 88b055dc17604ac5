/**
 * The driver for HDF5 files whose end is missing.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { H5File, NativeError } from "../../ffi/hdf5.ts";
import { DRIVER_FIELDS } from "../../ffi/hdf5_cut_off.ts";
import { inFolder } from "../program/program.ts";

const HEADER = findHeader();

/** The header that declares drivers, in the sources that the library was built from. */
function findHeader(): string | undefined {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  const cache = Deno.env.get("ILASTIK_HEADLESS_CACHE") ?? `${home}/ilastik-headless`;
  try {
    for (const { name } of Deno.readDirSync(cache)) {
      if (!name.startsWith("sources-")) continue;
      return Deno.readTextFileSync(`${cache}/${name}/hdf5-metno-src/ext/hdf5/src/H5FDdevelop.h`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

/** Writes a file with an early and a late dataset of 1…100 000, and cuts bytes off its end. */
async function cutFile(path: string, missing: number): Promise<number> {
  {
    await using file = await H5File.create(path);
    await file.writeValue("early", "text");
    await file.writeValue("late", {
      dtype: "int32",
      shape: [100_000],
      data: Int32Array.from({ length: 100_000 }, (_, i) => i + 1),
    });
  }
  const { size } = await Deno.stat(path);
  await Deno.truncate(path, size - missing);
  return size;
}

// Library and driver are made once for all tests, not inside one of them.
await inFolder(async (folder) => {
  await cutFile(`${folder}/cut.h5`, 100_000);
  await (await H5File.openCutOff(`${folder}/cut.h5`)).close();
});

Deno.test("what is missing is an error, not zeros; what is there is read", () =>
  inFolder(async (folder) => {
    const path = `${folder}/cut.h5`;
    const size = await cutFile(path, 100_000);
    await assertRejects(() => H5File.open(path), NativeError, "truncated file");
    await using file = await H5File.openCutOff(path);
    assertEquals(file.cutOff, { length: size - 100_000, needed: size });
    assertEquals(await file.value("early"), { kind: "strings", shape: [], strings: ["text"] });
    await assertRejects(() => file.value("late"), NativeError);
    // A part of it is there, and is read as it was written.
    await using dataset = await file.dataset("late");
    assertEquals(await dataset.read([0], [3]), Int32Array.of(1, 2, 3));
    await assertRejects(() => dataset.read([99_990], [10]), NativeError);
  }));

Deno.test("a whole file is opened as ever", () =>
  inFolder(async (folder) => {
    await cutFile(`${folder}/whole.h5`, 0);
    await using file = await H5File.openCutOff(`${folder}/whole.h5`);
    assertEquals(file.cutOff, undefined);
  }));

Deno.test("a file of which too little is left is refused as HDF5 does", () =>
  inFolder(async (folder) => {
    const size = await cutFile(`${folder}/stump.h5`, 0);
    await Deno.truncate(`${folder}/stump.h5`, 100);
    await assertRejects(() => H5File.openCutOff(`${folder}/stump.h5`), NativeError, `stored_eof = ${size}`);
  }));

Deno.test({
  name: "the structure of a driver is that of HDF5's header",
  ignore: HEADER === undefined,
  fn: () => {
    const body = /typedef struct H5FD_class_t \{([\s\S]*?)\} H5FD_class_t;/.exec(HEADER ?? "")?.[1] ?? "";
    const fields = body.replace(/\/\*[\s\S]*?\*\//g, "").split(";").map((field) => field.trim()).filter(Boolean);
    assertEquals(fields.pop(), "H5FD_mem_t fl_map[H5FD_MEM_NTYPES]");
    const kinds: Readonly<Record<string, string>> = {
      "unsigned": "number",
      "H5FD_class_value_t": "number",
      "H5F_close_degree_t": "number",
      "haddr_t": "size",
      "size_t": "size",
    };
    assertEquals(
      fields.map((field) => {
        const pointer = /\(\*(\w+)\)/.exec(field)?.[1] ?? /\*\s*(\w+)$/.exec(field)?.[1];
        if (pointer !== undefined) return [pointer, "pointer"];
        const [type = "", name] = field.split(/\s+/);
        return [name, kinds[type]];
      }),
      DRIVER_FIELDS.map(([name, kind]) => [name, kind]),
    );
    assert(/#define H5FD_CLASS_VERSION 0x01\b/.test(HEADER ?? ""));
    assert(/hid_t\s+H5FDregister\(const H5FD_class_t \*cls\);/.test(HEADER ?? ""));
  },
});
