/**
 * Decides what the dimensions of an input mean (cli-and-io.md §2.6).
 *
 * @module
 */
import { type Axes, type AxisKey, CANONICAL, UserError } from "../array/mod.ts";
import { shapeText } from "./reader.ts";
import type { StoredArray } from "./types.ts";

/** Everything that the decision depends on. */
export interface AxesQuestion {
  /** Name of the input, for messages. */
  readonly name: string;
  /** The array as it lies in the file. */
  readonly stored: Pick<StoredArray, "shape" | "axes" | "axesExplicit" | "imageFile">;
  /** Whether several files were stacked. */
  readonly stacked: boolean;
  /** Axes of this role in the last lane of the project. */
  readonly trainingAxes?: Axes;
  /** Channels of this role in the last lane, when the workflow needs the same number. */
  readonly trainingChannels?: number;
  /** `--input_channels`: those that are taken of the file's, which may have more than the training data. */
  readonly inputChannels?: readonly number[];
  /** `--input_axes` for this role; `file` stands for `None`. */
  readonly inputAxes?: Axes | "file";
  /** `--ignore_training_axistags`. */
  readonly ignoreTraining: boolean;
  /** Rule 1 literally, as the original. */
  readonly compat: boolean;
}

/** What was decided. */
export interface AxesAnswer {
  /** One axis per dimension of the file. */
  readonly axes: Axes;
  /** What the user should know about the choice. */
  readonly note?: { readonly level: "info" | "warning"; readonly text: string };
}

/**
 * Chooses the axes of an input: those of the option, else those of the training data when they fit, else the file's own
 * when only axes of size 1 differ.
 *
 * @throws {UserError} kind `input` when no reading fits; the hint names the option that helps
 */
export function chooseAxes(question: AxesQuestion): AxesAnswer {
  const answer = decide(question);
  if (!answer.axes.includes("x") || !answer.axes.includes("y")) {
    throw new UserError(
      "input",
      `\`${question.name}\` is read as \`${text(answer.axes)}\`, but needs the axes x and y`,
      {
        hint: proposal(question),
      },
    );
  }
  return answer;
}

function decide(question: AxesQuestion): AxesAnswer {
  const { name, stored, inputAxes, trainingAxes, ignoreTraining } = question;
  if (inputAxes !== undefined && inputAxes !== "file") {
    if (inputAxes.length === stored.shape.length) return { axes: inputAxes };
    throw new UserError(
      "input",
      `\`--input_axes=${text(inputAxes)}\` names ${inputAxes.length} axes, but ` +
        `\`${name}\` has ${stored.shape.length} dimensions (${shapeText(stored.shape)})`,
      { hint: `give ${stored.shape.length} letters; without the option it is read as \`${text(stored.axes)}\`` },
    );
  }
  if (inputAxes === "file" || ignoreTraining || trainingAxes === undefined) return { axes: stored.axes };
  if (trainingAxes.length !== stored.shape.length) return otherCount(question, trainingAxes);
  return sameCount(question, trainingAxes);
}

/** Rules 1 and 7a: the training axes cannot be used, the file's own may fit but for axes of size 1. */
function otherCount(question: AxesQuestion, training: Axes): AxesAnswer {
  const { name, stored, stacked, compat } = question;
  const imageStack = stacked && stored.imageFile;
  if (compat || imageStack || extraAxes(stored, training).length > 0) {
    throw new UserError(
      "input",
      `\`${name}\` has ${stored.shape.length} dimensions (${shapeText(stored.shape)}, read as ` +
        `\`${text(stored.axes)}\`), but the project was trained on \`${text(training)}\``,
      { hint: proposal(question) },
    );
  }
  return asFileSays(question, training);
}

