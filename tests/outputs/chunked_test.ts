import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { gunzipSync } from "node:zlib";
import numcodecs from "numcodecs/blosc";
import { type Dtype, type Five, parseAxes, type SourceMeta, UserError, wrapArray } from "../../lib/array/mod.ts";
import { chunksOf, isWholeChunk, paddedBlock } from "../../lib/outputs/chunks.ts";
import { crc32c } from "../../lib/outputs/crc32c.ts";
import { axisBlends, blendAxis } from "../../lib/outputs/downscale.ts";
import { type ExportSettings, planExport } from "../../lib/outputs/mod.ts";
import { filled, memorySource, settingsFor, writeAll, writeBlocks } from "./helpers.ts";

const axes = (letters: string) => parseAxes(letters) ?? [];
const META: SourceMeta = { drange: [0, 1], displayMode: "grayscale", channelNames: ["paper", "cell"] };

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
  formatName: string,
  dtype: Dtype,
  shape: Five,
  order: string,
  changes: Partial<ExportSettings> & { meta?: SourceMeta; continuous?: boolean } = {},
) {
  const { meta = META, continuous = false, ...rest } = changes;
  const source = memorySource(filled(dtype, shape, (i) => i % 200), axes("tzyxc"), meta);
  const result = { name: "R", source, outputAxes: axes(order), continuous };
  return planExport(
    result,
    { text: "a", nickname: "a", datasetDir: "/" },
    settingsFor(folder, { formatName, ...rest }),
  );
}

const readJson = async (...path: string[]) => JSON.parse(await Deno.readTextFile(path.join("/")));

inFolder("N5 has reversed axes, big-endian blocks and the attributes of ilastik", async (folder) => {
  const [path = ""] = await writeAll(planned(folder, "n5", "uint16", [1, 1, 3, 4, 2], "yxc"));
  assertEquals(path, join(folder, "r.n5"));
  assertEquals(await readJson(path, "attributes.json"), { n5: "2.0.0" });
  const attributes = await readJson(path, "exported_data", "attributes.json");
  assertEquals(attributes.dimensions, [2, 4, 3]);
  assertEquals(attributes.blockSize, [1, 4, 3]);
  assertEquals([attributes.dataType, attributes.compression, attributes.axes], ["uint16", { type: "raw" }, "cxy"]);
  assertEquals([attributes.drange, attributes.display_mode], [[0, 1], "grayscale"]);
  const block = await Deno.readFile(join(path, "exported_data", "1", "0", "0"));
  // Mode 0, three dimensions, 1 x 4 x 3 elements; then 1, 3, 5 … most significant byte first.
  assertEquals(block.toHex().slice(0, 44), "00000003" + "000000010000000400000003" + "000100030005");
  assertEquals(block.length, 16 + 24);
});

inFolder("compressed N5 blocks are gzip files, those at the edge only as long as they need to be", async (folder) => {
  const [path = ""] = await writeAll(planned(folder, "compressed n5", "uint8", [1, 1, 900, 700, 1], "yxc"), [
    1,
    1,
    800,
    700,
    1,
  ]);
  const attributes = await readJson(path, "exported_data", "attributes.json");
  assertEquals(attributes.compression, { type: "gzip", level: 1 });
  assertEquals(attributes.blockSize, [1, 700, 731]);
  const block = await Deno.readFile(join(path, "exported_data", "0", "0", "1"));
  assertEquals([...new Uint32Array(block.slice(4, 16).buffer)].map((n) => n >>> 24 | (n >> 8 & 0xff00)), [1, 700, 169]);
  const plain = gunzipSync(block.subarray(16));
  assertEquals([plain.length, plain[0], plain[1]], [169 * 700, 731 * 700 % 200, (731 * 700 + 1) % 200]);
});

