/**
 * Labelled pixels by z slice, for `--print-labels-by-slice` (pixel-classification.md §6).
 *
 * @module
 */
import { along, toCanonical } from "../../array/mod.ts";
import type { PixelStage, Project } from "../../project/mod.ts";
import { labelledPixels } from "./labels.ts";

/** More blank slices than these are only counted. */
const MOST_LISTED = 20;

/**
 * One line per lane, and a total.
 *
 * @param value count only labels of this value; 0 counts all
 */
export async function labelsBySlice(project: Project, stage: PixelStage, value: number): Promise<readonly string[]> {
  const lanes = new Map(
    (await project.lanes()).flatMap((roles, lane) => {
      const [input] = roles;
      if (input?.shape === undefined) return [];
      return [[lane, { input, shape: toCanonical(input.shape, input.axes, 1) }] as const];
    }),
  );
  const labelled = labelledPixels(await stage.labelBlocks(), lanes, project);
  let total = 0;
  const lines = [...lanes].map(([lane, { input, shape }]) => {
    const name = `lane ${lane} (${input.nickname})`;
    if (!input.axes.includes("z")) return `${name} has no z axis`;
    const counts = new Array<number>(along(shape, "z")).fill(0);
    const pixels = labelled.find((row) => row.lane === lane);
    pixels?.positions.forEach(([, z], i) => {
      if (value === 0 || pixels.labels[i] === value) counts[z] = (counts[z] ?? 0) + 1;
    });
    const sum = counts.reduce((a, b) => a + b, 0);
    total += sum;
    const slices = counts.flatMap((count, z) => count > 0 ? [`${z}: ${count}`] : []).join(", ");
    const blank = counts.flatMap((count, z) => count === 0 ? [z] : []);
    const blankText = blank.length > MOST_LISTED
      ? `${blank.length} blank slices`
      : `blank slices: ${blank.join(" ") || "none"}`;
    return `${name}: ${sum} labelled pixels by z: ${slices || "none"}; ${blankText}`;
  });
  return [...lines, `${total} labelled pixels in all`];
}