/** Rules 1, 7b and 7c. */
function sameCount(question: AxesQuestion, training: Axes): AxesAnswer {
  const { name, stored, compat, trainingChannels, inputChannels } = question;
  const same = training.every((axis, i) => axis === stored.axes[i]);
  if (compat || same || trainingChannels === undefined) return { axes: training };
  const asTrained = channels(stored.shape, training);
  // Of many axes some channels could be taken: only their number says which one is meant.
  const fits = (count: number) =>
    inputChannels === undefined ? count === trainingChannels : count > Math.max(...inputChannels);
  if (inputChannels === undefined && fits(asTrained)) {
    // An image for a project of volumes: rows or columns would become slices.
    const onlyAsFile = stored.axesExplicit && isLine(stored.shape, training) && !isLine(stored.shape, stored.axes) &&
      extraAxes(stored, training).length === 0;
    return onlyAsFile ? asFileSays(question, training) : { axes: training };
  }
  const asFile = channels(stored.shape, stored.axes);
  const sameSet = training.every((axis) => stored.axes.includes(axis));
  if (stored.axesExplicit && sameSet && fits(asFile)) {
    const text_ = `${readAs(question)} and not as trained on (\`${
      text(training)
    }\`), which would give ${asTrained} channels`;
    return { axes: stored.axes, note: { level: "warning", text: text_ } };
  }
  if (fits(asTrained)) return { axes: training };
  throw new UserError(
    "input",
    `\`${name}\` (${shapeText(stored.shape)}) has ${asTrained} channels when read as \`${text(training)}\` like the ` +
      `training data and ${asFile} when read as \`${text(stored.axes)}\`${
        stored.axesExplicit ? " like the file says" : ""
      }; ` +
      (inputChannels === undefined
        ? `the project needs ${trainingChannels}`
        : `--input_channels asks for channel ${Math.max(...inputChannels)}, counted from 0`),
    {
      hint: asFile < trainingChannels && !stored.shape.includes(trainingChannels)
        ? `none of its dimensions is ${trainingChannels}: give an image of the same kind as the training data`
        : proposal(question),
    },
  );
}

/** The file's own axes, which differ from the trained ones in axes of size 1. */
function asFileSays(question: AxesQuestion, training: Axes): AxesAnswer {
  return {
    axes: question.stored.axes,
    note: { level: "info", text: `${readAs(question)}; trained on \`${text(training)}\`` },
  };
}

/** Axes of the file with more than one element that the training data do not have. */
function extraAxes({ axes, shape }: AxesQuestion["stored"], training: Axes): Axes {
  return axes.filter((axis, i) => !training.includes(axis) && (shape[i] as number) > 1);
}

/** Whether an image would have a single row or column. */
function isLine(shape: readonly number[], axes: Axes): boolean {
  return shape[axes.indexOf("x")] === 1 || shape[axes.indexOf("y")] === 1;
}

function readAs({ name, stored }: AxesQuestion): string {
  return `\`${name}\` (${shapeText(stored.shape)}) is read as \`${text(stored.axes)}\` ${
    stored.axesExplicit ? "as the file says" : "by its shape"
  }`;
}

function channels(shape: readonly number[], axes: Axes): number {
  return shape[axes.indexOf("c")] ?? 1;
}

function text(axes: Axes): string {
  return axes.join("");
}

/** A complete `--input_axes` that fits the number of dimensions, and the channels when they are known. */
function proposal({ stored, stacked, trainingAxes, trainingChannels }: AxesQuestion): string {
  // Who quotes a pattern of single images hardly wants a volume.
  if (stacked && !["t", "z"].some((axis) => trainingAxes?.includes(axis as AxisKey))) {
    return "a quoted pattern is one stack; without quotes, or with --each, every file is an input of its own";
  }
  const count = stored.shape.length;
  const channelAt = trainingChannels === undefined ? -1 : stored.shape.lastIndexOf(trainingChannels);
  const candidates = [
    channelAt < 0 ? undefined : spatial(trainingAxes, count - 1)?.toSpliced(channelAt, 0, "c"),
    stored.axes.includes("x") && stored.axes.includes("y") ? stored.axes : undefined,
    spatial(trainingAxes, count),
  ];
  const axes = candidates.find((candidate) => candidate !== undefined) ?? stored.axes;
  return `say what its ${count} dimensions are, for example \`--input_axes=${text(axes)}\``;
}

/** `count` axes without channels: those of the training data when they are as many, else the innermost ones. */
function spatial(training: Axes | undefined, count: number): AxisKey[] | undefined {
  const trained = training?.filter((axis) => axis !== "c");
  if (trained?.length === count) return trained;
  const all = CANONICAL.filter((axis) => axis !== "c");
  return count <= all.length ? all.slice(all.length - count) : undefined;
}
