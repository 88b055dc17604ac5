/**
 * Data Conversion: the inputs themselves, in another format, region, range, type or order (cli-and-io.md §3.9).
 *
 * @module
 */
import { type ArraySource, UserError } from "../../array/mod.ts";
import { outputAxes } from "../axes.ts";
import type { Lane, PreparedWorkflow, Workflow } from "../types.ts";

const INPUT = "Input";

/** The workflow's table. */
export const DATA_CONVERSION: Workflow = {
  names: ["Data Conversion", "DataConversionWorkflow"],
  title: "Data Conversion",
  roles: [{ name: "Input Data", flag: "input_data", required: true }],
  exportSources: [INPUT],
  trainingOptions: [],
  sourceAliases: {},
  prepare: (): Promise<PreparedWorkflow> => Promise.resolve({ trained: [], lane: ([input]) => openLane(input) }),
};

function openLane(input: ArraySource | undefined): Lane {
  if (input === undefined) throw new UserError("usage", "an image is missing", { hint: "give it with --input_data" });
  const axes = outputAxes(input.axes);
  const meta = { displayMode: "default", ...input.meta };
  return {
    keptShare: 0,
    // Regions are given in the order of the file here, unlike in all other workflows.
    result: () => ({ name: INPUT, source: { ...input, axes, meta }, outputAxes: axes, continuous: true }),
  };
}
