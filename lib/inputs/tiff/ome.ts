/**
 * OME-TIFF: XML in the first description (OME schema 2016-06; cli-and-io.md §4.4).
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { type AxisKey, elementCount, type SourceMeta } from "../../array/mod.ts";

import { Damaged, inputError } from "../input_error.ts";
import { pageAxes, type PageInfo, type Series, severalSeries } from "./series.ts";
import { firstDescription } from "./pages.ts";
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

/** An image that an OME description tells of. */
export interface OmeImage {
  /** Its `Pixels` element. */
  readonly pixels: XmlElement;
  /** `UUID` of the file that was opened. */
  readonly uuid: string | undefined;
  /** Files beside the one that was opened which hold planes of it, absolute. They exist. */
  readonly others: readonly string[];
}

/**
 * Reads the description; `undefined` when it is another kind or no proper XML. The description of a set of files may lie
 * in another one of them.
 *
 * @throws {UserError} kind `input` when there are several series, or files of the set are missing
 */
export async function readOme(path: string, description: string): Promise<OmeImage | undefined> {
  const own = parseOme(description);
  if (own === undefined) return undefined;
  const [elsewhere] = childrenOf(own, "BinaryOnly");
  const root = elsewhere === undefined ? own : await metadataFile(path, elsewhere);
  const images = childrenOf(root, "Image").flatMap((image) => childrenOf(image, "Pixels"));
  const [pixels] = images;
  if (pixels === undefined) return undefined;
  if (images.length > 1) throw severalSeries(path, images.map(sizesText));
  const uuid = own.attributes["UUID"];
  return { pixels, uuid, others: await otherFiles(path, pixels, uuid) };
}

/** The root of an OME document. */
function parseOme(text: string): XmlElement | undefined {
  if (!/OME>\s*\0*\s*$/.test(text)) return undefined;
  const root = parseXml(text.replaceAll("\0", ""));
  return root?.name === "OME" ? root : undefined;
}

async function metadataFile(path: string, { attributes }: XmlElement): Promise<XmlElement> {
  const name = attributes["MetadataFile"] ?? "";
  const file = join(dirname(path), name);
  const hint = "the files of a multi-file OME-TIFF must lie in one folder";
  const text = /\.tiff?$/i.test(name) ? await firstDescription(file) : await readText(file);
  if (text === undefined) throw inputError(path, `its metadata lie in \`${name}\`, which is not there`, { hint });
  const root = parseOme(text);
  if (root === undefined) throw inputError(file, `it holds no OME metadata, which \`${basename(path)}\` expects there`);
  return root;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
}

/** Name that a `TiffData` element gives to the file of its planes; empty for the file itself. */
function fileName(block: XmlElement, path: string, uuid: string | undefined): string {
  const [file] = childrenOf(block, "UUID");
  const name = file?.attributes["FileName"] ?? file?.text.trim() ?? "";
  return name === basename(path) || (file !== undefined && file.text.trim() === uuid) ? "" : name;
}

/** Names of the files of the planes, without the file itself. A single foreign name is a file that was renamed. */
function otherNames(path: string, pixels: XmlElement, uuid: string | undefined): readonly string[] {
  const names = new Set(childrenOf(pixels, "TiffData").map((block) => fileName(block, path, uuid)));
  return names.size <= 1 ? [] : [...names].filter((name) => name !== "");
}

async function otherFiles(path: string, pixels: XmlElement, uuid: string | undefined): Promise<readonly string[]> {
  const names = otherNames(path, pixels, uuid);
  const files = names.map((name) => join(dirname(path), name));
  const there = await Promise.all(files.map((file) => Deno.stat(file).then(({ isFile }) => isFile, () => false)));
  const missing = names.filter((_, i) => !there[i]);
  if (missing.length === 0) return files;
  const some = missing.slice(0, 3).join("`, `");
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  throw inputError(
    path,
    `its planes are spread over ${names.length + 1} files, but \`${some}\`${more} cannot be found`,
    {
      hint: "all files of a multi-file OME-TIFF must lie in one folder, under the names that they were saved with",
    },
  );
}

/**
 * The series of an image.
 *
 * @param files pages of the file that was opened and of the image's other files, in their order. The series numbers all
 *   pages through.
 */
export function omeSeries(
  path: string,
  image: OmeImage,
  files: readonly (readonly PageInfo[])[],
  warn: (message: string) => void,
): Series | undefined {
  const { pixels } = image;
  const page = files[0]?.[0] as PageInfo;
  const own = pageAxes(page);
  const order = (pixels.attributes["DimensionOrder"] ?? DEFAULT_ORDER).slice(2);
  if (![..."CZT"].every((letter) => order.includes(letter)) || order.length !== 3) return undefined;
  // Channels of several samples are one plane.
  const planes = (letter: string) => count(pixels, `Size${letter}`) / (letter === "C" ? page.samples : 1);
  const outer = [...order].reverse().map((letter) => ({ letter, size: planes(letter) }));
  if (outer.some(({ size }) => !Number.isSafeInteger(size) || size < 1)) return undefined;
  const sizes = outer.map(({ size }) => size);
  if (elementCount(sizes) > MOST_PLANES) throw new Damaged(`the description claims ${elementCount(sizes)} planes`);
  const assigned = assignPages(path, image, order, sizes, files.map((pages) => pages.length));
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

function sizesText({ attributes }: XmlElement): string {
  return ["X", "Y", "Z", "C", "T"].map((letter) => `${letter} ${attributes[`Size${letter}`] ?? 1}`).join(" ");
}

/** More planes than any real file has. */
const MOST_PLANES = 1 << 24;

function count(element: XmlElement, attribute: string): number {
  return Number(element.attributes[attribute] ?? 1);
}

/** The page of each plane, by the `TiffData` elements; in order when there are none. */
function assignPages(
  path: string,
  { pixels, uuid }: OmeImage,
  order: string,
  sizes: readonly number[],
  pageCounts: readonly number[],
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
  let pages = 0;
  const firstPages = pageCounts.map((count) => (pages += count) - count);
  const put = (plane: number, file: number, page: number) => {
    if (plane < total && page < (pageCounts[file] as number)) assigned[plane] = (firstPages[file] as number) + page;
  };
  if (blocks.length === 0) {
    for (let i = 0; i < total; i++) put(i, 0, i);
    return assigned;
  }
  const others = new Map(otherNames(path, pixels, uuid).map((name, i) => [name, i + 1]));
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
    // Without other files a foreign name is that of the file itself.
    const file = others.get(fileName(block, path, uuid)) ?? 0;
    for (let i = 0; i < planes; i++) put(first + i, file, page + i);
  }
  return assigned;
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
