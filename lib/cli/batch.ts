/**
 * Runs a project over its inputs.
 *
 * @module
 */
import { join, resolve } from "@std/path";
import { along, type Axes, errorText, EXIT_CODES, type Five, UserError, volume } from "../array/mod.ts";
import { Slots } from "../engine/mod.ts";
import { checkCollisions, type Export, type OutputClaim } from "../outputs/mod.ts";
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
import { laneLines, outputBytes, settingLines, spaceLines } from "./dry_run.ts";
import type { ArrayFacts, RunEvent } from "./events.ts";
import { withListedInputs } from "./inputs_from.ts";
import { type LaneTexts, makeLanes } from "./lanes.ts";
import { type LaneSettings, type OpenLane, openLane } from "./lane_run.ts";
import type { Messages } from "./messages.ts";
import { OPTIONS } from "./options.ts";
import { effectiveSettings } from "./origins.ts";
import type { Request } from "./parse.ts";
import { Progress, type ProgressMode } from "./progress.ts";
import type { Resources } from "./resources.ts";
import { exportSettings, type IfExists, parseChannels, parseIfExists, parseInputAxes } from "./settings.ts";
import { VERSION } from "./version.ts";
import { writeOutputs } from "./write_outputs.ts";
import { keepClassifiers, trainingContext, TrainingImages, trainingRequest } from "./training.ts";

/** The line that scripts look for at the end of a run that went well (cli-and-io.md §1.5). */
const CLOSING_LINE = "Completed Batch Processing";
/** Options that do not ask for any work. */
const PASSIVE_GROUPS: readonly string[] = ["launcher", "ours"];

/** What a run needs from the outside. */
export interface BatchContext {
  /** Where everything is printed. */
  readonly messages: Messages;
  /** Threads and memory. */
  readonly resources: Resources;
  /** What the configuration file says. */
  readonly config: Config;
  /** How progress is shown. */
  readonly progress: ProgressMode;
  /** Whether the original's odd choices are reproduced (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Folder that relative paths start from. */
  readonly currentFolder: string;
  /** What `~` stands for; `undefined` when it is unknown. */
  readonly homeFolder: string | undefined;
  /** Raised when the run should stop. */
  readonly signal: AbortSignal;
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
  await using project = await openProject(await projectPath(request, context));
  if (project.header.warning !== undefined) warn(project.header.warning);
  const workflow = findWorkflow(project.header.workflowName, project.path);
  checkForeign(request, workflow, compat, warn);
  const exportSources = findExportSources(workflow, request.options.get("export_source"), WORKFLOWS);
  const { lanes, warnings } = makeLanes(await withListedInputs(request, context.currentFolder), workflow, compat);
  warnings.forEach(warn);
  const info = onceEach((text) => messages.info(text));
  const slots = new Slots(context.resources.threads);
  const shared = { slots, memory: context.resources.memory, warn };
  if (request.options.has("print_labels_by_slice")) await printLabels(request, project, info);

  const training = trainingRequest(request, workflow);
  if (lanes.length === 0 && training?.store !== true) return nothingToDo(request, messages, compat);
  const stored = await project.exportSettings();
  const dryRun = request.options.has("dry_run");
  const effective = effectiveSettings(request.options, context.config, stored, exportSources);
  messages.tell(startEvent(project, workflow.title, lanes.length, dryRun, effective, context.resources));
  for (const line of settingLines(effective)) messages.verbose(line);
  const output = exportSettings({
    ...context,
    options: new Map([...context.config.options, ...request.options]),
    stored,
    projectPath: project.path,
    warn,
  });
  await using images = new TrainingImages(project, training?.dataFolder, warn);
  const prepared = await workflow.prepare(
    project,
    exportSources,
    training && await trainingContext(training, project, images, shared, info),
  );
  if (training !== undefined && !dryRun) {
    await keepClassifiers(training, project, prepared.trained, request.options.has("retrain"), info);
    if (prepared.importances !== undefined) {
      await writeImportances(prepared.importances, request.options.get("variable_importance_path"), info);
    }
  }
  if (lanes.length === 0) {
    messages.output(CLOSING_LINE);
    return 0;
  }
  const lastLane = await project.lastLane();
  const scale = request.options.get("scale");
  const inputChannels = parseChannels(request.options.get("input_channels"));
  const settings: LaneSettings = {
    ...shared,
    workflow: prepared,
    roles: workflow.roles,
    exportSources,
    training: workflow.roles.map((role, i) =>
      lastLane[project.roleNames.indexOf(role.name)] ?? (i === 0 ? lastLane[0] : undefined)
    ),
    inputAxes: parseInputAxes(request.options.get("input_axes"), workflow.roles.length),
    ignoreTraining: request.options.has("ignore_training_axistags"),
    stackAlong: request.options.get("stack_along") ?? "z",
    naturalSort: request.options.has("natural_sort"),
    ...(scale === undefined ? {} : { scale }),
    ...(inputChannels === undefined ? {} : { inputChannels }),
    homeFolder: context.homeFolder,
    output,
    compat,
    info,
  };
  const run = new Run(lanes, settings, context, parseIfExists(request.options.get("if_exists")), project.path);
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
async function projectPath({ options }: Request, context: BatchContext): Promise<string> {
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
    const target = expandHome(created, context);
    await createDataConversionProject(target);
    return target;
  }
  if (path === undefined) throw new UserError("usage", "no project is given", { hint: "add --project=FILE.ilp" });
  if (/^[a-z]+:\/\//i.test(path)) {
    throw new UserError("project", `projects on servers are not supported: ${path}`, {
      hint: "copy it to a file first",
    });
  }
  return expandHome(path, context);
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

/** The lanes of one run: planned first, then computed one after another. */
class Run {
  readonly #lanes: readonly LaneTexts[];
  readonly #settings: LaneSettings;
  readonly #context: BatchContext;
  readonly #ifExists: IfExists;
  readonly #projectPath: string;
  readonly #failures = new Map<number, unknown>();

