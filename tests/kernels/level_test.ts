import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { kernels } from "../../ffi/kernels.ts";
import { UserError } from "../../lib/array/mod.ts";
import { kernelLevel } from "../../lib/kernels/level.ts";

const VARIABLE = "ILASTIK_HEADLESS_SIMD";

/** Level with a value of the environment variable. */
function levelWith(value: string): number {
  const before = Deno.env.get(VARIABLE);
  Deno.env.set(VARIABLE, value);
  try {
    return kernelLevel();
  } finally {
    if (before === undefined) Deno.env.delete(VARIABLE);
    else Deno.env.set(VARIABLE, before);
  }
}

// The library stays open: it is loaded at the first call, not inside a test.
kernels();

Deno.test("kernelLevel() takes what ILASTIK_HEADLESS_SIMD names", () => {
  assertEquals([levelWith("scalar"), levelWith("portable")], [0, 1]);
  assertEquals(levelWith("") >= 1, true);
});

Deno.test("kernelLevel() refuses unknown and missing instruction sets in one line", () => {
  const missing = Deno.build.arch === "x86_64" ? "neon" : "avx2";
  for (const value of ["sse9", missing]) {
    const error = assertThrows(() => levelWith(value), UserError);
    assertEquals(error.kind, "usage");
    assertMatch(error.message, /^ILASTIK_HEADLESS_SIMD [^\n]+$/);
    assertMatch(error.hint ?? "", /scalar, portable/);
  }
});
