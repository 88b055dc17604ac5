/**
 * TIFF files with tifffile's own description: JSON with the shape, sometimes with axes.
 *
 * @module
 */

import { elementCount } from "../../array/mod.ts";
import { shapeText } from "../reader.ts";
import { consecutive, pageAxes, type PageInfo, type Series, severalSeries } from "./series.ts";

/**
 * Reads the description; `undefined` when it is another kind, or does not fit the pages.
 *
 * @throws {UserError} kind `input` when pages are left over: each call of tifffile's writer begins a series of its own
 */
export function shapedSeries(path: string, description: string, pages: readonly PageInfo[]): Series | undefined {
  if (!/^\s*\{\s*"shape"/.test(description)) return undefined;
  const value = parseJson(description);
  const { shape, axes } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const first = pages[0] as PageInfo;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size > 0)) return undefined;
  const sizes = shape as number[];
  const own = pageAxes(first);
  const candidates = [own, ...(own.letters === "YX" ? [{ letters: "YXS", shape: [...own.shape, 1] }] : [])];
  const page = candidates.find((candidate) => endsWith(sizes, candidate.shape));
  if (page === undefined) return undefined;
  const outer = sizes.slice(0, sizes.length - page.shape.length);
  const planes = consecutive(pages, outer);
  if (planes === undefined) return undefined;
  const next = planes.follows ? undefined : pages[elementCount(outer)];
  if (next !== undefined) throw severalSeries(path, [shapeText(sizes), shapeText(pageAxes(next).shape)]);
  const unnamed = "Q".repeat(outer.length) + (page === own ? own.letters : "YXQ");
  const named = typeof axes === "string" && axes.length === sizes.length ? axes.toUpperCase() : undefined;
  return { letters: named ?? unnamed, page: page.letters, squeeze: false, shape: sizes, ...planes, meta: {} };
}

function endsWith(sizes: readonly number[], tail: readonly number[]): boolean {
  const from = sizes.length - tail.length;
  return from >= 0 && tail.every((size, i) => size === sizes[from + i]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
