/**
 * One lane from its words to its planned output.
 *
 * @module
 */
import {
  along,
  type ArraySource,
  type Axes,
  type AxisKey,
  type NdArray,
  type Region,
  untilStopped,
  UserError,
} from "../array/mod.ts";
import { joined, selectChannels, type Slots } from "../engine/mod.ts";
import { chooseAxes, interpretAxes, type NpyStream, type OpenedInput, openInput } from "../inputs/mod.ts";
import {
  type Export,
  type ExportPart,
  type ExportResult,
  type ExportSettings,
  planExports,
  splitChannels,
} from "../outputs/mod.ts";
import type { TrainingInput } from "../project/mod.ts";
import type { PreparedWorkflow, Role } from "../workflows/mod.ts";
import { inputName, laneName, type LaneTexts, STDIN } from "./lanes.ts";
import { inputFacts } from "./tile_facts.ts";

/** What all lanes of a run share. */
export interface LaneSettings {
  /** The workflow, ready for images. */
  readonly workflow: PreparedWorkflow;
  /** Roles of the workflow, in order. */
  readonly roles: readonly Role[];
  /** Listed names. */
  readonly exportSources: readonly string[];
  /** The last training lane, role by role. */
  readonly training: readonly (TrainingInput | undefined)[];
  /** `--input_axes`, one entry per role. */
  readonly inputAxes: readonly (Axes | "file")[] | undefined;
  /** What the input `-` stands for. */
  readonly stdin: NpyStream;
  /** `--ignore_training_axistags`. */
  readonly ignoreTraining: boolean;
  /** `--stack_along`: axis along which files are stacked. */
  readonly stackAlong: string;
  /** `--natural_sort`. */
  readonly naturalSort: boolean;
  /** `--scale`. */
  readonly scale?: string;
  /** `--input_channels`: channels of the first role, in this order. */
  readonly inputChannels?: readonly number[];
  /** What `~` stands for. */
  readonly homeFolder: string | undefined;
  /** What the export options ask for. */
  readonly output: ExportSettings;
  /** What tiles of this run have in common; empty without `--tile`. */
  readonly facts: Readonly<Record<string, string>>;
  /** Places for computing. */
  readonly slots: Slots;
  /** Bytes that intermediate results may take. */
  readonly memory: number;
  /** Whether the original's odd choices are reproduced (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Hears of every block that is read from the first role. */
  readonly onRead?: (block: NdArray) => void;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
  /** Receives what the user may want to know. */
  readonly info: (message: string) => void;
  /** Ends the opening of inputs: a server may take long to answer. */
  readonly signal: AbortSignal;
  /** Receives what only matters with `--verbose`. */
  readonly detail: (message: string) => void;
}

/** An input as it is understood. */
export interface LaneInput {
  /** Option of its role, in table form. */
  readonly flag: string;
  /** Absolute paths of its files; none for standard input. */
  readonly paths: readonly string[];
  /** Its pixels. */
  readonly source: ArraySource;
  /** Where its axes come from, in words. */
  readonly axesFrom: string;
}

/** One output of a lane. */
export interface WantedOutput {
  /** Listed name of the export source. */
  readonly source: string;
  /** Number of the channel that is an output of its own; without it all that the settings ask for. */
  readonly channel?: number;
}

/** A lane whose inputs are open and whose outputs are planned; nothing is computed yet. */
export interface OpenLane extends AsyncDisposable {
  /** One per export source, or per channel of one; none when the tile that is asked for is empty. */
  readonly outputs: readonly Export[];
  /** Bytes of whole images and of intermediate results that it may keep. */
  readonly keptBytes: number;
  /** Part of a larger budget that would be kept, too. */
  readonly keptShare: number;
  /** Its inputs, role by role; roles without one are left out. */
  readonly inputs: readonly LaneInput[];
  /** Absolute paths of all files that it reads. */
  readonly inputPaths: readonly string[];
}

/**
 * Opens the inputs of a lane, checks them and plans its outputs.
 *
 * @param wanted the outputs that are read together; all by default
 * @throws {UserError}
 */
