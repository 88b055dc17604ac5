/**
 * Runs a project over its inputs.
 *
 * @module
 */
import { join } from "@std/path";
import { errorText, UserError } from "../array/mod.ts";
import { Slots } from "../engine/mod.ts";
import { NpyStream } from "../inputs/mod.ts";
import { createDataConversionProject, openProject, type Project } from "../project/mod.ts";
import {
  DATA_CONVERSION,
  findExportSources,
  findWorkflow,
  labelsBySlice,
  type Workflow,
  WORKFLOWS,
} from "../workflows/mod.ts";
import type { Config } from "./config.ts";
import { settingLines } from "./dry_run.ts";
import { withEachMatch } from "./each.ts";
import type { RunEvent } from "./events.ts";
import { IntensityScale } from "./intensity_scale.ts";
import { withListedInputs } from "./inputs_from.ts";
import type { LaneSettings } from "./lane_run.ts";
import { makeLanes } from "./lanes.ts";
import type { Messages } from "./messages.ts";
import { OPTIONS } from "./options.ts";
import { effectiveSettings } from "./origins.ts";
import type { Request } from "./parse.ts";
import { absolutePath, type Folders } from "./paths.ts";
import { checkPipes, goesToStdout, pipeOptions, toStdout } from "./pipes.ts";
import type { Resources } from "./resources.ts";
import { CLOSING_LINE, LaneRun, type RunContext } from "./run_lanes.ts";
import { exportSettings, parseChannels, parseIfExists, parseInputAxes } from "./settings.ts";
import { runFacts } from "./tile_facts.ts";
import {
  keepClassifiers,
  keepingText,
  trainedScale,
  trainingContext,
  TrainingImages,
  trainingRequest,
} from "./training.ts";
import { VERSION } from "./version.ts";

/** Options that do not ask for any work. */
const PASSIVE_GROUPS: readonly string[] = ["launcher", "ours"];

/** What a run needs from the outside. */
export interface BatchContext extends RunContext, Folders {
  /** What the configuration file says. */
  readonly config: Config;
}

/**
 * Runs the project of a request over all its inputs.
 *
 * @returns the exit code
 * @throws {UserError} for what concerns the whole run
 */
