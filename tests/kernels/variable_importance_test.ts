import { assertEquals } from "@std/assert";
import { importanceTable } from "../../lib/kernels/variable_importance.ts";

Deno.test("The importance table is what Python prints, least important feature first", () => {
  const names = ["Gaussian Smoothing (σ=0.3)", "Laplacian (σ=10.0)", "DoG"];
  // deno-fmt-ignore
  const values = Float64Array.of(
    0.25, 1 / 3, 0.1234567891, 1234.5,
    -1e-9, 1 / 256, -0.5, 0,
    0.00000005, 3 / 256, 0.1234567, 123456.75,
  );
  // "{: >10}".format("{: .07f}".format(x)) of Python 3.11, with ties at 1/256 and 3/256.
  assertEquals(
    importanceTable(names, { classes: 2, values }),
    [
      "Feature Name              ,  Class #0,  Class #1,   Overall,      Gini",
      "Laplacian (σ=10.0)        ,-0.0000000, 0.0039062,-0.5000000, 0.0000000",
      "DoG                       , 0.0000000, 0.0117188, 0.1234567, 123456.7500000",
      "Gaussian Smoothing (σ=0.3), 0.2500000, 0.3333333, 0.1234568, 1234.5000000",
      "",
    ].join("\n"),
  );
});

Deno.test("Features of equal importance keep their order", () => {
  const table = importanceTable(["b", "a", "c"], { classes: 1, values: Float64Array.of(0, 1, 0, 0, 1, 0, 0, 0.5, 0) });
  assertEquals(table.split("\n").map((line) => line.charAt(0)), ["F", "c", "b", "a", ""]);
});
