import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { TiffFile } from "../../ffi/tiff.ts";
import { type Dtype, type Five, parseAxes, type TypedArray, UserError, wrapArray } from "../../lib/array/mod.ts";
import { type ExportSettings, planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];
/** Native libraries stay open for the whole process. */
function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, sanitizeResources: false, sanitizeOps: false, fn });
}

const INPUT = { text: "in", nickname: "in", datasetDir: "/" };

interface Image {
  readonly dtype: Dtype;
  readonly shape: Five;
  readonly data: TypedArray;
  readonly order?: string;
  readonly valueRange?: readonly [number, number];
  readonly continuous?: boolean;
}

function plan(image: Image, folder: string, formatName: string, changes: Partial<ExportSettings> = {}) {
  const order = axes(image.order ?? "yxc");
  const result = {
    name: "R",
    source: memorySource(wrapArray(image.dtype, image.shape, image.data), order),
    outputAxes: order,
    continuous: image.continuous ?? false,
    ...(image.valueRange === undefined ? {} : { valueRange: image.valueRange }),
  };
  return planExport(result, INPUT, settingsFor(folder, { formatName, ...changes }));
}

/** Writes an image and gives the bytes of its files. */
async function write(
  image: Image,
  formatName: string,
  changes: Partial<ExportSettings> = {},
  block: Five = [1, 2, 2, 99, 9],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const folder = await Deno.makeTempDir();
  try {
    const paths = await writeAll(plan(image, folder, formatName, changes), block);
    return await Promise.all(paths.map((path) => Deno.readFile(path)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Png {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: number;
  /** All IDAT chunks. */
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly pixels: number[];
}

/** A PNG file whose rows are all filtered by type 0, 1 or 2; the check values of its chunks are looked at. */
function readPng(file: Uint8Array<ArrayBuffer>): Png {
  const view = new DataView(file.buffer);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at < file.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const end = at + 8 + view.getUint32(at);
    assertEquals(view.getUint32(end), crc32(file.subarray(at + 4, end)));
    if (type === "IDAT") parts.push(file.subarray(at + 8, end));
  }
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (packed.set(part, at), at + part.length), 0);
  const [width, height, depth, color] = [view.getUint32(16), view.getUint32(20), file[24] ?? 0, file[25] ?? 0];
  const samples = [1, 0, 3, 1, 2, 0, 4][color] ?? 0;
  const pixel = samples * depth / 8;
  const raw = inflateSync(packed);
  const line = width * pixel;
  const pixels = new Array<number>(line * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)];
    for (let i = 0; i < line; i++) {
      const left = i < pixel ? 0 : pixels[y * line + i - pixel] ?? 0;
      const above = y === 0 ? 0 : pixels[(y - 1) * line + i] ?? 0;
      const predicted = filter === 1 ? left : filter === 2 ? above : 0;
      pixels[y * line + i] = ((raw[y * (line + 1) + 1 + i] ?? 0) + predicted) & 255;
    }
  }
  return { width, height, depth, color, packed, pixels };
}

const gray = (values: TypedArray, dtype: Dtype, changes: Partial<Image> = {}): Image => ({
  dtype,
  shape: [1, 1, 1, values.length, 1],
  data: values,
  ...changes,
});

test("PNG holds 8 and 16 bits of one to four channels", async () => {
  for (const [channels, color] of [[1, 0], [2, 4], [3, 2], [4, 6]] as const) {
    const shape: Five = [1, 1, 5, 3, channels];
    const bytes = Uint8Array.from({ length: 15 * channels }, (_, i) => i * 37);
    const [small] = await write({ dtype: "uint8", shape, data: bytes }, "png");
    assert(small !== undefined);
    const { packed: _, ...eight } = readPng(small);
    assertEquals(eight, { width: 3, height: 5, depth: 8, color, pixels: [...bytes] });
    const words = Uint16Array.from({ length: 15 * channels }, (_, i) => i * 3001);
    const [large] = await write({ dtype: "uint16", shape, data: words }, "png");
    assert(large !== undefined);
    const pixels = [...words].flatMap((word) => [word >> 8, word & 255]);
    const { packed: __, ...sixteen } = readPng(large);
    assertEquals(sixteen, { width: 3, height: 5, depth: 16, color, pixels });
  }
});

