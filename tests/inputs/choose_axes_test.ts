import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Axes, parseAxes, UserError } from "../../lib/array/mod.ts";
import { type AxesQuestion, chooseAxes } from "../../lib/inputs/mod.ts";

function axes(letters: string): Axes {
  const parsed = parseAxes(letters);
  if (parsed === undefined) throw new RangeError(letters);
  return parsed;
}

interface Case {
  readonly why: string;
  readonly shape: readonly number[];
  readonly file: string;
  readonly guessed?: true;
  readonly image?: true;
  readonly stacked?: true;
  readonly training?: string;
  readonly channels?: number;
  readonly selected?: readonly number[];
  readonly option?: string;
  readonly ignoreTraining?: true;
  readonly compat?: true;
  /** Chosen axes, or words of the error. */
  readonly wanted: string | readonly string[];
  readonly note?: "info" | "warning";
}

const CASES: readonly Case[] = [
  { why: "no training: the file's own", shape: [4, 5], file: "xy", wanted: "xy" },
  {
    why: "training axes when the number fits",
    shape: [4, 5, 1],
    file: "zyx",
    guessed: true,
    training: "yxc",
    channels: 1,
    wanted: "yxc",
  },
  { why: "training axes without a channel check", shape: [4, 5, 6], file: "cyx", training: "zyx", wanted: "zyx" },
  {
    why: "the option wins over the training axes",
    shape: [4, 5, 6],
    file: "zyx",
    training: "zyx",
    option: "cyx",
    wanted: "cyx",
  },
  { why: "None is the file's own", shape: [4, 5, 6], file: "cyx", training: "zyx", option: "None", wanted: "cyx" },
  { why: "ignored training axes", shape: [4, 5, 6], file: "cyx", training: "zyx", ignoreTraining: true, wanted: "cyx" },
  {
    why: "an option of the wrong length",
    shape: [4, 5, 6],
    file: "zyx",
    option: "yx",
    wanted: ["`--input_axes=yx` names 2 axes", "3 dimensions (4×5×6)"],
  },
  {
    why: "an image with one channel for a project without",
    shape: [4, 5, 1],
    file: "yxc",
    image: true,
    training: "yx",
    wanted: "yxc",
    note: "info",
  },
  {
    why: "an image with one channel for a project of volumes, which would have a single column",
    shape: [4, 5, 1],
    file: "yxc",
    image: true,
    training: "zyx",
    channels: 1,
    wanted: "yxc",
    note: "info",
  },
  {
    why: "the same, literally in compatibility mode",
    shape: [4, 5, 1],
    file: "yxc",
    image: true,
    training: "zyx",
    channels: 1,
    compat: true,
    wanted: "zyx",
  },
  {
    why: "an image of a single line is one in any case",
    shape: [1, 5],
    file: "xy",
    training: "yx",
    channels: 1,
    wanted: "yx",
  },
  {
    why: "channels that no dimension has",
    shape: [2, 40, 44],
    file: "cyx",
    training: "yxc",
    channels: 3,
    wanted: ["the project needs 3", "none of its dimensions is 3"],
  },
  {
    why: "singletons in front",
    shape: [1, 1, 4, 5, 3],
    file: "tzyxc",
    training: "yxc",
    channels: 3,
    wanted: "tzyxc",
    note: "info",
  },
  {
    why: "a missing channel axis is added",
    shape: [6, 4, 5],
    file: "zyx",
    training: "zyxc",
    channels: 1,
    wanted: "zyx",
    note: "info",
  },
  {
    why: "a guessed shape with singletons",
    shape: [1, 4, 5, 1],
    file: "zyxc",
    guessed: true,
    training: "yxc",
    wanted: "zyxc",
    note: "info",
  },
  {
    why: "more time points than the project has axes for",
    shape: [7, 4, 5, 1],
    file: "tyxc",
    training: "yxc",
    channels: 1,
    wanted: ["`tyxc`", "trained on `yxc`", "--input_axes="],
  },
  {
    why: "a stack of images always has a channel axis",
    shape: [7, 4, 5, 1],
    file: "zyxc",
    image: true,
    stacked: true,
    training: "tyx",
    channels: 1,
    wanted: ["trained on `tyx`", "`--input_axes=tyxc`"],
  },
  {
    why: "compat takes rule 1 literally",
    shape: [1, 1, 4, 5, 3],
    file: "tzyxc",
    training: "yxc",
    compat: true,
    wanted: ["trained on `yxc`"],
  },
  {
    why: "channels first, said by the file",
    shape: [3, 40, 50],
    file: "cyx",
    training: "yxc",
    channels: 3,
    wanted: "cyx",
    note: "warning",
  },
  {
    why: "compat misreads it",
    shape: [3, 40, 50],
    file: "cyx",
    training: "yxc",
    channels: 3,
    compat: true,
    wanted: "yxc",
  },
  {
    why: "channels first, not said",
    shape: [3, 40, 50],
    file: "zyx",
    guessed: true,
    training: "yxc",
    channels: 3,
    wanted: ["50 channels", "read as `yxc`", "read as `zyx`", "needs 3", "`--input_axes=cyx`"],
  },
  {
    why: "a wrong number of channels in the same axes is the project's check",
    shape: [4, 5, 4],
    file: "yxc",
    training: "yxc",
    channels: 3,
    wanted: "yxc",
  },
  {
    why: "an unusual order that fits as trained",
    shape: [4, 5, 3],
    file: "yxc",
    training: "xyc",
    channels: 3,
    wanted: "xyc",
  },
  {
    why: "chosen channels of a file that says which axis has them",
    shape: [5, 64, 64],
    file: "cyx",
    training: "yxc",
    channels: 3,
    selected: [0, 4, 2],
    wanted: "cyx",
    note: "warning",
  },
  {
    why: "chosen channels of a file whose axes are guessed",
    shape: [64, 64, 9],
    file: "zyx",
    guessed: true,
    training: "yxc",
    channels: 1,
    selected: [8],
    wanted: "yxc",
  },
  {
    why: "chosen channels that no reading has",
    shape: [5, 64, 9],
    file: "cyx",
    training: "yxc",
    channels: 1,
    selected: [9],
    wanted: [
      "9 channels when read as `yxc`",
      "5 when read as `cyx`",
      "--input_channels asks for channel 9, counted from 0",
    ],
  },
  { why: "x and y are needed", shape: [4, 5, 3], file: "zyx", option: "zyc", wanted: ["`zyc`", "x and y"] },
];

