import { assertEquals } from "@std/assert";
import { parseAxes, wholeRegion } from "../../lib/array/mod.ts";
import { defaultAxes, interpretAxes } from "../../lib/inputs/mod.ts";
import { FIXTURES, withInput } from "./fixtures.ts";

Deno.test("interpretAxes() shows a file as tzyxc without moving pixels", async () => {
  await withInput(`${FIXTURES}table.h5/uint8/cyx`, async (stored) => {
    const source = interpretAxes(stored, stored.axes);
    assertEquals([source.shape, source.chunk], [[1, 1, 4, 5, 2], [1, 1, 4, 5, 2]]);
    const { data, offset, strides } = await source.read({ start: [0, 0, 1, 2, 0], stop: [1, 1, 3, 4, 2] });
    // Element (y 2, x 3, c 1): the formula of the writer.
    assertEquals(data[offset + strides[2] + strides[3] + strides[4]], (7 * 2 + 13 * 3 + 83 * 1 + 5) % 251);
    assertEquals(data.length, 8);
  });
});

Deno.test("interpretAxes() keeps pixel sizes only with the file's own axes", async () => {
  await withInput(`${FIXTURES}table.h5/meta`, async (stored) => {
    assertEquals(interpretAxes(stored, stored.axes).meta.pixelSize, { z: 2.5, y: 0.4, x: 0.4 });
    const other = interpretAxes(stored, parseAxes("tyx") ?? []);
    assertEquals(other.meta, { drange: [3, 77], displayMode: "grayscale" });
    assertEquals((await other.read(wholeRegion(other.shape))).shape, [3, 1, 4, 5, 1]);
  });
});

Deno.test("defaultAxes() guesses from the shape as the original does", () => {
  const cases: readonly (readonly [readonly number[], string | undefined])[] = [
    [[4, 5], "yx"],
    [[4, 100, 3], "yxc"],
    [[4, 100, 4], "yxc"],
    [[20, 30, 5], "zyx"],
    [[2, 3, 4, 5], "zyxc"],
    [[2, 3, 4, 5, 6], "tzyxc"],
    [[7], undefined],
    [[1, 2, 3, 4, 5, 6], undefined],
  ];
  for (const [shape, wanted] of cases) assertEquals(defaultAxes(shape)?.join(""), wanted);
});
