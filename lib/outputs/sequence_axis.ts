/**
 * The axis along which a sequence is cut into files.
 *
 * @module
 */
import { along, type Axes, type AxisKey, type Five } from "../array/mod.ts";

/** First axis of the output with more than one element; channels count (cli-and-io.md §5.11). */
export function stepAxis(axes: Axes, shape: Five): AxisKey | undefined {
  return axes.find((axis) => along(shape, axis) > 1);
}
