/** The fused pixel kernel against the scalar definition, on random images, blocks, layouts and instruction sets. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { KernelError } from "../../ffi/kernels.ts";
import {
  copyArray,
  createArray,
  type Dtype,
  dtypeInfo,
  type Five,
  type NdArray,
  type Region,
  regionShape,
  subArray,
  viewBytes,
  wholeRegion,
  wrapArray,
} from "../../lib/array/mod.ts";
import {
  compileForest,
  type Flavour,
  type ForestTrees,
  type PixelClassifier,
  PixelKernel,
  reduceProbabilities,
} from "../../lib/kernels/mod.ts";
import { allFeatures, LEVELS, randomNumbers, scalarFeature, type Size } from "./scalar_features.ts";

const SCALES = [0.2, 0.3, 0.4, 0.7, 0.8, 1.0, 1.6, 3.5, 5.0, 10.0];

/** Scales that an image is large enough for. */
function fitting({ z, y, x }: Size, in2d: readonly boolean[]): { scales: number[]; computeIn2d: boolean[] } {
  const fits = SCALES.map((scale, i) =>
    Math.ceil(3.5 * scale) + 1 <= Math.min(y, x, in2d[i] === true || z === 1 ? Infinity : z)
  );
  return { scales: SCALES.filter((_, i) => fits[i]), computeIn2d: in2d.filter((_, i) => fits[i]) };
}

/** Values of a dtype: small ones, and in part the extremes. */
function randomImage(dtype: Dtype, shape: Five, random: () => number): NdArray {
  const image = createArray(dtype, shape);
  const { kind, bytes, max } = dtypeInfo(dtype);
  const range = kind === "f" ? 1000 : Math.min(max, 2 ** 40);
  for (let i = 0; i < image.data.length; i++) {
    const value = kind === "f" ? (random() - 0.5) * range : Math.floor(random() * (range + 1));
    (image.data as Uint8Array)[i] = (kind !== "f" && bytes === 8 ? BigInt(value) : value) as number;
  }
  return image;
}

/** Channel `c` of a one-step image as binary32. */
function channelOf(image: NdArray, c: number): Float32Array<ArrayBuffer> {
  const count = image.shape[4];
  return Float32Array.from({ length: image.data.length / count }, (_, i) => Number(image.data[i * count + c]));
}

/** All columns of an image by the scalar definition. */
function expectedColumns(
  kernel: PixelKernel,
  image: NdArray,
  scales: readonly number[],
  in2d: readonly boolean[],
  flavour: Flavour,
) {
  const [, z, y, x] = image.shape;
  const cache = new Map<string, Float32Array<ArrayBuffer>[]>();
  return kernel.columns.map(({ feature, scale, channel, eigenvalue }) => {
    const key = `${feature} ${scale} ${channel}`;
    const known = cache.get(key) ??
      scalarFeature(channelOf(image, channel), { z, y, x }, scales[scale] ?? 0, in2d[scale] === true, feature, flavour);
    cache.set(key, known);
    return known[eigenvalue] as Float32Array<ArrayBuffer>;
  });
}

function randomRegion(shape: Five, random: () => number): Region {
  const start = shape.map((n) => Math.floor(random() * n));
  const stop = shape.map((n, i) => (start[i] ?? 0) + 1 + Math.floor(random() * (n - (start[i] ?? 0))));
  return {
    start: [0, start[1] ?? 0, start[2] ?? 0, start[3] ?? 0, 0],
    stop: [1, stop[1] ?? 0, stop[2] ?? 0, stop[3] ?? 0, shape[4]],
  };
}

/** First place where a block differs from the whole image's columns; NaN equals NaN. */
function firstDifference(block: NdArray, region: Region, shape: Five, expected: readonly Float32Array[]): string {
  const [, Z, Y, X, C] = block.shape;
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) {
      for (let x = 0; x < X; x++) {
        const at = ((region.start[1] + z) * shape[2] + region.start[2] + y) * shape[3] + region.start[3] + x;
        for (let c = 0; c < C; c++) {
          const value = block.data[((z * Y + y) * X + x) * C + c] as number;
          if (!Object.is(value, expected[c]?.[at])) {
            return `column ${c} z ${z} y ${y} x ${x}: ${value} != ${expected[c]?.[at]}`;
          }
        }
      }
    }
  }
  return "";
}

