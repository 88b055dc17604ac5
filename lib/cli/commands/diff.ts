/**
 * `diff A B`: whether two arrays hold the same numbers, and where not.
 *
 * @module
 */
import { along, type ArraySource, CANONICAL, UserError } from "../../array/mod.ts";
import { interpretAxes, openInput } from "../../inputs/mod.ts";
import type { Command, CommandContext } from "./command.ts";
import { compareArrays, type Comparison, type Difference } from "./compare.ts";

/** What `diff --json` prints. Fields are only ever added while `schema` is 1. */
export interface DiffReport {
  /** Version of this structure. */
  readonly schema: 1;
  /** Whether everything is the same. */
  readonly equal: boolean;
  /** The first array. */
  readonly a: ArrayText;
  /** The second array. */
  readonly b: ArrayText;
  /** Notes about type, axes and sizes, one line each. */
  readonly notes: readonly string[];
  /** `null` when the sizes differ. */
  readonly values: Comparison | null;
}

/** An array in words. */
export interface ArrayText {
  /** As given. */
  readonly name: string;
  /** In the order of `axes`. */
  readonly shape: readonly number[];
  /** Letters in the order of the file. */
  readonly axes: string;
  /** Element type. */
  readonly dtype: string;
}

/** The sub-command. */
export const DIFF: Command = {
  name: "diff",
  usage: "A B [--tolerance X] [--json]",
  summary: "Compare two arrays: sizes, largest and mean difference, differing values, the first one that differs.",
  details: [
    "A and B are files as inputs of a run are: any format, `file.h5/dataset`, quoted patterns for stacks. Values are compared " +
    "position by position, whatever the order of axes in the files; NaN equals NaN. Another element type or order of axes is " +
    "told but is no difference. Files are read block by block.",
    "--json prints one object: schema (1), equal, a and b {name, shape, axes, dtype}, notes [text], values {values, differing, " +
    "largest, mean, worst {at, a, b}, first {at, a, b}, agreement, labels} or null when the sizes differ.",
    "Exit code 0 when they are equal, 1 when they differ, 4 when one cannot be read.",
  ],
  options: [
    {
      name: "tolerance",
      group: "ours",
      value: "one",
      placeholder: "X",
      help: "Absolute differences up to X count as equal; 0 by default.",
    },
    { name: "json", group: "ours", value: "none", help: "Print one JSON object instead of text." },
  ],
  words: [2, 2],
  async run({ options, words: [a = "", b = ""] }, context) {
    const tolerance = Number(options.get("tolerance") ?? "0");
    if (!(tolerance >= 0)) {
      throw new UserError("usage", `--tolerance must be a number from 0, found \`${options.get("tolerance")}\``);
    }
    const report = await diff(a, b, tolerance, context);
    context.messages.output(options.has("json") ? JSON.stringify(report, undefined, 2) : diffText(report));
    return report.equal ? 0 : 1;
  },
};

/**
 * Compares two files.
 *
 * @param tolerance absolute differences up to this count as equal
 * @throws {UserError} kind `input` when one cannot be read
 */
export async function diff(
  nameA: string,
  nameB: string,
  tolerance: number,
  { messages, signal, homeFolder }: Pick<CommandContext, "messages" | "signal" | "homeFolder">,
): Promise<DiffReport> {
  await using a = await open(nameA, homeFolder, (text) => messages.warning(text));
  await using b = await open(nameB, homeFolder, (text) => messages.warning(text));
  const [textA, textB] = [describe(nameA, a.source), describe(nameB, b.source)];
  const sizes = CANONICAL.filter((axis) => along(a.source.shape, axis) !== along(b.source.shape, axis));
  const notes = [
    ...sizes.map((axis) => `size along ${axis}: ${along(a.source.shape, axis)} and ${along(b.source.shape, axis)}`),
    ...(textA.axes === textB.axes ? [] : [`axes: ${textA.axes} and ${textB.axes}`]),
    ...(textA.dtype === textB.dtype ? [] : [`element type: ${textA.dtype} and ${textB.dtype}`]),
  ];
  const values = sizes.length > 0 ? null : await compareArrays(a.source, b.source, tolerance, signal);
  return { schema: 1, equal: values?.differing === 0, a: textA, b: textB, notes, values };
}

/** The report in words. */
export function diffText({ a, b, notes, values, equal }: DiffReport): string {
  return [
    `a: ${a.name}: ${a.shape.join(" x ")} (${a.axes}), ${a.dtype}`,
    `b: ${b.name}: ${b.shape.join(" x ")} (${b.axes}), ${b.dtype}`,
    ...notes,
    ...(values === null || values.differing === 0 ? [] : differenceLines(values)),
    equal ? "equal" : "different",
  ].join("\n");
}

function differenceLines(values: Comparison): string[] {
  const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`;
  return [
    `differing values: ${values.differing} of ${values.values} (${percent(values.differing / values.values)})`,
    `largest difference: ${values.largest ?? "not finite"}${place(values.worst)}`,
    `mean difference: ${values.mean ?? "not finite"}`,
    `first difference:${place(values.first)}`,
    ...(values.labels ? [`label agreement: ${percent(values.agreement)}`] : []),
  ];
}

function place(difference: Difference | null): string {
  if (difference === null) return "";
  const at = Object.entries(difference.at).map(([axis, index]) => `${axis} ${index}`).join(", ");
  return ` at ${at} (${difference.a} and ${difference.b})`;
}

async function open(
  name: string,
  homeFolder: string | undefined,
  warn: (text: string) => void,
): Promise<AsyncDisposable & { readonly source: ArraySource }> {
  const { array } = await openInput({
    text: name,
    stackAlong: "z",
    naturalSort: false,
    compat: false,
    warn,
    ...(homeFolder === undefined ? {} : { home: homeFolder }),
  });
  return { source: interpretAxes(array, array.axes), [Symbol.asyncDispose]: () => array.close() };
}

function describe(name: string, { shape, axes, dtype }: ArraySource): ArrayText {
  return { name, shape: axes.map((axis) => along(shape, axis)), axes: axes.join(""), dtype };
}
