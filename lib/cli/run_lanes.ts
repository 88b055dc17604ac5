/**
 * The lanes of one run: planned first, then computed, small ones several at a time.
 *
 * @module
 */
import { errorText, EXIT_CODES, UserError } from "../array/mod.ts";
import { Slots } from "../engine/mod.ts";
import { checkCollisions, type Export, type OutputClaim, ReaderGone } from "../outputs/mod.ts";
import type { IntensityScale } from "./intensity_scale.ts";
import { laneLines, outputBytes, spaceLines } from "./dry_run.ts";
import { isKept, keptText, nameOf } from "./if_exists.ts";
import { inputEvent, type OutputDone, outputEvent, outputPaths, pixelsOf } from "./lane_events.ts";
import { type LaneSettings, type OpenLane, openLane, type WantedOutput } from "./lane_run.ts";
import { watchLabels } from "./label_range.ts";
import { laneName, type LaneTexts } from "./lanes.ts";
import type { Messages } from "./messages.ts";
import { Progress, type ProgressMode } from "./progress.ts";
import type { Resources } from "./resources.ts";
import type { IfExists } from "./settings.ts";
import { fitOnePass, writeOutputs } from "./write_outputs.ts";

/** The line that scripts look for at the end of a run that went well (cli-and-io.md §1.5). */
export const CLOSING_LINE = "Completed Batch Processing";
/** Lanes of at most so many pixels are computed several at a time. */
const SMALL = 2 ** 21;

/** What the lanes of a run need from the outside. */
export interface RunContext {
  /** Where everything is printed. */
  readonly messages: Messages;
  /** Threads and memory. */
  readonly resources: Resources;
  /** How progress is shown. */
  readonly progress: ProgressMode;
  /** Whether the original's odd choices are reproduced (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Raised when the run should stop. */
  readonly signal: AbortSignal;
}

/** The part of threads and memory that a lane may use. */
interface Share {
  readonly threads: number;
  /** Bytes for blocks in flight and what the lane keeps. */
  readonly memory: number;
  /** Lanes that are computed at the same time. */
  readonly lanes: number;
}

/** What came of a lane: what to say of it, when it is its turn. */
interface LaneReport {
  readonly pixels: number;
  readonly say: readonly (() => void)[];
}

/** Runs one project over its lanes. */
export class LaneRun {
  readonly #lanes: readonly LaneTexts[];
  readonly #settings: LaneSettings;
  readonly #context: RunContext;
  readonly #ifExists: IfExists;
  readonly #projectPath: string;
  readonly #scale: IntensityScale;
  readonly #failures = new Map<number, unknown>();
  /** Number of lanes that were not tried because another one failed. */
  #notTried = 0;
  /** Pixels of each planned lane, of its largest output. */
  readonly #pixels: number[] = [];
  /** What the program takes before the first lane. Later it also holds memory of lanes that is not collected yet. */
  #ownMemory = 0;
  /** Whether several outputs go into one file: then they are written one after another. */
  #sharesFiles = false;

