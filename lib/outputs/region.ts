/**
 * `--cutout_subregion`: which part of a result is written (cli-and-io.md §5.2).
 *
 * @module
 */
import {
  along,
  type Axes,
  AXIS_INDEX,
  type AxisKey,
  type Five,
  five,
  fromCanonical,
  isAxisKey,
  isEmptyRegion,
  type Region,
  UserError,
} from "../array/mod.ts";

/** A part as it was asked for, before the result is known. `undefined` bounds are those of the result. */
export type RegionRequest =
  | { readonly kind: "corners"; readonly start: readonly Bound[]; readonly stop: readonly Bound[] }
  | { readonly kind: "named"; readonly ranges: Readonly<Partial<Record<AxisKey, readonly [Bound, Bound]>>> };

/** A bound, `undefined` for that of the whole axis. */
export type Bound = number | undefined;

const OPTION = "--cutout_subregion";
const NAMED_FORM = "`x=10:60,y=0:50` works too";

/**
 * Reads `[(10,None,0),(40,50,2)]` (one number per axis of the result) or `x=10:60,y=0:50`.
 *
 * @throws {UserError} kind `usage`
 */
export function parseRegion(text: string): RegionRequest {
  return /^\s*[a-z]\s*=/i.test(text) ? parseNamed(text) : parseCorners(text);
}

function parseNamed(text: string): RegionRequest {
  const ranges: Partial<Record<AxisKey, readonly [Bound, Bound]>> = {};
  for (const part of text.split(",")) {
    const groups = /^\s*(?<axis>[a-z])\s*=\s*(?<start>\d*)\s*:\s*(?<stop>\d*)\s*$/i.exec(part)?.groups;
    const axis = groups?.["axis"]?.toLowerCase() ?? "";
    if (groups === undefined || !isAxisKey(axis) || axis in ranges) {
      throw new UserError("usage", `${OPTION}: cannot read \`${part.trim()}\` in \`${text}\``, {
        hint: "give each axis out of t z y x c once, as in x=10:60,y=0:50,c=0:1",
      });
    }
    const bound = (digits: string | undefined) => digits ? Number(digits) : undefined;
    ranges[axis] = [bound(groups["start"]), bound(groups["stop"])];
  }
  return { kind: "named", ranges };
}

function parseCorners(text: string): RegionRequest {
  const json = text.replaceAll("(", "[").replaceAll(")", "]").replaceAll("None", "null");
  const problem = (found: string) =>
    new UserError("usage", `${OPTION}: ${found} in \`${text}\``, {
      hint: `needed are two corners, as in [(0,0,0),(10,20,1)]; ${NAMED_FORM}`,
    });
  let parts: unknown;
  try {
    parts = JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw problem("no list of two corners");
  }
  if (!Array.isArray(parts) || parts.length !== 2) throw problem("not two corners");
  const [start, stop] = parts.map((corner: unknown) => {
    if (!Array.isArray(corner)) throw problem("a corner that is no list of numbers");
    return corner.map((value: unknown): Bound => {
      if (value === null) return undefined;
      if (typeof value === "number" && Number.isInteger(value)) return value;
      throw problem("something that is no whole number");
    });
  });
  if (start === undefined || stop === undefined || start.length !== stop.length) {
    throw problem("corners of different length");
  }
  return { kind: "corners", start, stop };
}

/**
 * Fits a request to a result.
 *
 * @param axes axes of the result in its internal order, which is that of the numbers
 * @param shape sizes of the result
 * @param warn receives one line for each thing that was adapted
 * @param compat no warning about a stop of 0
 * @throws {UserError} kind `usage` when the numbers do not fit or nothing is left
 */
export function bindRegion(
  request: RegionRequest,
  axes: Axes,
  shape: Five,
  warn: (message: string) => void,
  compat: boolean,
): Region {
  const bounds = request.kind === "named"
    ? (axis: AxisKey) => request.ranges[axis] ?? [undefined, undefined]
    : cornerBounds(request, axes, shape, warn, compat);
  const clipped: string[] = [];
  const clip = (axis: AxisKey, value: number, low: number) => {
    const inside = Math.max(low, Math.min(value, along(shape, axis)));
    if (inside !== value) clipped.push(`${axis} ${value} to ${inside}`);
    return inside;
  };
  const start = five((axis) => clip(axis, bounds(axis)[0] ?? 0, 0));
  const stop = five((axis) => clip(axis, bounds(axis)[1] ?? along(shape, axis), -Infinity));
  const region = { start, stop };
  if (isEmptyRegion(region)) {
    const empty = Object.keys(AXIS_INDEX).filter(isAxisKey).filter((axis) => along(stop, axis) <= along(start, axis));
    const [axis = "x"] = empty;
    throw new UserError(
      "usage",
      `${OPTION} holds nothing: ${axis} goes from ${bounds(axis)[0] ?? 0} to ${
        bounds(axis)[1] ?? along(shape, axis)
      }, the result has ${axis} = ${along(shape, axis)}`,
      { hint: `the order is ${axes.join(" ")} (shape ${fromCanonical(shape, axes).join(" ")})` },
    );
  }
  if (clipped.length > 0) warn(`${OPTION} reaches beyond the result and was clipped: ${clipped.join(", ")}`);
  return region;
}

function cornerBounds(
  request: RegionRequest & { kind: "corners" },
  axes: Axes,
  shape: Five,
  warn: (message: string) => void,
  compat: boolean,
): (axis: AxisKey) => readonly [Bound, Bound] {
  const { start, stop } = request;
  if (start.length !== axes.length) {
    const sizes = fromCanonical(shape, axes).join(" ");
    throw new UserError(
      "usage",
      `${OPTION} needs ${axes.length} numbers per corner in the order ${
        axes.join(" ")
      } (shape ${sizes}), found ${start.length}`,
      { hint: NAMED_FORM },
    );
  }
  const zeros = axes.filter((_, i) => stop[i] === 0);
  if (zeros.length > 0 && !compat) {
    warn(`${OPTION}: a stop of 0 means the whole axis, as in ilastik (${zeros.join(" ")})`);
  }
  return (axis) => {
    const i = axes.indexOf(axis);
    return i < 0 ? [undefined, undefined] : [start[i], stop[i] === 0 ? undefined : stop[i]];
  };
}
