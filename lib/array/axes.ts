/**
 * Axis names. Files have axes in any order; inside the program every array is 5-D `tzyxc`.
 *
 * @module
 */

/** One axis: time, depth, row, column, channel. */
export type AxisKey = "t" | "z" | "y" | "x" | "c";

/** The order of all arrays inside the program. */
export const CANONICAL: readonly AxisKey[] = ["t", "z", "y", "x", "c"];

/** Five numbers, one per canonical axis `t z y x c`. */
export type Five = readonly [number, number, number, number, number];

/** Position of each axis in a canonical array. */
export const AXIS_INDEX: Readonly<Record<AxisKey, 0 | 1 | 2 | 3 | 4>> = { t: 0, z: 1, y: 2, x: 3, c: 4 };

/** Whether a letter names an axis. */
export function isAxisKey(letter: string): letter is AxisKey {
  return Object.hasOwn(AXIS_INDEX, letter);
}

/** Axes of a file in its own order, for example `["c", "y", "x"]`. Distinct keys. */
export type Axes = readonly AxisKey[];

/**
 * Reads axes from letters such as `"tyxc"`.
 *
 * @returns the axes, or `undefined` when a letter is unknown or repeated
 */
export function parseAxes(letters: string): Axes | undefined {
  const keys = [...letters];
  return keys.every(isAxisKey) && new Set(keys).size === keys.length ? keys as AxisKey[] : undefined;
}

/** Builds five numbers by axis. */
export function five(of: (axis: AxisKey, index: number) => number): Five {
  return [of("t", 0), of("z", 1), of("y", 2), of("x", 3), of("c", 4)];
}

/** The value of one axis out of five numbers. */
export function along(values: Five, axis: AxisKey): number {
  return values[AXIS_INDEX[axis]];
}

/** Five numbers from values in the order of `axes`; axes that are not there get `missing`. */
export function toCanonical(values: readonly number[], axes: Axes, missing: number): Five {
  return five((axis) => values[axes.indexOf(axis)] ?? missing);
}

/** Values in the order of `axes` out of five canonical numbers. */
export function fromCanonical(values: Five, axes: Axes): number[] {
  return axes.map((axis) => along(values, axis));
}

/** Product of any number of sizes. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Product of five sizes: the number of elements. */
export function volume(shape: Five): number {
  return shape[0] * shape[1] * shape[2] * shape[3] * shape[4];
}
