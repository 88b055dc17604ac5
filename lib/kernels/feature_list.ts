/**
 * Which feature channels a selection gives: order, names, sizes they need (pixel-classification.md §2.2, §2.8, §2.9).
 *
 * @module
 */

/** Features in the order of the C kernel's numbers, with the names that ilastik shows. */
const FEATURES = [
  { id: "GaussianSmoothing", name: "Gaussian Smoothing", eigenvalues: false },
  { id: "LaplacianOfGaussian", name: "Laplacian of Gaussian", eigenvalues: false },
  { id: "GaussianGradientMagnitude", name: "Gaussian Gradient Magnitude", eigenvalues: false },
  { id: "DifferenceOfGaussians", name: "Difference of Gaussians", eigenvalues: false },
  { id: "StructureTensorEigenvalues", name: "Structure Tensor Eigenvalues", eigenvalues: true },
  { id: "HessianOfGaussianEigenvalues", name: "Hessian of Gaussian Eigenvalues", eigenvalues: true },
] as const;

/** A selection of features as a project stores it. */
export interface SelectedFeatures {
  /** Feature ids in the order of the channels. */
  readonly ids: readonly string[];
  /** Scales (sigma in pixels). */
  readonly scales: readonly number[];
  /** `matrix[id][scale]`. */
  readonly matrix: readonly (readonly boolean[])[];
  /** One flag per scale: slices are filtered one by one. */
  readonly computeIn2d: readonly boolean[];
  /** Whether names say ` in 2D`: only in projects that store the flags. */
  readonly computeIn2dStored: boolean;
}

/** Sizes of a volume in pixels. */
export interface VolumeSize {
  /** Slices. */
  readonly z: number;
  /** Rows. */
  readonly y: number;
  /** Columns. */
  readonly x: number;
}

/** One feature channel. */
export interface FeatureColumn {
  /** Number of the feature in the C kernel (`ilh_feature`). */
  readonly feature: number;
  /** Index of the scale. */
  readonly scale: number;
  /** Index of the input channel. */
  readonly channel: number;
  /** Index of the eigenvalue, largest first; 0 for features with one value. */
  readonly eigenvalue: number;
  /** Name as ilastik writes it. */
  readonly name: string;
}

/** Ids of a selection that no kernel computes. */
export function unknownFeatures(selection: SelectedFeatures): readonly string[] {
  return selection.ids.filter((id, i) =>
    selection.matrix[i]?.includes(true) && !FEATURES.some((feature) => feature.id === id)
  );
}

/** Which scales are computed slice by slice in a volume: all of them when it has one slice. */
export function effective2d(selection: SelectedFeatures, size: VolumeSize): readonly boolean[] {
  return selection.computeIn2d.map((flag) => flag || size.z === 1);
}

/** All channels of a selection in ilastik's order: feature, scale, input channel, eigenvalue. */
export function featureColumns(
  selection: SelectedFeatures,
  size: VolumeSize,
  channels: number,
): readonly FeatureColumn[] {
  const flat = effective2d(selection, size);
  return selection.ids.flatMap((id, i) => {
    const feature = FEATURES.findIndex((row) => row.id === id);
    const row = FEATURES[feature];
    if (row === undefined) return [];
    return selection.scales.flatMap((sigma, scale) => {
      if (selection.matrix[i]?.[scale] !== true) return [];
      const values = row.eigenvalues ? (flat[scale] === true ? 2 : 3) : 1;
      const in2d = selection.computeIn2dStored && selection.computeIn2d[scale] === true ? " in 2D" : "";
      const base = `${row.name} (σ=${pythonFloat(sigma)})${in2d}`;
      return Array.from({ length: channels * values }, (_, k) => ({
        feature,
        scale,
        channel: Math.floor(k / values),
        eigenvalue: k % values,
        name: channels * values > 1 ? `${base} [${k}]` : base,
      }));
    });
  });
}

/** What a selection asks for that an image is too small for; axes as letters. */
export interface TooLarge {
  /** Scales that do not fit. */
  readonly scales: readonly number[];
  /** Axes that are too short. */
  readonly axes: readonly ("z" | "y" | "x")[];
  /** Pixels that the largest of these scales needs. */
  readonly needed: number;
}

/** Scales that do not fit an image (pixel-classification.md §2.2); `undefined` when all fit. */
export function scalesTooLarge(selection: SelectedFeatures, size: VolumeSize): TooLarge | undefined {
  const scales = new Set<number>();
  const axes = new Set<"z" | "y" | "x">();
  const flat = effective2d(selection, size);
  let needed = 0;
  selection.scales.forEach((sigma, i) => {
    if (!selection.matrix.some((row) => row[i] === true)) return;
    const pixels = Math.ceil(3.5 * sigma) + 1;
    for (const axis of flat[i] === true ? ["y", "x"] as const : ["z", "y", "x"] as const) {
      if (size[axis] >= pixels) continue;
      scales.add(sigma);
      axes.add(axis);
      needed = Math.max(needed, pixels);
    }
  });
  return scales.size === 0 ? undefined : { scales: [...scales], axes: [...axes], needed };
}

/** Shortest text of a number as Python writes floats: `0.3`, `1.0`, `10.0`. */
function pythonFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
