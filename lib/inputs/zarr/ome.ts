/**
 * OME-Zarr metadata, versions 0.1 to 0.5 (NGFF specification; cli-and-io.md §4.8).
 *
 * @module
 */
import { type Axes, type AxisKey, isAxisKey, type SourceMeta } from "../../array/mod.ts";
import { axesFromNames } from "../default_axes.ts";
import { inputError } from "../input_error.ts";

/** A multi-scale image. */
export interface Multiscale {
  /** Axes in the order of the file. */
  readonly axes: readonly { readonly name: string; readonly unit?: string }[];
  /** Resolutions, finest first. */
  readonly levels: readonly { readonly path: string; readonly scale?: readonly number[] }[];
  /** Of all levels together. */
  readonly scale?: readonly number[];
  /** Names of the channels, in order. */
  readonly channelNames?: readonly string[];
}

/** Axes of versions that do not name them. */
const FIRST_AXES = "tczyx";

/** The multi-scale images of a group, by its attributes. */
export function readMultiscales(attributes: unknown): readonly Multiscale[] {
  const ome = field(attributes, "ome") ?? attributes;
  const list = field(ome, "multiscales");
  if (!Array.isArray(list)) return [];
  const names = channelNames(field(ome, "omero"));
  return list.map((entry: unknown) => ({
    axes: readAxes(field(entry, "axes")),
    levels: asList(field(entry, "datasets")).flatMap((level) => {
      const path = field(level, "path");
      return typeof path === "string" ? [{ path: path.replace(/^\/+|\/+$/g, ""), ...readScale(level) }] : [];
    }),
    ...readScale(entry),
    ...(names === undefined ? {} : { channelNames: names }),
  })).filter(({ levels }) => levels.length > 0);
}

/** Paths of images below plates, wells and label groups. */
export function subPaths(attributes: unknown): readonly string[] {
  const ome = field(attributes, "ome") ?? attributes;
  const paths = (value: unknown) =>
    asList(value).map((entry) => typeof entry === "string" ? entry : field(entry, "path"));
  return [
    ...paths(field(field(ome, "plate"), "wells")),
    ...paths(field(field(ome, "well"), "images")),
    ...paths(field(ome, "labels")),
  ].filter((path) => typeof path === "string");
}

/**
 * Axes and pixel sizes of one level.
 *
 * @throws {UserError} kind `input` when there are other axes than `tczyx`
 */
export function multiscaleMeta(
  path: string,
  multiscale: Multiscale,
  key: string,
  shape: readonly number[],
): { axes: Axes; meta: SourceMeta } {
  const names = multiscale.axes.map(({ name }) => name);
  const axes = axesFromNames(names, shape.length);
  if (axes === undefined) {
    throw inputError(path, `its axes \`${names.join(" ")}\` cannot be read as ${shape.length} of t, c, z, y and x`);
  }
  const own = multiscale.levels.find((level) => level.path === key)?.scale;
  const pixelSize: Partial<Record<AxisKey, number>> = {};
  const units: Partial<Record<AxisKey, string>> = {};
  for (const [i, axis] of axes.entries()) {
    const size = (own?.[i] ?? 1) * (multiscale.scale?.[i] ?? 1);
    const unit = multiscale.axes[i]?.unit;
    // A scale of 1 without a unit only fills the place.
    if (axis === "c" || !(size > 0) || (size === 1 && unit === undefined)) continue;
    pixelSize[axis] = size;
    if (unit !== undefined) units[axis] = unit;
  }
  const known = Object.keys(pixelSize).length > 0;
  const channels = shape[axes.indexOf("c")] ?? 1;
  return {
    axes,
    meta: {
      ...(known ? { pixelSize, units } : {}),
      ...(multiscale.channelNames?.length === channels ? { channelNames: multiscale.channelNames } : {}),
    },
  };
}

function readAxes(value: unknown): Multiscale["axes"] {
  if (!Array.isArray(value)) return [...FIRST_AXES].map((name) => ({ name }));
  return value.map((axis: unknown) => {
    const name = typeof axis === "string" ? axis : field(axis, "name");
    const unit = field(axis, "unit");
    return {
      name: typeof name === "string" && isAxisKey(name) ? name : "?",
      ...(typeof unit === "string" ? { unit } : {}),
    };
  });
}

function readScale(value: unknown): { scale?: readonly number[] } {
  for (const transformation of asList(field(value, "coordinateTransformations"))) {
    const scale = field(transformation, "scale");
    if (Array.isArray(scale) && scale.every((size) => typeof size === "number")) return { scale };
  }
  return {};
}

function channelNames(omero: unknown): readonly string[] | undefined {
  const labels = asList(field(omero, "channels")).map((channel) => field(channel, "label"));
  return labels.length > 0 && labels.every((label) => typeof label === "string") ? labels : undefined;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
