/** What is known beside the pixels goes from the input into the output, and from there into the next input. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { parseAxes, type SourceMeta } from "../../lib/array/mod.ts";
import { openInput } from "../../lib/inputs/mod.ts";
import { planExport } from "../../lib/outputs/mod.ts";
import { request } from "../inputs/fixtures.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

function inFolder(name: string, test: (folder: string) => Promise<void>): void {
  // The libraries stay open.
  Deno.test(name, { sanitizeResources: false }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await test(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const AXES = parseAxes("zyxc") ?? [];
const META: SourceMeta = {
  pixelSize: { z: 2, y: 0.25, x: 0.5 },
  units: { z: "µm", y: "µm", x: "µm" },
  origin: { z: 40, y: -7.5, x: 100 },
  channelNames: ["paper", "cell <1>"],
  classColors: [[255, 0, 16], [0, 128, 255]],
};

/** Writes a volume of z 5, y 6, x 8 and two channels, or a part of it, and gives what a reader finds. */
async function throughFile(folder: string, formatName: string, meta: SourceMeta, part = "", axes = AXES) {
  const shape = [1, axes.includes("z") ? 5 : 1, 6, 8, 2] as const;
  const source = memorySource(filled("uint8", shape, (i) => i % 251), axes, meta);
  const range = (text = "") => text.split(":").map(Number) as [number, number];
  const ranges = Object.fromEntries(part.split(",").filter(Boolean).map((one) => [one[0], range(one.slice(2))]));
  const plan = planExport(
    { name: "R", source, outputAxes: axes, continuous: true },
    { text: "r", nickname: "r", datasetDir: folder },
    settingsFor(folder, { formatName, ...(part === "" ? {} : { region: { kind: "named", ranges } }) }),
  );
  const [path = ""] = await writeAll(plan);
  const { array } = await openInput(request(path));
  await array.close();
  const { drange: _bytes, displayMode: _mode, ...found } = array.meta;
  return found;
}

const OME_UNITS = { z: "micrometer", y: "micrometer", x: "micrometer" };
const { origin: _origin, ...PLACELESS } = META;

const FORMATS: readonly (readonly [format: string, found: SourceMeta])[] = [
  ["hdf5", PLACELESS],
  ["n5", PLACELESS],
  ["single-scale OME-Zarr", { ...META, units: OME_UNITS }],
  ["single-scale OME-Zarr 0.5", { ...META, units: OME_UNITS }],
  ["multipage tiff", META],
];

for (const [format, found] of FORMATS) {
  inFolder(`pixel size, unit, position, names and colours survive ${format}`, async (folder) => {
    assertEquals(await throughFile(folder, format, META), found);
  });
}

inFolder("a part lies where it was cut out, with its own channels", async (folder) => {
  for (const format of ["single-scale OME-Zarr", "multipage tiff"]) {
    const found = await throughFile(folder, format, META, "z=2:4,x=3:8,c=1:2");
    assertEquals(found.origin, { z: 44, y: -7.5, x: 101.5 });
    assertEquals([found.channelNames, found.classColors], [["cell <1>"], [[0, 128, 255]]]);
  }
});

inFolder("the position is in pixels where no pixel size is known", async (folder) => {
  assertEquals((await throughFile(folder, "single-scale OME-Zarr", { origin: { x: 7 } }, "x=2:8")).origin, { x: 9 });
});

inFolder("a TIFF of one plane carries what ImageJ reads", async (folder) => {
  const meta = await throughFile(folder, "tiff", META, "", parseAxes("yxc") ?? []);
  assertEquals(meta, { pixelSize: { x: 0.5, y: 0.25 }, units: { x: "µm", y: "µm" }, origin: { x: 100, y: -7.5 } });
  const odd: SourceMeta = { pixelSize: { x: 0.1234567890123, y: 6.5e-7 }, units: { x: "m", y: "m" } };
  const { pixelSize } = await throughFile(folder, "tiff", odd, "", parseAxes("yxc") ?? []);
  assertEquals([pixelSize?.x?.toPrecision(7), pixelSize?.y?.toPrecision(7)], ["0.1234568", "6.500000e-7"]);
  // Pixels of a billionth of the unit have no such fraction.
  const tiny: SourceMeta = { pixelSize: { x: 1e-11, y: 1e-11 }, units: { x: "m", y: "m" } };
  assertEquals((await throughFile(folder, "tiff", tiny, "", parseAxes("yxc") ?? [])).pixelSize, undefined);
});

