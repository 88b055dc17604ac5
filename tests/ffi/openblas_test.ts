import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { multiply, NativeError, solve } from "../../ffi/openblas.ts";

// Opened before the tests: it stays open, which they would take for a leak.
await multiply(Float64Array.of(1), Float64Array.of(1), 1, 1, 1);

Deno.test("multiply() gives the product of two matrices", async () => {
  const a = Float64Array.of(1, 2, 3, 4, 5, 6);
  const b = Float64Array.of(7, 8, 9, 10, 11, 12);
  assertEquals(await multiply(a, b, 2, 3, 2), Float64Array.of(58, 64, 139, 154));
  assertEquals(await multiply(a, b, 3, 2, 3), Float64Array.of(27, 30, 33, 61, 68, 75, 95, 106, 117));
});

Deno.test("solve() undoes multiply(), for both kinds of matrices", async () => {
  const size = 5;
  const columns = 2;
  const x = Float64Array.from({ length: size * columns }, (_, i) => i - 4);
  // Diagonally dominant; symmetric and positive definite for the second kind.
  const general = Float64Array.from({ length: 25 }, (_, i) => i % 6 === 0 ? 20 : (i * 7) % 5);
  const positive = Float64Array.from({ length: 25 }, (_, i) => i % 6 === 0 ? 20 : (i % 5) + Math.floor(i / 5));
  for (const [kind, matrix] of [["general", general], ["positive", positive]] as const) {
    const before = matrix.slice();
    const solved = await solve(matrix, await multiply(matrix, x, size, size, columns), size, columns, kind);
    for (const [i, value] of solved.entries()) assertAlmostEquals(value, x[i] as number, 1e-12, kind);
    assertEquals(matrix, before, "the matrix is left as it was");
  }
});

Deno.test("solve() says what is wrong with a matrix", async () => {
  const b = Float64Array.of(1, 1);
  const singular = await assertRejects(() => solve(Float64Array.of(1, 2, 2, 4), b, 2, 1, "general"), NativeError);
  assertEquals([singular.call, singular.reason], ["LAPACKE_dgesv", "the matrix is singular"]);
  const negative = await assertRejects(() => solve(Float64Array.of(1, 2, 2, 1), b, 2, 1, "positive"), NativeError);
  assertEquals(negative.reason, "the matrix is not positive definite");
  assert(negative.code > 0);
});

Deno.test("matrices of other sizes than said are a bug that is reported", async () => {
  await assertRejects(() => multiply(new Float64Array(5), new Float64Array(6), 2, 3, 2), RangeError);
});
