/** Published test vectors: kernels (pixel-classification.md §2.4) and checksums of all feature channels (§9.4). */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { PixelKernel } from "../../lib/kernels/mod.ts";
import { wholeRegion, wrapArray } from "../../lib/array/mod.ts";
import { allFeatures, LEVELS, PRESMOOTHED, scalar, scalarFeature, type Size } from "./scalar_features.ts";

const SCALES = [0.3, 0.7, 1.0, 1.6, 3.5, 5.0, 10.0];

/** Order, sigma, window, radius, first coefficients and last one as bits. */
const KERNELS: readonly (readonly [number, number, number, number, string, string?])[] = [
  [0, 0.3, 3.5, 1, "3f7e092d 3b7b69bd"],
  [0, 0.3, 2, 1, "3f7e092d 3b7b69bd"],
  [0, 0.7, 3.5, 2, "3f11e5c9 3e525a97 3c1d9d71"],
  [0, 1, 3.5, 4, "3ecc4252 3e77c75c 3d5d25cd 3b913926 390c54e2"],
  [0, 1.2489995996796799, 3.5, 4, "3ea392c3 3e6d6f74 3db58b8c 3c923ce4 3af8331b"],
  [0, 3.3541019662496847, 3.5, 12, "3df3a31c 3de90bc2 3dcbf4a1 3da3509b 3d6f4caf 3d206843", "394f442f"],
  [0, 4.898979485566356, 3.5, 17, "3da6d581 3da364ed 3d997ea4 3d8a4f6d 3d6f1565 3d46350e", "394f5dfa"],
  [0, 9.9498743710662, 3.5, 35, "3d2449ec 3d23760b 3d2100cb 3d1cfcfe 3d1788ff 3d10cd27", "38acf6b3"],
  [0, 1, 2, 2, "3ece2434 3e7a0fea 3d5f2f87"],
  [0, 0.66, 2, 1, "3f1c9bf8 3e46c810"],
  [0, 0.7, 2, 1, "3f14c27f 3e567b01"],
  [0, 0.7 * 0.66, 2, 1, "3f56bc24 3da50f71"],
  [1, 1, 2, 2, "00000000 3e8744f3 3df1761b"],
  [1, 0.7, 2, 1, "00000000 3f000000"],
  [1, 0.5, 2, 1, "00000000 3f000000"],
  [1, 0.35, 2, 1, "00000000 3f000000"],
  [1, 0.3, 2, 1, "00000000 3f000000"],
  [2, 1, 2, 2, "bf07f7b9 3ca9fa15 3e7ab02f"],
  [2, 0.7, 2, 1, "c0000000 3f800000"],
  [2, 0.3, 2, 1, "c0000000 3f800000"],
];

/** Columns: pre-smoothed, Gaussian, Laplacian, gradient, difference, structure tensor and Hessian eigenvalues. */
const FLAT: Readonly<Record<number, string>> = {
  0.3: "ae8e5067 46e7d680 b052d790 f375df11 2c9c463e 047fb6a1 b15161f6 aff0fb1b 8a5294ac",
  0.7: "a4f24976 d6b4b2d5 6dca04a1 85b89704 3c14964e f619338b a6754c5b 2f17fd50 5cde97f1",
  1.0: "1980207d b75494f6 c7f7d014 8d6aef40 1dd26d65 b2ca6db2 452fa23b 7ab2c147 7ab4dc63",
  1.6: "00218816 3e7c8802 d140d9cc 1dcd50c5 2621d5db b58fd920 4f81c156 3b1d46d7 13937078",
  3.5: "ee38ff9c dca8804e 5b4b79d8 2643e4d7 8a3c6cfa 33767b04 ce9815f0 40519a89 f312c1ea",
  5.0: "77bfa60a 7c6d4d42 7c879cd8 a954a486 ca73b322 3ea49e61 41c52b6a ec8d8579 520a3d4e",
  10.0: "68aa94ca a29b1606 7ef463fc b3cba373 74214877 805584fa 41e01ece 5fe93ac0 9799ec58",
};
const SOLID: Readonly<Record<number, string>> = {
  0.3: "b944b4ea ea1de165 1fc51747 a4abeb4e 821bac97 057c2bc9 ac452b1b ac452b1b 9c988d3d f39a02f8 d3727945",
  0.7: "3d439824 915c71f2 1c3e2782 8b836009 afed3ada 1a38ba32 485356e6 fc6dbaf3 e9e6313e 87464dbf 5af33ada",
  1.0: "a6391c07 6cf428df 3a858db3 72286382 8aca7ed3 14fe3cc5 997c5425 124f846e d3848e36 7e5d189e 88543034",
  1.6: "edbd9ff7 22cbba68 35ad4b8c 3ae5182e e6df2c2c f2f7e4da 6eff8272 b68769dd c9192a12 01a57a93 cf51ebc9",
  3.5: "41384f1a 2c73f2e6 47a67f17 18176160 0d3df813 e957f5b7 88fc77ed 02047116 6ae7ade8 c149f32c 117a9ca6",
  5.0: "7fef5cdf 31bf7130 d03ce13d de5fc063 f0bb9919 9055b4f0 da04dbad d6ef0772 7f06bd41 f2bb6cad 6f3ed262",
  10.0: "40dd3298 70ce9c1a e372e019 30e787b3 037c63cf cdd4fa9d 5e3f6a75 e9c04138 8f66a0d6 274f2896 2f7a5aa8",
};

