/**
 * The fused pixel kernel: a block of raw pixels in, a block of probabilities, classes, uncertainty or features out.
 *
 * @module
 */
import { alignedBytes, KernelError, kernels, unwrap } from "../../ffi/kernels.ts";
import {
  borrowArray,
  createArray,
  type Dtype,
  dtypeInfo,
  type Five,
  grow,
  type NdArray,
  NUMBER_DTYPES,
  type Region,
  regionShape,
  regionVolume,
  toDense,
} from "../array/mod.ts";
import { effective2d, type FeatureColumn, featureColumns, type SelectedFeatures } from "./feature_list.ts";
import type { CompiledForest } from "./forest.ts";
import { kernelLevel } from "./level.ts";

/** What a kernel gives, with the number it has in C (`ilh_pixel_kind`) and its element type. */
const KINDS = {
  probabilities: { code: 0, dtype: "float32" },
  segmentation: { code: 1, dtype: "uint8" },
  uncertainty: { code: 2, dtype: "float32" },
  features: { code: 3, dtype: "float32" },
} as const satisfies Record<PixelKind, { code: number; dtype: Dtype }>;

/** What a kernel gives. */
export type PixelKind = "probabilities" | "segmentation" | "uncertainty" | "features";

/** Rounding of the original on different machines (pixel-classification.md §2.11); results are always flavour `X`. */
export type Flavour = "X" | "M" | "S";

/** The image that a kernel is made for. */
export interface PixelImage {
  /** Sizes in canonical order; each time step is an image of its own. */
  readonly shape: Five;
  /** Element type of the pixels. */
  readonly dtype: Dtype;
  /** Selected features. */
  readonly features: SelectedFeatures;
}

/** A trained classifier over the features of the image. */
export interface PixelClassifier {
  /** The compiled forests. */
  readonly forest: CompiledForest;
  /** Output channel of each class of the forest. */
  readonly classChannels: readonly number[];
  /** Number of output channels. */
  readonly classCount: number;
}

/** One block. Regions are in coordinates of the whole image and span one time step. */
export interface PixelJob {
  /** What to compute. */
  readonly kind: PixelKind;
  /** Pixels of `inputRegion`, all channels. */
  readonly input: NdArray;
  /** Where `input` lies in the image. */
  readonly inputRegion: Region;
  /** What to compute; its channels are those of the kind, whatever the region says. */
  readonly output: Region;
  /** uint8 of `output`, one channel: where it is 0 nothing is predicted. */
  readonly mask?: NdArray;
}

const FLAVOURS: readonly Flavour[] = ["X", "M", "S"];
const CANCELLED = 8;
const MODEL_WORDS = 9;
const JOB_WORDS = 26;

/** Predicts or computes features for one image; holds the plan, shared by all threads. */
export class PixelKernel {
  /** Feature channels of the image, in ilastik's order. */
  readonly columns: readonly FeatureColumn[];
  readonly #image: PixelImage;
  readonly #classifier: PixelClassifier | undefined;
  readonly #plan: Uint8Array<ArrayBuffer>;
  readonly #classChannels: Int32Array<ArrayBuffer>;