export async function runBatch(request: Request, context: BatchContext): Promise<number> {
  const { messages, compat } = context;
  const warn = onceEach((text) => messages.warning(text));
  await using project = await openProject(await projectPath(request, compat, context));
  if (project.header.warning !== undefined) warn(project.header.warning);
  const workflow = findWorkflow(project.header.workflowName, project.path);
  checkForeign(request, workflow, compat, warn);
  const exportSources = findExportSources(workflow, request.options.get("export_source"), WORKFLOWS);
  const listed = await withListedInputs(request, context);
  const { lanes, warnings } = makeLanes(await withEachMatch(listed, context, compat), workflow, compat);
  warnings.forEach(warn);
  const options = pipeOptions(request);
  checkPipes(request, lanes, exportSources, { stdin: Deno.stdin.isTerminal(), stdout: Deno.stdout.isTerminal() });
  const piped = goesToStdout(request);
  const info = onceEach((text) => messages.info(text));
  const slots = new Slots(context.resources.threads);
  const shared = { slots, memory: context.resources.memory, warn };
  if (request.options.has("print_labels_by_slice")) await printLabels(request, project, info);

  const training = trainingRequest(request, workflow, context);
  if (lanes.length === 0 && training?.store !== true) return nothingToDo(request, messages, compat);
  const stored = await project.exportSettings();
  const dryRun = request.options.has("dry_run");
  if (piped && !dryRun) messages.configure({ stdoutTaken: true });
  const effective = effectiveSettings(options, context.config, stored, exportSources);
  messages.tell(startEvent(project, workflow.title, lanes.length, dryRun, effective, context.resources));
  for (const line of settingLines(effective)) messages.verbose(line);
  const output = exportSettings({
    ...context,
    options: new Map([...context.config.options, ...options]),
    stored,
    projectPath: project.path,
    warn,
  });
  if (output.tile !== undefined && training?.store === true) {
    throw new UserError("usage", "--tile and --readonly=0 are both given: every job would write the project", {
      hint: "train once without --tile, or leave --readonly=0 out",
    });
  }
  // Everything that can be wrong with the options is found before a training, which may take long.
  const inputAxes = parseInputAxes(request.options.get("input_axes"), workflow.roles.length);
  const inputChannels = parseChannels(request.options.get("input_channels"));
  const ifExists = parseIfExists(request.options.get("if_exists"));
  await using images = new TrainingImages(project, training?.dataFolder, warn);
  using stdin = new NpyStream(Deno.stdin);
  const prepared = await workflow.prepare(
    project,
    exportSources,
    training && await trainingContext(training, project, images, {
      ...shared,
      info,
      signal: context.signal,
      ...(dryRun ? { plan: (line: string) => messages.output(line) } : {}),
    }),
  );
  context.signal.throwIfAborted();
  if (training !== undefined && dryRun) messages.output(keepingText(training, project));
  if (training !== undefined && !dryRun) {
    await keepClassifiers(training, project, prepared.trained, request.options.has("retrain"), info);
    const folder = request.options.get("variable_importance_path");
    if (prepared.importances !== undefined) {
      await writeImportances(prepared.importances, folder && absolutePath(folder, context), info);
    } else if (folder !== undefined) {
      warn(
        "--variable_importance_path has no effect: the classifier of the project measures no importances; choose " +
          "`Parallel Random Forest Classifier with Variable Importance` in ilastik",
      );
    }
  }
  if (lanes.length === 0) {
    if (!dryRun) messages.output(CLOSING_LINE);
    return 0;
  }
  const lastLane = await project.lastLane();
  const damage = await project.damage();
  if (damage !== undefined) warn(damage);
  const scale = request.options.get("scale");
  const facts = output.tile === undefined ? {} : await runFacts({
    options: request.options,
    effective,
    project: workflow === DATA_CONVERSION ? undefined : project.path,
    compat,
  });
  const settings: LaneSettings = {
    ...shared,
    workflow: prepared,
    roles: workflow.roles,
    exportSources,
    training: workflow.roles.map((role, i) =>
      lastLane[project.roleNames.indexOf(role.name)] ?? (i === 0 ? lastLane[0] : undefined)
    ),
    inputAxes,
    ignoreTraining: request.options.has("ignore_training_axistags"),
    stackAlong: request.options.get("stack_along") ?? "z",
    naturalSort: request.options.has("natural_sort"),
    ...(scale === undefined ? {} : { scale }),
    ...(inputChannels === undefined ? {} : { inputChannels }),
    homeFolder: context.homeFolder,
    stdin,
    output: piped ? toStdout(output, context.signal) : output,
    facts,
    compat,
    info,
    signal: context.signal,
    detail: onceEach((text) => messages.verbose(text)),
  };
  const silent = compat || project.pixelStageCount === 0;
  const intensity = new IntensityScale(silent ? {} : await trainedScale(project, settings.training[0]), lanes.length);
  const run = new LaneRun(lanes, settings, context, ifExists, project.path, intensity);
  await run.plan(dryRun);
  if (dryRun) {
    for (const line of settingLines(effective)) messages.output(line);
    return run.exitCode();
  }
  // Only in compatibility mode: these workflows have no table, and the original writes nothing else (D33).
  if (request.options.has("table_only")) {
    const code = run.exitCode();
    if (code === 0) messages.output(CLOSING_LINE);
    return code;
  }
  return await run.all(request.options.has("fail_fast"));
}