interface Case {
  readonly size: Size;
  readonly dtype: Dtype;
  readonly channels?: number;
  readonly in2d?: readonly number[];
  readonly flavour?: Flavour;
}

/** Odd sizes, thin volumes, sizes just large enough for a scale (36: 10), several channels, mixed 2-D and 3-D. */
const CASES: readonly Case[] = [
  { size: { z: 1, y: 4, x: 3 }, dtype: "uint8" },
  { size: { z: 1, y: 36, x: 37 }, dtype: "int8" },
  { size: { z: 1, y: 37, x: 200 }, dtype: "uint16" },
  { size: { z: 1, y: 70, x: 300 }, dtype: "float32" },
  { size: { z: 1, y: 50, x: 129 }, dtype: "float64", channels: 3 },
  { size: { z: 1, y: 40, x: 130 }, dtype: "float32", flavour: "M" },
  { size: { z: 1, y: 40, x: 130 }, dtype: "float32", flavour: "S" },
  { size: { z: 3, y: 3, x: 3 }, dtype: "int16" },
  { size: { z: 4, y: 5, x: 6 }, dtype: "uint32" },
  { size: { z: 5, y: 20, x: 23 }, dtype: "int32", channels: 2, in2d: [1, 3, 5, 7] },
  { size: { z: 3, y: 40, x: 50 }, dtype: "uint64", in2d: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  { size: { z: 20, y: 18, x: 70 }, dtype: "int64" },
  { size: { z: 19, y: 21, x: 40 }, dtype: "float32", flavour: "M" },
  { size: { z: 19, y: 21, x: 40 }, dtype: "float32", flavour: "S" },
  { size: { z: 36, y: 37, x: 38 }, dtype: "float16" },
];

for (const { size, dtype, channels = 1, in2d = [], flavour = "X" } of CASES) {
  const { z, y, x } = size;
  const name = `${z}x${y}x${x}x${channels} ${dtype}${in2d.length > 0 ? " with 2-D scales" : ""} flavour ${flavour}`;
  Deno.test(`PixelKernel gives the bits of the scalar definition in any block: ${name}`, async () => {
    const random = randomNumbers(z * 7919 + y * 31 + x);
    const flags = SCALES.map((_, i) => in2d.includes(i));
    const { scales, computeIn2d } = fitting(size, flags);
    const shape: Five = [1, z, y, x, channels];
    const image = randomImage(dtype, shape, random);
    const features = allFeatures(scales, computeIn2d);
    let expected: readonly Float32Array[] | undefined;
    for (const level of LEVELS) {
      const kernel = new PixelKernel({ shape, dtype, features }, undefined, { flavour, level });
      expected ??= expectedColumns(kernel, image, scales, computeIn2d, flavour);
      for (let block = 0; block < 4; block++) {
        const output = block === 0 ? wholeRegion(shape) : randomRegion(shape, random);
        const inputRegion = kernel.inputRegion(output);
        const input = subArray(image, inputRegion);
        const result = await kernel.run({ kind: "features", input, inputRegion, output });
        assertEquals(firstDifference(result, output, shape, expected), "", `level ${level} block ${block}`);
      }
    }
  });
}

Deno.test("PixelKernel reads an input in any memory order", async () => {
  const [z, y, x, c] = [5, 12, 40, 2];
  const shape: Five = [1, z, y, x, c];
  const image = randomImage("uint16", shape, randomNumbers(5));
  const features = allFeatures([0.7, 1.0], [false, true]);
  const kernel = new PixelKernel({ shape, dtype: "uint16", features }, undefined);
  const whole = wholeRegion(shape);
  const job = { kind: "features", inputRegion: whole, output: whole } as const;
  const expected = await kernel.run({ ...job, input: image });
  // The same pixels stored as c x y z, with other data before them.
  const offset = 11;
  const strides: Five = [0, 1, z, z * y, z * y * x];
  const data = new Uint16Array(offset + image.data.length);
  for (let i = 0; i < image.data.length; i++) {
    const [ci, xi, yi, zi] = [i % c, Math.floor(i / c) % x, Math.floor(i / (c * x)) % y, Math.floor(i / (c * x * y))];
    data[offset + zi * strides[1] + yi * strides[2] + xi * strides[3] + ci * strides[4]] = image.data[i] as number;
  }
  const input = { ...image, strides, offset, data };
  assertEquals((await kernel.run({ ...job, input })).data, expected.data);
});

Deno.test("PixelKernel works on bool as 0 and 1", async () => {
  const shape: Five = [1, 1, 20, 30, 1];
  const random = randomNumbers(8);
  const data = Uint8Array.from({ length: 600 }, () => random() < 0.5 ? 0 : 1);
  const features = allFeatures([1.6], [false]);
  const whole = wholeRegion(shape);
  const run = (dtype: Dtype): Promise<NdArray> =>
    new PixelKernel({ shape, dtype, features }, undefined)
      .run({ kind: "features", input: wrapArray(dtype, shape, data), inputRegion: whole, output: whole });
  assertEquals((await run("bool")).data, (await run("uint8")).data);
});

for (const size of [{ z: 1, y: 40, x: 90 }, { z: 9, y: 17, x: 40 }]) {
  Deno.test(`PixelKernel carries NaN and infinity as the scalar definition does: ${size.z}x${size.y}x${size.x}`, async () => {
    const shape: Five = [1, size.z, size.y, size.x, 1];
    const image = randomImage("float32", shape, randomNumbers(3));
    image.data[Math.floor(image.data.length / 2)] = NaN;
    image.data[Math.floor(image.data.length / 3)] = Infinity;
    const { scales, computeIn2d } = fitting(size, SCALES.map(() => false));
    for (const level of LEVELS) {
      const kernel = new PixelKernel(
        { shape, dtype: "float32", features: allFeatures(scales, computeIn2d) },
        undefined,
        { level },
      );
      const output = randomRegion(shape, randomNumbers(9));
      const inputRegion = kernel.inputRegion(output);
      const result = await kernel.run({ kind: "features", input: subArray(image, inputRegion), inputRegion, output });
      const expected = expectedColumns(kernel, image, scales, computeIn2d, "X");
      assertEquals(firstDifference(result, output, shape, expected), "", `level ${level}`);
    }
  });
}

Deno.test("PixelKernel gives zero derivatives on a constant image", async () => {
  const shape: Five = [1, 8, 9, 10, 1];
  const features = allFeatures([1.0], [false]);
  const kernel = new PixelKernel({ shape, dtype: "uint8", features }, undefined);
  const whole = wholeRegion(shape);
  const input = wrapArray("uint8", shape, new Uint8Array(720).fill(64));
  const { data } = await kernel.run({ kind: "features", input, inputRegion: whole, output: whole });
  const derivatives = kernel.columns.map(({ feature }) => feature === 2 || feature === 4);
  data.forEach((value, i) => {
    if (derivatives[i % derivatives.length]) assertEquals(value, 0, `value ${i}`);
  });
});

/** One tree that sends `column < threshold` to class 0, else to class 1. */
function stump(column: number, columns: number, threshold: number): ForestTrees["trees"][number] {
  const LEAF = 0x40000000;
  return {
    topology: Int32Array.of(columns, 2, 0, 0, 7, 9, column, LEAF, 2, LEAF, 5),
    parameters: Float64Array.of(1, threshold, 1, 1, 0, 1, 0, 1),
  };
}

/** Classifier with one vote per threshold of one column, on labels that need not be all labels. */
function stumps(
  column: number,
  columns: number,
  thresholds: readonly number[],
  classChannels: readonly number[],
  classCount: number,
): PixelClassifier {
  const forest: ForestTrees = { weighted: false, trees: thresholds.map((value) => stump(column, columns, value)) };
  return { forest: compileForest([forest], columns, 2), classChannels, classCount };
}

const FLAT_SHAPE: Five = [1, 1, 24, 50, 1];
const THRESHOLDS = [90, 110, 120, 127, 135, 150];

/** Predicts a random image; also gives the tested column. */
async function predicted(
  classChannels: readonly number[],
  classCount: number,
  change?: (image: NdArray) => void,
  mask?: NdArray,
): Promise<{ probabilities: NdArray; segmentation: NdArray; uncertainty: NdArray; column: Float32Array<ArrayBuffer> }> {
  const image = randomImage("float32", FLAT_SHAPE, randomNumbers(4));
  for (let i = 0; i < image.data.length; i++) image.data[i] = 120 + (image.data[i] as number) / 4;
  change?.(image);
  const features = allFeatures([0.7, 3.5], [false, false]);
  const plain = new PixelKernel({ shape: FLAT_SHAPE, dtype: "float32", features }, undefined);
  const classifier = stumps(0, plain.columns.length, THRESHOLDS, classChannels, classCount);
  const kernel = new PixelKernel({ shape: FLAT_SHAPE, dtype: "float32", features }, classifier);
  const whole = wholeRegion(FLAT_SHAPE);
  const job = { input: image, inputRegion: whole, output: whole, ...(mask === undefined ? {} : { mask }) };
  const [probabilities, segmentation, uncertainty] = await Promise.all(
    (["probabilities", "segmentation", "uncertainty"] as const).map((kind) => kernel.run({ ...job, kind })),
  );
  assert(probabilities && segmentation && uncertainty);
  const column = scalarFeature(channelOf(image, 0), { z: 1, y: 24, x: 50 }, 0.7, false, 0);
  return { probabilities, segmentation, uncertainty, column: column[0] as Float32Array<ArrayBuffer> };
}

/** Share of the votes for class 1, as binary32. */
function share(value: number): number {
  return Math.fround(THRESHOLDS.filter((threshold) => !(value < threshold)).length / THRESHOLDS.length);
}

/** Distinct values of an array. */
function valuesOf({ data }: NdArray): number[] {
  return [...new Set(Array.from(data as Float32Array<ArrayBuffer>))];
}

/** Whether the probability of class 1 is that of the votes, up to the last bit that the average may cost. */
function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2 ** -23;
}

