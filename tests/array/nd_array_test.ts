import { assertEquals } from "@std/assert";
import { copyArray, createArray, type Five, five, type NdArray, subArray } from "../../lib/array/mod.ts";

const SHAPE: Five = [2, 3, 4, 5, 3];

/** An array whose axes lie in memory in another order, slowest first. */
function laidOut(order: Five, shape: Five = SHAPE): NdArray {
  const strides = [0, 0, 0, 0, 0];
  [...order].reduceRight((step, axis) => {
    strides[axis] = step;
    return step * (shape[axis] as number);
  }, 1);
  return { ...createArray("uint16", shape), strides: five((_, i) => strides[i] as number) };
}

/** Calls `visit` with each index and where its element lies. */
function each({ shape, strides, offset }: NdArray, visit: (index: readonly number[], at: number) => void): void {
  const count = shape.reduce((product, n) => product * n, 1);
  for (let flat = 0; flat < count; flat++) {
    let rest = flat;
    const index = [0, 0, 0, 0, 0];
    for (let i = 4; i >= 0; i--) {
      index[i] = rest % (shape[i] as number);
      rest = Math.floor(rest / (shape[i] as number));
    }
    visit(index, index.reduce((sum, value, i) => sum + value * (strides[i] as number), offset));
  }
}

const code = (index: readonly number[]): number => index.reduce((sum, value) => 10 * sum + value, 0);

const ORDERS: readonly Five[] = [[0, 1, 2, 3, 4], [0, 4, 1, 2, 3], [4, 3, 2, 1, 0], [0, 1, 3, 2, 4]];

for (const from of ORDERS) {
  for (const to of ORDERS) {
    Deno.test(`copyArray() from axes in memory order ${from.join("")} to ${to.join("")}, whole and in part`, () => {
      const source = laidOut(from);
      each(source, (index, at) => source.data[at] = code(index));
      const whole = laidOut(to);
      copyArray(source, whole);
      each(whole, (index, at) => assertEquals(whole.data[at], code(index)));

      const part = laidOut(to, [1, 2, 3, 2, 2]);
      copyArray(subArray(source, { start: [1, 1, 0, 2, 1], stop: [2, 3, 3, 4, 3] }), part);
      each(
        part,
        ([, z = 0, y = 0, x = 0, c = 0], at) => assertEquals(part.data[at], code([1, z + 1, y, x + 2, c + 1])),
      );
    });
  }
}

Deno.test("copyArray() from one element that stands for all", () => {
  const source = { ...createArray("uint8", SHAPE), strides: [0, 0, 0, 0, 0] as const, data: Uint8Array.of(7) };
  const target = createArray("uint8", SHAPE);
  copyArray(source, target);
  assertEquals(new Set(target.data as Uint8Array), new Set([7]));
});
