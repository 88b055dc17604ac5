/** The scalar definition of every feature (`native/src/features_scalar.c`), and images to compare it on. */
import { kernels } from "../../ffi/kernels.ts";
import { openLibrary } from "../../ffi/library.ts";
import type { Flavour, SelectedFeatures } from "../../lib/kernels/mod.ts";

const SYMBOLS = {
  ilh_kernel: { parameters: ["i32", "f64", "f64", "buffer"], result: "i64" },
  ilh_features_scalar_bytes: { parameters: ["i64", "i64", "i64"], result: "u64" },
  ilh_features_scalar: {
    parameters: ["buffer", "i64", "i64", "i64", "f64", "i32", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  ilh_cpu_has: { parameters: ["i32"], result: "i32" },
  ilh_atan2: { parameters: ["f64", "f64"], result: "f64" },
  ilh_sin: { parameters: ["f64"], result: "f64" },
  ilh_cos: { parameters: ["f64"], result: "f64" },
  ilh_exp: { parameters: ["f64"], result: "f64" },
} as const satisfies Deno.ForeignLibraryInterface;

/** C functions that only tests call. */
export const scalar = openLibrary("ilh_kernels", SYMBOLS).symbols;

// The product opens its library at the first call, which may not be inside of a test that looks for leaks.
kernels();

/** Instruction sets of this machine that have code of their own: portable, NEON, AVX2, AVX-512. */
export const LEVELS: readonly number[] = [1, 2, 3, 4].filter((level) => scalar.ilh_cpu_has(level) === 1);

/** Sizes of an image. */
export interface Size {
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

/** Feature number of the pre-smoothed image itself, which only the scalar definition gives. */
export const PRESMOOTHED = 6;

const FLAVOURS: readonly Flavour[] = ["X", "M", "S"];

/** Ids in the order of the C numbers. */
export const FEATURE_IDS: readonly string[] = [
  "GaussianSmoothing",
  "LaplacianOfGaussian",
  "GaussianGradientMagnitude",
  "DifferenceOfGaussians",
  "StructureTensorEigenvalues",
  "HessianOfGaussianEigenvalues",
];

/** All six features at some scales. */
export function allFeatures(scales: readonly number[], computeIn2d: readonly boolean[]): SelectedFeatures {
  const matrix = FEATURE_IDS.map(() => scales.map(() => true));
  return { ids: FEATURE_IDS, scales, matrix, computeIn2d, computeIn2dStored: true };
}

/** One feature of a whole image of one channel, each of its channels as one array (z y x). */
export function scalarFeature(
  image: Float32Array<ArrayBuffer>,
  { z, y, x }: Size,
  scale: number,
  in2d: boolean,
  feature: number,
  flavour: Flavour = "X",
): Float32Array<ArrayBuffer>[] {
  const [Z, Y, X] = [BigInt(z), BigInt(y), BigInt(x)];
  const values = feature === 4 || feature === 5 ? (in2d || z === 1 ? 2 : 3) : 1;
  const out = new Float32Array(values * image.length);
  const scratch = new Uint8Array(Number(scalar.ilh_features_scalar_bytes(Z, Y, X)));
  const code = scalar.ilh_features_scalar(
    image,
    Z,
    Y,
    X,
    scale,
    in2d ? 1 : 0,
    FLAVOURS.indexOf(flavour),
    feature,
    out,
    scratch,
  );
  if (code !== 0) throw new Error(`ilh_features_scalar gave ${code}`);
  return Array.from({ length: values }, (_, i) => out.subarray(i * image.length, (i + 1) * image.length));
}

/** Random numbers, the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
