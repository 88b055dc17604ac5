import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decodeJpeg } from "../../ffi/jpeg.ts";
import { JpegWriter } from "../../ffi/jpeg_writer.ts";
import { NativeError } from "../../ffi/native_error.ts";

const native = { sanitizeResources: false, sanitizeOps: false };

/** The file of an image that is written some rows at a time. */
async function encode(
  size: { width: number; height: number; channels: number },
  pixels: Uint8Array<ArrayBuffer>,
  rows: number,
  quality = 75,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = JpegWriter.begin(size, quality);
  const step = rows * size.width * size.channels;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < pixels.length; at += step) parts.push(await writer.rows(pixels.subarray(at, at + step)));
  parts.push(await writer.finish());
  await writer.close();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The segment of a marker, without its length. */
function segment(file: Uint8Array, marker: number): number[] {
  for (let at = 2; at < file.length;) {
    const length = (file[at + 2] as number) * 256 + (file[at + 3] as number);
    if (file[at + 1] === marker) return [...file.subarray(at + 4, at + 2 + length)];
    at += 2 + length;
  }
  return [];
}

const slopes = Uint8Array.from({ length: 300 * 1000 * 3 }, (_, i) => (i * i) >> 7);

Deno.test({
  ...native,
  name: "JPEG files are JFIF of quality 75 with full colour resolution, as libjpeg's own tables say",
  fn: async () => {
    const color = await encode({ width: 20, height: 24, channels: 3 }, slopes.slice(0, 20 * 24 * 3), 24);
    assertEquals(segment(color, 0xe0).slice(0, 7), [0x4a, 0x46, 0x49, 0x46, 0, 1, 1]);
    // The luminance table of annex K at quality 75, first values in zigzag order.
    assertEquals(segment(color, 0xdb).slice(0, 9), [0, 8, 6, 6, 7, 6, 5, 8, 7]);
    assertEquals(segment(color, 0xc0), [8, 0, 24, 0, 20, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
    const gray = await encode({ width: 20, height: 24, channels: 1 }, slopes.slice(0, 480), 24);
    assertEquals(segment(gray, 0xc0), [8, 0, 24, 0, 20, 1, 1, 0x11, 0]);
  },
});

Deno.test({
  ...native,
  name: "JPEG files are the same whatever pieces the rows come in",
  fn: async () => {
    const size = { width: 300, height: 1000, channels: 3 };
    const whole = await encode(size, slopes, 1000);
    for (const rows of [1, 7, 8, 999]) assertEquals(await encode(size, slopes, rows), whole);
    const noise = new Uint8Array(64 * 64);
    crypto.getRandomValues(noise);
    const file = await encode({ width: 64, height: 64, channels: 1 }, noise, 5, 100);
    assert(file.length > noise.length);
    const pixels = await decodeJpeg(file);
    assert(pixels.every((value, i) => Math.abs(value - (noise[i] ?? 0)) <= 1));
  },
});

Deno.test({
  ...native,
  name: "JpegWriter refuses sizes beyond JPEG, rows too many or too few, and calls after the end",
  fn: async () => {
    assertThrows(() => JpegWriter.begin({ width: 70_000, height: 1, channels: 1 }, 75), NativeError, "impossible");
    assertThrows(() => JpegWriter.begin({ width: 7, height: 0, channels: 1 }, 75), NativeError, "impossible");
    const writer = JpegWriter.begin({ width: 10, height: 4, channels: 1 }, 75);
    await assertRejects(() => writer.finish(), NativeError, "impossible");
    await writer.rows(new Uint8Array(30));
    await assertRejects(() => writer.rows(new Uint8Array(20)), NativeError, "impossible");
    await assertRejects(() => writer.rows(new Uint8Array(5)), NativeError, "impossible");
    await assertRejects(() => writer.finish(), NativeError, "impossible");
    await writer.rows(new Uint8Array(10));
    await writer.finish();
    await assertRejects(() => writer.finish(), NativeError, "impossible");
    await writer.close();
    await writer.close();
    await assertRejects(() => writer.rows(new Uint8Array(10)), Error, "after the end");
  },
});

Deno.test({
  ...native,
  name: "JpegWriter is given back while a call runs, and before anything was written",
  fn: async () => {
    await JpegWriter.begin({ width: 10, height: 4, channels: 1 }, 75).close();
    for (let i = 0; i < 20; i++) {
      const writer = JpegWriter.begin({ width: 300, height: 1000, channels: 3 }, 75);
      const running = writer.rows(slopes.subarray(0, 300 * 3 * 900)).catch(() => {});
      const waiting = writer.rows(slopes.subarray(0, 300 * 3 * 100)).catch(() => {});
      await writer.close();
      await Promise.all([running, waiting]);
    }
  },
});