  /**
   * Nothing is opened yet.
   *
   * @param lanes the words of each lane
   * @param settings what all lanes share
   * @param ifExists what happens to outputs that are there
   * @param projectPath no output may replace it
   * @param scale hears what the inputs are like
   */
  constructor(
    lanes: readonly LaneTexts[],
    settings: LaneSettings,
    context: RunContext,
    ifExists: IfExists,
    projectPath: string,
    scale: IntensityScale,
  ) {
    this.#lanes = lanes;
    this.#settings = settings;
    this.#context = context;
    this.#ifExists = ifExists;
    this.#projectPath = projectPath;
    this.#scale = scale;
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
        for (const { source } of lane.inputs.slice(0, 1)) this.#scale.opened(laneName(texts), source.dtype);
        this.#context.messages.tell(inputEvent(lane, i, laneName(texts)));
        for (const output of lane.outputs) {
          const { plan, format, result, channel } = output;
          const part = lane.outputs.length > 1 ? ` (${[result, channel?.name].filter(Boolean).join(", ")})` : "";
          if (format.stream === true) continue;
          claims.push({
            input: `${laneName(texts)}${part}`,
            paths: plan.slicePaths.length > 0 ? plan.slicePaths : [plan.path],
            ...(format.container ? { innerPath: plan.innerPath } : {}),
          });
          if (!await this.#isKept(output)) await output.checkTarget();
          planned.push({ path: plan.slicePaths[0] ?? plan.path, bytes: outputBytes(output) });
        }
        this.#pixels[i] = Math.max(0, ...lane.outputs.map(pixelsOf));
        if (show) await this.#show(lane, i, laneName(texts));
      } catch (error) {
        if (!(error instanceof UserError) || error.kind === "usage") throw error;
        this.#fail(i, error);
      }
    }
    this.#warn(this.#scale.typeWarning());
    await checkCollisions(claims, [...read], this.#context.compat);
    const files = claims.flatMap(({ paths }) => paths);
    this.#sharesFiles = new Set(files).size < files.length;
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
    if (lane.outputs.length === 0) this.#sayEmpty(i);
    for (const output of lane.outputs) {
      this.#tellOutput(output, i, { status: "planned", paths: outputPaths(output), seconds: 0 });
      if (await this.#isKept(output)) this.#sayKept(output);
      else if (await output.presence() !== "nothing") messages.output(`  ${nameOf(output)} exists and is replaced`);
    }
  }

  /** Computes all lanes that could be planned. Returns the exit code. */
  async all(failFast: boolean): Promise<number> {
    const start = performance.now();
    this.#ownMemory = Deno.memoryUsage().rss;
    let pixels = 0;
    const failed = (): boolean => failFast && this.#failures.size > 0;
    for (const lanes of this.#groups()) {
      if (failed()) this.#notTried += lanes.length;
      else pixels += await this.#computeGroup(lanes, failed);
    }
    this.#warn(this.#scale.rangeWarning());
    return this.#finish(pixels, (performance.now() - start) / 1000);
  }

  /** Lanes in order; small ones in groups, because one of them alone does not keep all threads busy. */
  #groups(): readonly (readonly number[])[] {
    const groups: number[][] = [];
    let afterSmall = false;
    for (const i of this.#lanes.keys()) {
      if (this.#failures.has(i)) continue;
      const isSmall = !this.#sharesFiles && (this.#pixels[i] ?? Infinity) <= SMALL;
      if (isSmall && afterSmall) groups.at(-1)?.push(i);
      else groups.push([i]);
      afterSmall = isSmall;
    }
    return groups;
  }

  /**
   * Computes lanes, as many at a time as there are threads, and reports on them in their order.
   *
   * @param stopped whether the rest should not be started
   * @returns number of pixels written
   */
  async #computeGroup(lanes: readonly number[], stopped: () => boolean): Promise<number> {
    const { messages, resources, progress: mode, signal } = this.#context;
    const atOnce = Math.min(lanes.length, resources.threads);
    const share: Share = {
      threads: Math.floor(resources.threads / atOnce),
      memory: (resources.memory - this.#ownMemory) / atOnce,
      lanes: atOnce,
    };
    let done = 0;
    const total = lanes.reduce((sum, i) => sum + (this.#pixels[i] ?? 0), 0);
    const progress = new Progress(messages, mode, this.#title(lanes), total);
    const places = new Slots(atOnce);
    const later: number[] = [];
    let pixels = 0;
    let last = Promise.resolve();

    const compute = async (i: number, turn: Promise<void>, end: () => void): Promise<void> => {
      let before = 0;
      const onProgress = (part: number): void => {
        done += (part - before) * (this.#pixels[i] ?? 0) / total;
        before = part;
        progress.update(done);
      };
      try {
        const report = await places.use(async () => {
          signal.throwIfAborted();
          return stopped() ? undefined : await this.#compute(i, share, onProgress);
        });
        await turn;
        if (report === undefined) this.#notTried++;
        this.#scale.finished(i, laneName(this.#lanes[i]));
        for (const say of report?.say ?? []) say();
        pixels += report?.pixels ?? 0;
      } catch (error) {
        await turn;
        if (signal.aborted) return;
        if (atOnce > 1 && error instanceof UserError && error.kind === "memory") later.push(i);
        else this.#fail(i, error);
      } finally {
        end();
      }
    };
    try {
      await Promise.all(lanes.map((i) => {
        const turn = last;
        const { promise, resolve } = Promise.withResolvers<void>();
        last = promise;
        return compute(i, turn, resolve);
      }));
    } finally {
      progress.finish();
    }
    signal.throwIfAborted();
    // What did not fit into a part of the memory gets all of it.
    for (const i of later) {
      if (stopped()) this.#notTried++;
      else pixels += await this.#computeGroup([i], stopped);
    }
    return pixels;
  }

  /**
   * Computes the outputs of a lane that are not there yet: all in one pass, or one after another where they go into one
   * file or the memory is too small.
   */
  async #compute(
    i: number,
    share: Share,
    onProgress: (done: number) => void,
    wanted: readonly WantedOutput[] = this.#settings.exportSources.map((source) => ({ source })),
  ): Promise<LaneReport> {
    const say: (() => void)[] = [];
    let parts = wanted;
    let missing: readonly WantedOutput[];
    try {
      await using lane = await openLane(this.#lanes[i] ?? [], {
        ...this.#settings,
        memory: this.#settings.memory / share.lanes,
        onRead: (block) => this.#scale.read(i, block),
      }, wanted);
      if (lane.outputs.length === 0) return { pixels: 0, say: [() => this.#sayEmpty(i)] };
      parts = lane.outputs.map(wantedOf);
      const absent: Export[] = [];
      for (const output of lane.outputs) {
        if (!await this.#isKept(output)) absent.push(output);
        else {
          say.push(() => this.#sayKept(output));
          say.push(() => this.#tellOutput(output, i, { status: "kept", paths: outputPaths(output), seconds: 0 }));
        }
      }
      if (absent.length === parts.length && fitOnePass(lane.outputs)) {
        return await this.#write(lane, i, share, onProgress);
      }
      missing = absent.map(wantedOf);
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== "memory" || parts.length === 1) throw error;
      return await this.#computeEach(i, share, onProgress, parts);
    }
    if (missing.length === parts.length) return await this.#computeEach(i, share, onProgress, parts);
    if (missing.length === 0) return { pixels: 0, say };
    return joinReports([{ pixels: 0, say }, await this.#compute(i, share, onProgress, missing)]);
  }

  async #computeEach(
    i: number,
    share: Share,
    onProgress: (done: number) => void,
    outputs: readonly WantedOutput[],
  ): Promise<LaneReport> {
    const reports: LaneReport[] = [];
    for (const [k, output] of outputs.entries()) {
      const part = (done: number): void => onProgress((k + done) / outputs.length);
      reports.push(await this.#compute(i, share, part, [output]));
    }
    return joinReports(reports);
  }

  async #write(
    lane: OpenLane,
    i: number,
    share: Share,
    onProgress: (done: number) => void,
  ): Promise<LaneReport> {
    const { messages, resources, signal } = this.#context;
    const start = performance.now();
    const about = {
      event: "progress",
      input: i + 1,
      inputs: this.#lanes.length,
      name: laneName(this.#lanes[i]),
      source: [...new Set(lane.outputs.map(({ result }) => result))].join(","),
    } as const;
    const watched = messages.isVerbose ? lane.outputs.map(({ source }) => watchLabels(source)) : [];
    const outputs = lane.outputs.map((output, k) => ({ ...output, source: watched[k]?.source ?? output.source }));
    const written = await this.#unlessGone(writeOutputs(outputs, {
      threads: share.threads,
      memory: share.memory - lane.keptBytes,
      budget: resources.memory,
      budgetShare: lane.keptShare,
      signal,
      onProgress: (done) => {
        onProgress(done);
        messages.tell({ ...about, done });
      },
    }));
    if (written === undefined) return { pixels: 0, say: [] };
    const seconds = (performance.now() - start) / 1000 / lane.outputs.length;
    return {
      pixels: lane.outputs.reduce((sum, output) => sum + pixelsOf(output), 0),
      say: lane.outputs.map((output, k) => () => {
        const paths = written[k] ?? [];
        this.#tellOutput(output, i, { status: "written", paths, seconds });
        for (const file of paths) messages.output(file);
        const labels = watched[k]?.text();
        if (labels !== undefined) messages.verbose(`${laneName(this.#lanes[i])}: ${output.result} has the ${labels}`);
      }),
    };
  }

  /** What `work` gives; nothing when the reader of stdout went away before the end. */
  async #unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ReaderGone)) throw error;
      this.#context.messages.verbose(error.message);
      return undefined;
    }
  }

  #title(lanes: readonly number[]): string {
    const all = this.#lanes.length;
    const [first = 0] = lanes;
    if (lanes.length > 1) return all === lanes.length ? `${all} inputs` : `${lanes.length} of ${all} inputs`;
    const name = laneName(this.#lanes[first]);
    return all === 1 ? name : `${first + 1} of ${all} ${name}`;
  }

  #isKept(output: Export): Promise<boolean> {
    return isKept(output, this.#ifExists);
  }

  #sayKept(output: Export): void {
    this.#context.messages.info(keptText(output));
  }

  /** For tiles behind the last one that holds something. */
  #sayEmpty(i: number): void {
    const { messages } = this.#context;
    const { index, count } = this.#settings.output.tile ?? { index: 1, count: 1 };
    const name = laneName(this.#lanes[i]);
    messages.tell({ event: "empty", input: i + 1, name });
    messages.info(`${name}: tile ${index} of ${count} is empty, there are fewer pixels than tiles; nothing to do`);
  }

  #fail(i: number, error: unknown): void {
    this.#failures.set(i, error);
    const name = laneName(this.#lanes[i]);
    const named = errorText(error).includes(name) ? "" : `${name}: `;
    const prefix = this.#lanes.length === 1 ? named : `input ${i + 1} of ${this.#lanes.length}, ${name}: `;
    this.#context.messages.error(error, { prefix, input: i + 1, name });
  }

  #warn(message: string | undefined): void {
    if (message !== undefined) this.#context.messages.warning(message);
  }

  #tellOutput(output: Export, i: number, done: OutputDone): void {
    this.#context.messages.tell(outputEvent(output, i, laneName(this.#lanes[i]), done));
  }

  /** Says how the run ended. Returns the exit code. */
  #finish(pixels: number, seconds: number): number {
    const { messages } = this.#context;
    const failed = this.#failures.size;
    const total = this.#lanes.length;
    if (failed === 0) {
      messages.verbose(
        `${total} ${total === 1 ? "input" : "inputs"}, ${(pixels / 1e6).toFixed(2)} Mpixel in ${seconds.toFixed(2)} s`,
      );
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
    const allFailed = failed + this.#notTried === this.#lanes.length;
    return allFailed && first instanceof UserError ? EXIT_CODES[first.kind] : 1;
  }
}

function wantedOf({ result, channel }: Export): WantedOutput {
  return { source: result, ...(channel === undefined ? {} : { channel: channel.index }) };
}

function joinReports(reports: readonly LaneReport[]): LaneReport {
  return {
    pixels: reports.reduce((sum, { pixels }) => sum + pixels, 0),
    say: reports.flatMap(({ say }) => say),
  };
}
