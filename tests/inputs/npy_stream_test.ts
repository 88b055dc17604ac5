import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../lib/array/mod.ts";
import { type ByteStream, NpyStream } from "../../lib/inputs/npy_stream.ts";
import { npyHeader } from "../../lib/outputs/numpy.ts";

/** A stream that gives at most `step` bytes at a time. */
function streamOf(bytes: Uint8Array, step: number): ByteStream {
  let at = 0;
  return {
    read: (buffer) => {
      const part = bytes.subarray(at, at + Math.min(step, buffer.length));
      buffer.set(part);
      at += part.length;
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
  };
}

/** Runs `test` with a folder of its own for temporary files; nothing may be left there. */
async function withTemporaryFolder(test: () => Promise<void>): Promise<void> {
  const before = Deno.env.get("TMPDIR");
  const folder = await Deno.makeTempDir();
  Deno.env.set("TMPDIR", folder);
  try {
    await test();
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    await Deno.remove(folder, { recursive: true });
  }
}

for (const step of [1, 5, 4096]) {
  Deno.test(`an array that comes in pieces of ${step} bytes is read once and opened as often as needed`, () =>
    withTemporaryFolder(async () => {
      const values = Uint8Array.from({ length: 6 }, (_, i) => 10 * i);
      using stream = new NpyStream(streamOf(new Uint8Array([...npyHeader("uint8", [2, 3]), ...values]), step));
      const [first, second] = await Promise.all([stream.open(), stream.open()]);
      for (const { array, nickname, paths } of [first, second]) {
        assertEquals([array.shape, array.dtype, nickname, paths], [[2, 3], "uint8", "stdin", []]);
        // The range that 8-bit files have, too.
        assertEquals(array.meta.drange, [0, 255]);
        const block = await array.read([0, 1], [2, 3]);
        assertEquals([0, 1, 2, 3].map((i) => block.data[block.offset + (i >> 1) * (block.strides[0] ?? 0) + i % 2]), [
          10,
          20,
          40,
          50,
        ]);
        await array.close();
      }
    }));
}

Deno.test("a temporary file that somebody else removed is no error", () =>
  withTemporaryFolder(async () => {
    using stream = new NpyStream(streamOf(new Uint8Array([...npyHeader("uint8", [1, 2]), 1, 2]), 99));
    await (await stream.open()).array.close();
    const folder = Deno.env.get("TMPDIR") ?? "";
    for await (const { name } of Deno.readDir(folder)) await Deno.remove(`${folder}/${name}`);
  }));

Deno.test("a stream that is never opened is not read", () =>
  withTemporaryFolder(() => {
    using _stream = new NpyStream({ read: () => Promise.reject(new Error("read")) });
    return Promise.resolve();
  }));

Deno.test("what is no array is refused before the rest of it comes", () =>
  withTemporaryFolder(async () => {
    let reads = 0;
    using stream = new NpyStream({
      read: (buffer) => {
        reads++;
        return Promise.resolve(buffer.fill(1).length);
      },
    });
    await assertRejects(() => stream.open(), UserError, "it is not a NumPy array");
    assertEquals(reads, 1);
  }));

Deno.test("a stream that breaks is an input that cannot be read", () =>
  withTemporaryFolder(async () => {
    using stream = new NpyStream({ read: () => Promise.reject(new Error("connection reset")) });
    const error = await assertRejects(() => stream.open(), UserError, "cannot read `stdin`: connection reset");
    assertEquals(error.kind, "input");
  }));
