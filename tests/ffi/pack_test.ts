import { assertEquals, assertRejects } from "@std/assert";
import { inflateSync } from "node:zlib";
import { Room } from "../../ffi/encode.ts";
import { NativeError } from "../../ffi/native_error.ts";
import { type ChunkBatch, packChunks } from "../../ffi/pack.ts";

/** Two chunks of a 3 x 5 array: a whole one and one at its lower edge. */
const BATCH: ChunkBatch = {
  data: Uint16Array.from({ length: 15 }, (_, i) => i + 1),
  strides: [15, 15, 15, 5, 1],
  sizes: [1, 1, 1, 2, 3],
  chunks: [{ offset: 1, counts: [1, 1, 1, 2, 3] }, { offset: 13, counts: [1, 1, 1, 1, 2] }],
};
const CHUNKS = [[2, 3, 4, 7, 8, 9], [14, 15, 0, 0, 0, 0]];

for (const level of [undefined, 1, 12]) {
  Deno.test({
    name: `packChunks() makes several chunks, level ${level ?? "none"}`,
    sanitizeResources: false, // the library stays open for the whole process
    fn: async () => {
      const room = new Room();
      room.take(4096).fill(9);
      const packed = await packChunks({ ...BATCH, level }, room);
      // Node's zlib is not the library that packed.
      const plain = packed.map((bytes) => level === undefined ? bytes.slice() : new Uint8Array(inflateSync(bytes)));
      assertEquals(plain.map(({ buffer, byteOffset }) => [...new Uint16Array(buffer, byteOffset, 6)]), CHUNKS);
    },
  });
}

Deno.test({
  name: "packChunks() reads nothing outside of the array",
  sanitizeResources: false,
  fn: async () => {
    for (const offset of [14, 15, 1e9]) {
      const chunks = [{ offset, counts: [1, 1, 1, 1, 2] }];
      await assertRejects(() => packChunks({ ...BATCH, chunks }, new Room()), NativeError, "impossible arguments");
    }
  },
});
