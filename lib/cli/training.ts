/**
 * Training from the command line: options, training images, and where the new classifier goes
 * (pixel-classification.md §6).
 *
 * @module
 */
import { basename, dirname, isAbsolute, join, resolve } from "@std/path";
import { type ArraySource, type Dtype, errorText, UserError } from "../array/mod.ts";
import { interpretAxes, openInput } from "../inputs/mod.ts";
import { checkSavable, type Project, saveClassifiers, type TrainedStage, type TrainingInput } from "../project/mod.ts";
import type { TrainingContext, WorkContext, Workflow } from "../workflows/mod.ts";
import type { TrainedScale } from "./intensity_scale.ts";
import { parseBoolean, type Request } from "./parse.ts";
import { absolutePath, type Folders } from "./paths.ts";

/** Options that ask for training. */
const TRAINING_OPTIONS = ["retrain", "tree_count", "label_proportion"] as const;

/** What the options say about training. */
export interface TrainingRequest {
  /** Whether the new classifier is stored in the project. */
  readonly store: boolean;
  /** Number of trees of all forests together. */
  readonly treeCount?: number;
  /** Share of the labelled pixels to train on, 0 < p <= 1; all when absent. */
  readonly labelProportion?: number;
  /** Seed of the random numbers. */
  readonly seed: number;
  /** Folder for training images whose stored path does not exist. */
  readonly dataFolder?: string;
}

/**
 * Reads the training options.
 *
 * @returns `undefined` when nothing is to be trained
 * @throws {UserError} kind `usage`
 */
export function trainingRequest(
  { options }: Request,
  workflow: Workflow,
  folders: Folders,
): TrainingRequest | undefined {
  const asked = TRAINING_OPTIONS.filter((name) => options.has(name));
  if (asked.length === 0) return undefined;
  const other = asked.find((name) => !workflow.trainingOptions.includes(name));
  if (other !== undefined) {
    throw new UserError("usage", `a \`${workflow.title}\` project takes no --${other}`, {
      hint: workflow.trainingOptions.length > 0 ? "use --retrain" : "it cannot be trained here",
    });
  }
  const treeCount = number(
    options.get("tree_count"),
    "tree_count",
    (n) => Number.isInteger(n) && n >= 1,
    "a whole number from 1",
  );
  const labelProportion = number(
    options.get("label_proportion"),
    "label_proportion",
    (p) => p > 0 && p <= 1,
    "above 0 and at most 1",
  );
  const dataFolder = options.get("training_data");
  return {
    store: options.has("retrain") && parseBoolean(options.get("readonly") ?? "true") === false,
    seed: number(options.get("seed"), "seed", (n) => Number.isSafeInteger(n) && n >= 0, "a whole number from 0") ?? 0,
    ...(treeCount === undefined ? {} : { treeCount }),
    ...(labelProportion === undefined ? {} : { labelProportion }),
    ...(dataFolder === undefined ? {} : { dataFolder: absolutePath(dataFolder, folders) }),
  };
}

/** Training images, opened as the project describes them; closed together. */
export class TrainingImages implements AsyncDisposable {
  readonly #project: Project;
  readonly #folder: string | undefined;
  readonly #warn: (message: string) => void;
  readonly #open = new AsyncDisposableStack();

  /**
   * Nothing is opened yet.
   *
   * @param folder where images are looked up by name when their stored path does not exist
   */
  constructor(project: Project, folder: string | undefined, warn: (message: string) => void) {
    this.#project = project;
    this.#folder = folder;
    this.#warn = warn;
  }

  /**
   * Opens images of training lanes.
   *
   * @throws {UserError} kind `project` naming all that cannot be opened
   */
  async open(inputs: readonly TrainingInput[]): Promise<readonly ArraySource[]> {
    const sources: ArraySource[] = [];
    const missing: string[] = [];
    for (const input of inputs) {
      const source = await this.#openOne(input);
      if (typeof source === "string") missing.push(source);
      else sources.push(source);
    }
    if (missing.length === 0) return sources;
    throw new UserError("project", `training images cannot be opened: ${missing.join("; ")}`, {
      hint: "give the folder that holds them with --training_data=DIR",
    });
  }

