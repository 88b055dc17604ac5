/**
 * `inspect PROJECT`: what a project holds and what it needs, without ilastik.
 *
 * @module
 */
import { errorText, UserError } from "../../array/mod.ts";
import {
  describeProject,
  type ForestDescription,
  openProject,
  type StageDescription,
  type TrainingInput,
} from "../../project/mod.ts";
import { type Workflow, WORKFLOWS } from "../../workflows/mod.ts";
import type { Command } from "./command.ts";
import { inspectText } from "./inspect_text.ts";
import type { Inspection } from "./inspection.ts";
import { absolutePath } from "../paths.ts";

/** The sub-command. */
export const INSPECT: Command = {
  name: "inspect",
  usage: "PROJECT [--json]",
  summary: "Show what a project holds: workflow, classes, features, classifier, and what it still needs.",
  details: [
    "Shows the workflow, the version that saved it, roles, classes with colours, selected features, classifier, training " +
    "images, the images that it expects, stored export settings, and for every export source whether the project can " +
    "compute it. Training images are not opened. Projects of workflows that are not supported are shown as far as they " +
    "can be read.",
    "--json prints one object with the fields schema (1), path, version, saved, workflow {name, supported}, roles [{name, " +
    "option, required}], expects {axes, channels, dtype, dimensions}, training [{lane, role, nickname, file, internal, " +
    "axes, shape, dtype}], stages [{name, group, hasLabels, classes [{value, name, color}], features [{id, sigma, in2d}], " +
    "classifier {kind, trees, nodes, columns, columnsUsed, classes, knownLabels, featureNames}}], settings {path: value}, " +
    "export {…}, sources [{name, missing}], problems [text]. Fields are only ever added; what is not known is null.",
    "Exit code 0 when the project could be read, 3 when not.",
  ],
  options: [{ name: "json", group: "ours", value: "none", help: "Print one JSON object instead of text." }],
  words: [1, 1],
  async run({ options, words: [word = ""] }, context) {
    const inspection = await inspect(absolutePath(word, context));
    context.messages.output(options.has("json") ? JSON.stringify(inspection, undefined, 2) : inspectText(inspection));
    return 0;
  },
};

/**
 * Reads a project.
 *
 * @param path absolute
 * @throws {UserError} kind `project` when its header cannot be read
 */
export async function inspect(path: string): Promise<Inspection> {
  const found = await describeProject(path);
  const name = found.header.workflowName;
  const workflow = WORKFLOWS.find((row) => row.names.includes(name));
  const problems = [...(found.header.warning === undefined ? [] : [found.header.warning]), ...found.problems];
  if (workflow === undefined) problems.push(`the workflow \`${name}\` is not supported by this version`);
  return {
    schema: 1,
    path: found.path,
    version: found.header.version,
    saved: found.saved?.trim() ?? null,
    workflow: { name, supported: workflow !== undefined },
    roles: workflow?.roles.map((role) => ({ name: role.name, option: `--${role.flag}`, required: role.required })) ??
      found.roleNames.map((role) => ({ name: role, option: `--${flag(role)}`, required: null })),
    expects: expectation(found.lanes.at(-1)?.[0]),
    training: found.lanes.flatMap((lane, i) => trainingInputs(lane, i, found.roleNames)),
    stages: found.stages.map(stage),
    settings: found.settings,
    export: found.exportSettings,
    sources: workflow === undefined ? [] : await checkSources(path, workflow),
    problems,
  };
}

/** A source is there when the workflow can be prepared for it. */
async function checkSources(path: string, workflow: Workflow): Promise<Inspection["sources"]> {
  const rows: Inspection["sources"][number][] = [];
  for (const name of workflow.exportSources) {
    const missing = await whatIsMissing(path, async () => {
      await using project = await openProject(path);
      await workflow.prepare(project, [name]);
    });
    rows.push({ name, missing });
  }
  return rows;
}

async function whatIsMissing(path: string, prepare: () => Promise<void>): Promise<string | null> {
  try {
    await prepare();
    return null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const reason = errorText(error).replace(`${path} `, "");
    return error.hint === undefined ? reason : `${reason}; ${error.hint}`;
  }
}

function flag(role: string): string {
  return role.toLowerCase().replaceAll(/[ -]/g, "_");
}

function expectation(input: TrainingInput | undefined): Inspection["expects"] {
  if (input === undefined) return null;
  const { axes, shape } = input;
  const size = (axis: "z" | "c"): number | null => {
    const index = axes.indexOf(axis);
    return index < 0 ? 1 : shape?.[index] ?? null;
  };
  const depth = size("z");
  return {
    axes: axes.join(""),
    channels: size("c"),
    dtype: input.dtype ?? null,
    dimensions: depth === null ? null : depth > 1 ? 3 : 2,
  };
}

function trainingInputs(
  lane: readonly (TrainingInput | undefined)[],
  index: number,
  roles: readonly string[],
): Inspection["training"][number][] {
  return lane.flatMap((input, role) =>
    input === undefined ? [] : [{
      lane: index,
      role: roles[role] ?? "Raw Data",
      nickname: input.nickname,
      file: input.filePath,
      internal: input.internal,
      axes: input.axes.join(""),
      shape: input.shape ?? null,
      dtype: input.dtype ?? null,
    }]
  );
}

function stage(found: StageDescription): Inspection["stages"][number] {
  const { features } = found;
  return {
    name: found.title,
    group: found.group,
    hasLabels: found.hasLabels,
    classes: found.classes.map(({ name, color }, i) => ({
      value: i + 1,
      name,
      color: color === undefined ? null : `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`,
    })),
    features:
      features?.ids.flatMap((id, i) =>
        features.scales.flatMap((sigma, j) =>
          features.matrix[i]?.[j] === true ? [{ id, sigma, in2d: features.computeIn2d[j] === true }] : []
        )
      ) ?? [],
    classifier: found.classifier === undefined ? null : classifier(found.classifier),
  };
}

function classifier(found: ForestDescription): Inspection["stages"][number]["classifier"] {
  return { ...found, kind: found.kind ?? null };
}
