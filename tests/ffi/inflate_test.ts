import { assertEquals, assertRejects } from "@std/assert";
import { deflateSync, gzipSync } from "node:zlib";
import { inflate } from "../../ffi/inflate.ts";
import { NativeError } from "../../ffi/native_error.ts";

const native = { sanitizeResources: false, sanitizeOps: false };
const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 7);

Deno.test({
  ...native,
  name: "streams by zlib are unpacked, in both forms and of any length",
  fn: async () => {
    for (const length of [0, 1, 100_000]) {
      const part = bytes.slice(0, length);
      assertEquals(await inflate("zlib", new Uint8Array(deflateSync(part)), length), part);
      assertEquals(await inflate("gzip", new Uint8Array(gzipSync(part)), length), part);
    }
  },
});

Deno.test({
  ...native,
  name: "shuffled bytes are put together item by item",
  fn: async () => {
    for (const itemBytes of [2, 4, 8]) {
      // More items than are put together at a time, and not a multiple of it.
      const items = 5001;
      const shuffled = Uint8Array.from({ length: items * itemBytes }, (_, k) => {
        const [b, i] = [Math.floor(k / items), k % items];
        return bytes[i * itemBytes + b] as number;
      });
      const packed = new Uint8Array(deflateSync(shuffled));
      assertEquals(await inflate("zlib", packed, shuffled.length, itemBytes), bytes.slice(0, shuffled.length));
    }
  },
});

Deno.test({
  ...native,
  name: "damaged streams and those of another length are errors",
  fn: async () => {
    const packed = new Uint8Array(deflateSync(bytes));
    const damaged = packed.slice();
    damaged[500] = (damaged[500] as number) ^ 0xff;
    for (
      const [stream, length] of [[packed, 99_999], [packed, 100_001], [packed.slice(0, -10), 100_000], [
        damaged,
        100_000,
      ], [
        new Uint8Array(0),
        1,
      ]] as const
    ) {
      await assertRejects(() => inflate("zlib", stream, length), NativeError, "damaged");
    }
    await assertRejects(() => inflate("zlib", packed, 100_000, 3), NativeError, "impossible arguments");
  },
});
