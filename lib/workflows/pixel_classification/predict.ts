/**
 * Lazy results of one stage on one image.
 *
 * @module
 */
import {
  along,
  type ArraySource,
  type Axes,
  copyArray,
  createArray,
  dtypeInfo,
  type Five,
  five,
  type NdArray,
  type Region,
  regionShape,
  regionVolume,
  type SourceMeta,
  subArray,
  withAxis,
} from "../../array/mod.ts";
import type { Slots } from "../../engine/mod.ts";
import { PixelKernel, type PixelKind, reduceProbabilities } from "../../kernels/mod.ts";
import { internalAxes } from "../axes.ts";
import { predictionMask } from "./mask.ts";
import { checkFeatureNames, type PixelModel } from "./model.ts";

/** Relative time of smoothing a pixel of the halo, of predicting one and of computing its features. */
const HALO_WORK = 0.15;

/** What is computed, by which kernel, and where. */
interface Work {
  readonly kind: PixelKind;
  readonly kernel: PixelKernel;
  readonly mask: ArraySource | undefined;
}

/** Makes computed probabilities fit for several readers. */
export type Share = (probabilities: ArraySource) => ArraySource;

/** Results of a stage on one image, computed on read. */
export class Prediction {
  readonly #model: PixelModel;
  readonly #input: ArraySource;
  readonly #mask: ArraySource | undefined;
  readonly #slots: Slots;
  readonly #axes: Axes;
  readonly #kernel: PixelKernel;
  readonly #share: Share | undefined;
  #shared: ArraySource | undefined;

  /**
   * Makes the kernel; nothing is computed yet.
   *
   * @param input the image, checked against project and scales
   * @param mask where to predict; same sizes as the image but for the channels
   * @param share given when several of probabilities, segmentation and uncertainty are read: they share one prediction
   */
  constructor(model: PixelModel, input: ArraySource, mask: ArraySource | undefined, slots: Slots, share?: Share) {
    const [, z, y, x, channels] = input.shape;
    checkFeatureNames(model, { z, y, x }, channels);
    this.#model = model;
    this.#input = input;
    this.#mask = mask;
    this.#slots = slots;
    this.#axes = internalAxes(input.shape);
    this.#kernel = this.#makeKernel(model.classifier);
    this.#share = share;
  }

  /** Probabilities of the classes: float32, one channel per label name. */
  probabilities(): ArraySource {
    if (this.#share === undefined) return this.#probabilities();
    return this.#shared ??= this.#share(this.#probabilities());
  }

  #probabilities(): ArraySource {
    const { labelNames, labelColors } = this.#model;
    const meta = {
      drange: [0, 1],
      displayMode: "grayscale",
      channelNames: labelNames,
      classColors: labelColors,
    } as const;
    return this.#computed(this.#predicting("probabilities"), meta);
  }

  /** 1 + index of the most probable class: uint8, one channel. The value range is that of the probabilities, as in ilastik. */
  segmentation(): ArraySource {
    const { labelNames, labelColors } = this.#model;
    const meta = {
      drange: [0, 1],
      displayMode: "grayscale",
      classNames: labelNames,
      classColors: labelColors,
    } as const;
    return this.#predicted("segmentation", meta);
  }

  /** 1 minus the margin between the two most probable classes: float32, one channel. */
  uncertainty(): ArraySource {
    return this.#predicted("uncertainty", { drange: [0, 1], displayMode: "grayscale" });
  }

  /** All selected features: float32, one channel each. */
  features(): ArraySource {
    const { drange } = this.#input.meta;
    // A kernel with a classifier computes only what its trees ask for.
    const kernel = this.#makeKernel(undefined);
    const names = kernel.columns.map((column) => column.name);
    const meta = { displayMode: "grayscale", channelNames: names, ...(drange === undefined ? {} : { drange }) };
    return this.#computed({ kind: "features", kernel, mask: undefined }, meta);
  }

