import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/array/mod.ts";
import { pairRanges, parseAxisOrder, parseExportDtype, parseRange } from "../../lib/outputs/mod.ts";

Deno.test("ranges keep whether the low end was written as a whole number", () => {
  assertEquals(parseRange("(0.0,1.0)", "--x"), { ends: [0, 1], integerLow: false });
  assertEquals(parseRange(" [ -1 , 2.5e1 ] ", "--x"), { ends: [-1, 25], integerLow: true });
  for (const text of ["(0,1,2)", "0,1", "(0)", "(a,b)", "(None,1)", "(0,1e999)", ""]) {
    assertEquals(assertThrows(() => parseRange(text, "--export_drange"), UserError, "--export_drange").kind, "usage");
  }
});

const ZERO_ONE = parseRange("(0.0,1.0)", "--pipeline_result_drange");
const BYTES = parseRange("(0,255)", "--export_drange");

function pair(changes: Partial<Parameters<typeof pairRanges>[0]>) {
  const warnings: string[] = [];
  return { map: pairRanges({ compat: false, warn: (text) => warnings.push(text), ...changes }), warnings };
}

Deno.test("both ranges together map values", () => {
  const { map, warnings } = pair({ result: ZERO_ONE, exported: BYTES });
  assertEquals(map, { from: [0, 1], integerLow: false, to: [0, 255] });
  assertEquals(warnings, []);
});

Deno.test("--export_drange alone is refused", () => {
  assertThrows(() => pair({ exported: BYTES }), UserError, "needs --pipeline_result_drange");
});

Deno.test("--pipeline_result_drange alone is completed for integer types and else ignored, with a warning", () => {
  const { map, warnings } = pair({ result: ZERO_ONE, dtype: "int8" });
  assertEquals(map?.to, [-128, 127]);
  assertEquals(warnings.length, 1);
  assertEquals(pair({ result: ZERO_ONE }).map, undefined);
  assertEquals(pair({ result: ZERO_ONE }).warnings.length, 1);
  assertEquals(pair({ result: ZERO_ONE, dtype: "uint8", compat: true }), { map: undefined, warnings: [] });
});

Deno.test("axis orders are letters without regard to case", () => {
  assertEquals(parseAxisOrder("CXY"), ["c", "x", "y"]);
  assertEquals(parseAxisOrder(""), undefined);
  assertThrows(() => parseAxisOrder("xyq"), UserError);
  assertThrows(() => parseAxisOrder("xxc"), UserError);
});

Deno.test("only the listed element types can be asked for", () => {
  assertEquals(parseExportDtype("uint16"), "uint16");
  for (const text of ["uint9", "uint64", "bool", "UINT8"]) assertThrows(() => parseExportDtype(text), UserError);
});
