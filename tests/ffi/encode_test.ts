import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync, inflateSync } from "node:zlib";
import { deflate, encodeJpeg } from "../../ffi/encode.ts";
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

/** The segment of a marker, without its length. */
function segment(file: Uint8Array, marker: number): number[] {
  for (let at = 2; at < file.length;) {
    const length = (file[at + 2] as number) * 256 + (file[at + 3] as number);
    if (file[at + 1] === marker) return [...file.subarray(at + 4, at + 2 + length)];
    at += 2 + length;
  }
  return [];
}

Deno.test({
  ...native,
  name: "JPEG files are JFIF of quality 75 with full colour resolution, as libjpeg's own tables say",
  fn: async () => {
    const pixels = bytes.slice(0, 20 * 24 * 3);
    const color = await encodeJpeg({ width: 20, height: 24, channels: 3, pixels }, 75);
    assertEquals(segment(color, 0xe0).slice(0, 7), [0x4a, 0x46, 0x49, 0x46, 0, 1, 1]);
    // The luminance table of annex K at quality 75, first values in zigzag order.
    assertEquals(segment(color, 0xdb).slice(0, 9), [0, 8, 6, 6, 7, 6, 5, 8, 7]);
    assertEquals(segment(color, 0xc0), [8, 0, 24, 0, 20, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
    const gray = await encodeJpeg({ width: 20, height: 24, channels: 1, pixels: pixels.slice(0, 480) }, 75);
    assertEquals(segment(gray, 0xc0), [8, 0, 24, 0, 20, 1, 1, 0x11, 0]);
  },
});

Deno.test({
  ...native,
  name: "noise that does not get smaller is encoded, sizes beyond JPEG are refused",
  fn: async () => {
    const noise = new Uint8Array(64 * 64);
    crypto.getRandomValues(noise);
    const file = await encodeJpeg({ width: 64, height: 64, channels: 1, pixels: noise }, 100);
    assert(file.length > noise.length);
    assertEquals([...file.subarray(-2)], [0xff, 0xd9]);
    const wide = { width: 70_000, height: 1, channels: 1, pixels: new Uint8Array(70_000) };
    await assertRejects(() => encodeJpeg(wide, 75), NativeError, "impossible arguments");
  },
});
