/** Names and order as in projects that ilastik wrote (pixel-classification.md §2.8, §2.9), sizes of §2.2. */
import { assertEquals } from "@std/assert";
import { featureColumns, scalesTooLarge, type SelectedFeatures, unknownFeatures } from "../../lib/kernels/mod.ts";

const SELECTION: SelectedFeatures = {
  ids: ["GaussianSmoothing", "HessianOfGaussianEigenvalues", "LaplacianOfGaussian"],
  scales: [0.3, 1, 10],
  matrix: [[true, false, true], [false, true, false], [false, true, true]],
  computeIn2d: [true, false, true],
  computeIn2dStored: true,
};

Deno.test("featureColumns() counts features, then scales, then channels, then eigenvalues", () => {
  const names = featureColumns(SELECTION, { z: 50, y: 50, x: 50 }, 2).map((column) => column.name);
  assertEquals(names, [
    "Gaussian Smoothing (σ=0.3) in 2D [0]",
    "Gaussian Smoothing (σ=0.3) in 2D [1]",
    "Gaussian Smoothing (σ=10.0) in 2D [0]",
    "Gaussian Smoothing (σ=10.0) in 2D [1]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [0]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [1]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [2]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [3]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [4]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [5]",
    "Laplacian of Gaussian (σ=1.0) [0]",
    "Laplacian of Gaussian (σ=1.0) [1]",
    "Laplacian of Gaussian (σ=10.0) in 2D [0]",
    "Laplacian of Gaussian (σ=10.0) in 2D [1]",
  ]);
  const hessian = featureColumns(SELECTION, { z: 50, y: 50, x: 50 }, 2).slice(4, 10);
  assertEquals(hessian.map(({ channel, eigenvalue }) => [channel, eigenvalue]), [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
});

Deno.test("featureColumns() of one slice has two eigenvalues, whatever the flag, and names that follow the flag", () => {
  const names = featureColumns(SELECTION, { z: 1, y: 50, x: 50 }, 1).map((column) => column.name);
  assertEquals(names, [
    "Gaussian Smoothing (σ=0.3) in 2D",
    "Gaussian Smoothing (σ=10.0) in 2D",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [0]",
    "Hessian of Gaussian Eigenvalues (σ=1.0) [1]",
    "Laplacian of Gaussian (σ=1.0)",
    "Laplacian of Gaussian (σ=10.0) in 2D",
  ]);
});

Deno.test("featureColumns() of a project without flags has names without them", () => {
  const old = { ...SELECTION, computeIn2dStored: false };
  assertEquals(featureColumns(old, { z: 1, y: 50, x: 50 }, 1)[0]?.name, "Gaussian Smoothing (σ=0.3)");
});

Deno.test("scalesTooLarge() names the scales and axes that do not fit", () => {
  assertEquals(scalesTooLarge(SELECTION, { z: 1, y: 36, x: 36 }), undefined);
  assertEquals(scalesTooLarge(SELECTION, { z: 1, y: 30, x: 40 }), { scales: [10], axes: ["y"], needed: 36 });
  assertEquals(scalesTooLarge(SELECTION, { z: 4, y: 36, x: 36 }), { scales: [1], axes: ["z"], needed: 5 });
  assertEquals(scalesTooLarge(SELECTION, { z: 5, y: 36, x: 36 }), undefined);
  assertEquals(scalesTooLarge(SELECTION, { z: 9, y: 4, x: 35 }), { scales: [1, 10], axes: ["y", "x"], needed: 36 });
});

Deno.test("unknownFeatures() names selected features that no kernel computes", () => {
  const ids = ["GaussianSmoothing", "Mystery", "LaplacianOfGaussian"];
  assertEquals(unknownFeatures({ ...SELECTION, ids }), ["Mystery"]);
  const matrix = [[true, false, true], [false, false, false], [false, true, true]];
  assertEquals(unknownFeatures({ ...SELECTION, ids, matrix }), []);
});
