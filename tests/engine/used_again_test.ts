/** The storage of blocks is used again: no result may see the values of another block. */
import { assert, assertEquals } from "@std/assert";
import {
  type ArraySource,
  blocksOf,
  borrowArray,
  copyArray,
  createArray,
  type Five,
  type NdArray,
  type Region,
  regionShape,
  subArray,
  wholeRegion,
} from "../../lib/array/mod.ts";
import { type BlockTarget, cached, joined, mapBlocks, stackChannels, writeBlocks } from "../../lib/engine/mod.ts";

const SHAPE: Five = [2, 3, 20, 24, 3];

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 3));

/** Pixel `i` is `i + 1`: 0 is what nobody wrote. */
function numbered(shape: Five): NdArray {
  const array = createArray("float32", shape);
  array.data.forEach((_, i) => array.data[i] = i + 1);
  return array;
}

/** Computes blocks as the kernels do: into borrowed storage. */
function computed(storages: Set<ArrayBufferLike>): ArraySource {
  const whole = numbered(SHAPE);
  return {
    shape: SHAPE,
    axes: ["t", "z", "y", "x", "c"],
    dtype: "float32",
    chunk: [1, 1, 4, 4, 3],
    meta: {},
    async read(region) {
      await pause();
      const block = borrowArray("float32", regionShape(region));
      copyArray(subArray(whole, region), block);
      storages.add(block.data.buffer);
      return block;
    },
  };
}

/** Keeps what it gets, but not at once. */
function slowTarget(shape: Five, ordered: boolean): BlockTarget & { readonly got: NdArray } {
  const got = createArray("float32", shape);
  return {
    blockMultiple: [1, 1, 4, 4, 1],
    ordered,
    got,
    async write(region, block) {
      await pause();
      copyArray(block, subArray(got, region));
    },
  };
}

/** One channel of a source, as an output of its own. */
function oneChannel(source: ArraySource, c: number): ArraySource {
  const [t, z, y, x] = SHAPE;
  const inside = ({ start: [a, b, d, e], stop: [f, g, h, i] }: Region): Region => (
    { start: [a, b, d, e, c], stop: [f, g, h, i, c + 1] }
  );
  return { ...source, shape: [t, z, y, x, 1], read: (region, signal) => source.read(inside(region), signal) };
}

/** Values in storage that is given back together with that of the block. */
function doubled(source: ArraySource): ArraySource {
  return mapBlocks(source, {}, (block) => {
    const result = borrowArray("float32", block.shape, block);
    copyArray(block, result);
    result.data.forEach((value, i) => result.data[i] = 2 * Number(value));
    return result;
  });
}

for (const ordered of [false, true]) {
  Deno.test(`results that share, keep or convert blocks stay their own, ordered: ${ordered}`, async () => {
    const storages = new Set<ArrayBufferLike>();
    const source = computed(storages);
    const shared = joined(source, 5);
    const kept = cached(source, [1, 1, 8, 8, 3], 3000, 2);
    const [t, z, y, x, c] = SHAPE;
    const stacked: Five = [t, z, y, x, 2 * c];
    const jobs = [
      { source: shared, target: slowTarget(SHAPE, ordered) },
      { source: doubled(shared), target: slowTarget(SHAPE, ordered) },
      { source: oneChannel(shared, 1), target: slowTarget([t, z, y, x, 1], ordered) },
      { source: doubled(oneChannel(shared, 2)), target: slowTarget([t, z, y, x, 1], ordered) },
      { source: kept, target: slowTarget(SHAPE, ordered) },
      { source: { ...stackChannels([shared, kept]) }, target: slowTarget(stacked, ordered) },
    ];
    await writeBlocks(jobs, { threads: 3, memory: 60_000 });
    const wanted = numbered(SHAPE);
    const [all, twice, second, third, again, both] = jobs.map(({ target: { got } }) => got) as NdArray[];
    const values = (array: NdArray | undefined) => [...array?.data as Float32Array];
    const channel = (k: number) => values(wanted).filter((_, i) => i % c === k);
    assertEquals(values(all), values(wanted));
    assertEquals(values(twice), values(wanted).map((value) => 2 * value));
    assertEquals(values(second), channel(1));
    assertEquals(values(third), channel(2).map((value) => 2 * value));
    assertEquals(values(again), values(wanted));
    assertEquals(values(both).filter((_, i) => i % (2 * c) < c), values(wanted));
    assertEquals(values(both).filter((_, i) => i % (2 * c) >= c), values(wanted));
    const blocks = [...blocksOf(wholeRegion(SHAPE), [1, 1, 4, 4, 3])].length;
    assert(storages.size < blocks, "storage is used again");
  });
}