  /** Closes all images. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }

  /** The image, or in words why there is none. */
  async #openOne(input: TrainingInput): Promise<ArraySource | string> {
    let reason = "";
    for (const text of this.#candidates(input)) {
      try {
        const { array } = await openInput({
          text,
          stackAlong: "z",
          naturalSort: false,
          compat: false,
          warn: this.#warn,
        });
        this.#open.defer(() => array.close());
        if (array.shape.length !== input.axes.length) {
          return `${text} has ${array.shape.length} axes, not ${input.axes.join("")}`;
        }
        return interpretAxes(array, input.axes);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        reason ||= errorText(error);
      }
    }
    return `${input.filePath} (${reason})`;
  }

  #candidates(input: TrainingInput): readonly string[] {
    if (input.internal) return [`${this.#project.path}/${input.innerPath ?? ""}`];
    const stored = isAbsolute(input.filePath) ? input.filePath : join(dirname(this.#project.path), input.filePath);
    if (this.#folder === undefined) return [stored];
    return [stored, join(this.#folder, nameWithInner(input.filePath))];
  }
}

/**
 * What the workflow needs for training, with the checks that come before it.
 *
 * @throws {UserError} kind `project` when the result should be stored and cannot be
 */
export async function trainingContext(
  request: TrainingRequest,
  project: Project,
  images: TrainingImages,
  work: WorkContext & Required<Pick<TrainingContext, "info" | "signal">> & Pick<TrainingContext, "plan">,
): Promise<TrainingContext> {
  if (request.store) await checkSavable(project.path);
  const { treeCount, labelProportion, seed } = request;
  return {
    ...work,
    seed,
    openImages: (inputs) => images.open(inputs),
    ...(treeCount === undefined ? {} : { treeCount }),
    ...(labelProportion === undefined ? {} : { labelProportion }),
  };
}

/**
 * Type and range of the training data: what the project says, else the type of the image if it is still where it was.
 * Its pixels are not read, and servers are not asked.
 *
 * @param input the first role of a training lane
 */
export async function trainedScale(project: Project, input: TrainingInput | undefined): Promise<TrainedScale> {
  if (input === undefined) return {};
  const { range } = input;
  const dtype = input.dtype ?? await dtypeOfImage(project, input);
  return { ...(dtype === undefined ? {} : { dtype }), ...(range === undefined ? {} : { range }) };
}

async function dtypeOfImage(project: Project, input: TrainingInput): Promise<Dtype | undefined> {
  if (/^[a-z]{2,}:|[*?]/i.test(input.filePath)) return undefined;
  try {
    await using images = new TrainingImages(project, undefined, () => {});
    const [image] = await images.open([input]);
    return image?.dtype;
  } catch (error) {
    if (error instanceof UserError) return undefined; // most images are elsewhere by now
    throw error;
  }
}

/** What would become of the new classifiers, for `--dry_run`. */
export function keepingText(request: TrainingRequest, project: Project): string {
  return request.store
    ? `  the new classifier would be stored in ${project.path}`
    : "  the new classifier would serve this run only; --readonly=0 with --retrain stores it in the project";
}

/** Stores new classifiers, or says how that is done. */
export async function keepClassifiers(
  request: TrainingRequest,
  project: Project,
  trained: readonly TrainedStage[],
  retrain: boolean,
  info: (message: string) => void,
): Promise<void> {
  if (request.store) {
    await saveClassifiers(project.path, trained);
    info(`the new classifier is stored in ${project.path}`);
  } else if (retrain) {
    info("the new classifier serves this run only; --readonly=0 stores it in the project");
  }
}

/** File name with the inner path behind it, of a stored path of any system. */
function nameWithInner(path: string): string {
  const normal = path.replaceAll("\\", "/");
  const container = /[^/]*\.(?:h5|hdf5|ilp|n5|npz|zarr)(?=\/).*$/i.exec(normal);
  return container?.[0] ?? basename(resolve("/", normal));
}

function number(
  text: string | undefined,
  name: string,
  valid: (value: number) => boolean,
  needed: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && valid(value)) return value;
  throw new UserError("usage", `--${name} must be ${needed}, found \`${text}\``);
}
