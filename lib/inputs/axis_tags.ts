/**
 * The ways in which HDF5, N5 and Zarr attributes name axes, pixel sizes and classes (cli-and-io.md §4.3).
 *
 * @module
 */
import { type Axes, type AxisKey, isAxisKey, type SourceMeta } from "../array/mod.ts";
import { axesFromNames, defaultAxes } from "./default_axes.ts";

/** Attributes of an array, as far as they matter here; anything may be missing or odd. */
export interface ArrayAttributes {
  /** vigra's tags: an object `{axes: [{key, resolution}]}` or its JSON text. */
  readonly axistags?: unknown;
  /** Names fastest first, as a list or a string: `["x", "y", "z"]`. */
  readonly axes?: unknown;
  /** Names slowest first. */
  readonly dimensionNames?: unknown;
  /** Pixel size in µm of `z`, `y`, `x`. */
  readonly elementSizeUm?: unknown;
  /** `{axis: unit}` or its JSON text. */
  readonly axisUnits?: unknown;
  /** Value range as stored. */
  readonly drange?: unknown;
  /** Way of showing as stored. */
  readonly displayMode?: unknown;
  /** Names of the channels. */
  readonly channelNames?: unknown;
  /** Names of the classes whose numbers the values are. */
  readonly classNames?: unknown;
  /** Colours of classes or channels: red, green and blue 0…255, in rows or one after another. */
  readonly classColors?: unknown;
}

/** What attributes say about an array. */
export interface Described {
  /** Axes in the order of the file. */
  readonly axes: Axes;
  /** Whether the file names its axes itself. */
  readonly axesExplicit: boolean;
  /** What is known beside the pixels. */
  readonly meta: SourceMeta;
  /** What could not be used, for a warning. */
  readonly problem?: string;
}

interface Tag {
  readonly key: string;
  readonly resolution: number;
}

/** Axes and meta of an array of 2 to 5 dimensions; the default guess when the attributes do not name its axes. */
export function describeAxes(attributes: ArrayAttributes, shape: readonly number[]): Described {
  const tags = tagsOf(attributes.axistags);
  const listed = namesOf(attributes.axes);
  const candidates: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["axistags", tags?.some(({ key }) => key === "?") ? undefined : tags?.map(({ key }) => key)],
    ["axes", listed?.toReversed()],
    [
      "dimension names",
      namesOf(attributes.dimensionNames)?.every(isLetter) ? namesOf(attributes.dimensionNames) : undefined,
    ],
  ];
  const [source, names] = candidates.find(([, names]) => names !== undefined) ?? [];
  const named = names === undefined ? undefined : axesFromNames(names, shape.length);
  const axes = named ?? defaultAxes(shape) ?? [];
  const problem = names !== undefined && named === undefined
    ? `its ${source} (${names.join(" ")}) do not fit its ${shape.length} dimensions and are ignored`
    : undefined;
  return {
    axes,
    axesExplicit: named !== undefined,
    meta: {
      ...rangeOf(attributes.drange),
      ...(typeof attributes.displayMode === "string" ? { displayMode: attributes.displayMode } : {}),
      ...sizesOf(named === undefined ? undefined : tags, attributes, axes),
      ...classesOf(attributes, shape[axes.indexOf("c")] ?? 1),
    },
    ...(problem === undefined ? {} : { problem }),
  };
}

function isLetter(name: string): boolean {
  return isAxisKey(name.toLowerCase());
}

function tagsOf(value: unknown): readonly Tag[] | undefined {
  const list = field(parsed(value), "axes");
  if (!Array.isArray(list)) return undefined;
  return list.map((tag: unknown) => {
    const key = field(tag, "key");
    const resolution = field(tag, "resolution");
    return { key: typeof key === "string" ? key : "?", resolution: typeof resolution === "number" ? resolution : 0 };
  });
}

function namesOf(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [...value];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const [only] = value;
  if (value.length === 1 && typeof only === "string") return [...only];
  return value.every((name) => typeof name === "string") ? value : undefined;
}

/** A range without end says nothing, and records of tiles could not hold it. */
function rangeOf(value: unknown): { drange?: readonly [number, number] } {
  if (!Array.isArray(value) || value.length !== 2) return {};
  const [low = NaN, high = NaN] = value.map(Number);
  return Number.isFinite(low) && Number.isFinite(high) && low < high ? { drange: [low, high] } : {};
}

function sizesOf(tags: readonly Tag[] | undefined, attributes: ArrayAttributes, axes: Axes): Partial<SourceMeta> {
  const pixelSize: Partial<Record<AxisKey, number>> = {};
  const units: Partial<Record<AxisKey, string>> = {};
  for (const { key, resolution } of tags ?? []) {
    if (isAxisKey(key) && resolution > 0) pixelSize[key] = resolution;
  }
  const stated = parsed(attributes.axisUnits);
  for (const axis of axes) {
    const unit = field(stated, axis);
    if (typeof unit === "string" && unit !== "") units[axis] = unit;
  }
  const element = attributes.elementSizeUm;
  if (Object.keys(pixelSize).length === 0 && Array.isArray(element) && element.length === 3) {
    for (const [i, axis] of (["z", "y", "x"] as const).entries()) {
      const size = Number(element[i]);
      if (size > 0 && axes.includes(axis)) {
        pixelSize[axis] = size;
        units[axis] = "um";
      }
    }
  }
  return {
    ...(Object.keys(pixelSize).length > 0 ? { pixelSize } : {}),
    ...(Object.keys(units).length > 0 ? { units } : {}),
  };
}

function classesOf(attributes: ArrayAttributes, channels: number): Partial<SourceMeta> {
  const names = (value: unknown): readonly string[] | undefined =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string") ? value : undefined;
  const channelNames = names(attributes.channelNames);
  const classNames = names(attributes.classNames);
  const parts: readonly unknown[] = Array.isArray(attributes.classColors) ? attributes.classColors.flat() : [];
  const isPart = (part: unknown): part is number =>
    Number.isInteger(part) && (part as number) >= 0 && (part as number) <= 255;
  const bytes = parts.filter(isPart);
  const colors = Array.from({ length: bytes.length / 3 }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = bytes.slice(3 * i);
    return [red, green, blue] as const;
  });
  return {
    ...(channelNames?.length === channels ? { channelNames } : {}),
    ...(classNames === undefined ? {} : { classNames }),
    ...(colors.length > 0 && bytes.length === parts.length && bytes.length % 3 === 0 ? { classColors: colors } : {}),
  };
}

/** JSON text as its value; other values unchanged; `undefined` for text that is no JSON. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
