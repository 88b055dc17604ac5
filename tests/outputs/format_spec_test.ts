import { assertEquals } from "@std/assert";
import { formatValue } from "../../lib/outputs/format_spec.ts";

/** Expected texts are those of Python 3.11's `format(value, spec)`. */
const CASES: readonly (readonly [value: string | number, spec: string, expected: string | undefined])[] = [
  [7, "", "7"],
  [7, "04d", "0007"],
  [-7, "04d", "-007"],
  [7, "+d", "+7"],
  [7, "<4", "7   "],
  [7, ">4d", "   7"],
  [7, "*^5", "**7**"],
  [7, "_=+5d", "+___7"],
  [255, "x", "ff"],
  [255, "04X", "00FF"],
  [12, ".2f", "12.00"],
  [12, "f", "12.000000"],
  [1234567, "e", "1.234567e+06"],
  [1234567, "g", "1.23457e+06"],
  [12, "g", "12"],
  [0, ".3g", "0"],
  ["ab", "", "ab"],
  ["ab", ">8", "      ab"],
  ["ab", "<4s", "ab  "],
  ["ab", "05", "ab000"],
  ["abc", ".2", "ab"],
  ["ab", "-^5", "-ab--"],
  ["ab", "d", undefined],
  ["ab", "=4", undefined],
  ["ab", "+", undefined],
  [7, ".2d", undefined],
  [7, "s", undefined],
  [7, "zz", undefined],
];

Deno.test("format specifications give what Python gives", () => {
  for (const [value, spec, expected] of CASES) {
    assertEquals(formatValue(value, spec), expected, `${value}:${spec}`);
  }
});
