import { assertEquals, assertRejects } from "@std/assert";
import {
  type ArraySource,
  createArray,
  type Region,
  regionShape,
  regionVolume,
  withAxis,
} from "../../lib/array/mod.ts";
import { joined } from "../../lib/engine/mod.ts";

/** A source of 3 channels whose values are the channel; counts its reads. */
function channels(): ArraySource & { reads: Region[] } {
  const reads: Region[] = [];
  return {
    shape: [1, 1, 8, 8, 3],
    axes: ["y", "x", "c"],
    dtype: "uint8",
    chunk: [1, 1, 8, 8, 3],
    meta: {},
    cost: { bytes: (region) => 60 * regionVolume(region), work: () => 30 },
    reads,
    async read(region) {
      reads.push(region);
      await Promise.resolve();
      if (region.start[2] === 7) throw new Error("row 7 is damaged");
      const block = createArray("uint8", regionShape(region));
      block.data.forEach((_, i) => block.data[i] = region.start[4] + i % (region.stop[4] - region.start[4]));
      return block;
    },
  };
}

const REGION: Region = { start: [0, 0, 0, 0, 0], stop: [1, 1, 2, 4, 3] };

Deno.test("joined() computes a region once for reads that come together, whatever channels they want", async () => {
  const source = channels();
  const result = joined(source, 3);
  const [all, last] = await Promise.all([result.read(REGION), result.read(withAxis(REGION, "c", 2, 3))]);
  assertEquals(source.reads, [REGION]);
  assertEquals([all?.shape, last?.shape], [[1, 1, 2, 4, 3], [1, 1, 2, 4, 1]]);
  assertEquals(last?.data[last.offset], 2);
  await result.read(REGION);
  assertEquals(source.reads.length, 2, "nothing is kept");
});

Deno.test("joined() computes only the channels that its readers want, for all of them", async () => {
  const source = channels();
  const result = joined(source, 2, [1, 3]);
  const reads = [1, 2].map((c) => result.read(withAxis(REGION, "c", c, c + 1)));
  const blocks = [...await Promise.all(reads), await result.read(withAxis(REGION, "c", 1, 3))];
  const range = withAxis(REGION, "c", 1, 3);
  assertEquals(source.reads, [range, range]);
  assertEquals(blocks.map(({ shape }) => shape[4]), [1, 1, 2]);
  assertEquals(blocks.map(({ data, offset }) => data[offset]), [1, 2, 1]);
  // Each reader bears its part of what is computed together.
  const { cost } = result;
  assertEquals(cost?.bytes(withAxis(REGION, "c", 1, 2)), 60 * 16 / 2);
});

Deno.test("joined() shares the cost between its readers", () => {
  const { cost } = joined(channels(), 3);
  assertEquals([cost?.bytes(REGION), cost?.work(REGION)], [60 * 24 / 3, 10]);
});

Deno.test("joined() fails for every reader, and tries again afterwards", async () => {
  const source = channels();
  const result = joined(source, 2);
  const damaged = { start: REGION.start.with(2, 7) as unknown as Region["start"], stop: [1, 1, 8, 4, 3] } as const;
  for (let i = 0; i < 2; i++) {
    const reads = [result.read(damaged), result.read(damaged)];
    for (const read of reads) await assertRejects(() => read, Error, "row 7 is damaged");
  }
  assertEquals(source.reads.length, 2);
});
