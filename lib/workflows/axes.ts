/**
 * Axis orders of results.
 *
 * @module
 */
import { along, type Axes, type AxisKey, CANONICAL, type Five } from "../array/mod.ts";

/**
 * The internal order of workflows on pixels: the shortest of ilastik's forced orders that holds all axes of size > 1
 * (`yxc`, `zyxc`, `tyxc`, `tzyxc`; cli-and-io.md §5.3.1).
 */
export function internalAxes(shape: Five): Axes {
  const keep: readonly AxisKey[] = ["y", "x", "c"];
  return CANONICAL.filter((axis) => keep.includes(axis) || along(shape, axis) > 1);
}

/** The default order of an output: the input's axes, with `c` at the end if it had none (cli-and-io.md §5.3.3). */
export function outputAxes(input: Axes): Axes {
  return input.includes("c") ? input : [...input, "c"];
}
