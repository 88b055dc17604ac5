import { assertEquals, assertRejects } from "@std/assert";
import { gunzipSync, inflateSync } from "node:zlib";
import { deflate, gather, packLzw } from "../../ffi/encode.ts";
import { TiffFile, TiffWriter } from "../../ffi/tiff.ts";
import { NativeError } from "../../ffi/native_error.ts";

const native = { sanitizeResources: false, sanitizeOps: false };
const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 7);

Deno.test({
  ...native,
  name: "zlib unpacks what is packed, in both forms and for any length",
  fn: async () => {
    for (const length of [0, 1, 100_000]) {
      const part = bytes.subarray(0, length);
      for (const level of [1, 6]) {
        assertEquals(new Uint8Array(inflateSync(await deflate("zlib", level, part))), part.slice());
        assertEquals(new Uint8Array(gunzipSync(await deflate("gzip", level, part))), part.slice());
      }
    }
    await assertRejects(() => deflate("zlib", 0, bytes), NativeError, "impossible arguments");
  },
});

Deno.test({
  ...native,
  name: "libtiff unpacks strips that are packed as LZW",
  fn: async () => {
    const noise = new Uint8Array(60_000);
    crypto.getRandomValues(noise);
    const contents = {
      "one byte": Uint8Array.of(7),
      "a few": Uint8Array.of(1, 2, 1, 2, 1, 2, 3),
      "zeros, which make the longest strings": new Uint8Array(300_000),
      "noise, which fills the table again and again": noise,
      "numbers": new Uint8Array(Float32Array.from({ length: 40_000 }, (_, i) => (i * i % 101) / 100).buffer),
    };
    // The table grows a bit, or is cleared, just before the end of the strip.
    const edges = [253, 254, 255, 256, 765, 766, 767, 3834, 3835, 3836, 3837, 3838, 3839].map((length) =>
      [`${length} different pairs`, debruijn(length)] as const
    );
    const path = await Deno.makeTempFile({ suffix: ".tif" });
    for (const [name, content] of [...Object.entries(contents), ...edges]) {
      const file = await TiffWriter.create(path, false);
      const page = { width: content.length, height: 1, samples: 1, dtype: "uint8", photometric: 1 } as const;
      await file.begin({ ...page, compression: 5, rowsPerStrip: 1 });
      await file.writePacked(0, await packLzw(content));
      await file.end();
      await file.close();
      const stored = await TiffFile.open(path);
      const read = await stored.read(await stored.page(0), { y: [0, 1], x: [0, content.length], samples: [0, 1] });
      assertEquals(read, content, name);
      assertEquals(stored.warnings(), []);
      await stored.close();
    }
    await Deno.remove(path);
  },
});

/** Bytes without any pair twice, so that each makes a code of its own. */
function debruijn(length: number): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  for (let step = 1; out.length < length; step++) for (let i = 0; i < 256; i++) out.push(i * (2 * step - 1) & 255);
  return Uint8Array.from(out.slice(0, length));
}

Deno.test({
  ...native,
  name: "gather() takes elements in any order, of any size",
  fn: async () => {
    const counts = [2, 1, 70, 3, 130];
    const strides = [1, 500, 2, 140, 420];
    for (const Type of [Uint8Array, Int16Array, Float32Array, BigInt64Array]) {
      const size = 5 + 129 * 420 + 2 * 140 + 69 * 2 + 1 + 1;
      const data = Type === BigInt64Array
        ? BigInt64Array.from({ length: size }, (_, i) => BigInt(i))
        : (Type as typeof Int16Array).from({ length: size }, (_, i) => i % 120);
      const got = await gather({ counts, strides, offset: 5, data });
      const wanted = Array.from({ length: got.length }, (_, flat) => {
        let rest = flat;
        let at = 5;
        for (let i = 4; i >= 0; i--) {
          at += rest % (counts[i] ?? 1) * (strides[i] ?? 0);
          rest = Math.floor(rest / (counts[i] ?? 1));
        }
        return data[at];
      });
      assertEquals(Array.from({ length: got.length }, (_, i) => got[i]), wanted);
    }
    const outside = { counts, strides, offset: 6, data: new Uint8Array(5 + 129 * 420 + 2 * 140 + 69 * 2 + 1 + 1) };
    await assertRejects(() => gather(outside), NativeError, "impossible arguments");
  },
});
