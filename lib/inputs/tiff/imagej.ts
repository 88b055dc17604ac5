/**
 * TIFF files by ImageJ: `key=value` lines in the first description. Also its form for more than 4 GB, which has one
 * directory and all planes behind each other (cli-and-io.md §4.4.8 and 4.4.9).
 *
 * @module
 */
import { type AxisKey, elementCount, type SourceMeta } from "../../array/mod.ts";

import { consecutive, pageAxes, type PageInfo, type Series } from "./series.ts";

/** Resolution tags of a page as stored: numerator and denominator, 0 0 when absent. */
export interface Resolution {
  /** Along columns. */
  readonly x: readonly [number, number];
  /** Along rows. */
  readonly y: readonly [number, number];
}

/** Reads the description; `undefined` when it is another kind, or does not fit the pages. */
export function imagejSeries(
  description: string,
  pages: readonly PageInfo[],
  resolution: Resolution,
): Series | undefined {
  if (!description.startsWith("ImageJ=")) return undefined;
  const values = readLines(description);
  const first = pages[0] as PageInfo;
  const page = pageAxes(first);
  const count = (key: string) => {
    const number = Number(values.get(key) ?? 1);
    return Number.isSafeInteger(number) && number > 0 ? number : 1;
  };
  const stated = count("images");
  const images = stated === 1 ? pages.length : stated;
  const outer: { letter: string; size: number }[] = [
    { letter: "T", size: count("frames") },
    { letter: "Z", size: count("slices") },
  ].filter(({ size }) => size > 1);
  const channels = count("channels");
  const planesAreChannels = first.planar && first.samples === channels;
  const sofar = () => outer.reduce((product, { size }) => product * size, 1);
  if (channels > 1 && !planesAreChannels && sofar() !== images) outer.push({ letter: "C", size: channels });
  const rest = Math.floor(images / sofar());
  if (rest > 1) outer.push({ letter: "I", size: rest });
  const sizes = outer.map(({ size }) => size);
  const planes = elementCount(sizes) === images || pages.length === 1 ? consecutive(pages, sizes) : undefined;
  if (planes === undefined) return undefined;
  return {
    letters: outer.map(({ letter }) => letter).join("") + page.letters,
    page: page.letters,
    squeeze: true,
    shape: [...sizes, ...page.shape],
    ...planes,
    meta: sizesOf(values, resolution),
  };
}

function readLines(description: string): Map<string, string> {
  return new Map(
    description.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
}

/**
 * Sizes from the resolution (pixels per unit), `spacing` and `finterval`; y and z share the unit of x. Position from
 * `xorigin` and its kin, which say in pixels where 0 lies.
 */
function sizesOf(values: ReadonlyMap<string, string>, resolution: Resolution): SourceMeta {
  const pixelSize: Partial<Record<AxisKey, number>> = {};
  const units: Partial<Record<AxisKey, string>> = {};
  const origin: Partial<Record<AxisKey, number>> = {};
  const set = (axis: AxisKey, size: number | undefined, unitKey: string, shared: string | undefined) => {
    if (size === undefined || !(size > 0) || !Number.isFinite(size)) return;
    pixelSize[axis] = size;
    const zero = Number(values.get(`${axis}origin`) ?? 0);
    if (zero !== 0 && Number.isFinite(zero)) origin[axis] = -zero * size;
    const unit = unitText(values.get(unitKey) ?? shared);
    if (unit !== "") units[axis] = unit;
  };
  const number = (key: string) => values.has(key) ? Number(values.get(key)) : undefined;
  const unit = values.get("unit");
  set("x", perPixel(resolution.x), "unit", undefined);
  set("y", perPixel(resolution.y), "yunit", unit);
  set("z", number("spacing"), "zunit", unit);
  set("t", number("finterval"), "tunit", undefined);
  return {
    ...(Object.keys(pixelSize).length > 0 ? { pixelSize } : {}),
    ...(Object.keys(units).length > 0 ? { units } : {}),
    ...(Object.keys(origin).length > 0 ? { origin } : {}),
  };
}

/** Closer than this to a whole number is the whole number. */
const ROUNDING = 1e-8;

function perPixel([numerator, denominator]: readonly [number, number]): number | undefined {
  if (numerator === 0 || denominator === 0) return undefined;
  const size = denominator / numerator;
  return Math.abs(size - Math.round(size)) < ROUNDING ? Math.round(size) : size;
}

/** Decodes `\u00B5` and takes the text out of `('um',)`. */
function unitText(text: string | undefined): string {
  return (text ?? "").replace(
    /\\u([0-9a-fA-F]{4})/g,
    (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)),
  )
    .replace(/^\('(.*)',\)$/, "$1");
}
