import { assertEquals, assertThrows } from "@std/assert";
import { type Five, parseAxes, UserError } from "../../lib/array/mod.ts";
import { bindRegion, parseRegion } from "../../lib/outputs/mod.ts";

const SHAPE: Five = [1, 1, 64, 70, 2];

function bind(text: string, axes = "yxc", shape = SHAPE, compat = false) {
  const warnings: string[] = [];
  const region = bindRegion(
    parseRegion(text),
    parseAxes(axes) ?? [],
    shape,
    (message) => warnings.push(message),
    compat,
  );
  return { ...region, warnings };
}

Deno.test("corners are in the internal order of the result", () => {
  assertEquals(bind("[(10,12,0),(40,50,2)]"), { start: [0, 0, 10, 12, 0], stop: [1, 1, 40, 50, 2], warnings: [] });
  const region = bind("[(0, 10, 20, 0, 0), (1, 50, 70, 1, 1)]", "txyzc", [1, 1, 80, 60, 1]);
  assertEquals([region.start, region.stop], [[0, 0, 20, 10, 0], [1, 1, 70, 50, 1]]);
});

Deno.test("None and lists in brackets are accepted", () => {
  assertEquals(bind("[(10,None,1),(40,None,None)]").stop, [1, 1, 40, 70, 2]);
  assertEquals(bind("[[None,None,None],[None,None,1]]").stop, [1, 1, 64, 70, 1]);
});

Deno.test("a stop of 0 means the whole axis, with a warning that compatibility mode omits", () => {
  const text = "[(None,None,None),(0,0,1)]";
  assertEquals(bind(text).stop, [1, 1, 64, 70, 1]);
  assertEquals(bind(text).warnings.length, 1);
  assertEquals(bind(text, "yxc", SHAPE, true).warnings, []);
});

Deno.test("bounds beyond the result are clipped with a warning", () => {
  const { start, stop, warnings } = bind("[(50,-3,0),(100,100,9)]");
  assertEquals([start, stop], [[0, 0, 50, 0, 0], [1, 1, 64, 70, 2]]);
  assertEquals(warnings, [
    "--cutout_subregion reaches beyond the result and was clipped: x -3 to 0, y 100 to 64, x 100 to 70, c 9 to 2",
  ]);
});

Deno.test("named ranges take axes in any order", () => {
  assertEquals(bind("x=10:60,y=5:"), { start: [0, 0, 5, 10, 0], stop: [1, 1, 64, 60, 2], warnings: [] });
  assertEquals(bind("C=:1, z=0:1").stop, [1, 1, 64, 70, 1]);
});

const BAD: Readonly<Record<string, string>> = {
  "10": "not two corners",
  "[(1,2": "no list of two corners",
  "[(0,0,0)]": "not two corners",
  "[(0,0,0),(1,1)]": "different length",
  "[(0,0),(10,10)]": "needs 3 numbers per corner in the order y x c (shape 64 70 2), found 2",
  "[(0,0,0,10,12),(1,2,1,40,50)]": "needs 3 numbers per corner",
  "[(10,10,0),(10,20,2)]": "holds nothing",
  "[(20,10,0),(10,20,2)]": "holds nothing",
  "[(100,100,0),(120,120,2)]": "holds nothing",
  "[(0,0,0),(-5,2,2)]": "holds nothing",
  "[(0,0,0),(1.5,2,2)]": "no whole number",
  "(2,)": "no list of two corners",
  "[1,2]": "no list of numbers",
  "x=1:2,x=3:4": "cannot read `x=3:4`",
  "x=1:2,q=3:4": "cannot read `q=3:4`",
  "x=5:5": "holds nothing",
  "z=1:2": "holds nothing",
};

for (const [text, message] of Object.entries(BAD)) {
  Deno.test(`${text} is refused`, () => {
    assertEquals(assertThrows(() => bind(text), UserError, message).kind, "usage");
  });
}