Deno.test("PixelKernel predicts the votes of the trees on the columns they test", async () => {
  const { probabilities, segmentation, uncertainty, column } = await predicted([0, 1], 2);
  column.forEach((value, i) => {
    const p = share(value);
    assert(close(probabilities.data[2 * i + 1] as number, p) && close(probabilities.data[2 * i] as number, 1 - p));
    const [first, second] = [probabilities.data[2 * i] as number, probabilities.data[2 * i + 1] as number];
    assertEquals(segmentation.data[i], second > first ? 2 : 1);
    assertEquals(uncertainty.data[i], Math.fround(1 - Math.fround(Math.abs(first - second))));
  });
});

Deno.test("reduceProbabilities() gives what the kernel gives, whatever the strides", async () => {
  const { probabilities, segmentation, uncertainty } = await predicted([0, 2], 3);
  const [, z, y, x, c] = probabilities.shape;
  const planar: NdArray = {
    ...createArray("float32", probabilities.shape),
    strides: [z * y * x * c, y * x, x, 1, z * y * x],
  };
  copyArray(probabilities, planar);
  for (const array of [probabilities, planar]) {
    assertEquals((await reduceProbabilities("segmentation", array)).data, segmentation.data);
    assertEquals((await reduceProbabilities("uncertainty", array)).data, uncertainty.data);
  }
});

