/**
 * What the first image series of a TIFF file is: its shape, axes and pages (cli-and-io.md §4.4.1 to 4.4.4).
 *
 * @module
 */
import { type Axes, elementCount, isAxisKey, type SourceMeta, type UserError } from "../../array/mod.ts";

import { defaultAxes } from "../default_axes.ts";
import { inputError } from "../input_error.ts";
import { shapeText } from "../reader.ts";

/** What a series needs to know of a page. */
export interface PageInfo {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Values per pixel. */
  readonly samples: number;
  /** Samples lie in planes of their own. */
  readonly planar: boolean;
  /** Bits per value. */
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point, 4 undefined. */
  readonly sampleFormat: number;
  /** Uncompressed, strips one after the other: planes without a directory may follow. */
  readonly contiguous: boolean;
}

/** A series before its axes are settled. Letters: `T Z C Y X`, `S` samples, `I` unnamed sequence, `Q` unknown. */
export interface Series {
  /** Slowest first; pages first, then the axes of a page. */
  readonly letters: string;
  /** The axes of a page as they lie in it: `YX`, `YXS` (also for a last axis of size 1), `SYX`. */
  readonly page: string;
  /** Whether axes of size 1 are dropped. */
  readonly squeeze: boolean;
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
  /** Page of each plane, in C order of the axes that are not those of a page; -1 for planes that were never written. */
  readonly pages: readonly number[];
  /** Planes after the first have no page but lie behind it in the file. */
  readonly follows: boolean;
  /** What is known beside the pixels. */
  readonly meta: SourceMeta;
}

/** A series with axes of the program. */
export interface SettledSeries {
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
  /** Axes in the order of the file. */
  readonly axes: Axes;
  /** Whether the file names its axes itself. */
  readonly axesExplicit: boolean;
}

/** Letters and shape of a page. */
export function pageAxes(page: PageInfo): { letters: string; shape: readonly number[] } {
  const plane = [page.height, page.width];
  if (page.samples === 1) return { letters: "YX", shape: plane };
  return page.planar
    ? { letters: "SYX", shape: [page.samples, ...plane] }
    : { letters: "YXS", shape: [...plane, page.samples] };
}

/** Whether two pages can be planes of one series. */
export function samePage(a: PageInfo, b: PageInfo): boolean {
  return a.width === b.width && a.height === b.height && a.samples === b.samples && a.planar === b.planar &&
    a.bits === b.bits && a.sampleFormat === b.sampleFormat;
}

/**
 * Pages without any description: all of them are one unnamed sequence.
 *
 * @throws {UserError} kind `input` when they are not alike
 */
export function plainSeries(path: string, pages: readonly PageInfo[]): Series {
  const first = pages[0] as PageInfo;
  const odd = pages.findIndex((page) => !samePage(page, first));
  if (odd > 0) {
    throw severalSeries(path, [first, pages[odd] as PageInfo].map((page) => shapeText(pageAxes(page).shape)));
  }
  const page = pageAxes(first);
  const [letters, shape] = pages.length === 1
    ? [page.letters, page.shape]
    : [`I${page.letters}`, [pages.length, ...page.shape]];
  return {
    letters,
    page: page.letters,
    squeeze: false,
    shape,
    pages: pages.map((_, i) => i),
    follows: false,
    meta: {},
  };
}

/** The error for files with more than one series. */
export function severalSeries(path: string, series: readonly string[]): UserError {
  return inputError(path, `it holds several series of images (${series.join(", ")}), only one can be read`, {
    hint: "save the wanted one alone, or convert the file to OME-Zarr and choose a scale",
  });
}

/** Axes that are never dropped. */
const KEPT = "YX";

/**
 * Drops axes of size 1 where that is the rule, names the rest with the program's letters.
 *
 * @throws {UserError} kind `input` when there are axes that the program does not have, or too many
 */
export function settle(path: string, series: Series): SettledSeries {
  const kept = [...series.letters].flatMap((letter, i) =>
    !series.squeeze || KEPT.includes(letter) || (series.shape[i] as number) > 1
      ? [{ letter, size: series.shape[i] as number }]
      : []
  );
  const shape = kept.map(({ size }) => size);
  const letters = kept.map(({ letter }) => letter === "S" ? "C" : letter).join("");
  if (letters.includes("Q")) {
    const axes = defaultAxes(shape);
    if (axes === undefined) throw tooMany(path, shape);
    return { shape, axes, axesExplicit: false };
  }
  const free = (["t", "z", "c"] as const).find((axis) => !letters.toLowerCase().includes(axis));
  const names = [...letters].map((letter) => letter === "I" ? free ?? "i" : letter.toLowerCase());
  if (!names.every(isAxisKey) || new Set(names).size !== names.length) {
    throw inputError(path, `its axes \`${letters}\` (${shapeText(shape)}) cannot be read as t, z, y, x and c`);
  }
  return { shape, axes: names, axesExplicit: true };
}

function tooMany(path: string, shape: readonly number[]): UserError {
  return inputError(path, `it has ${shape.length} dimensions (${shapeText(shape)}), 5 are possible`);
}

/** Pages in order, when there are as many as planes; what follows the only page, when there is only one. */
export function consecutive(
  pages: readonly PageInfo[],
  outer: readonly number[],
): Pick<Series, "pages" | "follows"> | undefined {
  const planes = elementCount(outer);
  const [first] = pages;
  if (first === undefined) return undefined;
  if (pages.length >= planes && pages.slice(0, planes).every((page) => samePage(page, first))) {
    return { pages: Array.from({ length: planes }, (_, i) => i), follows: false };
  }
  if (pages.length === 1 && first.contiguous) {
    return { pages: Array.from({ length: planes }, () => 0), follows: true };
  }
  return undefined;
}