Deno.test("chooseAxes() follows the rules", async (t) => {
  for (const row of CASES) {
    await t.step(row.why, () => {
      const question: AxesQuestion = {
        name: "a.h5",
        stored: {
          shape: row.shape,
          axes: axes(row.file),
          axesExplicit: row.guessed !== true,
          imageFile: row.image === true,
        },
        stacked: row.stacked === true,
        ignoreTraining: row.ignoreTraining === true,
        compat: row.compat === true,
        ...(row.training === undefined ? {} : { trainingAxes: axes(row.training) }),
        ...(row.channels === undefined ? {} : { trainingChannels: row.channels }),
        ...(row.selected === undefined ? {} : { inputChannels: row.selected }),
        ...(row.option === undefined ? {} : { inputAxes: row.option === "None" ? "file" : axes(row.option) }),
      };
      if (typeof row.wanted === "string") {
        const answer = chooseAxes(question);
        assertEquals(answer.axes.join(""), row.wanted);
        assertEquals(answer.note?.level, row.note);
        if (answer.note !== undefined) assertStringIncludes(answer.note.text, "a.h5");
        return;
      }
      const error = assertThrows(() => chooseAxes(question), UserError);
      assertEquals(error.kind, "input");
      for (const word of row.wanted) assertStringIncludes(`${error.message}; ${error.hint}`, word);
    });
  }
});
