/**
 * Checks of an input image against the project (pixel-classification.md §2.2, §4.1; cli-and-io.md §2.7).
 *
 * @module
 */
import { along, type ArraySource, type AxisKey, UserError } from "../../array/mod.ts";
import { featureColumns, scalesTooLarge } from "../../kernels/mod.ts";
import type { TrainingInput } from "../../project/mod.ts";
import type { PixelModel } from "./model.ts";

/**
 * Compares channels and spatial axes with those of the training data. Projects before 1.3.3 store no sizes: there the
 * number of channels follows from the number of features that the classifier was trained on.
 *
 * @param training raw data of the last lane; absent in projects without lanes
 * @param info hears when an image is taken for a volume of one slice
 * @throws {UserError} kind `input`
 */
export function checkAgainstTraining(
  input: ArraySource,
  training: TrainingInput | undefined,
  model: PixelModel,
  info: (message: string) => void,
): void {
  const size = (axis: AxisKey): number | undefined => training?.shape?.[training.axes.indexOf(axis)];
  const channels = along(input.shape, "c");
  const trainedChannels = training?.shape === undefined ? channelsByFeatures(input, model) : size("c") ?? 1;
  if (channels !== trainedChannels) {
    throw new UserError(
      "input",
      `the image has ${count(channels, "channel")} (${sizes(input)}), the project was trained with ${
        count(trainedChannels, "channel")
      }`,
      { hint: channelHint(channels, trainedChannels) },
    );
  }
  if (training === undefined) return;
  const isVolume = along(input.shape, "z") > 1;
  const wasVolume = training.axes.includes("z") && size("z") !== 1;
  if (isVolume === wasVolume) return;
  if (wasVolume && isFlat(model)) {
    info("2D images are read as volumes of one slice: all selected scales of the project are computed in 2D");
    return;
  }
  throw new UserError(
    "input",
    `the image is ${dimension(isVolume)} (${sizes(input)}), the project was trained on ${dimension(wasVolume)} data`,
    {
      hint: isVolume
        ? "if z is time, say so with --input_axes; a pattern in quotes is one stack, without quotes each file is an image"
        : "give volumes, or train a 2D project",
    },
  );
}

/** Whether slices are filtered one by one in all selected scales. */
function isFlat({ features }: PixelModel): boolean {
  return features.computeIn2d.every((flat, scale) => flat || !features.matrix.some((row) => row[scale] === true));
}

/** Lists up to this length are worth a line. */
const MOST_LISTED = 8;

function channelHint(found: number, trained: number): string {
  if (found < trained || trained > MOST_LISTED) return "give an image of the same kind, or its axes with --input_axes";
  const first = Array.from({ length: trained }, (_, i) => i).join(",");
  return `--input_channels=${first} takes the first of them; --input_axes says what the axes of the file are`;
}

/** Channels that give as many features as the classifier has columns; those of the image when that cannot be told. */
function channelsByFeatures(input: ArraySource, model: PixelModel): number {
  const [, z, y, x, channels] = input.shape;
  const perChannel = featureColumns(model.features, { z, y, x }, 1).length;
  const trained = (model.columnCount ?? 0) / perChannel;
  return Number.isInteger(trained) && trained > 0 ? trained : channels;
}

/**
 * Checks that all selected scales fit the image.
 *
 * @throws {UserError} kind `input` naming scales and axes
 */
export function checkSize(input: ArraySource, model: PixelModel): void {
  const [, z, y, x] = input.shape;
  const wrong = scalesTooLarge(model.features, { z, y, x });
  if (wrong === undefined) return;
  const axes = wrong.axes.map((axis) => `${axis} ${along(input.shape, axis)}`).join(", ");
  throw new UserError(
    "input",
    `the image is too small (${axes}) for the scales ${wrong.scales.join(", ")} of ${model.origin}`,
    {
      hint: `at least ${wrong.needed} pixels are needed along ${wrong.axes.join(", ")}; the image is read as ${
        sizes(input)
      }, --input_axes says otherwise`,
    },
  );
}

/** Sizes by axis, for messages: `y 64, x 48, c 3`. */
export function sizes(source: ArraySource): string {
  return source.axes.map((axis) => `${axis} ${along(source.shape, axis)}`).join(", ");
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function dimension(volume: boolean): string {
  return volume ? "3D" : "2D";
}