export async function openLane(
  texts: LaneTexts,
  settings: LaneSettings,
  wanted: readonly WantedOutput[] = settings.exportSources.map((source) => ({ source })),
): Promise<OpenLane> {
  await using stack = new AsyncDisposableStack();
  const opened: (OpenedInput | undefined)[] = [];
  const meanings: (Meaning | undefined)[] = [];
  for (const [role, text] of texts.entries()) {
    const input = text === undefined ? undefined : await untilStopped(openOne(text, settings), settings.signal);
    if (input !== undefined) stack.defer(() => input.array.close());
    opened.push(input);
    meanings.push(input === undefined ? undefined : meant(inputName(text ?? ""), input, role, settings));
  }
  const [raw] = opened;
  if (raw === undefined) throw new UserError("usage", `--${settings.roles[0]?.flag ?? "raw_data"} is missing`);
  const images = opened.reduce((sum, input) => sum + (input?.array.keptBytes ?? 0), 0);
  const memory = Math.max(0, settings.memory - images);
  const sources = meanings.map((meaning, i) =>
    meaning && i === 0 ? heard(meaning.source, settings.onRead) : meaning?.source
  );
  const exportSources = [...new Set(wanted.map(({ source }) => source))];
  const lane = settings.workflow.lane(sources, { ...settings, exportSources, memory });
  const names = { text: laneName(texts), nickname: raw.nickname, datasetDir: raw.datasetDir };
  const facts = { ...settings.facts, ...inputFacts(opened, settings.roles) };
  const parts = exportSources.flatMap((source) =>
    partsOf(lane.result(source), settings.output, wanted.filter((output) => output.source === source))
  );
  const outputs = planExports(parts, { ...names, facts }, settings.output);
  const rest = stack.move();
  return {
    outputs,
    keptBytes: images + memory * lane.keptShare,
    keptShare: lane.keptShare,
    inputs: meanings.flatMap((meaning, i) =>
      meaning === undefined ? [] : [{ flag: settings.roles[i]?.flag ?? "", paths: opened[i]?.paths ?? [], ...meaning }]
    ),
    inputPaths: opened.flatMap((input) => [...input?.paths ?? [], ...input?.array.otherFiles ?? []]),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** The wanted outputs of one result. Its channels are computed once for all of them. */
function partsOf(result: ExportResult, settings: ExportSettings, wanted: readonly WantedOutput[]): ExportPart[] {
  const split = splitChannels(result, settings);
  if (split === undefined) return [{ result }];
  const channels = split.filter((channel) => wanted.some((output) => (output.channel ?? channel) === channel));
  const range = [Math.min(...channels), Math.max(...channels) + 1] as const;
  const shared = { ...result, source: joined(result.source, channels.length, range) };
  return channels.map((channel) => ({ result: shared, channel }));
}

function openOne(text: string, settings: LaneSettings): Promise<OpenedInput> {
  if (text === STDIN) return settings.stdin.open();
  return openInput({
    text,
    stackAlong: settings.stackAlong,
    naturalSort: settings.naturalSort,
    ...(settings.scale === undefined ? {} : { scale: settings.scale }),
    ...(settings.homeFolder === undefined ? {} : { home: settings.homeFolder }),
    compat: settings.compat,
    warn: settings.warn,
    info: settings.info,
  });
}

function heard(source: ArraySource, onRead: LaneSettings["onRead"]): ArraySource {
  if (onRead === undefined) return source;
  return {
    ...source,
    async read(region: Region, signal?: AbortSignal): Promise<NdArray> {
      const block = await source.read(region, signal);
      onRead(block);
      return block;
    },
  };
}

type Meaning = Pick<LaneInput, "source" | "axesFrom">;

/** The input with its axes, by options, training data and file. */
function meant(name: string, input: OpenedInput, role: number, settings: LaneSettings): Meaning {
  const training = settings.training[role];
  const inputAxes = settings.inputAxes?.[role];
  // A volume of the project tells its channels; the last lane of old projects does not.
  const channels = training?.shape === undefined ? undefined : training.shape[training.axes.indexOf("c")] ?? 1;
  const { axes, note } = chooseAxes({
    name,
    stored: input.array,
    stacked: input.paths.length > 1,
    ...(training === undefined ? {} : { trainingAxes: training.axes }),
    ...(channels === undefined || role > 0 ? {} : { trainingChannels: channels }),
    ...(settings.inputChannels === undefined || role > 0 ? {} : { inputChannels: settings.inputChannels }),
    ...(inputAxes === undefined ? {} : { inputAxes }),
    ignoreTraining: settings.ignoreTraining,
    compat: settings.compat,
  });
  if (note !== undefined) (note.level === "info" ? settings.info : settings.warn)(note.text);
  const axesFrom = inputAxes !== undefined && inputAxes !== "file"
    ? "as --input_axes says"
    : !settings.ignoreTraining && inputAxes === undefined && training?.axes.join() === axes.join()
    ? "like the training data"
    : input.array.axesExplicit
    ? "as the file says"
    : "by its shape";
  const { shape, dtype } = input.array;
  settings.detail(`${name}: ${shape.join("×")} ${dtype}, read as ${axes.join("")} ${axesFrom}`);
  const source = interpretAxes(input.array, axes);
  const empty = (["t", "z", "y", "x", "c"] as readonly AxisKey[]).find((axis) => along(source.shape, axis) === 0);
  if (empty !== undefined) throw new UserError("input", `${name} holds nothing: its axis ${empty} has size 0`);
  if (settings.inputChannels === undefined || role > 0) return { source, axesFrom };
  const missing = settings.inputChannels.find((channel) => channel >= source.shape[4]);
  if (missing !== undefined) {
    throw new UserError(
      "input",
      `${name} has ${source.shape[4]} channels, --input_channels asks for channel ${missing}`,
      {
        hint: "channels are counted from 0",
      },
    );
  }
  return { source: selectChannels(source, settings.inputChannels), axesFrom };
}