inFolder("smaller levels of an OME-Zarr cover the same space", async (folder) => {
  const source = memorySource(filled("uint8", [1, 1, 1500, 1500, 1], (i) => i % 251), parseAxes("yx") ?? [], {
    pixelSize: { y: 2, x: 2 },
    origin: { y: 5 },
  });
  const plan = planExport(
    { name: "R", source, outputAxes: parseAxes("yx") ?? [], continuous: true },
    { text: "r", nickname: "r", datasetDir: folder },
    settingsFor(folder, { formatName: "multi-scale OME-Zarr" }),
  );
  const [path = ""] = await writeAll(plan, [1, 1, 1500, 1500, 1]);
  const positions = ["s0", "s1"].map(async (scale) => {
    const { array } = await openInput(request(path, { scale }));
    await array.close();
    return [array.meta.pixelSize, array.meta.origin];
  });
  // Pixel 0 of s1 covers pixels 0 and 1 of s0, at 0 and 2: its centre is at 1.
  assertEquals(await Promise.all(positions), [
    [{ y: 2, x: 2 }, { y: 5 }],
    [{ y: 4, x: 4 }, { y: 6, x: 1 }],
  ]);
});

inFolder("an OME-Zarr by other programs says its position level by level or for all", async (folder) => {
  const level = [{ type: "scale", scale: [4, 2] }, { type: "translation", translation: [10, 0.5] }];
  const all = [{ type: "scale", scale: [1, 3] }, { type: "translation", translation: [-4, 1] }];
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "nanometer" }));
  const datasets = [{ path: "0", coordinateTransformations: level }];
  const multiscales = [{ version: "0.4", axes, datasets, coordinateTransformations: all }];
  await Deno.mkdir(join(folder, "a.zarr", "0"), { recursive: true });
  await Deno.writeTextFile(join(folder, "a.zarr", ".zgroup"), '{"zarr_format": 2}');
  await Deno.writeTextFile(join(folder, "a.zarr", ".zattrs"), JSON.stringify({ multiscales }));
  const array = { zarr_format: 2, shape: [3, 4], chunks: [3, 4], dtype: "|u1", order: "C", fill_value: 0 };
  await Deno.writeTextFile(
    join(folder, "a.zarr", "0", ".zarray"),
    JSON.stringify({ ...array, filters: null, compressor: null }),
  );
  const opened = await openInput(request(join(folder, "a.zarr")));
  await opened.array.close();
  assertEquals(opened.array.meta.pixelSize, { y: 4, x: 6 });
  assertEquals(opened.array.meta.origin, { y: 10 - 4, x: 0.5 * 3 + 1 });
});

inFolder("a segmentation in OME-Zarr names and colours its classes as label images do", async (folder) => {
  const meta: SourceMeta = { classNames: ["paper", "cell"], classColors: [[255, 0, 16], [0, 128, 255]] };
  for (
    const [format, file, version] of [["zarr", ".zattrs", { version: "0.4" }], [
      "single-scale OME-Zarr 0.5",
      "zarr.json",
      {},
    ]] as const
  ) {
    const to = join(folder, format);
    await Deno.mkdir(to);
    await throughFile(to, format, meta);
    const json = JSON.parse(await Deno.readTextFile(join(to, "r.zarr", file)));
    assertEquals((json.attributes?.ome ?? json)["image-label"], {
      ...version,
      colors: [{ "label-value": 1, rgba: [255, 0, 16, 255] }, { "label-value": 2, rgba: [0, 128, 255, 255] }],
      properties: [{ "label-value": 1, name: "paper" }, { "label-value": 2, name: "cell" }],
    });
  }
});

inFolder("HDF5 and N5 keep the names of classes", async (folder) => {
  for (const format of ["hdf5", "n5"]) {
    assertEquals((await throughFile(folder, format, { classNames: ["a", "ö"] })).classNames, ["a", "ö"]);
  }
});

inFolder("each file of a sequence has its own position and channel", async (folder) => {
  const axes = parseAxes("czyx") ?? [];
  const source = memorySource(filled("uint8", [1, 2, 6, 8, 2], (i) => i % 251), axes, META);
  const names = { text: "r", nickname: "r", datasetDir: folder };
  const formatName = "multipage tiff sequence";
  const settings = settingsFor(folder, { formatName, fileNamePattern: "r_{slice_index}" });
  const paths = await writeAll(planExport({ name: "R", source, outputAxes: axes, continuous: true }, names, settings));
  const channels = await Promise.all(paths.map(async (path) => {
    const { array } = await openInput(request(path));
    await array.close();
    return [array.meta.channelNames, array.meta.classColors];
  }));
  assertEquals(channels, [[["paper"], [[255, 0, 16]]], [["cell <1>"], [[0, 128, 255]]]]);
});
