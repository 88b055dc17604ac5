import { assertEquals, assertThrows } from "@std/assert";
import { type ArraySource, type Five, UserError } from "../../lib/array/mod.ts";
import { checkAgainstTraining } from "../../lib/workflows/pixel_classification/check_input.ts";
import type { PixelModel } from "../../lib/workflows/pixel_classification/model.ts";

function image(shape: Five): ArraySource {
  const axes = ["t", "z", "y", "x", "c"] as const;
  return { shape, axes, dtype: "uint8", chunk: shape, meta: {}, read: () => Promise.reject(new Error("not read")) };
}

/** A model with one feature in those scales that are selected. */
function model(selected: readonly boolean[], computeIn2d: readonly boolean[]): PixelModel {
  return {
    features: {
      ids: ["GaussianSmoothing"],
      scales: selected.map((_, i) => i + 1),
      matrix: [selected],
      computeIn2d,
      computeIn2dStored: true,
    },
    classifier: undefined,
    labelNames: [],
    labelColors: [],
    featureNames: undefined,
    columnCount: undefined,
    origin: "p.ilp",
  };
}

const VOLUME = { filePath: "", internal: false, nickname: "", axes: ["z", "y", "x"], shape: [30, 40, 50] } as const;

Deno.test("an image fits a project of volumes when all selected scales are computed in 2D, and that is said", () => {
  const said: string[] = [];
  const check = (of: PixelModel) =>
    checkAgainstTraining(image([1, 1, 60, 60, 1]), VOLUME, of, (text) => said.push(text));
  check(model([true, true], [true, true]));
  check(model([true, false], [true, false]));
  assertEquals(said.length, 2);
  assertThrows(() => check(model([true, true], [true, false])), UserError, "trained on 3D data");
  assertThrows(() => check(model([false, true], [true, false])), UserError, "trained on 3D data");
  checkAgainstTraining(image([1, 9, 60, 60, 1]), VOLUME, model([true], [true]), (text) => said.push(text));
  assertEquals(said.length, 2);
});

Deno.test("too many channels: the first ones can be taken by an option that is shown", () => {
  const error = assertThrows(
    () => checkAgainstTraining(image([1, 9, 60, 60, 4]), VOLUME, model([true], [true]), () => {}),
    UserError,
  );
  assertEquals(error.hint?.startsWith("--input_channels=0 takes the first of them"), true);
});
