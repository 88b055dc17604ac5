import { assertEquals } from "@std/assert";
import { innerMatcher } from "../../lib/inputs/patterns.ts";

/** Pattern, names that Python's `fnmatch.fnmatchcase` accepts, names that it does not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a[0-2]", ["a0", "a2"], ["a3", "a", "a00"]],
  ["a[!0-2]", ["a3", "a-"], ["a0", "a"]],
  ["a[z-a]", [], ["az", "aa", "a-", "a[z-a]"]],
  ["a[!z-a]", ["az", "aa", "a-"], ["a"]],
  ["a[z-ab]", ["ab"], ["az", "aa", "a-"]],
  ["a[-0]", ["a-", "a0"], ["a1"]],
  ["a[0-]", ["a-", "a0"], ["a1"]],
  ["a[\\^.]", ["a\\", "a^", "a."], ["ab"]],
  ["a[", ["a["], ["a"]],
  ["t*/d?ta", ["t/data", "t0/1/data"], ["x/data", "t/dta"]],
  ["größe[ä-ü]", ["größeö"], ["größea"]],
];

for (const [pattern, yes, no] of CASES) {
  Deno.test(`the pattern ${pattern} matches what fnmatch matches`, () => {
    const matches = innerMatcher(pattern);
    assertEquals([...yes, ...no].filter(matches), yes);
  });
}
