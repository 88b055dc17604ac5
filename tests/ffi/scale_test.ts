/** The fast conversion of floats to small whole numbers against its definition in `lib/array/cast.ts`. */
import { assertEquals, assertRejects } from "@std/assert";
import { NativeError } from "../../ffi/native_error.ts";
import { type ScaledNumbers, scaleFloats } from "../../ffi/scale.ts";
import { allocate, createCast, type Dtype, type RangeMap, wrapArray } from "../../lib/array/mod.ts";

/** A generator with a fixed start (xorshift). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2.5,
  127.5,
  255,
  255.5,
  256,
  32767.5,
  65535,
  65535.5,
  65536,
  2 ** 22,
  2 ** 23 + 1,
]
  .flatMap((v) => [v, -v]).concat(NaN, Infinity, -Infinity, 1e-45, 3e38, -3e38);

const RANGES: readonly (readonly [number, number, number, number])[] = [
  [0, 1, 0, 255],
  [0, 1, 0, 65535],
  [0, 1, 255, 0],
  [1, 0, 0, 255],
  [0.1, 0.7, 3.25, 199.75],
  [0, 1, -128, 127],
  [0, 1, -32768.5, 32767.5],
  [0, 1, -1e5, 1e5],
  [0, 1, 0, 1e300],
  [0.3, 0.3, 7, 9],
  [-1e30, 1e30, 0, 255],
  [0, 255, 0, 255],
];

for (const target of ["uint8", "uint16", "int8", "int16"] as const satisfies readonly Dtype[]) {
  Deno.test({
    name: `scaleFloats() does what the definition says, ${target}`,
    sanitizeResources: false, // the library stays open for the whole process
    fn: async () => {
      const next = random(7);
      for (const [lo, hi, p, q] of RANGES) {
        const range: RangeMap = { from: [lo, hi], integerLow: false, to: [p, q] };
        const cast = createCast({ source: "float32", target, range, wrap: false });
        const inside = Array.from({ length: 3000 }, () => lo + (hi - lo) * (next() * 1.2 - 0.1));
        // What falls between two whole numbers, as near as floats come.
        const halves = Array.from({ length: 300 }, (_, i) => lo + (hi - lo) * (i + 0.5 - p) / (q - p));
        const values = Float32Array.from([...EDGES, ...inside, ...halves, lo, hi]);
        const got = allocate(target, values.length) as ScaledNumbers;
        const outside = await scaleFloats(
          values,
          cast.single ?? { low: 0, start: 0, ratio: 0, from: [0, 0], to: [0, 0] },
          got,
        );
        const wanted = cast.apply(wrapArray("float32", [1, 1, 1, values.length, 1], values));
        assertEquals({ range: [lo, hi, p, q], outside, got }, {
          range: [lo, hi, p, q],
          outside: wanted.outside,
          got: wanted.array.data,
        });
      }
    },
  });
}

Deno.test({
  name: "scaleFloats() refuses results of another length",
  sanitizeResources: false,
  fn: async () => {
    const scale = { low: 0, start: 0, ratio: 1, from: [0, 1], to: [0, 1] } as const;
    const work = () => scaleFloats(new Float32Array(4), scale, new Uint16Array(3));
    await assertRejects(work, NativeError, "impossible arguments");
  },
});