  /**
   * Makes the plan of the kernel.
   *
   * @param image sizes must be large enough for all selected scales (`scalesTooLarge`)
   * @param classifier absent for features alone
   * @param options.flavour a test switch
   * @param options.level instruction set (`ilh_level`), a test switch; the best of this machine by default
   */
  constructor(
    image: PixelImage,
    classifier: PixelClassifier | undefined,
    options: { flavour?: Flavour; level?: number } = {},
  ) {
    const [, z, y, x, channels] = image.shape;
    const { features } = image;
    this.#image = image;
    this.#classifier = classifier;
    this.#classChannels = Int32Array.from(classifier?.classChannels ?? []);
    this.columns = featureColumns(features, { z, y, x }, channels);

    const used = classifier?.forest.usedColumns ?? [...this.columns.keys()];
    const order = [...used, ...[...this.columns.keys()].filter((column) => !used.includes(column))];
    const { ilh_pixel_plan_bytes, ilh_pixel_plan } = kernels();
    const level = options.level ?? kernelLevel();
    const flavour = FLAVOURS.indexOf(options.flavour ?? "X");
    const model = words(MODEL_WORDS, [
      z,
      y,
      x,
      channels,
      flavour,
      level,
      features.scales.length,
      order.length,
      used.length,
    ]);
    const columns = new Int32Array(4 * order.length);
    order.forEach((index, i) => {
      const { feature, scale, channel, eigenvalue } = this.columns[index] as FeatureColumn;
      columns.set([feature, scale, channel, eigenvalue], 4 * i);
    });
    const scales = Float64Array.from(features.scales);
    const in2d = Uint8Array.from(effective2d(features, { z, y, x }), Number);
    const bytes = ilh_pixel_plan_bytes(model);
    this.#plan = alignedBytes(Number(bytes));
    unwrap("ilh_pixel_plan", ilh_pixel_plan(model, scales, in2d, columns, this.#plan, bytes));
  }

  /** Channels of a kind of output. */
  channels(kind: PixelKind): number {
    if (kind === "features") return this.columns.length;
    return kind === "probabilities" ? this.#classifier?.classCount ?? 0 : 1;
  }

  /** Element type of a kind of output. */
  dtype(kind: PixelKind): Dtype {
    return KINDS[kind].dtype;
  }

  /** The input that an output region needs: with halo, clipped at the image, all channels. */
  inputRegion(output: Region): Region {
    const halo = new BigInt64Array(3);
    unwrap("ilh_pixel_halo", kernels().ilh_pixel_halo(this.#plan, BigInt(dtypeCode(this.#image.dtype)), halo));
    const [z = 0, y = 0, x = 0] = Array.from(halo, Number);
    const grown = grow(output, [0, z, y, x, 0], this.#image.shape);
    return {
      start: [grown.start[0], grown.start[1], grown.start[2], grown.start[3], 0],
      stop: [grown.stop[0], grown.stop[1], grown.stop[2], grown.stop[3], this.#image.shape[4]],
    };
  }

  /** Memory of one block in bytes: input, arena and output of one time step. */
  bytes(kind: PixelKind, output: Region): number {
    const input = this.inputRegion(oneStep(output));
    const job = this.#job(kind, input, oneStep(output), [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], undefined);
    const arena = Number(kernels().ilh_pixel_arena(this.#plan, this.#forest(kind), job));
    const [t, z, y, x] = regionShape(output);
    const outputBytes = t * z * y * x * this.channels(kind) * dtypeInfo(this.dtype(kind)).bytes;
    return regionVolume(input) * dtypeInfo(this.#image.dtype).bytes + arena + outputBytes;
  }

  /**
   * Computes one block on a thread of its own.
   *
   * @throws `signal.reason` when stopped
   */
  async run(job: PixelJob, signal?: AbortSignal): Promise<NdArray> {
    signal?.throwIfAborted();
    if (job.kind === "features" && this.#classifier !== undefined) {
      throw new RangeError("a kernel with a classifier computes only the features of its trees");
    }
    const input = withKernelDtype(job.input);
    const [t, z, y, x] = regionShape(job.output);
    const output = borrowArray(this.dtype(job.kind), [t, z, y, x, this.channels(job.kind)]);
    const words = this.#job(job.kind, job.inputRegion, job.output, input.strides, output.strides, job.mask?.strides);
    const { ilh_pixel_arena, ilh_pixel_run } = kernels();
    const forest = this.#forest(job.kind);
    const arena = takeArena(Number(ilh_pixel_arena(this.#plan, forest, words)));
    const cancel = new Int32Array(1);
    const onAbort = (): void => void (cancel[0] = 1);
    signal?.addEventListener("abort", onAbort);
    try {
      const code = await ilh_pixel_run(
        this.#plan,
        forest,
        this.#classChannels,
        words,
        input.data.subarray(input.offset),
        job.mask === undefined ? null : job.mask.data.subarray(job.mask.offset),
        output.data,
        arena,
        BigInt(arena.length),
        cancel,
      );
      signal?.throwIfAborted();
      if (code === CANCELLED) throw new KernelError("ilh_pixel_run", code, "without being stopped");
      unwrap("ilh_pixel_run", code);
      return output;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      ARENAS.push(arena);
    }
  }

  #forest(kind: PixelKind): Uint8Array<ArrayBuffer> | null {
    return kind === "features" ? null : this.#classifier?.forest.memory ?? null;
  }

  #job(
    kind: PixelKind,
    input: Region,
    output: Region,
    inputStrides: Five,
    outputStrides: Five,
    maskStrides: Five | undefined,
  ): BigInt64Array<ArrayBuffer> {
    const spatial = (values: Five): number[] => values.slice(1, 4);
    return words(JOB_WORDS, [
      KINDS[kind].code,
      dtypeCode(this.#image.dtype),
      ...spatial(input.start),
      ...spatial(regionShape(input)),
      ...inputStrides.slice(1),
      ...spatial(output.start),
      ...spatial(regionShape(output)),
      ...outputStrides.slice(1),
      ...spatial(maskStrides ?? [0, 0, 0, 0, 0]),
      this.channels("probabilities"),
    ]);
  }
}

/**
 * Segmentation or uncertainty of a block whose probabilities are there; the same values as {@linkcode PixelKernel.run}
 * gives.
 *
 * @param probabilities float32, one channel per class, any strides
 * @returns one channel
 */
export async function reduceProbabilities(
  kind: "segmentation" | "uncertainty",
  probabilities: NdArray,
): Promise<NdArray> {
  const [t, z, y, x, classes] = probabilities.shape;
  const output = createArray(KINDS[kind].dtype, [t, z, y, x, 1]);
  const code = BigInt(KINDS[kind].code);
  const n = BigInt(t * z * y * x);
  const { data } = toDense(probabilities);
  unwrap("ilh_pixel_reduce", await kernels().ilh_pixel_reduce(code, data, n, BigInt(classes), output.data));
  return output;
}

/** Arenas that no call uses now; blocks of the next image need them again. */
const ARENAS: Uint8Array<ArrayBuffer>[] = [];

/** The smallest free arena that is large enough, or a new one. */
function takeArena(bytes: number): Uint8Array<ArrayBuffer> {
  ARENAS.sort((a, b) => a.length - b.length);
  const index = ARENAS.findIndex((arena) => arena.length >= bytes);
  if (index >= 0) return ARENAS.splice(index, 1)[0] as Uint8Array<ArrayBuffer>;
  ARENAS.pop(); // one that is too small makes room
  return alignedBytes(bytes);
}

function oneStep(region: Region): Region {
  const [t, z, y, x, c] = region.start;
  return { start: [t, z, y, x, c], stop: [t + 1, region.stop[1], region.stop[2], region.stop[3], region.stop[4]] };
}

function words(count: number, values: readonly number[]): BigInt64Array<ArrayBuffer> {
  if (values.length !== count) throw new RangeError(`${values.length} words for a struct of ${count}`);
  return BigInt64Array.from(values, BigInt);
}

/** Number of an element type in `ilh_dtype`, whose order is that of the list. */
function dtypeCode(dtype: Dtype): number {
  const stored = dtype === "bool" ? "uint8" : dtype === "float16" ? "float32" : dtype;
  return NUMBER_DTYPES.indexOf(stored);
}

/** Half floats become binary32, which holds them exactly. */
function withKernelDtype(array: NdArray): NdArray {
  if (array.dtype !== "float16") return array;
  return { ...array, dtype: "float32", data: Float32Array.from(array.data as Float16Array<ArrayBuffer>) };
}
