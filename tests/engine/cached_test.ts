import { assertEquals, assertRejects } from "@std/assert";
import {
  type ArraySource,
  createArray,
  type NdArray,
  type Region,
  regionShape,
  regionVolume,
} from "../../lib/array/mod.ts";
import { cached } from "../../lib/engine/mod.ts";

/** 9 x 10 pixels `10 * y + x`; counts its reads and how many of them run at the same time. */
function pixels(): ArraySource & { reads: Region[]; most: number } {
  let running = 0;
  return {
    shape: [1, 1, 9, 10, 1],
    axes: ["y", "x"],
    dtype: "uint8",
    chunk: [1, 1, 9, 10, 1],
    meta: {},
    cost: { bytes: (region) => 60 * regionVolume(region), work: regionVolume },
    reads: [],
    most: 0,
    async read(region) {
      this.reads.push(region);
      this.most = Math.max(this.most, ++running);
      await new Promise((resolve) => setTimeout(resolve));
      running--;
      if (region.start[2] === 8) throw new Error("row 8 is damaged");
      const block = createArray("uint8", regionShape(region));
      const width = block.shape[3];
      block.data.forEach((_, i) =>
        block.data[i] = 10 * (region.start[2] + Math.floor(i / width)) + region.start[3] + i % width
      );
      return block;
    },
  };
}

const values = (block: NdArray): number[] => Array.from(block.data as Uint8Array);

const region = (y0: number, x0: number, y1: number, x1: number): Region => ({
  start: [0, 0, y0, x0, 0],
  stop: [1, 1, y1, x1, 1],
});

Deno.test("cached() computes the tiles of a region at the same time, but no more than it may, and each once", async () => {
  const source = pixels();
  const result = cached(source, [1, 1, 4, 4, 1], 1000, 2);
  const [a, b] = await Promise.all([result.read(region(3, 2, 6, 9)), result.read(region(0, 3, 5, 5))]);
  assertEquals(values(a), [3, 4, 5].flatMap((y) => [2, 3, 4, 5, 6, 7, 8].map((x) => 10 * y + x)));
  assertEquals(values(b), [0, 1, 2, 3, 4].flatMap((y) => [3, 4].map((x) => 10 * y + x)));
  assertEquals(source.most, 2);
  assertEquals(source.reads.map(({ start, stop }) => [start[2], start[3], stop[2], stop[3]]), [
    [0, 0, 4, 4],
    [0, 4, 4, 8],
    [0, 8, 4, 10],
    [4, 0, 8, 4],
    [4, 4, 8, 8],
    [4, 8, 8, 10],
  ]);
});

Deno.test("cached() drops the tiles that were used longest ago", async () => {
  const source = pixels();
  const result = cached(source, [1, 1, 4, 4, 1], 2 * 16, 1);
  for (const x of [0, 4, 0, 8, 0, 4]) await result.read(region(0, x, 1, x + 1));
  assertEquals(source.reads.map(({ start }) => start[3]), [0, 4, 8, 4]);
});

Deno.test("cached() fails when all tiles that it asked for have ended, and tries again afterwards", async () => {
  const source = pixels();
  const result = cached(source, [1, 1, 4, 4, 1], 1000, 6);
  for (let i = 0; i < 2; i++) await assertRejects(() => result.read(region(0, 0, 9, 4)), Error, "row 8 is damaged");
  assertEquals(source.reads.map(({ start }) => start[2]), [0, 4, 8, 8]);
});
