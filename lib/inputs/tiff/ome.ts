/**
 * OME-TIFF: XML in the first description (OME schema 2016-06; cli-and-io.md §4.4).
 *
 * @module
 */
import { basename } from "@std/path";
import type { AxisKey, SourceMeta } from "../../array/mod.ts";
import { elementCount } from "../box.ts";
import { Damaged, inputError } from "../input_error.ts";
import { pageAxes, type PageInfo, type Series, severalSeries } from "./series.ts";
import { childrenOf, parseXml, type XmlElement } from "./xml.ts";

const DEFAULT_ORDER = "XYCZT";
/** Units that the schema takes when none is said. */
const DEFAULT_UNITS: Readonly<Partial<Record<AxisKey, string>>> = { x: "µm", y: "µm", z: "µm", t: "s" };
/** Attributes of the size of a pixel and of the position of a plane. */
const ATTRIBUTES: readonly (readonly [axis: AxisKey, size: string, position: string])[] = [
  ["x", "PhysicalSizeX", "PositionX"],
  ["y", "PhysicalSizeY", "PositionY"],
  ["z", "PhysicalSizeZ", "PositionZ"],
  ["t", "TimeIncrement", "DeltaT"],
];

/**
 * Reads the description; `undefined` when it is another kind or no proper XML.
 *
 * @throws {UserError} kind `input` when the series is spread over files, or there are several
 */
export function omeSeries(
  path: string,
  description: string,
  pages: readonly PageInfo[],
  warn: (message: string) => void,
): Series | undefined {
  if (!/OME>\s*\0*\s*$/.test(description)) return undefined;
  const root = parseXml(description.replaceAll("\0", ""));
  if (root?.name !== "OME") return undefined;
  if (childrenOf(root, "BinaryOnly").length > 0) {
    throw inputError(path, "its metadata lie in another file of a multi-file OME-TIFF", {
      hint: "open it in Fiji and save it as one file",
    });
  }
  const images = childrenOf(root, "Image").flatMap((image) => childrenOf(image, "Pixels"));
  const [pixels] = images;
  if (pixels === undefined) return undefined;
  if (images.length > 1) throw severalSeries(path, images.map(sizesText));
  return pixelsSeries(path, root, pixels, pages, warn);
}

function sizesText({ attributes }: XmlElement): string {
  return ["X", "Y", "Z", "C", "T"].map((letter) => `${letter} ${attributes[`Size${letter}`] ?? 1}`).join(" ");
}

function pixelsSeries(
  path: string,
  root: XmlElement,
  pixels: XmlElement,
  pages: readonly PageInfo[],
  warn: (message: string) => void,
): Series | undefined {
  const page = pages[0] as PageInfo;
  const own = pageAxes(page);
  const order = (pixels.attributes["DimensionOrder"] ?? DEFAULT_ORDER).slice(2);
  if (![..."CZT"].every((letter) => order.includes(letter)) || order.length !== 3) return undefined;
  // Channels of several samples are one plane.
  const planes = (letter: string) => count(pixels, `Size${letter}`) / (letter === "C" ? page.samples : 1);
  const outer = [...order].reverse().map((letter) => ({ letter, size: planes(letter) }));
  if (outer.some(({ size }) => !Number.isSafeInteger(size) || size < 1)) return undefined;
  const sizes = outer.map(({ size }) => size);
  if (elementCount(sizes) > MOST_PLANES) throw new Damaged(`the description claims ${elementCount(sizes)} planes`);
  const assigned = assignPages(path, root, pixels, order, sizes, pages.length);
  const missing = assigned.filter((index) => index < 0).length;
  if (missing > 0) {
    warn(`\`${path}\`: ${missing} of ${assigned.length} planes were never written and are read as zeros`);
  }
  return {
    letters: outer.map(({ letter }) => letter).join("") + own.letters,
    page: own.letters,
    squeeze: true,
    shape: [...sizes, ...own.shape],
    pages: assigned,
    follows: false,
    meta: { ...sizesOf(pixels), ...positionOf(pixels), ...channelsOf(pixels) },
  };
}

/** More planes than any real file has. */
const MOST_PLANES = 1 << 24;

function count(element: XmlElement, attribute: string): number {
  return Number(element.attributes[attribute] ?? 1);
}

