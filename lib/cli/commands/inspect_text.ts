/**
 * What `inspect` found, in words.
 *
 * @module
 */
import type { Inspection } from "./inspection.ts";

/** Lists longer than this end in a count. */
const MOST_LINES = 10;

/** The whole text, without a line end at the end. */
export function inspectText(found: Inspection): string {
  const { workflow } = found;
  return [
    found.path,
    row("workflow", `${workflow.name}${workflow.supported ? "" : " (not supported by this version)"}`),
    row("saved by", `ilastik ${found.version}${found.saved === null ? "" : `, ${found.saved}`}`),
    row("inputs", found.roles.map(roleText).join(", ")),
    row("expects", expectsText(found)),
    ...found.stages.flatMap(stageLines),
    ...settingLines("settings", found.settings),
    ...settingLines("stored export settings", optionNames(found.export)),
    ...trainingLines(found),
    ...sourceLines(found),
    ...listLines("problems", found.problems),
  ].join("\n");
}

function row(name: string, text: string): string {
  return `  ${`${name}:`.padEnd(12)} ${text}`;
}

function roleText({ option, required }: Inspection["roles"][number]): string {
  return required === false ? `${option} (optional)` : option;
}

function expectsText({ expects }: Inspection): string {
  if (expects === null) return "unknown, the project has no training image";
  const { axes, channels, dtype, dimensions } = expects;
  return [
    `axes ${axes}`,
    channels === null ? "an unknown number of channels" : `${channels} ${channels === 1 ? "channel" : "channels"}`,
    ...(dimensions === null ? [] : [`${dimensions}D`]),
    ...(dtype === null ? [] : [`trained on ${dtype}`]),
  ].join(", ");
}

function stageLines(stage: Inspection["stages"][number]): string[] {
  const { classes, classifier, features } = stage;
  return [
    "",
    `${stage.name}${stage.hasLabels ? " (with labels)" : ""}`,
    ...classes.map(({ value, name, color }) => `  class ${value}: ${name}${color === null ? "" : ` ${color}`}`),
    ...featureLines(features),
    ...(classifier === null ? ["  classifier: none"] : [
      `  classifier: ${classifier.kind ?? "random forest"}, ${sum(classifier.trees)} trees in ${
        count(classifier.trees.length, "forest")
      }, ${classifier.nodes} nodes`,
      `  columns: ${classifier.columns}, of which ${classifier.columnsUsed} are used by the trees`,
      ...(classifier.classes === classes.length || classes.length === 0
        ? []
        : [`  trained for labels ${classifier.knownLabels.join(", ")} only`]),
    ]),
  ];
}

/** One line per feature: sigmas, those that are computed slice by slice marked. */
function featureLines(features: Inspection["stages"][number]["features"]): string[] {
  if (features.length === 0) return [];
  const lines = [...Map.groupBy(features, ({ id }) => id)].map(([id, rows]) => {
    const sigmas = rows.map(({ sigma, in2d }) => `${sigma}${in2d ? " (2D)" : ""}`);
    return `    ${id.padEnd(30)} ${sigmas.join(", ")}`;
  });
  return [`  features (${features.length}), by sigma:`, ...lines];
}

function settingLines(title: string, settings: object): string[] {
  const entries = Object.entries(settings);
  return entries.length === 0
    ? []
    : ["", title, ...entries.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)];
}

/** Names as on the command line: `outputFormat` -> `output_format`. */
function optionNames(settings: Inspection["export"]): object {
  return Object.fromEntries(
    Object.entries(settings).map((
      [name, value],
    ) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

function trainingLines({ training }: Inspection): string[] {
  const lines = training.map(({ lane, role, file, internal, axes, shape, dtype }) => {
    const size = shape === null ? "unknown size" : shape.join(" x ");
    return `${lane} ${role}: ${file}${internal ? " (inside the project)" : ""}, ${axes}, ${size}${
      dtype === null ? "" : `, ${dtype}`
    }`;
  });
  return listLines("training images", lines);
}

/** Sources that lack the same share a line. */
function sourceLines({ sources }: Inspection): string[] {
  const groups = [...Map.groupBy(sources, ({ missing }) => missing)];
  const lines = groups.map(([missing, rows]) => {
    const names = rows.map(({ name }) => name).join(", ");
    return missing === null ? names : `not possible: ${names} (${missing})`;
  });
  return listLines("export sources", lines, Infinity);
}

function listLines(title: string, lines: readonly string[], most = MOST_LINES): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - most;
  return ["", title, ...lines.slice(0, most).map((line) => `  ${line}`), ...(more > 0 ? [`  and ${more} more`] : [])];
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
