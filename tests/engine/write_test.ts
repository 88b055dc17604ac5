import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type ArraySource,
  createArray,
  dtypeInfo,
  type Five,
  type NdArray,
  type Region,
  regionShape,
  regionVolume,
  UserError,
  volume,
} from "../../lib/array/mod.ts";
import { type BlockTarget, chooseBlocks, Slots, writeBlocks } from "../../lib/engine/mod.ts";

/** A source whose pixels are their flat index; records the regions that are read at the same time. */
function flatIndexSource(shape: Five): ArraySource & { readonly most: () => number } {
  let now = 0;
  let most = 0;
  return {
    shape,
    axes: ["t", "z", "y", "x", "c"],
    dtype: "float64",
    chunk: [1, 1, 4, 4, 1],
    meta: {},
    most: () => most,
    async read(region: Region): Promise<NdArray> {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      const block = createArray("float64", regionShape(region));
      let i = 0;
      for (let t = region.start[0]; t < region.stop[0]; t++) {
        for (let z = region.start[1]; z < region.stop[1]; z++) {
          for (let y = region.start[2]; y < region.stop[2]; y++) {
            for (let x = region.start[3]; x < region.stop[3]; x++) {
              for (let c = region.start[4]; c < region.stop[4]; c++) {
                block.data[i++] = (((t * shape[1] + z) * shape[2] + y) * shape[3] + x) * shape[4] + c;
              }
            }
          }
        }
      }
      now--;
      return block;
    },
  };
}

function target(multiple: Five, ordered: boolean): BlockTarget & { seen: { region: Region; block: NdArray }[] } {
  const seen: { region: Region; block: NdArray }[] = [];
  return {
    blockMultiple: multiple,
    ordered,
    seen,
    write(region, block) {
      seen.push({ region, block });
      return Promise.resolve();
    },
  };
}

Deno.test("writeBlocks() hands over every pixel exactly once, whatever threads and blocks", async () => {
  const shape: Five = [2, 3, 17, 23, 2];
  for (const threads of [1, 2, 4]) {
    for (const memory of [2000, 20_000, 1e9]) {
      const source = flatIndexSource(shape);
      const sink = target([1, 1, 4, 5, 1], false);
      await writeBlocks([{ source, target: sink }], { threads, memory });
      const values = sink.seen.flatMap(({ block }) => [...block.data as Float64Array]).sort((a, b) => a - b);
      assertEquals(values, Array.from({ length: volume(shape) }, (_, i) => i));
      for (const { region } of sink.seen) {
        assertEquals([region.start[2] % 4, region.start[3] % 5], [0, 0]);
        assert(regionVolume(region) * dtypeInfo("float64").bytes <= memory);
      }
    }
  }
});

Deno.test("writeBlocks() never ends well when not every block was written: a failing listener is told, too", async () => {
  for (const threads of [1, 3]) {
    const sink = target([1, 1, 4, 5, 1], true);
    const source = flatIndexSource([1, 1, 40, 40, 1]);
    const onProgress = (): void => {
      throw new Error("nobody listens");
    };
    const options = { threads, memory: 2000, onProgress };
    await assertRejects(() => writeBlocks([{ source, target: sink }], options), Error, "nobody listens");
  }
});

Deno.test("writeBlocks() reads several sources in one pass, in blocks that suit every target", async () => {
  const [a, b] = [flatIndexSource([2, 1, 24, 20, 2]), flatIndexSource([2, 1, 24, 20, 5])];
  const [four, six] = [target([1, 1, 4, 20, 1], true), target([1, 1, 6, 20, 1], false)];
  const jobs = [{ source: a, target: four }, { source: b, target: six }];
  await writeBlocks(jobs, { threads: 2, memory: 2 * 12 * 20 * 7 * 8 });
  const regions = four.seen.map(({ region }) => [region.start.slice(0, 4), region.stop.slice(0, 4)]);
  assertEquals(
    new Set(six.seen.map(({ region }) => [region.start.slice(0, 4), region.stop.slice(0, 4)].join())).size,
    4,
  );
  assertEquals(regions.map(([start]) => start?.[2]), [0, 12, 0, 12]);
  for (const [sink, size] of [[four, 1920], [six, 4800]] as const) {
    const values = sink.seen.flatMap(({ block }) => [...block.data as Float64Array]).sort((x, y) => x - y);
    assertEquals(values, Array.from({ length: size }, (_, i) => i));
  }
});

Deno.test("writeBlocks() keeps C order for ordered targets", async () => {
  const source = flatIndexSource([3, 2, 12, 8, 1]);
  const sink = target([1, 1, 1, 8, 1], true);
  await writeBlocks([{ source, target: sink }], { threads: 4, memory: 8 * 8 * 4 * 6 });
  const firsts = sink.seen.map(({ block }) => block.data[0] as number);
  assert(firsts.length > 6);
  assertEquals(firsts, [...firsts].sort((a, b) => a - b));
});

