/**
 * Selected features (pixel-classification.md §1.4).
 *
 * @module
 */
import type { ProjectReader } from "./reader.ts";
import type { FeatureSelection, TrainingInput } from "./types.ts";

/**
 * Reads the feature selection of a group such as `FeatureSelections`.
 *
 * @param firstLane what the first lane says of the raw data, for projects without `ComputeIn2d`
 * @returns `undefined` when the project has no features
 */
export async function readFeatures(
  reader: ProjectReader,
  group: string,
  firstLane: () => Promise<TrainingInput | undefined>,
): Promise<FeatureSelection | undefined> {
  const scales = (await reader.numbers(`${group}/Scales`))?.values;
  const ids = await reader.strings(`${group}/FeatureIds`);
  const matrix = await reader.numbers(`${group}/SelectionMatrix`);
  if (scales === undefined || ids === undefined || matrix === undefined) return undefined;
  if (matrix.values.length !== ids.length * scales.length) {
    throw reader.wrong(`${group}/SelectionMatrix`, `${ids.length} x ${scales.length} choices`);
  }
  const stored = (await reader.numbers(`${group}/ComputeIn2d`))?.values;
  if (stored !== undefined && stored.length !== scales.length) {
    throw reader.wrong(`${group}/ComputeIn2d`, `${scales.length} choices`);
  }
  const flat = stored === undefined && isFlat(await firstLane());
  return {
    ids,
    scales,
    matrix: ids.map((_, i) => scales.map((_, j) => matrix.values[i * scales.length + j] !== 0)),
    computeIn2d: stored?.map((flag) => flag !== 0) ?? scales.map(() => flat),
    computeIn2dStored: stored !== undefined,
  };
}

/** Rule for projects before 1.3.3: 2-D if the first image has no z, or only one plane. */
function isFlat(input: TrainingInput | undefined): boolean {
  const z = input?.axes.indexOf("z") ?? -1;
  return z < 0 || input?.shape?.[z] === 1;
}
