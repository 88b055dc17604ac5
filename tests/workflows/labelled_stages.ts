/**
 * Stages of the projects of all test data with what is needed to train and judge them.
 *
 * @module
 */
import { assert } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type ArraySource, type Five, type NdArray, type Region, toDense } from "../../lib/array/mod.ts";
import { TrainingImages } from "../../lib/cli/training.ts";
import { Slots, stackChannels } from "../../lib/engine/mod.ts";
import { openProject, type PixelStage, type Project } from "../../lib/project/mod.ts";
import { castProbabilities } from "../../lib/workflows/autocontext/cast_probabilities.ts";
import type { TrainingContext } from "../../lib/workflows/mod.ts";
import { type LabelledPixels, labelledPixels } from "../../lib/workflows/pixel_classification/labels.ts";
import { makeModel } from "../../lib/workflows/pixel_classification/model.ts";
import { Prediction } from "../../lib/workflows/pixel_classification/predict.ts";
import { openTrainingImages, type TrainingImage, trainStage } from "../../lib/workflows/pixel_classification/train.ts";
import { DATA } from "../program/program.ts";

const OWN = join(DATA, "own");
const SHARED = fromFileUrl(new URL("../../../shared/data", import.meta.url));

/** A project that holds labels and a classifier. */
export interface LabelledProject {
  /** Folder and name, such as `own/pc2d_all`. */
  readonly name: string;
  /** Its file. */
  readonly path: string;
  /** Folder of its training images. */
  readonly images: string;
  /** Number of stages. */
  readonly stages: number;
}

function projects(folder: string, path: string, images: string, names: readonly string[]): readonly LabelledProject[] {
  return names.map((name) => ({
    name: `${folder}/${name}`,
    path: join(path, `${name}.ilp`),
    images,
    stages: /^(ac|Autocontext)/.test(name) ? 2 : 1,
  }));
}

/** All projects with labels, a classifier and their images, of the workflows that train. Those outside of `own` may be absent. */
export const LABELLED_PROJECTS: readonly LabelledProject[] = [
  ...projects("own", OWN, join(OWN, "images"), [
    "pc2d_small",
    "pc2d_rgb",
    "pc2d_u16",
    "pc2d_f32",
    "pc2d_2ch",
    "pc2d_sigma",
    "pc2d_emptyclass",
    "pc2dt",
    "pc2d_all",
    "pc3d_few",
    "pc3d_mix",
    "pc3d_2d",
    "pc3d_2d_s",
    "pc2dt_s",
    "pc2d_stored",
    "ac2d",
    "ac3d",
    "pc3d_all",
  ]),
  ...projects("projects", join(SHARED, "projects"), join(SHARED, "images"), [
    "PixelClassification2d3c",
    "PixelClassification3d",
    "PixelClassification3d1c",
    "PixelClassification3d2c",
    "PixelClassification5t2d1c",
    "PixelClassification5t2d2c",
    "PixelClassification5t3d2c",
    "Autocontext2d3c",
    "Autocontext5t2d1c",
  ]),
  ...projects("api", join(SHARED, "api"), join(SHARED, "api"), [
    "PixelClass",
    "PixelClass3Channel",
    "PixelClass3D",
    "PixelClass3D_2D_3D_feature_mix",
    "Autocontext_2D",
    "Autocontext_3D",
  ]),
  ...projects("bench", join(SHARED, "bench"), join(SHARED, "bench"), ["all2d", "all3d"]),
];

/** A new classifier of a stage. */
export interface NewClassifier {
  /** The stage with it. */
  readonly stage: PixelStage;
  /** Mean out-of-bag error of its sub-forests. */
  readonly oob: number;
}

/** What a training of a stage is made from and judged by. All these projects have labels in one lane only. */
export class LabelledStage implements AsyncDisposable {
  /** The stage with the classifier that ilastik stored. */
  readonly stored: PixelStage;
  /** Number of trees of that classifier. */
  readonly trees: number;
  /** Labels of the labelled pixels, in C order. */
  readonly labels: Uint8Array<ArrayBuffer>;
  /** Places of the labelled pixels among those of the box. */
  readonly places: readonly number[];
  readonly #project: Project;
  readonly #opened: TrainingImages;
  readonly #images: ReadonlyMap<number, TrainingImage>;
  readonly #seen: ArraySource;
  readonly #box: Region;