Deno.test("PixelKernel gives classes without a forest column the probability 0", async () => {
  const { probabilities, segmentation, uncertainty, column } = await predicted([0, 2], 3);
  column.forEach((value, i) => {
    assertEquals(probabilities.data[3 * i + 1], 0);
    assert(close(probabilities.data[3 * i + 2] as number, share(value)));
    assert(segmentation.data[i] === 1 || segmentation.data[i] === 3);
    assert((uncertainty.data[i] as number) <= 1);
  });
});

Deno.test("PixelKernel's ties go to the lowest label, whatever the order of the forest's columns", async () => {
  const [forward, backward] = [await predicted([0, 1], 2), await predicted([1, 0], 2)];
  forward.column.forEach((value, i) => {
    const p = share(value);
    if (p === 0.5) assertEquals([forward.segmentation.data[i], backward.segmentation.data[i]], [1, 1]);
    else assertEquals(backward.segmentation.data[i], 3 - (forward.segmentation.data[i] as number));
  });
  assert(forward.column.some((value) => share(value) === 0.5));
});

Deno.test("PixelKernel predicts nothing where a NaN reaches a selected column, tested by a tree or not", async () => {
  const at = 10 * 50 + 20;
  const { probabilities, segmentation, uncertainty } = await predicted([0, 1], 2, (image) => (image.data[at] = NaN));
  const features = allFeatures([0.7, 3.5], [false, false]);
  const kernel = new PixelKernel({ shape: FLAT_SHAPE, dtype: "float32", features }, undefined);
  assertEquals(kernel.inputRegion({ start: [0, 0, 12, 20, 0], stop: [1, 1, 13, 21, 1] }).start[3], 20 - 15);
  for (let i = 0; i < 24 * 50; i++) {
    // Scale 3.5: radius 12 and 3 more for the structure tensor, a square around the pixel.
    const [dy, dx] = [Math.abs(Math.floor(i / 50) - 10), Math.abs(i % 50 - 20)];
    const reached = dy <= 15 && dx <= 15;
    const sum = (probabilities.data[2 * i] as number) + (probabilities.data[2 * i + 1] as number);
    assertEquals(sum > 0.9, !reached, `pixel ${i}`);
    if (reached) assertEquals([segmentation.data[i], uncertainty.data[i]], [1, 1]);
  }
});

