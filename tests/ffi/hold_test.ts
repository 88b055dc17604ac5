import { assertEquals } from "@std/assert";
import { heldCalls, holdingArguments } from "../../ffi/hold.ts";

const SYMBOLS = {
  nanosleep: { parameters: ["buffer", "buffer"], result: "i32", nonblocking: true },
  getpid: { parameters: [], result: "i32" },
} as const;

Deno.test({
  name: "arguments of calls on other threads survive garbage collections until the call ends",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const library = holdingArguments(Deno.dlopen("libc.so.6", SYMBOLS), SYMBOLS);
    try {
      assertEquals(library.symbols.getpid(), Deno.pid);
      const kept: WeakRef<ArrayBuffer>[] = [];
      const calls = Array.from({ length: 8 }, () => {
        const time = new BigInt64Array([0n, 300_000_000n]);
        kept.push(new WeakRef(time.buffer));
        return library.symbols.nanosleep(new Uint8Array(time.buffer), null);
      });
      assertEquals(heldCalls(), 8);
      for (let i = 0; i < 200; i++) new ArrayBuffer(8 << 20); // makes the collector run
      await new Promise((resolve) => setTimeout(resolve, 50));
      assertEquals(kept.map((buffer) => buffer.deref()?.byteLength), [16, 16, 16, 16, 16, 16, 16, 16]);
      assertEquals(await Promise.all(calls), [0, 0, 0, 0, 0, 0, 0, 0]);
      assertEquals(heldCalls(), 0);
    } finally {
      library.close();
    }
  },
});