  private constructor(
    project: Project,
    opened: TrainingImages,
    images: ReadonlyMap<number, TrainingImage>,
    stored: PixelStage,
    lane: LabelledPixels,
  ) {
    assert(!("missing" in stored.classifier));
    this.stored = stored;
    this.trees = stored.classifier.forests.reduce((sum, forest) => sum + forest.trees.length, 0);
    this.labels = lane.labels;
    this.#project = project;
    this.#opened = opened;
    this.#images = images;
    this.#seen = images.get(lane.lane)?.source as ArraySource;
    this.#box = boxOf(lane);
    const { start, stop } = this.#box;
    this.places = lane.positions.map((position) =>
      position.reduce(
        (flat, value, i) => flat * ((stop[i] as number) - (start[i] as number)) + value - (start[i] as number),
        0,
      )
    );
  }

  /** Opens a project and the images of one of its stages; stage 2 sees what the stored stage 1 predicts. */
  static async open(labelled: LabelledProject, index: number): Promise<LabelledStage> {
    const project = await openProject(labelled.path);
    const opened = new TrainingImages(project, labelled.images, () => {});
    const stages = await Promise.all(Array.from({ length: index + 1 }, (_, i) => project.pixelStage(i)));
    const stored = stages[index] as PixelStage;
    let images = await openTrainingImages(project, stages, context(opened, 0));
    const [first] = stages;
    if (index > 0 && first !== undefined) {
      const model = makeModel(first, project.path, true);
      images = new Map([...images].map(([lane, { input, source }]) => {
        const probabilities = new Prediction(model, source, undefined, new Slots(2)).probabilities();
        return [lane, { input, source: stackChannels([source, castProbabilities(probabilities, source.dtype)]) }];
      }));
    }
    const shapes = new Map([...images].map(([lane, { input, source }]) => [lane, { input, shape: source.shape }]));
    const lanes = labelledPixels(await stored.labelBlocks(), shapes, project);
    assert(lanes.length === 1);
    return new LabelledStage(project, opened, images, stored, lanes[0] as LabelledPixels);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
    await this.#project[Symbol.asyncDispose]();
  }

  /** Trains anew, with as many trees as are stored. */
  async train(seed: number): Promise<NewClassifier> {
    const options = { ...context(this.#opened, seed), treeCount: this.trees };
    const { stage, forests } = await trainStage(this.#project, this.stored, this.#images, options);
    return { stage, oob: mean(forests.forests.map(({ oob }) => oob)) };
  }

  /** Probabilities in the bounding box of the labels: pixels in C order x classes. */
  async probabilities(stage: PixelStage): Promise<Float32Array> {
    return await this.#read(this.#prediction(stage, true).probabilities());
  }

  /** Features in the bounding box of the labels: pixels in C order x features. */
  async features(): Promise<Float32Array> {
    return await this.#read(this.#prediction(this.stored, false).features());
  }

  /** Part of the labelled pixels whose label has the first of the largest probabilities. */
  accuracy(probabilities: Float32Array): number {
    const classes = this.stored.labelNames.length;
    const right = this.places.filter((place, i) => {
      const of = probabilities.subarray(place * classes, (place + 1) * classes);
      return of.indexOf(Math.max(...of)) + 1 === this.labels[i];
    });
    return right.length / this.places.length;
  }

  #prediction(stage: PixelStage, predicts: boolean): Prediction {
    return new Prediction(makeModel(stage, this.#project.path, predicts), this.#seen, undefined, new Slots(2));
  }

  async #read(source: ArraySource): Promise<Float32Array> {
    const { start, stop } = this.#box;
    const block: NdArray = await source.read({ start, stop: stop.with(4, source.shape[4]) as unknown as Five });
    return toDense(block).data as Float32Array;
  }
}

/** Mean of numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function context(opened: TrainingImages, seed: number): TrainingContext {
  return {
    slots: new Slots(2),
    memory: 2 ** 30,
    warn: () => {},
    info: () => {},
    seed,
    openImages: (inputs) => opened.open(inputs),
  };
}

function boxOf({ positions }: LabelledPixels): Region {
  const of = (axis: number, pick: (...values: number[]) => number): number =>
    positions.reduce((best, position) => pick(best, position[axis] ?? 0), positions[0]?.[axis] ?? 0);
  const axes = [0, 1, 2, 3] as const;
  return {
    start: [...axes.map((axis) => of(axis, Math.min)), 0] as unknown as Five,
    stop: [...axes.map((axis) => of(axis, Math.max) + 1), 1] as unknown as Five,
  };
}