interface Case {
  readonly name: string;
  readonly size: Size;
  readonly value: (z: number, y: number, x: number) => number;
  readonly crc: string;
  readonly sum: number;
  readonly expected: Readonly<Record<number, string>>;
}

const CASES: readonly Case[] = [
  {
    name: "2-D",
    size: { z: 1, y: 48, x: 120 },
    value: (_, y, x) => 37 * y + 91 * x + 5 * ((x * y) % 17) + Math.floor((x * x) / 7),
    crc: "c3bc86cd",
    sum: 735896,
    expected: FLAT,
  },
  {
    name: "3-D",
    size: { z: 37, y: 38, x: 45 },
    value: (z, y, x) => 37 * y + 91 * x + 53 * z + 5 * ((x * y + z) % 17) + Math.floor((x * x + z * y) / 7),
    crc: "9e7c5383",
    sum: 8068266,
    expected: SOLID,
  },
];

function imageOf({ size, value }: Case): Uint8Array<ArrayBuffer> {
  const { z, y, x } = size;
  return Uint8Array.from({ length: z * y * x }, (_, i) => value(Math.floor(i / (x * y)), Math.floor(i / x) % y, i % x));
}

function checksum(values: ArrayBufferView<ArrayBuffer>): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return crc32(bytes).toString(16).padStart(8, "0");
}

function bitsOf(values: Float32Array<ArrayBuffer>): string[] {
  return Array.from(new Uint32Array(values.buffer), (bits) => bits.toString(16).padStart(8, "0"));
}

for (const [order, sigma, window, radius, first, last] of KERNELS) {
  Deno.test(`ilh_kernel() gives the published bits for order ${order}, sigma ${sigma}, window ${window}`, () => {
    const c = new Float32Array(1024);
    assertEquals(scalar.ilh_kernel(order, sigma, window, c), BigInt(radius));
    const bits = bitsOf(c.slice(0, radius + 1));
    assertEquals(bits.slice(0, first.split(" ").length), first.split(" "));
    if (last !== undefined) assertEquals(bits.at(-1), last);
  });
}

Deno.test("ilh_kernel() refuses what it cannot hold", () => {
  const c = new Float32Array(1024);
  for (const [order, sigma] of [[0, 0], [0, -1], [0, NaN], [3, 1], [0, 400]] as const) {
    assertEquals(scalar.ilh_kernel(order, sigma, 3.5, c), -1n);
  }
});

Deno.test("double functions of the kernels agree with the platform's to the last digits", () => {
  for (let i = 1; i <= 1000; i++) {
    const x = i * 0.00314;
    assertAlmostEquals(scalar.ilh_sin(x), Math.sin(x), 2 ** -52);
    assertAlmostEquals(scalar.ilh_cos(x), Math.cos(x), 2 ** -52);
    assertAlmostEquals(scalar.ilh_exp(-x), Math.exp(-x), 2 ** -52);
    const [y, dx] = [Math.sin(x) * 2 ** (i % 40), Math.cos(x) * 2 ** (i % 40)];
    assertAlmostEquals(scalar.ilh_atan2(y, dx), Math.atan2(y, dx), 2 ** -51);
  }
  assertEquals(scalar.ilh_atan2(0, 1), 0);
  assertEquals(scalar.ilh_atan2(0, -1), Math.PI);
  assertEquals(scalar.ilh_atan2(1, 0), Math.PI / 2);
  assertEquals(scalar.ilh_atan2(NaN, 1), NaN);
});

for (const test of CASES) {
  Deno.test(`scalar features have the published checksums in ${test.name}`, () => {
    const image = imageOf(test);
    assertEquals([checksum(image), image.reduce((sum, v) => sum + v, 0)], [test.crc, test.sum]);
    const floats = Float32Array.from(image);
    for (const scale of SCALES) {
      const sums = [PRESMOOTHED, 0, 1, 2, 3, 4, 5]
        .flatMap((feature) => scalarFeature(floats, test.size, scale, false, feature).map(checksum));
      assertEquals(sums.join(" "), test.expected[scale], `scale ${scale}`);
    }
  });

  for (const level of LEVELS) {
    Deno.test(`PixelKernel gives the published checksums in ${test.name} with instruction set ${level}`, async () => {
      const { z, y, x } = test.size;
      const image = {
        shape: [1, z, y, x, 1],
        dtype: "uint8",
        features: allFeatures(SCALES, SCALES.map(() => false)),
      } as const;
      const kernel = new PixelKernel(image, undefined, { level });
      const whole = wholeRegion(image.shape);
      const input = wrapArray("uint8", image.shape, imageOf(test));
      const output = await kernel.run({ kind: "features", input, inputRegion: whole, output: whole });
      const count = kernel.columns.length;
      const sums = new Map<number, string[]>();
      kernel.columns.forEach((column, c) => {
        const channel = Float32Array.from({ length: z * y * x }, (_, i) => output.data[i * count + c] as number);
        sums.set(column.scale, [...sums.get(column.scale) ?? [], checksum(channel)]);
      });
      SCALES.forEach((scale, i) => {
        assertEquals(sums.get(i), test.expected[scale]?.split(" ").slice(1), `scale ${scale}`);
      });
    });
  }
}
