import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Five, parseAxes, type Region, UserError, wholeRegion } from "../../lib/array/mod.ts";
import { type ExportResult, findFormat, FORMATS, parseRegion, planExport, planExports } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];
const INPUT = { text: "in.png", nickname: "in", datasetDir: "/in" };
const SHAPE: Five = [1, 1, 6, 8, 2];

/** Probabilities 0, 0.01, 0.02 … in `yxc`. */
function probabilities(changes: Partial<ExportResult> = {}): ExportResult {
  const array = filled("float32", SHAPE, (i) => i / 100);
  return {
    name: "Probabilities",
    source: memorySource(array, axes("yxc"), { drange: [0, 1], channelNames: ["paper", "cell"] }),
    outputAxes: axes("yxc"),
    valueRange: [0, 1],
    continuous: true,
    ...changes,
  };
}

const ZERO_ONE_TO_BYTE = { from: [0, 1], integerLow: false, to: [0, 255] } as const;

Deno.test({
  name: "the sub-region is cut before range, type and axes",
  sanitizeResources: false, // the library that converts stays open for the whole process
  fn: async () => {
    const { source, plan } = planExport(
      probabilities(),
      INPUT,
      settingsFor("/out", {
        region: parseRegion("[(1,2,1),(4,6,2)]"),
        dtype: "uint8",
        range: ZERO_ONE_TO_BYTE,
        axisOrder: axes("cyx"),
        fileNamePattern: "{nickname}_{x_start}_{roi}",
      }),
    );
    assertEquals(plan.path, "/out/in_2_[(1, 2, 1), (4, 6, 2)].h5");
    assertEquals(plan.shape, [1, 1, 3, 4, 1]);
    assertEquals(plan.axes, ["c", "y", "x"]);
    assertEquals(plan.meta.drange, [0, 255]);
    assertEquals(plan.meta.channelNames, ["cell"]);
    assertEquals(plan.valueRange, [0, 255]);
    const block = await source.read(wholeRegion(plan.shape));
    // Element (1, 2, 1) of the result is number 21: 0.21 · 255 = 53.55.
    assertEquals([...block.data].slice(0, 4), [54, 59, 64, 69]);
  },
});

Deno.test("tiles of all results are cut alike, whatever their types, and a tile behind the last has no outputs", () => {
  const shape: Five = [1, 1, 5000, 7000, 1];
  const results = (["uint8", "float32", "float64"] as const).map((dtype) => ({
    name: dtype,
    source: {
      shape,
      axes: axes("yxc"),
      dtype,
      chunk: shape,
      meta: {},
      read: () => Promise.reject(new Error("unread")),
    },
    outputAxes: axes("yxc"),
    continuous: true,
  }));
  for (let index = 1; index <= 7; index++) {
    const settings = settingsFor("/out", { fileNamePattern: "{nickname}_{result_type}", tile: { index, count: 7 } });
    const plans = planExports(results.map((result) => ({ result })), INPUT, settings).map(({ plan }) => plan);
    assertEquals(plans.map(({ path }) => path), results.map(({ name }) => `/out/in_${name}_tile-${index}-of-7.h5`));
    assertEquals(new Set(plans.map((plan) => `${plan.shape} ${plan.tile?.offset}`)).size, 1);
  }
  const tiny = settingsFor("/out", { region: parseRegion("y=0:1,x=0:2"), tile: { index: 3, count: 3 } });
  assertEquals(planExports(results.map((result) => ({ result })), INPUT, tiny), []);
});

Deno.test("leaving out an axis of more than one element is refused", () => {
  const plan = (order: string, region?: string) =>
    planExport(
      probabilities(),
      INPUT,
      settingsFor("/out", {
        axisOrder: axes(order),
        ...(region === undefined ? {} : { region: parseRegion(region) }),
      }),
    ).plan;
  assertEquals(assertThrows(() => plan("yx"), UserError, "leaves out c, but Probabilities has c = 2").kind, "usage");
  assertEquals(plan("xy", "c=0:1").axes, ["x", "y"]);
  assertEquals(plan("tzyxc").axes, ["t", "z", "y", "x", "c"]);
});

Deno.test("probabilities as integers without a range are warned of, but not in compatibility mode", () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  planExport(probabilities(), INPUT, settingsFor("/out", { dtype: "uint8", warn }));
  assertEquals(warnings, [
    "values 0…1 of Probabilities will become 0 in uint8; add --pipeline_result_drange=(0.0,1.0) --export_drange=(0,255)",
  ]);
  planExport(probabilities(), INPUT, settingsFor("/out", { dtype: "uint8", compat: true }));
});

Deno.test({
  name: "values that do not fit are counted in one warning per file",
  sanitizeResources: false,
  sanitizeOps: false,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const warnings: string[] = [];
      const range = { ...ZERO_ONE_TO_BYTE, from: [0, 0.5] } as const;
      const settings = settingsFor(folder, {
        dtype: "uint8",
        range,
        warn: (message) => void warnings.push(message),
        formatName: "numpy",
      });
      await writeAll(planExport(probabilities(), INPUT, settings), [1, 1, 2, 3, 2]);
      assertEquals(warnings.length, 1);
      // 0.51 … 0.95 are above the range.
      assert(warnings[0]?.includes("45 values do not fit uint8"), warnings[0]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the cost of a result is asked for in its own coordinates", () => {
  const result = probabilities();
  const asked: Region[] = [];
  const cost = {
    bytes: (region: Region) => {
      asked.push(region);
      return 1000;
    },
    work: () => 7,
  };
  const { source } = planExport(
    { ...result, source: { ...result.source, cost } },
    INPUT,
    settingsFor("/out", { region: parseRegion("y=2:5"), dtype: "float64" }),
  );
  const part: Region = { start: [0, 0, 1, 0, 0], stop: [1, 1, 2, 8, 2] };
  assertEquals(source.cost?.bytes(part), 1000 + 16 * 8);
  assertEquals(asked, [{ start: [0, 0, 3, 0, 0], stop: [1, 1, 4, 8, 2] }]);
  assertEquals(source.cost?.work(part), 7);
});

Deno.test("formats are found by name or alias, without regard to case, dashes and underscores", () => {
  assertEquals(findFormat("Compressed_HDF5").name, "compressed hdf5");
  assertEquals(findFormat("h5").name, "hdf5");
  assertEquals(findFormat("NPY").name, "numpy");
  const error = assertThrows(() => findFormat("compresed hdf"), UserError, "unknown format");
  assert(error.hint?.startsWith("did you mean `compressed hdf5`? choose from hdf5, "), error.hint);
  assertThrows(() => findFormat("blockwise hdf5"), UserError, "not supported");
});

Deno.test("no name of a format is used twice", () => {
  const all = FORMATS.flatMap(({ name, aliases }) => [name, ...aliases]);
  assertEquals(new Set(all).size, all.length);
});

Deno.test("{slice_index} in a format of single files is refused with a format that exists", () => {
  for (const { name } of FORMATS.filter(({ sequence, extension }) => !sequence && extension !== "")) {
    const error = assertThrows(
      () =>
        planExport(probabilities(), INPUT, settingsFor("/out", { formatName: name, fileNamePattern: "{slice_index}" })),
      UserError,
    );
    const proposed = /--output_format="([^"]*)"/.exec(error.hint ?? "")?.[1] ?? "";
    assertEquals(findFormat(proposed).sequence, true, name);
  }
});
