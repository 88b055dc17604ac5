/**
 * All workflows in one table. A workflow never opens a file; it turns a project and lazy inputs into named results.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { AUTOCONTEXT } from "./autocontext/mod.ts";
import { PIXEL_CLASSIFICATION } from "./pixel_classification/mod.ts";
import type { Workflow } from "./types.ts";

export { findExportSources } from "./export_source.ts";
export { instructionSets, openBlasVersion } from "./machine.ts";
export { labelsBySlice } from "./pixel_classification/label_report.ts";
export type { Lane, LaneContext, PreparedWorkflow, Result, Role, TrainingContext, Workflow } from "./types.ts";

/** Workflows that work. */
export const WORKFLOWS: readonly Workflow[] = [PIXEL_CLASSIFICATION, AUTOCONTEXT];

/** Workflows of ilastik that have no headless mode or are not built yet, by the words their names begin with. */
const KNOWN_OTHERS: readonly string[] = [
  "Autocontext",
  "Object Classification",
  "ObjectClassification",
  "EdgeTraining",
  "Boundary-based Segmentation",
  "Multicut",
  "Counting",
  "CellDensityCounting",
  "Density Counting",
  "Cell Density Counting",
  "ConservationTracking",
  "Tracking",
  "Manual Tracking",
  "ManualTracking",
  "Animal",
  "Automatic Tracking",
  "StructuredTracking",
  "Structured",
  "Neural Network",
  "LocalNetwork",
  "Trainable Domain Adaptation",
  "Carving",
  "Data Conversion",
  "DataConversion",
];

/**
 * The workflow of a project.
 *
 * @param path of the project, for the message
 * @throws {UserError} kind `project`
 */
export function findWorkflow(workflowName: string, path: string): Workflow {
  const workflow = WORKFLOWS.find((row) => row.names.includes(workflowName));
  if (workflow !== undefined) return workflow;
  const works = WORKFLOWS.map((row) => row.title).join(", ");
  const known = KNOWN_OTHERS.some((start) => workflowName.startsWith(start));
  throw new UserError(
    "project",
    known
      ? `the workflow \`${workflowName}\` of ${path} is not supported by this version`
      : `${path} holds the unknown workflow \`${workflowName}\``,
    { hint: `supported: ${works}` },
  );
}
