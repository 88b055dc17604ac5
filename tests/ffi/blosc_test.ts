import { assert, assertEquals, assertRejects } from "@std/assert";
import numcodecs from "numcodecs/blosc";
import { packBlosc } from "../../ffi/blosc.ts";
import { Room } from "../../ffi/encode.ts";
import { NativeError } from "../../ffi/native_error.ts";

const native = { sanitizeResources: false, sanitizeOps: false };

Deno.test({
  ...native,
  name:
    "another build of Blosc unpacks what is packed: elements of any size, several blocks, bytes that do not get smaller",
  fn: async () => {
    const codec = numcodecs.fromConfig({ id: "blosc" });
    const noise = Uint8Array.from({ length: 600_000 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24 ^ i * i >> 9);
    const floats = new Uint8Array(Float32Array.from({ length: 150_000 }, (_, i) => (i * i % 101) / 100).buffer);
    const half = noise.slice();
    half.fill(0, 0, 300_000);
    const room = new Room();
    for (const [name, content] of Object.entries({ noise, floats, half, zeros: new Uint8Array(600_000) })) {
      for (const element of [1, 2, 3, 4, 8]) {
        // One element, less than a block, just a block, one element more, two blocks and a rest.
        for (const length of [8, 4000, 2 ** 18, 2 ** 18 + 8, 600_000]) {
          const bytes = content.subarray(0, length);
          const packed = (await packBlosc(element, 5, bytes, room)).slice();
          const view = new DataView(packed.buffer);
          assertEquals([view.getUint32(4, true), view.getUint32(12, true)], [length, packed.length]);
          assert(packed.length <= length + 16);
          assertEquals((await codec.decode(packed)).slice(), bytes.slice(), `${name} ${element} ${length}`);
        }
      }
    }
    await assertRejects(() => packBlosc(256, 1, noise, room), NativeError, "impossible arguments");
    await assertRejects(() => packBlosc(4, 0, noise, room), NativeError, "impossible arguments");
    await assertRejects(() => packBlosc(4, 1, new Uint8Array(), room), NativeError, "impossible arguments");
  },
});
