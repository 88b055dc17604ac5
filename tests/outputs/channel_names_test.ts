import { assertEquals } from "@std/assert";
import { channelWords } from "../../lib/outputs/channel_names.ts";

const CASES: readonly (readonly [string, readonly string[] | undefined, readonly string[]])[] = [
  ["names stay as they are", ["cell", "Größe 1", "σ=0.7 [0]"], ["cell", "Größe 1", "σ=0.7 [0]"]],
  ["no names are numbers", undefined, ["0", "1", "2"]],
  ["empty names are numbers", ["a", "", " "], ["a", "1", "2"]],
  ["what no file may be named", ["a/b", "..\\c", 'x<>:"|?*\n\0'], ["a_b", ".._c", "x_________"]],
  ["dots and blanks at the end", ["a. .", "..", " b "], ["a", "1", "b"]],
  ["devices of Windows", ["CON", "lpt1", "nul.txt"], ["CON_", "lpt1_", "nul_.txt"]],
  ["names that only begin like devices", ["console", "com", "~ 5"], ["console", "com", "~ 5"]],
  ["the home folder", ["~", "a", "b"], ["~_", "a", "b"]],
  ["one name twice", ["cell", "edge", "cell"], ["cell_0", "edge", "cell_2"]],
  ["equal but for case", ["Cell", "cELL", "x"], ["Cell_0", "cELL_1", "x"]],
  ["equal but for composed letters", ["\u00e9", "e\u0301", "x"], ["\u00e9_0", "e\u0301_1", "x"]],
  ["equal once made safe", ["a/b", "a:b", "a_b"], ["a_b_0", "a_b_1", "a_b_2"]],
  ["a name like the number of another", ["1", "", "x"], ["1_0", "1_1", "x"]],
  ["a name like the new name of another", ["a_1", "a", "a"], ["a_1_0", "a_1_1", "a_2"]],
];

for (const [name, names, expected] of CASES) {
  Deno.test(`words for channels: ${name}`, () => {
    const words = channelWords(names, 3);
    assertEquals(words, expected);
    assertEquals(new Set(words.map((word) => word.normalize("NFC").toLowerCase())).size, 3);
  });
}

Deno.test("words for channels: numbers have equal length", () => {
  assertEquals(channelWords(undefined, 11).slice(8), ["08", "09", "10"]);
  assertEquals(channelWords(undefined, 1), ["0"]);
});