  constructor(
    lanes: readonly LaneTexts[],
    settings: LaneSettings,
    context: BatchContext,
    ifExists: IfExists,
    projectPath: string,
  ) {
    this.#lanes = lanes;
    this.#settings = settings;
    this.#context = context;
    this.#ifExists = ifExists;
    this.#projectPath = projectPath;
  }

  /**
   * Checks every lane before anything is computed. Lanes are closed again, so that thousands of them cost no memory.
   *
   * @param show whether what would be done is printed
   * @throws {UserError} kind `usage`; other failures concern their lane alone
   */
  async plan(show: boolean): Promise<void> {
    const claims: OutputClaim[] = [];
    const planned: { path: string; bytes: number }[] = [];
    const read = new Set<string>([this.#projectPath]);
    for (const [i, texts] of this.#lanes.entries()) {
      this.#context.signal.throwIfAborted();
      try {
        await using lane = await openLane(texts, this.#settings);
        for (const path of lane.inputPaths) read.add(path);
        this.#context.messages.tell(inputEvent(lane, i, texts[0] ?? ""));
        for (const [k, output] of lane.outputs.entries()) {
          const { plan, format } = output;
          const source = lane.outputs.length > 1 ? ` (${this.#settings.exportSources[k]})` : "";
          claims.push({
            input: `${texts[0] ?? ""}${source}`,
            paths: plan.slicePaths.length > 0 ? plan.slicePaths : [plan.path],
            ...(format.container ? { innerPath: plan.innerPath } : {}),
          });
          await output.checkTarget();
          planned.push({ path: plan.slicePaths[0] ?? plan.path, bytes: outputBytes(output) });
        }
        if (show) await this.#show(lane, i, texts[0] ?? "");
      } catch (error) {
        if (!(error instanceof UserError) || error.kind === "usage") throw error;
        this.#fail(i, error);
      }
    }
    await checkCollisions(claims, [...read], this.#context.compat);
    if (!show) return;
    const { lines, warnings } = await spaceLines(planned);
    for (const line of lines) this.#context.messages.output(line);
    for (const warning of warnings) this.#context.messages.warning(warning);
  }

  /**
   * Prints what would be done with a lane.
   *
   * @throws {UserError} kind `output` when an output exists that must not
   */
  async #show(lane: OpenLane, i: number, name: string): Promise<void> {
    const { messages, resources } = this.#context;
    const title = `input ${i + 1} of ${this.#lanes.length}: ${name}`;
    for (const line of laneLines(lane, title, resources)) messages.output(line);
    for (const [k, output] of lane.outputs.entries()) {
      this.#tellOutput(output, i, this.#settings.exportSources[k] ?? "", "planned", outputPaths(output), 0);
      const [path = ""] = outputPaths(output);
      if (!await this.#isKept(path) && await exists(path)) {
        messages.output(
          `  ${path} exists${output.format.container ? ", its other datasets stay" : " and is replaced"}`,
        );
      }
    }
  }

  /** Computes all lanes that could be planned. Returns the exit code. */
  async all(failFast: boolean): Promise<number> {
    const { signal } = this.#context;
    const start = performance.now();
    let pixels = 0;
    for (const [i, texts] of this.#lanes.entries()) {
      if (failFast && this.#failures.size > 0) break;
      if (this.#failures.has(i)) continue;
      try {
        pixels += await this.#compute(i, texts);
      } catch (error) {
        signal.throwIfAborted();
        this.#fail(i, error);
      }
    }
    return this.#finish(pixels, (performance.now() - start) / 1000);
  }

  /**
   * Computes the outputs of a lane that are not there yet, all in one pass. Where the memory is too small for that, one
   * after another.
   *
   * @returns number of pixels written
   */
  async #compute(i: number, texts: LaneTexts, exportSources = this.#settings.exportSources): Promise<number> {
    try {
      await using lane = await openLane(texts, { ...this.#settings, exportSources });
      const missing: string[] = [];
      for (const [k, output] of lane.outputs.entries()) {
        if (!await this.#isKept(outputPaths(output)[0] ?? "")) missing.push(exportSources[k] ?? "");
        else this.#tellOutput(output, i, exportSources[k] ?? "", "kept", outputPaths(output), 0);
      }
      if (missing.length === exportSources.length) return await this.#write(lane, i, exportSources);
      if (missing.length === 0) return 0;
      exportSources = missing;
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== "memory" || exportSources.length === 1) throw error;
      let pixels = 0;
      for (const source of exportSources) pixels += await this.#compute(i, texts, [source]);
      return pixels;
    }
    return await this.#compute(i, texts, exportSources);
  }

  async #write(lane: OpenLane, i: number, exportSources: readonly string[]): Promise<number> {
    const { messages, resources, progress: mode, signal } = this.#context;
    const name = this.#lanes[i]?.[0] ?? "";
    const title = this.#lanes.length === 1 ? name : `${i + 1} of ${this.#lanes.length} ${name}`;
    const pixels = lane.outputs.reduce((sum, { plan }) => sum + volume(plan.shape) / plan.shape[4], 0);
    const progress = new Progress(messages, mode, title, pixels);
    const start = performance.now();
    const source = exportSources.join(",");
    const about = { event: "progress", input: i + 1, inputs: this.#lanes.length, name, source } as const;
    try {
      const written = await writeOutputs(lane.outputs, {
        threads: resources.threads,
        memory: resources.memory - Deno.memoryUsage().rss - lane.keptBytes,
        signal,
        onProgress: (done) => {
          progress.update(done);
          messages.tell({ ...about, done });
        },
      });
      progress.finish();
      const seconds = (performance.now() - start) / 1000;
      for (const [k, output] of lane.outputs.entries()) {
        this.#tellOutput(output, i, exportSources[k] ?? "", "written", written[k] ?? [], seconds);
        for (const file of written[k] ?? []) messages.output(file);
      }
    } finally {
      progress.finish();
    }
    return pixels;
  }

  /**
   * Whether an output exists and stays as it is; says so.
   *
   * @throws {UserError} kind `output` when it must not exist
   */
  async #isKept(path: string): Promise<boolean> {
    if (this.#ifExists === "overwrite" || !await exists(path)) return false;
    if (this.#ifExists === "error") {
      throw new UserError("output", `the output ${path} exists`, { hint: "--if_exists=overwrite replaces it" });
    }
    this.#context.messages.info(`${path} exists and is kept`);
    return true;
  }

  #fail(i: number, error: unknown): void {
    this.#failures.set(i, error);
    const name = this.#lanes[i]?.[0] ?? "";
    const named = errorText(error).includes(name) ? "" : `${name}: `;
    const prefix = this.#lanes.length === 1 ? named : `input ${i + 1} of ${this.#lanes.length}, ${name}: `;
    this.#context.messages.error(error, { prefix, input: i + 1, name });
  }

  #tellOutput(
    { plan, format }: Export,
    i: number,
    source: string,
    status: "written" | "kept" | "planned",
    paths: readonly string[],
    seconds: number,
  ): void {
    this.#context.messages.tell({
      event: "output",
      input: i + 1,
      name: this.#lanes[i]?.[0] ?? "",
      source,
      status,
      format: format.name,
      paths,
      innerPath: format.container ? plan.innerPath : null,
      ...arrayFacts(plan),
      pixels: volume(plan.shape) / plan.shape[4],
      seconds,
    });
  }

  /** Says how the run ended. Returns the exit code. */
  #finish(pixels: number, seconds: number): number {
    const { messages } = this.#context;
    const failed = this.#failures.size;
    const total = this.#lanes.length;
    if (failed === 0) {
      messages.verbose(`${total} inputs, ${(pixels / 1e6).toFixed(2)} Mpixel in ${seconds.toFixed(2)} s`);
      messages.output(CLOSING_LINE);
      return 0;
    }
    if (total > 1) messages.info(`${failed} of ${total} inputs failed`);
    return this.exitCode();
  }

  /** Exit code of the failures so far (cli-and-io.md §6.1). */
  exitCode(): number {
    const failed = this.#failures.size;
    if (failed === 0) return 0;
    const [first] = this.#failures.values();
    return failed === this.#lanes.length && first instanceof UserError ? EXIT_CODES[first.kind] : 1;
  }
}

function outputPaths({ plan }: Export): readonly string[] {
  return plan.slicePaths.length > 0 ? plan.slicePaths : [plan.path];
}

function arrayFacts({ shape, axes, dtype }: { shape: Five; axes: Axes; dtype: string }): ArrayFacts {
  return { shape: axes.map((axis) => along(shape, axis)), axes: axes.join(""), dtype };
}

function inputEvent(lane: OpenLane, i: number, name: string): RunEvent {
  const roles = lane.inputs.map(({ flag, paths, source }) => ({ role: flag, paths, ...arrayFacts(source) }));
  return { event: "input", input: i + 1, name, roles };
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

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The project's absolute path; `~` stands for the home folder also where no shell expanded it. */
function expandHome(path: string, { currentFolder, homeFolder }: BatchContext): string {
  const expanded = homeFolder !== undefined && /^~(?=$|[/\\])/.test(path) ? homeFolder + path.slice(1) : path;
  return resolve(currentFolder, expanded);
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
