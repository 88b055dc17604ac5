import { assertEquals } from "@std/assert";
import { type CastRule, createCast, type Dtype, type TypedArray, wrapArray } from "../../lib/array/mod.ts";

/** Expected values come from NumPy 1.26: `p + (a - lo) * np.float32((q - p) / (hi - lo))`, `rint`, `astype`. */
interface Row {
  readonly values: TypedArray;
  readonly source: Dtype;
  readonly target: Dtype;
  /** `lo, hi, p, q`. */
  readonly range?: readonly [number, number, number, number];
  readonly floatLow?: boolean;
  readonly wrapped: readonly number[];
  /** Expected without wrapping, when that differs. */
  readonly limited?: readonly number[];
  readonly outside?: number;
}

const F32 = new Float32Array([0, .1, .3, .5, .7, 1]);
const U8 = new Uint8Array([0, 1, 2, 3, 255]);

const ROWS: Readonly<Record<string, Row>> = {
  "probabilities become uint8 by rounding half to even": {
    values: F32,
    source: "float32",
    target: "uint8",
    range: [0, 1, 0, 255],
    floatLow: true,
    wrapped: [0, 26, 76, 128, 178, 255],
  },
  "probabilities become uint16": {
    values: F32,
    source: "float32",
    target: "uint16",
    range: [0, 1, 0, 65535],
    wrapped: [0, 6554, 19660, 32768, 45874, 65535],
  },
  "the top of the range is met exactly when limited": {
    values: F32,
    source: "float32",
    target: "uint32",
    range: [0, 1, 0, 2147483647],
    wrapped: [0, 214748368, 644245120, 1073741824, 1503238528, 2147483648],
    limited: [0, 214748368, 644245120, 1073741824, 1503238528, 2147483647],
  },
  "1.0 in the full range of uint32 is 0 only when wrapping": {
    values: F32,
    source: "float32",
    target: "uint32",
    range: [0, 1, 0, 4294967295],
    wrapped: [0, 429496736, 1288490240, 2147483648, 3006477056, 0],
    limited: [0, 429496736, 1288490240, 2147483648, 3006477056, 4294967295],
  },
  "single precision is kept throughout": {
    values: F32,
    source: "float32",
    target: "float32",
    range: [0, 1, 0, 100],
    wrapped: [0, 10, 30.000001907348633, 50, 70, 100],
  },
  "reversed ranges work": {
    values: F32,
    source: "float32",
    target: "uint8",
    range: [0, 1, 255, 0],
    wrapped: [255, 230, 178, 128, 76, 0],
  },
  "values beyond the input range wrap or are limited": {
    values: F32,
    source: "float32",
    target: "uint8",
    range: [0, 0.5, 0, 255],
    wrapped: [0, 51, 153, 255, 101, 254],
    limited: [0, 51, 153, 255, 255, 255],
    outside: 2,
  },
  "whole low ends are subtracted in the integer type": {
    values: U8,
    source: "uint8",
    target: "uint8",
    range: [2, 3, 0, 255],
    wrapped: [2, 1, 0, 255, 3],
    limited: [0, 0, 0, 255, 255],
    outside: 3,
  },
  "integers are truncated, not rounded": {
    values: U8,
    source: "uint8",
    target: "uint8",
    range: [0, 2, 0, 255],
    floatLow: true,
    wrapped: [0, 127, 255, 126, 0],
    limited: [0, 127, 255, 255, 255],
    outside: 2,
  },
  "a negative low end widens the difference": {
    values: U8,
    source: "uint8",
    target: "float32",
    range: [-1, 2, 0, 255],
    wrapped: [85, 170, 255, 340, 21760],
  },
  "a low end that fits keeps the type": {
    values: U8,
    source: "uint8",
    target: "float32",
    range: [1, 7, 0.1, 1],
    wrapped: [38.35, 0.1, 0.25, 0.4, 38.2].map(Math.fround),
    limited: [-0.05000000447034836, 0.1, 0.25, 0.4, 38.2].map(Math.fround),
  },
  "fractional low ends are computed in double precision": {
    values: U8,
    source: "uint8",
    target: "float64",
    range: [0, 7, 0.1, 1],
    floatLow: true,
    wrapped: [0.1, 0.22857143580913544, 0.35714287161827085, 0.4857143074274063, 32.88571613132954],
  },
  "signed bytes wrap in their own type": {
    values: new Int8Array([-5, 1, 2, 3, 127]),
    source: "int8",
    target: "float32",
    range: [100, 7, 0, 100],
    wrapped: [112.90323, 106.451614, 105.37635, 104.30108, -29.032259].map(Math.fround),
  },
  "doubles become int16": {
    values: new Float64Array([0, .1, .3, .5, .7, 1]),
    source: "float64",
    target: "int16",
    range: [0, 1, 0, 1000],
    wrapped: [0, 100, 300, 500, 700, 1000],
  },
  "without a range probabilities are truncated": {
    values: new Float32Array([0, 0.999, 1]),
    source: "float32",
    target: "uint8",
    wrapped: [0, 0, 1],
  },
  "floats that do not fit uint8": {
    values: new Float32Array([255.9, 256, 300, -1.5, 70000, 2 ** 31, NaN, Infinity, -Infinity]),
    source: "float32",
    target: "uint8",
    wrapped: [255, 0, 44, 255, 112, 0, 0, 0, 0],
    limited: [255, 255, 255, 0, 255, 255, 0, 255, 0],
    outside: 8,
  },
  "floats that do not fit uint32": {
    values: new Float64Array([4294967295, -1, -3e9, -Infinity, NaN, 2 ** 32, Infinity]),
    source: "float64",
    target: "uint32",
    wrapped: [4294967295, 4294967295, 2147483648, 2147483648, 2147483648, 0, 0],
    limited: [4294967295, 0, 0, 0, 0, 4294967295, 4294967295],
    outside: 6,
  },
  "floats that do not fit int32": {
    values: new Float64Array([2147483647, 2147483648, -2147483649, NaN, Infinity]),
    source: "float64",
    target: "int32",
    wrapped: [2147483647, -2147483648, -2147483648, -2147483648, -2147483648],
    limited: [2147483647, 2147483647, -2147483648, 0, 2147483647],
    outside: 4,
  },
  "integers that do not fit a narrower type": {
    values: new Int32Array([256, -1, 70000, 12]),
    source: "int32",
    target: "uint8",
    wrapped: [0, 255, 112, 12],
    limited: [255, 0, 255, 12],
    outside: 3,
  },
  "the largest uint32 as int8": {
    values: new Uint32Array([4294967295, 2147483648, 127]),
    source: "uint32",
    target: "int8",
    wrapped: [-1, 0, 127],
    limited: [127, 127, 127],
    outside: 2,
  },
  "64-bit integers keep their low bits when wrapping": {
    values: new BigInt64Array([-1n, 2n ** 40n + 7n, 9n]),
    source: "int64",
    target: "uint16",
    wrapped: [65535, 7, 9],
    limited: [0, 65535, 9],
    outside: 2,
  },
  "uint32 beyond 2^24 is rounded to float32": {
    values: new Uint32Array([16777217, 5]),
    source: "uint32",
    target: "float32",
    wrapped: [16777216, 5],
  },
};

