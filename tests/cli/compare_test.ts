import { assertEquals } from "@std/assert";
import { type ArraySource, type Dtype, type Five, subArray, type TypedArray, wrapArray } from "../../lib/array/mod.ts";
import { compareArrays } from "../../lib/cli/commands/compare.ts";

const SIGNAL = new AbortController().signal;

function source(dtype: Dtype, shape: Five, data: TypedArray): ArraySource {
  const array = wrapArray(dtype, shape, data);
  return {
    shape,
    axes: ["y", "x", "c"],
    dtype,
    chunk: [1, 1, 1, 1, 1],
    meta: {},
    read: (region) => Promise.resolve(subArray(array, region)),
  };
}

Deno.test("compareArrays() counts, finds the largest and the first difference and their mean", async () => {
  const shape: Five = [1, 1, 2, 3, 1];
  const a = source("float32", shape, Float32Array.of(0, 1, 2, 3, 4, NaN));
  const b = source("float32", shape, Float32Array.of(0, 1, 2.5, 3, 6, NaN));
  assertEquals(await compareArrays(a, b, 0, SIGNAL), {
    values: 6,
    differing: 2,
    largest: 2,
    mean: 2.5 / 6,
    worst: { at: { y: 1, x: 1, c: 0 }, a: 4, b: 6 },
    first: { at: { y: 0, x: 2, c: 0 }, a: 2, b: 2.5 },
    agreement: 1 - 2 / 6,
    labels: false,
  });
  assertEquals((await compareArrays(a, b, 0.5, SIGNAL)).differing, 1);
});

Deno.test("compareArrays() takes NaN on one side for a difference that is not finite", async () => {
  const shape: Five = [1, 1, 1, 2, 1];
  const found = await compareArrays(
    source("float64", shape, Float64Array.of(1, NaN)),
    source("float64", shape, Float64Array.of(2, 0)),
    10,
    SIGNAL,
  );
  assertEquals([found.differing, found.largest, found.mean], [1, null, null]);
  assertEquals(found.first, { at: { y: 0, x: 1, c: 0 }, a: "NaN", b: 0 });
});

Deno.test("compareArrays() compares large integers exactly, and integers with floating point numbers", async () => {
  const shape: Five = [1, 1, 1, 2, 1];
  const big = source("uint64", shape, BigUint64Array.of(2n ** 60n, 7n));
  assertEquals(
    (await compareArrays(big, source("uint64", shape, BigUint64Array.of(2n ** 60n + 1n, 7n)), 0, SIGNAL)).differing,
    1,
  );
  const mixed = await compareArrays(
    source("uint8", shape, Uint8Array.of(1, 2)),
    source("float32", shape, Float32Array.of(1, 2)),
    0,
    SIGNAL,
  );
  assertEquals([mixed.differing, mixed.agreement, mixed.labels], [0, 1, false]);
});