/** Path of the project; a new one is made first. */
async function projectPath({ options }: Request, compat: boolean, folders: Folders): Promise<string> {
  const [path, created, workflow] = ["project", "new_project", "workflow"].map((name) => options.get(name));
  if ((created === undefined) !== (workflow === undefined)) {
    throw new UserError("usage", "--new_project and --workflow belong together", {
      hint: "for example --new_project=tmp.ilp --workflow=DataConversionWorkflow",
    });
  }
  if (path !== undefined && created !== undefined) {
    throw new UserError("usage", "--project and --new_project are both given", { hint: "leave one of them out" });
  }
  if (created !== undefined && options.has("dry_run")) {
    throw new UserError("usage", "--dry_run writes nothing, so it cannot make the project of --new_project", {
      hint: "make it once without --dry_run, then give it with --project",
    });
  }
  if (created !== undefined && workflow !== undefined) {
    if (![DATA_CONVERSION.title, ...DATA_CONVERSION.names].includes(workflow)) {
      throw new UserError("usage", `--new_project cannot be made for the workflow \`${workflow}\``, {
        hint: "only DataConversionWorkflow needs no training; make other projects in ilastik",
      });
    }
    const target = absolutePath(created, folders);
    await createDataConversionProject(target, compat);
    return target;
  }
  if (path === undefined) {
    throw new UserError("usage", "no project is given", {
      hint: "add --project=FILE.ilp; --help lists all options",
    });
  }
  if (/^[a-z]+:\/\//i.test(path)) {
    throw new UserError("project", `projects on servers are not supported: ${path}`, {
      hint: "copy it to a file first",
    });
  }
  return absolutePath(path, folders);
}

/** Refuses options of workflows that this project is not; the original knows them there no more than any others (D10). */
function checkForeign(
  { options }: Request,
  workflow: Workflow,
  compat: boolean,
  warn: (text: string) => void,
): void {
  const found = OPTIONS.filter((row) => row.foreign === true && options.has(row.name)).map(({ name }) => name);
  const [foreign] = found;
  if (foreign === undefined) return;
  if (compat) {
    const unused = found.filter((name) => name !== "table_only").map((name) => `--${name}`);
    if (unused.length > 0) warn(`unused command-line args: ${unused.join(" ")}`);
    if (unused.length < found.length) warn(`a \`${workflow.title}\` project has no table: nothing is written`);
    return;
  }
  throw new UserError("usage", `a \`${workflow.title}\` project takes no --${foreign}`, {
    hint: "leave it out, or give a project of the workflow that it belongs to",
  });
}

async function printLabels(request: Request, project: Project, info: (text: string) => void): Promise<void> {
  const value = Number(request.options.get("label_search_value") ?? "0");
  if (!Number.isInteger(value) || value < 0) {
    throw new UserError("usage", `--label_search_value must be a whole number from 0, found ${value}`);
  }
  for (const line of await labelsBySlice(project, await project.pixelStage(0), value)) info(line);
}

/** The table of variable importances goes into a folder, or to the messages (pixel-classification.md §5.3). */
async function writeImportances(
  table: string,
  folder: string | undefined,
  info: (text: string) => void,
): Promise<void> {
  if (folder === undefined) {
    for (const line of table.trimEnd().split("\n")) info(line);
    return;
  }
  const path = join(folder, "varimp.txt");
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(path, table);
  } catch (error) {
    throw new UserError("output", `cannot write ${path}: ${errorText(error)}`, {
      hint: "give another --variable_importance_path",
      cause: error,
    });
  }
}

function nothingToDo(request: Request, messages: Messages, compat: boolean): number {
  const asked = [...request.options.keys()].find((name) =>
    !PASSIVE_GROUPS.includes(OPTIONS.find((row) => row.name === name)?.group ?? "")
  );
  if (asked !== undefined && !compat) {
    throw new UserError("usage", `no inputs are given, but --${asked} is`, { hint: "add the image files" });
  }
  messages.info("no inputs: nothing to do");
  messages.output(CLOSING_LINE);
  return 0;
}

function startEvent(
  project: Project,
  workflow: string,
  inputs: number,
  dryRun: boolean,
  settings: ReturnType<typeof effectiveSettings>,
  { threads, memory, origin }: Resources,
): RunEvent {
  return {
    event: "start",
    version: VERSION,
    project: project.path,
    workflow,
    projectVersion: project.header.version,
    inputs,
    dryRun,
    threads: { value: threads, origin: origin.threads },
    memory: { value: memory, origin: origin.memory },
    settings,
  };
}

/** Says each text once: lanes are opened twice, and thousands of them say the same. */
function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    say(text);
  };
}
