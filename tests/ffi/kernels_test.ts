import { assertEquals, assertThrows } from "@std/assert";
import { address, alignedBytes, KernelError, unwrap } from "../../ffi/kernels.ts";

Deno.test("alignedBytes() gives zeroed memory at a multiple of 64", () => {
  for (const bytes of [0, 1, 63, 64, 1000]) {
    const memory = alignedBytes(bytes);
    assertEquals([memory.length, memory.every((byte) => byte === 0)], [bytes, true]);
    if (bytes > 0) assertEquals(address(memory) % 64n, 0n);
  }
});

Deno.test("address() counts the offset of a view", () => {
  const memory = new Uint8Array(100);
  assertEquals(address(memory.subarray(40)) - address(memory), 40n);
});

Deno.test("unwrap() names the function and its code", () => {
  unwrap("ilh_pixel_run", 0);
  const error = assertThrows(
    () => unwrap("ilh_pixel_run", 5, "at block 3"),
    KernelError,
    "ilh_pixel_run failed with code 5 at block 3",
  );
  assertEquals([error.call, error.code], ["ilh_pixel_run", 5]);
});
