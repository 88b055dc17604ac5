import { assertEquals } from "@std/assert";
import {
  type ArraySource,
  createArray,
  type Region,
  regionShape,
  toDense,
  wholeRegion,
  withAxis,
} from "../../lib/array/mod.ts";
import { selectChannels } from "../../lib/engine/mod.ts";

/** A file of 2 × 3 pixels and 40 channels whose values are the channel. */
function file(): ArraySource & { reads: Region[] } {
  const reads: Region[] = [];
  return {
    shape: [1, 1, 2, 3, 40],
    axes: ["y", "x", "c"],
    dtype: "uint16",
    chunk: [1, 1, 2, 3, 40],
    meta: { channelNames: Array.from({ length: 40 }, (_, c) => `c${c}`) },
    reads,
    read(region) {
      reads.push(region);
      const block = createArray("uint16", regionShape(region));
      const channels = region.stop[4] - region.start[4];
      block.data.forEach((_, i) => block.data[i] = region.start[4] + i % channels);
      return Promise.resolve(block);
    },
  };
}

Deno.test("selectChannels() gives the channels in the order asked for, with their names", async () => {
  const source = selectChannels(file(), [12, 10, 10]);
  assertEquals(source.shape, [1, 1, 2, 3, 3]);
  assertEquals(source.meta.channelNames, ["c12", "c10", "c10"]);
  const pixels = toDense(await source.read(wholeRegion(source.shape)));
  assertEquals([...pixels.data], Array(6).fill([12, 10, 10]).flat());
});

Deno.test("selectChannels() reads, and counts as memory, no more than from the first to the last that is wanted", async () => {
  const below = file();
  const source = selectChannels(below, [12, 10, 39]);
  const two = withAxis(wholeRegion(source.shape), "c", 0, 2);
  await source.read(two);
  assertEquals(below.reads, [withAxis(wholeRegion(below.shape), "c", 10, 13)]);
  assertEquals(source.cost?.bytes(two), 2 * 3 * 3 * 2);
});