/** The page of each plane, by the `TiffData` elements; in order when there are none. */
function assignPages(
  path: string,
  root: XmlElement,
  pixels: XmlElement,
  order: string,
  sizes: readonly number[],
  pageCount: number,
): number[] {
  const total = elementCount(sizes);
  const assigned = new Array<number>(total).fill(-1);
  const blocks = childrenOf(pixels, "TiffData");
  // Plane number of a position; the first letter of `order` is fastest.
  const [fast, middle] = [sizes[2] as number, sizes[1] as number];
  const strideOf: Readonly<Record<string, number>> = {
    [order[0] as string]: 1,
    [order[1] as string]: fast,
    [order[2] as string]: fast * middle,
  };
  const put = (plane: number, page: number) => {
    if (plane < total && page < pageCount) assigned[plane] = page;
  };
  if (blocks.length === 0) {
    for (let i = 0; i < total; i++) put(i, i);
    return assigned;
  }
  checkFiles(path, root, blocks);
  for (const block of blocks) {
    const first = ["C", "Z", "T"].reduce((sum, letter) => {
      return sum + Number(block.attributes[`First${letter}`] ?? 0) * (strideOf[letter] as number);
    }, 0);
    const page = Number(block.attributes["IFD"] ?? 0);
    const single = block.attributes["IFD"] !== undefined ? 1 : total;
    const planes = Math.min(Number(block.attributes["PlaneCount"] ?? single), total);
    if (![first, page, planes].every((number) => Number.isSafeInteger(number) && number >= 0)) {
      throw new Damaged("its OME metadata are damaged");
    }
    for (let i = 0; i < planes; i++) put(first + i, page + i);
  }
  return assigned;
}

/** All planes must lie in this file; a single foreign name is a file that was renamed. */
function checkFiles(path: string, root: XmlElement, blocks: readonly XmlElement[]): void {
  const uuids = blocks.flatMap((block) => childrenOf(block, "UUID"));
  const files = new Set(uuids.map((uuid) => uuid.attributes["FileName"] ?? uuid.text.trim()));
  const own = root.attributes["UUID"];
  const foreign = uuids.filter((uuid) => uuid.text.trim() !== own && uuid.attributes["FileName"] !== basename(path));
  if (files.size <= 1 || foreign.length === 0) return;
  throw inputError(
    path,
    `its planes are spread over ${files.size} files, such as \`${[...files].slice(0, 2).join("`, `")}\``,
    {
      hint: "open it in Fiji and save it as one file",
    },
  );
}

function sizesOf(pixels: XmlElement): SourceMeta {
  const pixelSize: Partial<Record<AxisKey, number>> = {};
  const units: Partial<Record<AxisKey, string>> = {};
  for (const [axis, attribute] of ATTRIBUTES) {
    const size = Number(pixels.attributes[attribute] ?? 0);
    if (!(size > 0) || !Number.isFinite(size)) continue;
    pixelSize[axis] = size;
    units[axis] = pixels.attributes[`${attribute}Unit`] ?? DEFAULT_UNITS[axis] ?? "";
  }
  return Object.keys(pixelSize).length > 0 ? { pixelSize, units } : {};
}

/** Where the first plane lies. Positions in another unit than that of the pixels say nothing that could be carried. */
function positionOf(pixels: XmlElement): SourceMeta {
  const isFirst = ({ attributes }: XmlElement) => ["TheZ", "TheT", "TheC"].every((name) => attributes[name] === "0");
  const plane = childrenOf(pixels, "Plane").find(isFirst)?.attributes ?? {};
  const origin: Partial<Record<AxisKey, number>> = {};
  for (const [axis, size, position] of ATTRIBUTES) {
    const value = Number(plane[position] ?? 0);
    const unit = plane[`${position}Unit`] ?? (axis === "t" ? DEFAULT_UNITS.t : undefined);
    const sizeUnit = pixels.attributes[`${size}Unit`] ?? DEFAULT_UNITS[axis];
    if (value !== 0 && Number.isFinite(value) && unit === sizeUnit) origin[axis] = value;
  }
  return Object.keys(origin).length > 0 ? { origin } : {};
}

function channelsOf(pixels: XmlElement): SourceMeta {
  const channels = childrenOf(pixels, "Channel");
  const names = channels.map(({ attributes }) => attributes["Name"]);
  const colors = channels.map(({ attributes }) => rgb(attributes["Color"])).filter((color) => color !== undefined);
  const some = channels.length > 0;
  return {
    ...(some && names.every((name) => name !== undefined) ? { channelNames: names } : {}),
    ...(some && colors.length === channels.length ? { classColors: colors } : {}),
  };
}

/** Red, green, blue and opacity are the bytes of one signed 32-bit number. */
function rgb(text: string | undefined): readonly [number, number, number] | undefined {
  if (text === undefined || !/^-?\d+$/.test(text)) return undefined;
  const value = Number(text) >>> 0;
  return [value >>> 24, value >>> 16 & 255, value >>> 8 & 255];
}