  /** Labels of a batch image: all zero, uint8, one channel. */
  labels(): ArraySource {
    const shape = this.#shape(1);
    return {
      shape,
      axes: this.#axes,
      dtype: "uint8",
      chunk: shape,
      meta: { drange: [0, 255], ...this.#sizes() },
      read: (region) => Promise.resolve(createArray("uint8", regionShape(region))),
    };
  }

  #makeKernel(classifier: PixelModel["classifier"]): PixelKernel {
    const { shape, dtype } = this.#input;
    return new PixelKernel({ shape, dtype, features: this.#model.features }, classifier);
  }

  /** On its own, or out of the probabilities that others read too. */
  #predicted(kind: "segmentation" | "uncertainty", meta: SourceMeta): ArraySource {
    const alone = this.#computed(this.#predicting(kind), meta);
    if (this.#share === undefined) return alone;
    const probabilities = this.probabilities();
    const all = (region: Region): Region => withAxis(region, "c", 0, probabilities.shape[4]);
    return {
      ...alone,
      cost: {
        bytes: (region) =>
          (probabilities.cost?.bytes(all(region)) ?? 0) + regionVolume(region) * dtypeInfo(alone.dtype).bytes,
        work: (region) => probabilities.cost?.work(all(region)) ?? 0,
      },
      read: async (region, signal) => {
        const block = await probabilities.read(all(region), signal);
        return await this.#slots.use(() => reduceProbabilities(kind, block));
      },
    };
  }

  #predicting(kind: PixelKind): Work {
    return { kind, kernel: this.#kernel, mask: this.#mask };
  }

  #computed(work: Work, meta: SourceMeta): ArraySource {
    const { kind, kernel, mask } = work;
    const shape = this.#shape(kernel.channels(kind));
    const dtype = kernel.dtype(kind);
    return {
      shape,
      axes: this.#axes,
      dtype,
      chunk: five((axis, i) => axis === "c" ? along(shape, "c") : this.#input.chunk[i] as number),
      meta: { ...meta, ...this.#sizes() },
      cost: {
        bytes: (region) =>
          kernel.bytes(kind, region) + (mask === undefined ? 0 : regionVolume(region)) +
          (this.#input.cost?.bytes(kernel.inputRegion(region)) ?? 0),
        work: (region) => {
          const input = kernel.inputRegion(region);
          return regionVolume(withAxis(region, "c", 0, 1)) + HALO_WORK * regionVolume(withAxis(input, "c", 0, 1)) +
            (this.#input.cost?.work(input) ?? 0);
        },
      },
      read: (region, signal) => this.#read(work, region, signal),
    };
  }

  async #read(work: Work, region: Region, signal: AbortSignal | undefined): Promise<NdArray> {
    const steps: NdArray[] = [];
    for (let t = region.start[0]; t < region.stop[0]; t++) {
      steps.push(await this.#readStep(work, withAxis(region, "t", t, t + 1), signal));
    }
    const block = steps.length === 1 ? steps[0] as NdArray : joinSteps(steps);
    const channels = { start: region.start[4], stop: region.stop[4] };
    if (channels.start === 0 && channels.stop === block.shape[4]) return block;
    return subArray(block, withAxis({ start: [0, 0, 0, 0, 0], stop: block.shape }, "c", channels.start, channels.stop));
  }

  async #readStep(work: Work, output: Region, signal: AbortSignal | undefined): Promise<NdArray> {
    const { kind, kernel, mask } = work;
    const inputRegion = kernel.inputRegion(output);
    const [input, wanted] = await Promise.all([
      this.#input.read(inputRegion, signal),
      mask === undefined ? undefined : predictionMask(mask, output, signal),
    ]);
    const job = { kind, input, inputRegion, output, ...(wanted === undefined ? {} : { mask: wanted }) };
    return await this.#slots.use(() => kernel.run(job, signal));
  }

  #shape(channels: number): Five {
    const [t, z, y, x] = this.#input.shape;
    return [t, z, y, x, channels];
  }

  #sizes(): SourceMeta {
    const { pixelSize, units, origin } = this.#input.meta;
    return {
      ...(pixelSize === undefined ? {} : { pixelSize }),
      ...(units === undefined ? {} : { units }),
      ...(origin === undefined ? {} : { origin }),
    };
  }
}

/** Time steps one after another in one array. */
function joinSteps(steps: readonly NdArray[]): NdArray {
  const first = steps[0] as NdArray;
  const [, z, y, x, c] = first.shape;
  const whole = createArray(first.dtype, [steps.length, z, y, x, c]);
  steps.forEach((step, t) => copyArray(step, subArray(whole, { start: [t, 0, 0, 0, 0], stop: [t + 1, z, y, x, c] })));
  return whole;
}
