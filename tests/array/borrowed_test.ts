import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { borrowArray, createArray, giveBackArray, subArray } from "../../lib/array/mod.ts";

Deno.test("borrowed storage is lent again once it was given back, and to one holder at a time", () => {
  const first = borrowArray("float32", [1, 1, 301, 17, 3]);
  assertEquals([first.data.length, first.strides], [301 * 17 * 3, [301 * 51, 301 * 51, 51, 3, 1]]);
  const second = borrowArray("float32", [1, 1, 301, 17, 3]);
  assertNotStrictEquals(first.data.buffer, second.data.buffer);
  const region = { start: [0, 0, 1, 0, 0], stop: [1, 1, 2, 3, 1] } as const;
  giveBackArray(subArray(first, region));
  giveBackArray(first);
  // Smaller, of another type: the same storage.
  const third = borrowArray("uint16", [1, 1, 301, 17, 5]);
  assertStrictEquals(third.data.buffer, first.data.buffer);
  assertEquals(third.data.length, 301 * 17 * 5);
  assertNotStrictEquals(borrowArray("uint16", [1, 1, 301, 17, 5]).data.buffer, first.data.buffer);
});

Deno.test("only borrowed storage is kept", () => {
  const own = createArray("float64", [1, 1, 77, 77, 1]);
  giveBackArray(own);
  assertNotStrictEquals(borrowArray("float64", [1, 1, 77, 77, 1]).data.buffer, own.data.buffer);
});

Deno.test("what an array is made from is given back together with it, once", () => {
  const values = borrowArray("float32", [1, 1, 91, 93, 1]);
  const first = borrowArray("uint8", [1, 1, 91, 93, 1], values);
  const second = borrowArray("uint8", [1, 1, 91, 93, 1], values);
  giveBackArray(first);
  giveBackArray(second);
  const again = [1, 2].map(() => borrowArray("float32", [1, 1, 91, 93, 1]).data.buffer);
  assertStrictEquals(again.filter((buffer) => buffer === values.data.buffer).length, 1);
});
