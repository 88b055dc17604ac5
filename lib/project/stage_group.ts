/**
 * Names of the groups that exist once per stage (autocontext.md §1).
 *
 * @module
 */

/** Group of a stage, from 0: `FeatureSelections`, `FeatureSelections01`, … */
export function stageGroup(base: string, stage: number): string {
  return stage === 0 ? base : `${base}${String(stage).padStart(2, "0")}`;
}
