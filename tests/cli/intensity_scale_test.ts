/**
 * When a run says that its inputs are on another intensity scale than the training data.
 */
import { assertEquals } from "@std/assert";
import { type Five, wrapArray } from "../../lib/array/mod.ts";
import { IntensityScale } from "../../lib/cli/intensity_scale.ts";

const ADVICE =
  "values are taken as they are; if results look wrong, bring the images to the scale of the training data";

/** A block of one row. */
function row(values: readonly number[]) {
  const shape: Five = [1, 1, 1, values.length, 1];
  return wrapArray("float64", shape, Float64Array.from(values));
}

Deno.test("element types: one line, of how many inputs", () => {
  const scale = new IntensityScale({ dtype: "uint8" }, 3);
  for (const name of ["a", "b", "c"]) scale.opened(name, "uint8");
  assertEquals(scale.typeWarning(), undefined);
  scale.opened("d", "float32");
  assertEquals(scale.typeWarning(), `d is float32, the project was trained on uint8: ${ADVICE}`);
  scale.opened("e", "uint16");
  assertEquals(
    scale.typeWarning(),
    `2 of 3 inputs (first: d) are float32 or uint16, the project was trained on uint8: ${ADVICE}`,
  );
  scale.opened("f", "float32");
  assertEquals(
    scale.typeWarning(),
    `all 3 inputs (first: d) are float32 or uint16, the project was trained on uint8: ${ADVICE}`,
  );
});

Deno.test("nothing is said where the project says nothing", () => {
  const scale = new IntensityScale({}, 1);
  scale.opened("a", "float32");
  scale.read(0, row([0, 1e9]));
  scale.finished(0, "a");
  assertEquals([scale.typeWarning(), scale.rangeWarning()], [undefined, undefined]);
});

for (
  const [why, values, warns] of [
    ["the same range", [0, 1000], false],
    ["just above a hundredth", [5, 15.01], false],
    ["below a hundredth", [0, 9.9], true],
    ["a hundred times", [0, 100_000], false],
    ["above a hundred times", [-1, 100_000], true],
    ["one value only", [3, 3], false],
    ["NaN beside values", [NaN, 0, 1000], false],
  ] as const
) {
  Deno.test(`ranges, trained on 0 to 1000: ${why}`, () => {
    const scale = new IntensityScale({ range: [0, 1000] }, 1);
    // Blocks count together: one of them alone may be empty.
    for (const value of values) scale.read(0, row([value, value]));
    scale.finished(0, "a");
    const [low, high] = values;
    assertEquals(
      scale.rangeWarning(),
      warns
        ? `a has values of another scale (${low} to ${high}) than the training data (0 to 1000): ${ADVICE}`
        : undefined,
    );
  });
}

Deno.test("ranges: inputs are told apart, and counted", () => {
  const scale = new IntensityScale({ range: [0, 255] }, 4);
  scale.read(0, row([0, 1]));
  scale.read(1, row([0, 200]));
  scale.read(2, row([0, 0.5]));
  for (const [i, name] of ["a", "b", "c", "d"].entries()) scale.finished(i, name);
  assertEquals(
    scale.rangeWarning(),
    `2 of 4 inputs (first: a) have values of another scale (the first: 0 to 1) than the training data (0 to 255): ${ADVICE}`,
  );
});

Deno.test("ranges: blocks with strides, and blocks of more values than are looked at", () => {
  const scale = new IntensityScale({ range: [0, 1] }, 1);
  // Every second element, from the third on: 500, 502, … of a list that begins with what lies outside.
  const data = Float64Array.from({ length: 40_002 }, (_, i) => i < 2 || i % 2 === 1 ? 1e12 : i);
  scale.read(0, { dtype: "float64", shape: [1, 1, 20_000, 1, 1], strides: [0, 0, 2, 0, 0], offset: 2, data });
  scale.finished(0, "a");
  assertEquals(/\((\d+) to (\d+)\)/.exec(scale.rangeWarning() ?? "")?.slice(1).map(Number), [2, 2 + 2 * 19_996]);
});