test("PNG rows are packed in bands, whatever pieces they come in", async () => {
  for (const dtype of ["uint8", "uint16"] as const) {
    // Three bands and a rest; noise, and stripes that repeat after more than a row.
    const shape: Five = [1, 1, dtype === "uint8" ? 3500 : 1800, 701, 3];
    const image = filled(dtype, shape, (i) => i % 2103 < 1000 ? Math.imul(i, 2654435761) >>> 16 : i % 499 * 131);
    const files: Uint8Array<ArrayBuffer>[] = [];
    for (const rows of [7, 1000, 10_000]) {
      const [file] = await write({ dtype, shape, data: image.data }, "png", {}, [1, 1, rows, 701, 3]);
      assert(file !== undefined);
      files.push(file);
    }
    const [first = new Uint8Array()] = files;
    for (const file of files) assert(file.length === first.length && file.every((byte, i) => byte === first[i]));
    const { pixels } = readPng(first);
    const bytes = Array.from(image.data as Uint16Array).flatMap((value) =>
      dtype === "uint8" ? [value] : [value >> 8, value & 255]
    );
    assert(pixels.length === bytes.length && pixels.every((byte, i) => byte === bytes[i]));
  }
});

test("PNG packs what repeats as well as zlib does at its usual level", async () => {
  const shape: Five = [1, 1, 1024, 1024, 1];
  const noise = crypto.getRandomValues(new Uint8Array(64 * 64));
  const repeats: Readonly<Record<string, (x: number, y: number) => number>> = {
    "tiles": (x, y) => noise[(y % 64) * 64 + x % 64] as number,
    "slopes": (x, y) => (x + y) >> 3 & 255,
    "labels": (x, y) => Math.hypot(x % 61 - 30, y % 67 - 33) < 28 ? (x / 61 | 0) * 16 + (y / 67 | 0) & 255 : 0,
    "squares": (x, y) => (Math.floor(x / 13) + Math.floor(y / 13)) % 2 * 255,
  };
  for (const [name, value] of Object.entries(repeats)) {
    const data = Uint8Array.from({ length: 2 ** 20 }, (_, i) => value(i % 1024, Math.floor(i / 1024)));
    const [file] = await write({ dtype: "uint8", shape, data }, "png", {}, [1, 1, 1024, 1024, 1]);
    const { packed } = readPng(file ?? new Uint8Array());
    const usual = deflateSync(inflateSync(packed)).length;
    assert(packed.length < 1.05 * usual, `${name}: ${packed.length} bytes, not about ${usual}`);
  }
});

test("the first of x, y, z, t is the width, whatever the order of the axes", async () => {
  const data = Uint8Array.from({ length: 6 }, (_, i) => i);
  for (const order of ["yx", "xy", "cyx", "xcy"]) {
    const [file] = await write({ dtype: "uint8", shape: [1, 1, 2, 3, 1], data, order }, "png");
    assert(file !== undefined);
    const { width, height, pixels } = readPng(file);
    assertEquals([width, height, pixels], [3, 2, [0, 1, 2, 3, 4, 5]]);
  }
  const [file] = await write({ dtype: "uint8", shape: [3, 1, 2, 1, 1], data, order: "tyc" }, "png");
  assert(file !== undefined);
  assertEquals(readPng(file).width, 2);
  assertEquals(readPng(file).pixels, [0, 1, 2, 3, 4, 5]);
  const [row] = await write({ dtype: "uint8", shape: [1, 1, 6, 1, 1], data }, "png");
  assert(row !== undefined);
  assertEquals([readPng(row).width, readPng(row).height], [6, 1]);
});

test("compatibility mode stretches what a format cannot hold, as vigra does", async () => {
  // What vigra 1.11.1 writes for these images.
  const cases: readonly (readonly [values: readonly number[], expected: readonly number[]])[] = [
    [[1, NaN, 2, 5], [0, 0, 64, 255]],
    [[NaN, 1, 2], [0, 0, 0]],
    [[1, Infinity, 2], [0, 0, 0]],
    [[-Infinity, 1, 2], [0, 0, 0]],
    [[3, 3], [0, 0]],
  ];
  for (const [values, expected] of cases) {
    const [file] = await write(gray(Float32Array.from(values), "float32"), "png", { compat: true });
    assert(file !== undefined);
    assertEquals(readPng(file).pixels, [...expected]);
  }
  const colors: Image = { dtype: "float32", shape: [1, 1, 1, 2, 2], data: Float32Array.of(1, 10, 2, 20) };
  const [file] = await write(colors, "png", { compat: true });
  assert(file !== undefined);
  assertEquals(readPng(file).pixels, [0, 121, 13, 255]);
  const [ties] = await write(gray(Float32Array.from({ length: 101 }, (_, i) => i), "float32"), "png", { compat: true });
  assert(ties !== undefined);
  // 2.55 · 30 is just below 76.5 in double precision.
  assertEquals(readPng(ties).pixels[30], Math.floor(2.55 * 30 + 0.5));
});

