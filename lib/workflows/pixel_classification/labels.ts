/**
 * Labelled pixels of the training images (pixel-classification.md §5.1).
 *
 * @module
 */
import { type Axes, elementCount, type Five, five, toCanonical, UserError } from "../../array/mod.ts";
import type { LabelBlock, Project, TrainingInput } from "../../project/mod.ts";
import { internalAxes } from "../axes.ts";

/** Labelled pixels of one lane in C order of `tzyx`. */
export interface LabelledPixels {
  /** Index of the training lane. */
  readonly lane: number;
  /** `[t, z, y, x]` of each pixel. */
  readonly positions: readonly (readonly [number, number, number, number])[];
  /** Label of each pixel, from 1. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/**
 * Puts label blocks together; a later block overwrites an earlier one only where it holds labels.
 *
 * @param shapes sizes of the lanes' images, canonical
 * @param origin path of the project, for messages
 * @throws {UserError} kind `project` when labels lie outside of their image
 */
export function labelledPixels(
  blocks: readonly LabelBlock[],
  lanes: ReadonlyMap<number, { readonly input: TrainingInput; readonly shape: Five }>,
  project: Pick<Project, "header" | "path">,
): readonly LabelledPixels[] {
  const byLane = new Map<number, Map<number, number>>();
  for (const block of blocks) {
    const lane = lanes.get(block.lane);
    if (lane === undefined) continue;
    const pixels = byLane.get(block.lane) ?? new Map<number, number>();
    byLane.set(block.lane, pixels);
    addBlock(block, blockAxes(block, lane.input, lane.shape, project), lane.shape, pixels, project.path);
  }
  return [...byLane].sort(([a], [b]) => a - b).map(([lane, pixels]) => {
    const [, z, y, x] = lanes.get(lane)?.shape as Five;
    const sorted = [...pixels].sort(([a], [b]) => a - b);
    return {
      lane,
      positions: sorted.map(([flat]) =>
        [
          Math.floor(flat / (x * y * z)),
          Math.floor(flat / (x * y)) % z,
          Math.floor(flat / x) % y,
          flat % x,
        ] as const
      ),
      labels: Uint8Array.from(sorted, ([, label]) => label),
    };
  });
}

/** Axes of a block's array: the internal order, or that of the file in some versions. */
function blockAxes(
  block: LabelBlock,
  input: TrainingInput,
  shape: Five,
  { header, path }: Pick<Project, "header" | "path">,
): Axes {
  const file: Axes = input.axes.includes("c") ? input.axes : [...input.axes, "c"];
  const orders = header.labelsInFileOrder ? [file, input.axes, internalAxes(shape)] : [internalAxes(shape), file];
  const axes = orders.find((order) => order.length === block.start.length);
  if (axes !== undefined) return axes;
  throw new UserError(
    "project",
    `damaged project ${path}: labels with ${block.start.length} axes for an image with ${file.length}`,
  );
}

function addBlock(block: LabelBlock, axes: Axes, shape: Five, pixels: Map<number, number>, path: string): void {
  const start = toCanonical(block.start, axes, 0);
  const stop = toCanonical(block.stop, axes, 1);
  if (stop.some((end, i) => i < 4 && end > (shape[i] as number))) {
    throw new UserError(
      "project",
      `damaged project ${path}: labels lie outside of the training image of lane ${block.lane}`,
      {
        hint: "is it the image that the project was trained on?",
      },
    );
  }
  const sizes = block.stop.map((end, i) => end - (block.start[i] as number));
  const dense = sizes.map((_, i) => elementCount(sizes.slice(i + 1)));
  const strides = toCanonical(dense, axes, 0);
  const [t0, z0, y0, x0] = start;
  const [nt, nz, ny, nx] = five((_, i) => (stop[i] as number) - (start[i] as number));
  for (let t = 0; t < nt; t++) {
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        for (let x = 0; x < nx; x++) {
          const label = block.values[t * strides[0] + z * strides[1] + y * strides[2] + x * strides[3]] as number;
          if (label === 0) continue;
          pixels.set((((t0 + t) * shape[1] + z0 + z) * shape[2] + y0 + y) * shape[3] + x0 + x, label);
        }
      }
    }
  }
}