for (const [title, row] of Object.entries(ROWS)) {
  for (const wrap of [true, false]) {
    Deno.test(`${title} (${wrap ? "wrapping" : "limited"})`, () => {
      const [lo, hi, p, q] = row.range ?? [];
      const rule: CastRule = {
        source: row.source,
        target: row.target,
        wrap,
        ...(lo === undefined || hi === undefined || p === undefined || q === undefined
          ? {}
          : { range: { from: [lo, hi], integerLow: row.floatLow !== true, to: [p, q] } }),
      };
      const block = wrapArray(row.source, [1, 1, 1, row.values.length, 1], row.values);
      const { array, outside } = createCast(rule).apply(block);
      assertEquals(array.dtype, row.target);
      assertEquals(Array.from(array.data as Float64Array), [...(wrap ? row.wrapped : row.limited ?? row.wrapped)]);
      assertEquals(outside, wrap ? 0 : row.outside ?? 0);
    });
  }
}

Deno.test("a conversion to the same type without a range passes the block on", () => {
  const block = wrapArray("float32", [1, 1, 1, 6, 1], F32);
  const cast = createCast({ source: "float32", target: "float32", wrap: false });
  assertEquals(cast.apply(block).array === block, true);
});

Deno.test("blocks with strides and more elements than one pass are converted in order", () => {
  const [height, width] = [300, 70];
  const data = Float32Array.from({ length: height * width }, (_, i) => i);
  const block = wrapArray("float32", [1, 1, height, width, 1], data);
  const turned = {
    ...block,
    shape: [1, 1, width, height, 1] as const,
    strides: [21000, 21000, 1, width, 1] as const,
  };
  const { array } = createCast({ source: "float32", target: "uint16", wrap: false }).apply(turned);
  assertEquals(array.shape, [1, 1, width, height, 1]);
  assertEquals([array.data[0], array.data[1], array.data[height]], [0, width, 1]);
  assertEquals(array.data[width * height - 1], height * width - 1);
});

Deno.test("the ends of the range become the new value range", () => {
  const range = { from: [0, 1], integerLow: false, to: [0, 255] } as const;
  assertEquals(createCast({ source: "float32", target: "uint8", range, wrap: false }).drange, [0, 255]);
  const wide = { ...range, to: [0, 4294967295] } as const;
  assertEquals(createCast({ source: "float32", target: "uint32", range: wide, wrap: true }).drange, [0, 0]);
  assertEquals(createCast({ source: "float32", target: "uint32", range: wide, wrap: false }).drange, [0, 4294967295]);
  assertEquals(createCast({ source: "float32", target: "uint8", wrap: false }).drange, undefined);
});

Deno.test("an empty input range maps everything to the low end", () => {
  const range = { from: [1, 1], integerLow: true, to: [7, 9] } as const;
  const { array } = createCast({ source: "uint8", target: "uint8", range, wrap: false })
    .apply(wrapArray("uint8", [1, 1, 1, 5, 1], U8));
  assertEquals([...array.data], [7, 7, 7, 7, 7]);
});