inFolder("datasets are added to an N5 container, other folders are left alone", async (folder) => {
  const shape: Five = [1, 1, 3, 4, 1];
  await writeAll(planned(folder, "n5", "uint8", shape, "yxc", { innerPathPattern: "a/b" }));
  await writeAll(planned(folder, "n5", "uint16", shape, "yxc"));
  await writeAll(planned(folder, "n5", "uint32", shape, "yxc"));
  const root = join(folder, "r.n5");
  assertEquals((await readJson(root, "a", "b", "attributes.json")).dataType, "uint8");
  assertEquals((await readJson(root, "exported_data", "attributes.json")).dataType, "uint32");
  const group = planned(folder, "n5", "uint8", shape, "yxc", { innerPathPattern: "a" });
  await assertRejects(() => group.checkTarget(), UserError, "it is a group there");

  await Deno.mkdir(join(folder, "thesis.n5"));
  await Deno.writeTextFile(join(folder, "thesis.n5", "chapter"), "");
  const foreign = planned(folder, "n5", "uint8", shape, "yxc", { fileNamePattern: "thesis" });
  assertEquals((await assertRejects(() => foreign.checkTarget(), UserError, "is no N5 container")).kind, "output");
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();
  assertEquals(names, ["r.n5", "thesis.n5"]);
});

Deno.test("N5 has no booleans and halves", () => {
  assertThrows(() => planned("/out", "n5", "bool", [1, 1, 3, 4, 1], "yxc"), UserError, "n5 cannot hold bool");
});

inFolder("OME-Zarr 0.4 is a Zarr 2 store with five axes", async (folder) => {
  const meta: SourceMeta = { ...META, pixelSize: { x: 0.5, y: 0.5, t: 3 }, units: { x: "um", y: "micron", t: "sec" } };
  const changes = { meta, region: { kind: "named", ranges: { x: [4, undefined] } } } as const;
  const [path = ""] = await writeAll(planned(folder, "zarr", "float32", [1, 1, 20, 30, 2], "yxc", changes));
  assertEquals(await readJson(path, ".zgroup"), { zarr_format: 2 });
  const array = await readJson(path, "s0", ".zarray");
  assertEquals([array.shape, array.chunks, array.dtype], [[1, 2, 1, 20, 26], [1, 1, 1, 20, 26], "<f4"]);
  assertEquals(array.compressor, { id: "blosc", cname: "lz4", clevel: 5, shuffle: 1, blocksize: 0 });
  assertEquals([array.order, array.fill_value, array.dimension_separator], ["C", 0, "/"]);
  const { multiscales: [multiscale], omero } = await readJson(path, ".zattrs");
  assertEquals(multiscale.version, "0.4");
  assertEquals(multiscale.axes, [
    { name: "t", type: "time", unit: "second" },
    { name: "c", type: "channel" },
    { name: "z", type: "space" },
    { name: "y", type: "space", unit: "micrometer" },
    { name: "x", type: "space", unit: "micrometer" },
  ]);
  assertEquals(multiscale.datasets, [
    {
      path: "s0",
      coordinateTransformations: [
        { type: "scale", scale: [3, 1, 1, 0.5, 0.5] },
        { type: "translation", translation: [0, 0, 0, 0, 2] },
      ],
    },
  ]);
  assertEquals(omero.channels.map(({ label }: { label: string }) => label), ["paper", "cell"]);
  assertEquals((await readJson(path, "s0", ".zattrs")).display_mode, "grayscale");
  assert((await Deno.stat(join(path, "s0", "0", "1", "0", "0", "0"))).isFile);
});

inFolder("OME-Zarr 0.5 is a Zarr 3 store with shards, whose index carries its checksum", async (folder) => {
  const shape: Five = [1, 1, 1500, 1100, 1];
  const [path = ""] = await writeAll(planned(folder, "single-scale OME-Zarr 0.5", "uint8", shape, "yxc"), shape);
  const { attributes: { ome } } = await readJson(path, "zarr.json");
  assertEquals([ome.version, ome.multiscales[0].datasets[0].path], ["0.5", "s0"]);
  const array = await readJson(path, "s0", "zarr.json");
  assertEquals(array.chunk_grid.configuration.chunk_shape, [1, 1, 1, 2022, 2024]);
  const [{ name, configuration }] = array.codecs;
  assertEquals([name, configuration.chunk_shape], ["sharding_indexed", [1, 1, 1, 1011, 1012]]);
  const shard = await Deno.readFile(join(path, "s0", "c", "0", "0", "0", "0", "0"));
  const index = shard.slice(-4 * 16 - 4, -4);
  assertEquals(new DataView(shard.buffer).getUint32(shard.length - 4, true), crc32c(index));
  const places = new BigUint64Array(index.buffer);
  assertEquals(places[0], 0n);
  assertEquals(places[2], places[1]);
});