test("a known range is scaled with a warning, labels are never scaled", async () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const probabilities = gray(Float32Array.of(0, 0.1, 0.5, 1), "float32", { valueRange: [0, 1], continuous: true });
  const [file] = await write(probabilities, "png", { warn });
  assert(file !== undefined);
  assertEquals(readPng(file).pixels, [0, 26, 128, 255]);
  assertEquals(warnings.length, 1);
  assert(warnings[0]?.startsWith("png cannot hold float32: values 0…1 are written as 0…255"));

  const labels = gray(Uint32Array.of(1, 300), "uint32", { valueRange: [1, 300] });
  const [exact] = await write(labels, "png");
  assert(exact !== undefined);
  assertEquals([readPng(exact).depth, readPng(exact).pixels], [16, [0, 1, 1, 44]]);
});

test("what a format cannot hold is refused before anything is computed", () => {
  const refused = (image: Image, format: string, message: string) =>
    assertThrows(() => plan(image, "/out", format), UserError, message);
  const features = gray(Float32Array.of(1, 2), "float32");
  assert(refused(features, "png", "png cannot hold float32").hint?.includes("--pipeline_result_drange"));
  refused(gray(Uint32Array.of(1), "uint32", { valueRange: [0, 70000] }), "png", "png cannot hold uint32");
  refused(gray(Uint16Array.of(1), "uint16"), "bmp", "bmp cannot hold uint16");
  refused(gray(Uint8Array.of(1), "uint8"), "hdr", "hdr cannot hold uint8");
  const many: Image = { dtype: "uint8", shape: [1, 1, 2, 2, 5], data: new Uint8Array(20) };
  assert(refused(many, "tiff", "tiff holds 1, 2, 3, 4 channels, the result has 5").hint?.includes("multipage tiff"));
  const volume: Image = { dtype: "uint8", shape: [1, 2, 3, 4, 1], data: new Uint8Array(24), order: "zyxc" };
  refused(volume, "png", "png holds one plane, the result is z 2 × y 3 × x 4");
  const pattern = { fileNamePattern: "{slice_index}" };
  const colors: Image = { dtype: "uint8", shape: [1, 1, 3, 4, 2], data: new Uint8Array(24) };
  const error = assertThrows(() => plan(colors, "/out", "png sequence", pattern), UserError, "y 3 × x 4 × c 2");
  assertEquals(error.hint, "add --output_axis_order=cyx to write one file per channel");
  const signed = refused(gray(BigInt64Array.of(-1n), "int64"), "multipage tiff", "cannot hold int64");
  assertEquals(signed.hint, "add --export_dtype=int32 or use hdf5");
});

