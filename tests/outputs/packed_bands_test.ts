import { assert, assertEquals } from "@std/assert";
import { PackedBands } from "../../lib/outputs/packed_bands.ts";

const LINE = 3;

/** What is stored of an image of `height` rows in bands of 4 rows, which comes in parts of some rows. */
async function stored(height: number, parts: readonly number[]): Promise<{ bands: number[][]; last: boolean[] }> {
  const [bands, last]: [number[][], boolean[]] = [[], []];
  const packed = new PackedBands<{ bytes: number[]; isLast: boolean }>({
    bandBytes: 4 * LINE,
    imageBytes: height * LINE,
    pack: async (rows, room, isLast) => {
      const out = room.take(rows.length);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
      out.set(rows);
      return { bytes: [...out.subarray(0, rows.length)], isLast };
    },
    store: (band) => {
      bands.push(band.bytes);
      last.push(band.isLast);
      return Promise.resolve();
    },
  });
  let y = 0;
  for (const count of parts) {
    const rows = Uint8Array.from({ length: count * LINE }, (_, i) => (y * LINE + i) % 251);
    await packed.add(rows);
    rows.fill(255);
    y += count;
  }
  return { bands, last };
}

Deno.test("rows become the same bands however they come, and the last one is known", async () => {
  for (
    const parts of [[1], [4], [5], [8], [2, 2], [3, 3, 3], [1, 1, 1, 1, 1], [40], [41], [3, 30, 8], [4, 37], [39, 2]]
  ) {
    const height = parts.reduce((sum, count) => sum + count, 0);
    const { bands, last } = await stored(height, parts);
    assertEquals(bands.flat(), Array.from({ length: height * LINE }, (_, i) => i % 251), parts.join());
    assert(bands.slice(0, -1).every(({ length }) => length === 4 * LINE), parts.join());
    assertEquals(last, bands.map((_, i) => i === bands.length - 1), parts.join());
  }
});