Deno.test("the checksum is that of RFC 3720", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
});

inFolder("an OME-Zarr store is never written into an existing one, unless it is to be replaced", async (folder) => {
  const shape: Five = [1, 1, 3, 4, 1];
  await writeAll(planned(folder, "zarr", "uint8", shape, "yxc"));
  const again = planned(folder, "zarr", "uint8", shape, "yxc");
  assertEquals((await assertRejects(() => again.checkTarget(), UserError, "exists already")).kind, "output");
  await assertRejects(() => again.open(), UserError, "exists already");
  await writeAll(planned(folder, "zarr", "uint16", shape, "yxc", { replaceForeign: true }));
  assertEquals((await readJson(folder, "r.zarr", "s0", ".zarray")).dtype, "<u2");
});

inFolder("D21: resolutions are halved in space until one chunk holds all of it", async (folder) => {
  const shape: Five = [1, 1, 3000, 2500, 1];
  const [path = ""] = await writeAll(planned(folder, "multi-scale OME-Zarr", "uint8", shape, "yxc"), shape);
  const { multiscales: [{ datasets, type }] } = await readJson(path, ".zattrs");
  assertEquals(datasets.map((dataset: { path: string }) => dataset.path), ["s0", "s1", "s2"]);
  assertEquals(type, "nearest");
  assertEquals((await readJson(path, "s1", ".zarray")).shape, [1, 1, 1, 1500, 1250]);
  assertEquals((await readJson(path, "s2", ".zarray")).shape, [1, 1, 1, 750, 625]);
});

inFolder("labels of 64 bits are copied into smaller resolutions, not rounded as doubles are", async (folder) => {
  const [depth, height, width] = [60, 61, 75];
  const shape: Five = [1, depth, height, width, 1];
  // Neighbours differ in the last bits only; doubles of this size are 1024 apart.
  const value = (z: number, y: number, x: number) => 2n ** 62n + BigInt((z * height + y) * width + x);
  for (const [dtype, sign] of [["uint64", 1n], ["int64", -1n]] as const) {
    const Storage = dtype === "uint64" ? BigUint64Array : BigInt64Array;
    const data = new Storage(Array.from({ length: depth * height * width }, (_, i) => sign * value(0, 0, i)));
    const source = memorySource(wrapArray(dtype, shape, data), axes("tzyxc"));
    const result = { name: "R", source, outputAxes: axes("zyxc"), continuous: false };
    const settings = settingsFor(folder, { formatName: "multi-scale OME-Zarr", fileNamePattern: dtype });
    const [path = ""] = await writeAll(planExport(result, { text: "a", nickname: "a", datasetDir: "/" }, settings));
    const { shape: small, chunks } = await readJson(path, "s1", ".zarray");
    assertEquals(small, [1, 1, 30, 30, 37]);
    assertEquals(chunks, small);
    const packed = await Deno.readFile(join(path, "s1", "0", "0", "0", "0", "0"));
    const stored = new Storage((await numcodecs.fromConfig({ id: "blosc" }).decode(packed)).slice().buffer);
    // The value at the centre of each box; the one right of it for boxes of an even number.
    const at = (i: number, from: number, to: number) => Math.floor((i + 0.5) * from / to);
    const expected = Array.from(stored, (_, i) => {
      const [z, y, x] = [Math.floor(i / 30 / 37), Math.floor(i / 37) % 30, i % 37];
      return sign * value(at(z, depth, 30), at(y, height, 30), at(x, width, 37));
    });
    assertEquals([...stored], expected);
  }
});

