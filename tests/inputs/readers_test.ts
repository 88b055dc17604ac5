import { assert, assertEquals } from "@std/assert";
import { expectedValue, FIXTURES, positions, readList, TABLE, withInput } from "./fixtures.ts";

/** Two boxes inside a shape: an inner one that touches no border where there is room, and the last element. */
function boxes(shape: readonly number[]): (readonly [number[], number[]])[] {
  return [
    [shape.map((n) => n > 1 ? 1 : 0), shape.map((n) => n > 2 ? n - 1 : n)],
    [shape.map((n) => n - 1), [...shape]],
  ];
}

for (const format of new Set(TABLE.map(({ file }) => file.split("/")[0] as string))) {
  Deno.test(`openInput() reads every element of ${format} as the other program wrote it`, async () => {
    for (const row of TABLE.filter(({ file }) => file.split("/")[0] === format)) {
      await withInput(FIXTURES + row.file, async (array) => {
        assertEquals(array.shape, row.shape, row.file);
        assertEquals(array.dtype, row.dtype, row.file);
        assertEquals(array.axes.join(""), row.axes, row.file);
        assertEquals(array.axesExplicit, row.explicit, row.file);
        if (row.chunk !== undefined) assertEquals(array.chunk, row.chunk, row.file);
        if (row.meta !== undefined) assertEquals(array.meta, row.meta, row.file);
        const all = positions(row.shape.map(() => 0), row.shape);
        if (row.values !== undefined) {
          const { values } = row;
          assertEquals(
            await readList(array),
            await withInput(FIXTURES + values, (stored) => readList(stored)),
            row.file,
          );
          return;
        }
        assertEquals(await readList(array), all.map((index) => expectedValue(row, index)), row.file);
        for (const [start, stop] of boxes(row.shape)) {
          const wanted = positions(start, stop).map((index) => expectedValue(row, index));
          assertEquals(await readList(array, start, stop), wanted, `${row.file} ${start}…${stop}`);
        }
        const both = await Promise.all([readList(array), readList(array)]);
        assertEquals(both[0], both[1], `${row.file}, two reads at once`);
      });
    }
  });
}

Deno.test("openInput() leaves gzip chunks that were never written, or are not packed, to the HDF5 library", async () => {
  await withInput(`${FIXTURES}gzip.h5/gap`, async (array) => {
    const row = { file: "gap", shape: array.shape, axes: "yx", dtype: array.dtype, explicit: false };
    for (const [start, stop] of [[[0, 0], [300, 200]], [[250, 120], [262, 140]]] as const) {
      const wanted = positions(start, stop).map(([y = 0, x = 0]) =>
        y >= 256 && x < 128 ? 7 : expectedValue(row, [y, x])
      );
      assertEquals(await readList(array, start, stop), wanted);
    }
  });
});

Deno.test("openInput() gives blocks that may be changed without changing the next read", async () => {
  for (const file of ["png_8_3.png", "c.npy", "table.h5/uint8/zyx"]) {
    await withInput(FIXTURES + file, async (array) => {
      const before = await readList(array);
      const { data } = await array.read(array.shape.map(() => 0), array.shape);
      data.fill(0 as never);
      assertEquals(await readList(array), before, file);
      assert(before.some((value) => value !== 0));
    });
  }
});
