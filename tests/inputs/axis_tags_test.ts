import { assertEquals } from "@std/assert";
import { describeAxes } from "../../lib/inputs/axis_tags.ts";

Deno.test("describeAxes() takes ranges that say something", () => {
  const range = (drange: unknown) => describeAxes({ drange }, [4, 5]).meta.drange;
  assertEquals(range([0, 255]), [0, 255]);
  assertEquals(range([-1.5, 0.25]), [-1.5, 0.25]);
  for (const [low, high] of [[3, 3], [5, 2], [NaN, 1], [-Infinity, Infinity], [0, Infinity]]) {
    assertEquals(range([low, high]), undefined, `${low} to ${high}`);
  }
});