Deno.test("PixelKernel predicts only where the mask is set", async () => {
  const random = randomNumbers(6);
  const mask = createArray("uint8", FLAT_SHAPE);
  for (let i = 0; i < mask.data.length; i++) mask.data[i] = random() < 0.5 ? 1 : 0;
  const [all, masked] = [await predicted([0, 1], 2), await predicted([0, 1], 2, undefined, mask)];
  const none = await predicted([0, 1], 2, undefined, createArray("uint8", FLAT_SHAPE));
  all.column.forEach((_, i) => {
    const from = mask.data[i] === 1 ? all : none;
    for (const c of [0, 1]) assertEquals(masked.probabilities.data[2 * i + c], from.probabilities.data[2 * i + c]);
    assertEquals(masked.segmentation.data[i], from.segmentation.data[i]);
    assertEquals(masked.uncertainty.data[i], from.uncertainty.data[i]);
  });
  assertEquals(valuesOf(none.probabilities), [0]);
  assertEquals([valuesOf(none.segmentation), valuesOf(none.uncertainty)], [[1], [1]]);
});

Deno.test("PixelKernel stops when its signal does", async () => {
  const shape: Five = [1, 1, 900, 900, 1];
  const features = allFeatures(SCALES.slice(5), SCALES.slice(5).map(() => false));
  const kernel = new PixelKernel({ shape, dtype: "uint8", features }, undefined);
  const whole = wholeRegion(shape);
  const controller = new AbortController();
  const run = kernel.run(
    { kind: "features", input: createArray("uint8", shape), inputRegion: whole, output: whole },
    controller.signal,
  );
  controller.abort(new Error("enough"));
  await assertRejects(() => run, Error, "enough");
});

Deno.test("PixelKernel refuses an input without the halo", async () => {
  const shape: Five = [1, 1, 60, 60, 1];
  const kernel = new PixelKernel({ shape, dtype: "uint8", features: allFeatures([3.5], [false]) }, undefined);
  const output: Region = { start: [0, 0, 20, 20, 0], stop: [1, 1, 40, 40, 1] };
  const input = createArray("uint8", regionShape(output));
  await assertRejects(
    () => kernel.run({ kind: "features", input, inputRegion: output, output }),
    KernelError,
    "code 5",
  );
});

Deno.test("PixelKernel takes unaligned views of a file's bytes", async () => {
  const shape: Five = [1, 1, 20, 20, 1];
  const bytes = new Uint8Array(20 * 20 * 2 + 2).map((_, i) => i * 7);
  const features = allFeatures([1.0], [false]);
  const kernel = new PixelKernel({ shape, dtype: "uint16", features }, undefined);
  const whole = wholeRegion(shape);
  const view = viewBytes("uint16", bytes.buffer, 2, 400);
  const copy = Uint16Array.from(view as Uint16Array<ArrayBuffer>);
  const run = async (data: NdArray["data"]): Promise<unknown> =>
    (await kernel.run({ kind: "features", input: wrapArray("uint16", shape, data), inputRegion: whole, output: whole }))
      .data;
  assertEquals(await run(view), await run(copy));
});