inFolder("a line of half a million pixels has resolutions too", async (folder) => {
  const shape: Five = [1, 1, 1, 600_000, 1];
  const plan = planned(folder, "multi-scale OME-Zarr", "uint16", shape, "yxc", { continuous: true });
  const [path = ""] = await writeAll(plan, shape);
  assertEquals((await readJson(path, ".zattrs")).multiscales[0].datasets.length, 2);
});

inFolder("resolutions are not made once the run is stopped, and nothing stays", async (folder) => {
  const shape: Five = [1, 1, 1500, 1300, 1];
  const { source, open } = planned(folder, "multi-scale OME-Zarr", "uint8", shape, "yxc");
  const sink = await open();
  await writeBlocks(source, sink, shape);
  const reason = new Error("stopped");
  assertEquals(await assertRejects(() => sink.commit(AbortSignal.abort(reason))), reason);
  await sink.abort();
  assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
});

Deno.test("blending is the weighted sum along any axis, whether its elements lie side by side or not", () => {
  const sizes = [3, 11, 4];
  const values = Float64Array.from({ length: 3 * 11 * 4 }, (_, i) => (i * 7919) % 251);
  for (const axis of [0, 1, 2]) {
    const length = sizes[axis] as number;
    const blends = axisBlends(length, Math.max(1, Math.floor(length / 2)), "linear");
    const inner = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
    const found = blendAxis(values, sizes, axis, 0, blends);
    assertEquals(found.length, values.length / length * blends.length);
    for (const [at, value] of found.entries()) {
      const [n, i, o] = [
        at % inner,
        Math.floor(at / inner) % blends.length,
        Math.floor(at / inner / blends.length),
      ];
      const { from, weights } = blends[i] as { from: readonly number[]; weights: readonly number[] };
      const sum = from.reduce(
        (so, position, k) => so + (weights[k] as number) * (values[(o * length + position) * inner + n] as number),
        0,
      );
      assertEquals(value, sum);
    }
    const same = blendAxis(values, sizes, axis, 0, axisBlends(length, length, "linear"));
    assertEquals(same, values, "an axis that stays");
  }
});

Deno.test("labels shrink to the value right of the centre, intensities to a smooth mean", () => {
  assertEquals(axisBlends(6, 3, "nearest").map(({ from }) => from), [[1], [3], [5]]);
  assertEquals(axisBlends(7, 3, "nearest").map(({ from }) => from), [[1], [3], [5]]);
  assertEquals(axisBlends(4, 4, "linear").map(({ from, weights }) => [from, weights]), [
    [[0], [1]],
    [[1], [1]],
    [[2], [1]],
    [[3], [1]],
  ]);
  const line = Float64Array.from({ length: 16 }, (_, i) => i);
  const half = blendAxis(line, [1, 16, 1], 1, 0, axisBlends(16, 8, "linear"));
  // A ramp stays a ramp away from the mirrored ends.
  for (let i = 2; i < 6; i++) assert(Math.abs((half[i] as number) - (2 * i + 0.5)) < 1e-12);
  for (const { weights } of axisBlends(25, 12, "linear")) {
    assert(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
  }
});

Deno.test("blocks are cut along the chunks of the whole array", () => {
  const region = { start: [0, 0, 5, 0, 0], stop: [1, 1, 12, 4, 2] } as const;
  const chunk: Five = [1, 1, 5, 4, 1];
  const parts = [...chunksOf(region, chunk)];
  assertEquals(parts.map(({ start, stop }) => [start[2], stop[2], start[4], stop[4]]), [
    [5, 10, 0, 1],
    [5, 10, 1, 2],
    [10, 12, 0, 1],
    [10, 12, 1, 2],
  ]);
  assertEquals(parts.map((part) => isWholeChunk(part, chunk, [1, 1, 12, 4, 2])), [true, true, true, true]);
  assertEquals(parts.map((part) => isWholeChunk(part, chunk, [1, 1, 13, 4, 2])), [true, true, false, false]);
  assertEquals([...paddedBlock(Uint8Array.of(1, 2, 3, 4), "uint8", [2, 2], [3, 3])], [1, 2, 0, 3, 4, 0, 0, 0, 0]);
});