test("--palette gives label images the colours of their classes, values unchanged", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const image = wrapArray("uint8", [1, 1, 1, 3, 1], Uint8Array.of(1, 2, 0));
    const meta = { classColors: [[255, 225, 25], [0, 130, 200]] } as const;
    const result = {
      name: "R",
      source: memorySource(image, axes("yxc"), meta),
      outputAxes: axes("yxc"),
      continuous: false,
    };
    const changes = { palette: true, formatName: "png" };
    const [png = ""] = await writeAll(planExport(result, INPUT, settingsFor(folder, changes)));
    const bytes = await Deno.readFile(png);
    assertEquals([readPng(bytes).color, readPng(bytes).pixels], [3, [1, 2, 0]]);
    assertEquals([...bytes.subarray(41, 50)], [0, 0, 0, 255, 225, 25, 0, 130, 200]);
    const [tiff = ""] = await writeAll(
      planExport(result, INPUT, settingsFor(folder, { ...changes, formatName: "tiff" })),
    );
    await using file = await TiffFile.open(tiff);
    const page = await file.page(0);
    assertEquals(page.photometric, 3);
    const table = await file.palette(page);
    assertEquals([table[1], table[256 + 1], table[512 + 2]], [65535, 225 * 257, 200 * 257]);
    assertEquals([...await file.read(page, { y: [0, 1], x: [0, 3], samples: [0, 1] })].map(Number), [1, 2, 0]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("--palette says when it has no effect", () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  plan(gray(Uint8Array.of(1), "uint8"), "/out", "hdf5", { palette: true, warn });
  plan(gray(Uint8Array.of(1), "uint8"), "/out", "png", { palette: true, warn });
  assertEquals(warnings, [
    "--palette has no effect: hdf5 has no colour table",
    "--palette has no effect: the result is no image of labels of type uint8 with class colours",
  ]);
});

test("a label beyond the largest type of a format is an error, never wrapped", async () => {
  await assertRejects(() => write(gray(Uint32Array.of(1, 70000), "uint32"), "png"), UserError, "70000 does not fit");
});

test("BMP, Sun raster and PNM have the bytes that vigra writes", async () => {
  const rgb: Image = {
    dtype: "uint8",
    shape: [1, 1, 1, 3, 3],
    data: Uint8Array.of(3, 7, 90, 1, 2, 3, 250, 251, 252),
  };
  const [bmp] = await write(rgb, "bmp");
  assertEquals(
    bmp?.toHex(),
    "424d420000000000000036000000280000000300000001000000010018000000000" +
      "00c00000000000000000000000000000000000000" + "5a0703030201fcfbfa000000",
  );
  const two: Image = { dtype: "uint8", shape: [1, 1, 1, 2, 3], data: rgb.data.slice(0, 6) };
  const [ras] = await write(two, "ras");
  assertEquals(
    ras?.toHex(),
    "59a66a95" + "0000000200000001000000180000000600000001" + "0000000000000000" + "5a0703030201",
  );
  const [pgm] = await write(gray(Uint16Array.of(3, 900), "uint16"), "pgm");
  assertEquals(pgm && [...pgm], [...new TextEncoder().encode("P5\n2 1\n65535\n"), 0, 3, 3, 132]);
  const [pbm] = await write(two, "pbm");
  assertEquals(pbm && [...pbm], [...new TextEncoder().encode("P6\n2 1\n255\n"), 3, 7, 90, 1, 2, 3]);
});

test("BMP rows are stored from the bottom up and padded, with a gray palette for one channel", async () => {
  const [bmp] = await write({ dtype: "uint8", shape: [1, 1, 2, 3, 1], data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, "bmp");
  assertEquals(bmp?.length, 54 + 1024 + 8);
  assertEquals(bmp && [...bmp.subarray(54 + 4 * 200, 54 + 4 * 200 + 4)], [200, 200, 200, 0]);
  assertEquals(bmp && [...bmp.subarray(-8)], [4, 5, 6, 0, 1, 2, 3, 0]);
});

test("Radiance pixels have a common exponent, negative values are 0", async () => {
  const image: Image = { dtype: "float32", shape: [1, 1, 1, 2, 3], data: Float32Array.of(1, 0.5, -3, 100, 0, 3) };
  const [hdr] = await write(image, "hdr");
  // 1 = 128/256 · 2^1; 100 = 200/256 · 2^7.
  assertEquals(hdr && [...hdr.subarray(-8)], [128, 64, 0, 129, 200, 0, 6, 135]);
});

test("a sequence is numbered from the region's start and appears as a whole", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const volume = filled("uint8", [1, 6, 4, 5, 1], (i) => i);
    const result = {
      name: "R",
      source: memorySource(volume, axes("zyxc")),
      outputAxes: axes("zyxc"),
      continuous: false,
    };
    const settings = settingsFor(folder, {
      formatName: "png sequence",
      fileNamePattern: "new/r_{slice_index}",
      region: { kind: "named", ranges: { z: [2, 5] } },
    });
    const planned = planExport(result, INPUT, settings);
    const paths = await writeAll(planned, [1, 2, 2, 9, 1]);
    assertEquals(paths, [2, 3, 4].map((i) => join(folder, "new", `r_${i}.png`)));
    const names = (await Array.fromAsync(Deno.readDir(join(folder, "new")))).map(({ name }) => name).toSorted();
    assertEquals(names, ["r_2.png", "r_3.png", "r_4.png"]);
    const { pixels } = readPng(await Deno.readFile(paths[1] ?? ""));
    assertEquals(pixels, Array.from({ length: 20 }, (_, i) => 60 + i));

    await Deno.remove(join(folder, "new"), { recursive: true });
    const sink = await planned.open();
    await sink.write({ start: [0, 0, 0, 0, 0], stop: [1, 1, 2, 5, 1] }, filled("uint8", [1, 1, 2, 5, 1], () => 0));
    await sink.abort();
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("a channel sequence writes one image per channel", async () => {
  const colors: Image = {
    dtype: "uint8",
    shape: [1, 1, 2, 2, 3],
    data: Uint8Array.from({ length: 12 }, (_, i) => i),
    order: "cyx",
  };
  const files = await write(colors, "png sequence", { fileNamePattern: "{slice_index}" });
  assertEquals(files.map((file) => readPng(file).pixels), [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]);
});

test("coloured GIFs that are begun take no memory for colours", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const image: Image = { dtype: "uint8", shape: [1, 20, 2, 5, 3], data: new Uint8Array(600), order: "zyxc" };
    const sink = await plan(image, folder, "gif sequence", { fileNamePattern: "r_{slice_index}" }).open();
    const before = Deno.memoryUsage().external;
    await sink.write({ start: [0, 0, 0, 0, 0], stop: [1, 20, 1, 5, 3] }, filled("uint8", [1, 20, 1, 5, 3], (i) => i));
    // The counts of all colours are 64 MiB, and blocks of a volume touch many files.
    assert(Deno.memoryUsage().external - before < 2 ** 26);
    await sink.abort();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
