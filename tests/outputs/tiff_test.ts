import { assert, assertEquals } from "@std/assert";
import { TiffFile } from "../../ffi/tiff.ts";
import { type ArraySource, type Dtype, type Five, parseAxes, type SourceMeta } from "../../lib/array/mod.ts";
import { planExport } from "../../lib/outputs/mod.ts";
import { omeXml } from "../../lib/outputs/ome_xml.ts";
import { tiffLayout } from "../../lib/outputs/tiff_layout.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];

/** libtiff stays open for the whole process. */
function inFolder(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeResources: false,
    sanitizeOps: false,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

function planned(
  folder: string,
  format: string,
  dtype: Dtype,
  shape: Five,
  order: string,
  { compat = false, ...meta }: SourceMeta & { readonly compat?: boolean } = {},
) {
  const source = memorySource(filled(dtype, shape, (i) => i % 113), axes("tzyxc"), meta);
  const result = { name: "R", source, outputAxes: axes(order), continuous: false };
  const fileNamePattern = format.endsWith("sequence") ? "r_{slice_index}" : "r";
  return planExport(
    result,
    { text: "a", nickname: "a", datasetDir: "/" },
    settingsFor(folder, { formatName: format, fileNamePattern, compat }),
  );
}

inFolder("tif and tiff are deflated images with the tags of the original, with LZW only in compat", async (folder) => {
  const cases = [["tif", 1, 1, 8], ["tiff", 2, 1, 5], ["tiff", 3, 2, 8], ["tiff", 4, 2, 5]] as const;
  for (const [name, channels, photometric, compression] of cases) {
    const compat = compression === 5;
    const output = planned(folder, name, "float32", [1, 1, 700, 500, channels], "xyc", { compat });
    const [path = ""] = await writeAll(output, [1, 1, 99, 1, 1]);
    assert(path.endsWith(`r.${name}`));
    await using file = await TiffFile.open(path);
    assertEquals(await file.count(), 1);
    const page = await file.page(0);
    assertEquals([page.width, page.height, page.samples, page.photometric], [500, 700, channels, photometric]);
    assertEquals([page.bits, page.sampleFormat, page.planar, page.bigEndian], [32, 3, 1, false]);
    assertEquals(page.compression, compression);
    const pixels = await file.read(page, { y: [0, 700], x: [0, 500], samples: [0, channels] });
    assertEquals(pixels, Float32Array.from({ length: 350_000 * channels }, (_, i) => i % 113));
  }
});

inFolder("D23: multi-page files hold the pages t, z, c and an OME description", async (folder) => {
  const shape: Five = [2, 3, 5, 7, 2];
  const [path = ""] = await writeAll(planned(folder, "multipage tiff", "uint16", shape, "cxyzt"), [1, 2, 2, 3, 2]);
  await using file = await TiffFile.open(path);
  assertEquals(await file.count(), 12);
  for (let index = 0; index < 12; index++) {
    const page = await file.page(index);
    const [t, z, c] = [Math.floor(index / 6), Math.floor(index / 2) % 3, index % 2];
    assertEquals([page.width, page.height, page.samples, page.bits, page.blocks], [7, 5, 1, 16, 1]);
    assertEquals([page.compression, page.sampleFormat, page.resolutionUnit], [1, 1, 1]);
    assertEquals(page.description !== undefined, index === 0);
    assertEquals(page.software, index === 0 ? "ilastik" : undefined);
    const pixels = await file.read(page, { y: [0, 5], x: [0, 7], samples: [0, 1] });
    assertEquals([...pixels].map(Number), Array.from({ length: 35 }, (_, i) => (((t * 3 + z) * 35 + i) * 2 + c) % 113));
  }
});

Deno.test("the OME description has the elements of the original", () => {
  const meta: SourceMeta = { pixelSize: { x: 5, y: 6.000024000096 }, units: { x: "cm", y: "nm" } };
  const { plan } = planned("/out", "multipage tiff", "float32", [1, 1, 16, 16, 2], "yxc", meta);
  const text = omeXml(plan).replace(/UUID="urn:uuid:[-0-9a-f]{36}"/, 'UUID=""');
  assertEquals(
    text,
    '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" ' +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 ' +
      'http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" UUID="" Creator="ilastik-headless">' +
      '<Image ID="Image:0" Name="Image0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="float" SizeX="16" SizeY="16" ' +
      'SizeC="2" SizeZ="1" SizeT="1" PhysicalSizeX="5.0" PhysicalSizeXUnit="cm" PhysicalSizeY="6.000024000096" ' +
      'PhysicalSizeYUnit="nm" PhysicalSizeZUnit="pixel"><Channel ID="Channel:0:0" SamplesPerPixel="1"><LightPath/></Channel>' +
      '<Channel ID="Channel:0:1" SamplesPerPixel="1"><LightPath/></Channel><TiffData IFD="0" PlaneCount="2"/></Pixels></Image></OME>',
  );
});

Deno.test("units are written as OME knows them, class names and colours as channels", () => {
  const meta: SourceMeta = {
    pixelSize: { x: 0.5, y: 0.5, z: 2, t: 3 },
    units: { x: "micron", y: "um", z: "furlong", t: "sec" },
    channelNames: ["a<b", "ö"],
    classColors: [[255, 0, 0], [0, 255, 0]],
  };
  const text = omeXml(planned("/out", "multipage tiff", "uint8", [2, 2, 4, 4, 2], "tzyxc", meta).plan);
  for (
    const part of [
      'PhysicalSizeX="0.5" PhysicalSizeXUnit="µm"',
      'PhysicalSizeYUnit="µm"',
      'PhysicalSizeZ="2.0" PhysicalSizeZUnit="reference frame"',
      'TimeIncrement="3.0" TimeIncrementUnit="s"',
      'Name="a&#60;b" Color="-16776961"',
      'Name="ö" Color="16711935"',
    ]
  ) assert(text.includes(part), part);
});

inFolder("a sequence of volumes has one multi-page file per step", async (folder) => {
  const paths = await writeAll(planned(folder, "multipage tiff sequence", "uint8", [1, 4, 5, 6, 3], "czyx"), [
    1,
    2,
    2,
    6,
    3,
  ]);
  assertEquals(paths.map((path) => path.slice(folder.length)), ["/r_0.tiff", "/r_1.tiff", "/r_2.tiff"]);
  await using file = await TiffFile.open(paths[2] ?? "");
  assertEquals(await file.count(), 4);
  const pixels = await file.read(await file.page(1), { y: [0, 5], x: [0, 6], samples: [0, 1] });
  assertEquals([...pixels].map(Number), Array.from({ length: 30 }, (_, i) => ((30 + i) * 3 + 2) % 113));
});

inFolder("BigTIFF directories are read by libtiff", async (folder) => {
  const path = `${folder}/big.tif`;
  const layout = tiffLayout({
    width: 3,
    height: 2,
    count: 3,
    bits: 8,
    sampleFormat: 1,
    description: "words",
    software: "ilastik",
    big: true,
  });
  const bytes = new Uint8Array(layout.tailPosition + layout.tail.length);
  bytes.set(layout.head);
  bytes.set(Array.from({ length: 18 }, (_, i) => i), layout.pixels);
  bytes.set(layout.tail, layout.tailPosition);
  await Deno.writeFile(path, bytes);
  await using file = await TiffFile.open(path);
  assertEquals(await file.count(), 3);
  const page = await file.page(2);
  assertEquals([page.bigTiff, page.width, page.height], [true, 3, 2]);
  assertEquals([...await file.read(page, { y: [0, 2], x: [0, 3], samples: [0, 1] })].map(Number), [
    12,
    13,
    14,
    15,
    16,
    17,
  ]);
  assertEquals((await file.page(0)).description, "words");
});

inFolder("images that packing may make too large for a classic TIFF become BigTIFFs", async (folder) => {
  // 3.24 GB: as LZW, noise becomes more than 4 GiB; deflated it stays as large as it is.
  const shape: Five = [1, 1, 60_000, 54_000, 1];
  const row: Five = [1, 1, 1, 54_000, 1];
  const source: ArraySource = { ...memorySource(filled("uint8", row, () => 7), axes("yxc")), shape };
  const result = { name: "R", source, outputAxes: axes("yxc"), continuous: false };
  for (const compat of [false, true]) {
    const settings = settingsFor(folder, { formatName: "tif", compat });
    const sink = await planExport(result, { text: "a", nickname: "a", datasetDir: "/" }, settings).open();
    await sink.write({ start: [0, 0, 0, 0, 0], stop: row }, await source.read({ start: [0, 0, 0, 0, 0], stop: row }));
    const [{ name } = { name: "" }] = await Array.fromAsync(Deno.readDir(folder));
    const magic = (await Deno.readFile(`${folder}/${name}`))[2];
    assertEquals(magic, compat ? 43 : 42);
    await sink.abort();
  }
});