Deno.test("writeBlocks() stops at the first failure, ends blocks in flight and reports that failure", async () => {
  const source = flatIndexSource([1, 1, 40, 8, 1]);
  let writes = 0;
  const sink: BlockTarget = {
    blockMultiple: [1, 1, 1, 8, 1],
    ordered: true,
    write: () => ++writes === 3 ? Promise.reject(new UserError("output", "disk full")) : Promise.resolve(),
  };
  await assertRejects(
    () => writeBlocks([{ source, target: sink }], { threads: 2, memory: 8 * 8 * 8 }),
    UserError,
    "disk full",
  );
  assertEquals(writes, 3);
});

Deno.test("writeBlocks() ends with the reason of the signal", async () => {
  const source = flatIndexSource([1, 1, 400, 8, 1]);
  const stop = new AbortController();
  const sink = target([1, 1, 1, 8, 1], false);
  const run = writeBlocks([{ source, target: sink }], {
    threads: 2,
    memory: 8 * 8 * 8,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("stopped by test")),
  });
  await assertRejects(() => run, Error, "stopped by test");
});

Deno.test("chooseBlocks() keeps the blocks in flight inside the memory and names the budget that would do", () => {
  const source = flatIndexSource([1, 1, 1000, 1000, 1]);
  const plan = chooseBlocks([source], { threads: 2, memory: 1e6, multiple: [1, 1, 1, 1000, 1] });
  assert(plan.inFlight * volume(plan.block) * 8 <= 1e6);
  assert(plan.inFlight >= 2);
  const error = assertThrows(
    () => chooseBlocks([source], { threads: 2, memory: 7000, budget: 80e6, multiple: [1, 1, 1, 1000, 1] }),
    UserError,
    "the memory budget of 80 MB is too small: the program takes 80 MB, the smallest block 1 MB",
  );
  assertEquals(error.kind, "memory");
  assertEquals(error.hint, "90 MB are enough; give them with --memory=90M");
  const large = assertThrows(
    () => chooseBlocks([source], { threads: 2, memory: 7000, budget: 600e6, multiple: [1, 1, 1, 1000, 1] }),
    UserError,
  );
  assertEquals(large.hint, "640 MB are enough; give them with --memory=640M or LAZYFLOW_TOTAL_RAM_MB=640");
  chooseBlocks([source], { threads: 2, memory: 7000 + 10e6, budget: 90e6, multiple: [1, 1, 1, 1000, 1] });
});

Deno.test("chooseBlocks() names a budget that would do although a part of it is kept", () => {
  const source = flatIndexSource([1, 1, 2000, 2000, 1]);
  const [taken, budgetShare] = [60e6, 0.375];
  const plan = (budget: number) =>
    chooseBlocks([source], {
      threads: 2,
      memory: budget * (1 - budgetShare) - taken,
      budget,
      budgetShare,
      multiple: [1, 1, 2000, 2000, 1],
    });
  const error = assertThrows(() => plan(100e6), UserError);
  const [enough] = /^\d+/.exec(error.hint ?? "") ?? [];
  assertEquals(enough, "160");
  assertEquals(plan(Number(enough) * 1e6).count, 1);
  assertThrows(() => plan(140e6), UserError);
});

Deno.test("chooseBlocks() weighs the halo: larger blocks for larger halos", () => {
  const plain = flatIndexSource([1, 1, 2048, 2048, 1]);
  const withHalo = (halo: number): ArraySource => ({
    ...plain,
    cost: {
      bytes: (region) => regionVolume(region) * 8,
      work: (region) => (regionShape(region)[2] + 2 * halo) * (regionShape(region)[3] + 2 * halo),
    },
  });
  const edge = (halo: number): number =>
    Math.min(
      ...chooseBlocks([withHalo(halo)], { threads: 2, memory: 1e9, multiple: [1, 1, 64, 64, 1] }).block.slice(2, 4),
    );
  assert(edge(100) >= edge(1));
});

Deno.test("chooseBlocks() cuts along the chunks of the input, and never into single rows or slices", () => {
  const volume3d: ArraySource = { ...flatIndexSource([1, 512, 512, 512, 1]), chunk: [1, 64, 64, 64, 1] };
  const [, z] = chooseBlocks([volume3d], { threads: 2, memory: 4e9, multiple: [1, 1, 1, 512, 1] }).block;
  assertEquals(z % 64, 0);
  const plane: ArraySource = { ...flatIndexSource([1, 1, 8192, 8192, 1]), chunk: [1, 1, 1, 8192, 1] };
  const [, , y] = chooseBlocks([plane], { threads: 2, memory: 4e9, multiple: [1, 1, 1, 8192, 1] }).block;
  assert(y >= 32, `${y} rows`);
});

Deno.test("Slots lets no more work run at once than it has places, and frees places of failed work", async () => {
  const slots = new Slots(2);
  let now = 0;
  let most = 0;
  const work = async (fail: boolean): Promise<void> => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    if (fail) throw new Error("failed work");
  };
  const all = await Promise.allSettled(Array.from({ length: 9 }, (_, i) => slots.use(() => work(i % 3 === 0))));
  assertEquals(most, 2);
  assertEquals(all.filter((result) => result.status === "rejected").length, 3);
});
