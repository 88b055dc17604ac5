/**
 * All workflows in one table. A workflow never opens a file; it turns a project and lazy inputs into named results.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { AUTOCONTEXT } from "./autocontext/mod.ts";
import { DATA_CONVERSION } from "./data_conversion/mod.ts";
import { PIXEL_CLASSIFICATION } from "./pixel_classification/mod.ts";
import type { Workflow } from "./types.ts";

export { findExportSources } from "./export_source.ts";
export { instructionSets, openBlasVersion } from "./machine.ts";
export { DATA_CONVERSION } from "./data_conversion/mod.ts";
export { labelsBySlice } from "./pixel_classification/label_report.ts";
export type {
  Lane,
  LaneContext,
  PreparedWorkflow,
  Result,
  Role,
  TrainingContext,
  WorkContext,
  Workflow,
} from "./types.ts";

/** Workflows that work. */
export const WORKFLOWS: readonly Workflow[] = [PIXEL_CLASSIFICATION, AUTOCONTEXT, DATA_CONVERSION];

/** Workflows of ilastik that are not built yet, by the beginning of their names and class names. */
const NOT_YET: readonly string[] = [
  "Object Classification",
  "ObjectClassification",
  "Edge Training",
  "EdgeTraining",
  "Cell Density Counting",
  "Counting",
  "Automatic Tracking",
  "Animal Conservation Tracking",
  "ConservationTracking",
  "AnimalConservationTracking",
  "Structured Learning Tracking",
  "StructuredTracking",
];
/** Workflows that cannot be run without a window or a server. */
const NOT_HEADLESS: readonly string[] = [
  "Carving",
  "Manual Tracking",
  "ManualTracking",
  "Label Image Viewer",
  "Neural Network",
  "LocalNeuralNetwork",
  "Trainable Domain Adaptation",
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
  const startsLike = (start: string): boolean => workflowName.startsWith(start);
  const found = NOT_YET.some(startsLike)
    ? `the workflow \`${workflowName}\` of ${path} is not supported yet`
    : NOT_HEADLESS.some(startsLike)
    ? `the workflow \`${workflowName}\` of ${path} has no headless mode`
    : `${path} holds the unknown workflow \`${workflowName}\``;
  throw new UserError("project", found, { hint: `supported: ${WORKFLOWS.map((row) => row.title).join(", ")}` });
}
