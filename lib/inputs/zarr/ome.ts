/**
 * OME-Zarr metadata, versions 0.1 to 0.5 (NGFF specification; cli-and-io.md §4.8).
 *
 * @module
 */
import { type Axes, type AxisKey, isAxisKey, type SourceMeta } from "../../array/mod.ts";
import { axesFromNames } from "../default_axes.ts";
import { inputError } from "../input_error.ts";

/** Where the pixels of an array lie: `position = index · scale + translation`, axis by axis in the order of the file. */
export interface Placement {
  /** Size of a pixel. */
  readonly scale?: readonly number[];
  /** Position of the first pixel. */
  readonly translation?: readonly number[];
}

/** A multi-scale image. Its own placement is applied after that of the level. */
export interface Multiscale extends Placement {
  /** Axes in the order of the file. */
  readonly axes: readonly { readonly name: string; readonly unit?: string }[];
  /** Resolutions, finest first. */
  readonly levels: readonly ({ readonly path: string } & Placement)[];
  /** Names and colours of the channels, in order. */
  readonly channels: Pick<SourceMeta, "channelNames" | "classColors">;
}

/** Axes of versions that do not name them. */
const FIRST_AXES = "tczyx";

/** The multi-scale images of a group, by its attributes. */
export function readMultiscales(attributes: unknown): readonly Multiscale[] {
  const ome = field(attributes, "ome") ?? attributes;
  const list = field(ome, "multiscales");
  if (!Array.isArray(list)) return [];
  const channels = readChannels(field(ome, "omero"));
  return list.map((entry: unknown) => ({
    axes: readAxes(field(entry, "axes")),
    levels: asList(field(entry, "datasets")).flatMap((level) => {
      const path = field(level, "path");
      return typeof path === "string" ? [{ path: path.replace(/^\/+|\/+$/g, ""), ...readPlacement(level) }] : [];
    }),
    ...readPlacement(entry),
    channels,
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
 * Axes, pixel sizes and position of one level.
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
  const own = multiscale.levels.find((level) => level.path === key);
  const pixelSize: Partial<Record<AxisKey, number>> = {};
  const units: Partial<Record<AxisKey, string>> = {};
  const origin: Partial<Record<AxisKey, number>> = {};
  for (const [i, axis] of axes.entries()) {
    const common = multiscale.scale?.[i] ?? 1;
    const size = (own?.scale?.[i] ?? 1) * common;
    const position = (own?.translation?.[i] ?? 0) * common + (multiscale.translation?.[i] ?? 0);
    const unit = multiscale.axes[i]?.unit;
    if (axis === "c" || !(size > 0)) continue;
    if (position !== 0) origin[axis] = position;
    // A scale of 1 without a unit only fills the place.
    if (size === 1 && unit === undefined) continue;
    pixelSize[axis] = size;
    if (unit !== undefined) units[axis] = unit;
  }
  const known = Object.keys(pixelSize).length > 0;
  const count = shape[axes.indexOf("c")] ?? 1;
  const { channelNames, classColors } = multiscale.channels;
  return {
    axes,
    meta: {
      ...(known ? { pixelSize, units } : {}),
      ...(Object.keys(origin).length > 0 ? { origin } : {}),
      ...(channelNames?.length === count ? { channelNames } : {}),
      ...(classColors?.length === count ? { classColors } : {}),
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

function readPlacement(value: unknown): Placement {
  const steps = asList(field(value, "coordinateTransformations"));
  const numbers = (name: string) =>
    steps.map((step) => field(step, name)).find((list): list is number[] =>
      Array.isArray(list) && list.every((number) => Number.isFinite(number))
    );
  const [scale, translation] = [numbers("scale"), numbers("translation")];
  return { ...(scale === undefined ? {} : { scale }), ...(translation === undefined ? {} : { translation }) };
}

function readChannels(omero: unknown): Multiscale["channels"] {
  const channels = asList(field(omero, "channels"));
  const names = channels.map((channel) => field(channel, "label"));
  const colors = channels.map((channel) => rgb(field(channel, "color"))).filter((color) => color !== undefined);
  const some = channels.length > 0;
  return {
    ...(some && names.every((name) => typeof name === "string") ? { channelNames: names } : {}),
    ...(some && colors.length === channels.length ? { classColors: colors } : {}),
  };
}

function rgb(text: unknown): readonly [number, number, number] | undefined {
  if (typeof text !== "string" || !/^[0-9a-f]{6}$/i.test(text)) return undefined;
  const part = (at: number) => Number.parseInt(text.slice(at, at + 2), 16);
  return [part(0), part(2), part(4)];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
