/**
 * The table of output formats.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { BMP } from "./bmp.ts";
import { DVID_FORMAT } from "./dvid.ts";
import { GIF } from "./gif.ts";
import { HDF5_FORMATS } from "./hdf5.ts";
import { HDR } from "./hdr.ts";
import { type ImageCodec, imageFormats } from "./image_format.ts";
import { JPEG_FORMATS } from "./jpeg.ts";
import { MULTIPAGE_TIFF_FORMATS } from "./multipage_tiff.ts";
import { N5_FORMATS } from "./n5.ts";
import { NUMPY_FORMAT } from "./numpy.ts";
import { OME_ZARR_FORMATS } from "./ome_zarr.ts";
import { PNG } from "./png.ts";
import { PNM_FORMATS } from "./pnm.ts";
import { RAS } from "./ras.ts";
import { TIFF_FORMATS } from "./tiff.ts";
import type { OutputFormat } from "./types.ts";
import { XV } from "./xv.ts";

const IMAGES: readonly ImageCodec[] = [...TIFF_FORMATS, PNG, ...JPEG_FORMATS, BMP, RAS, GIF, ...PNM_FORMATS, HDR, XV];
const IMAGE_FORMATS = IMAGES.map(imageFormats);

/** All formats, in the order of messages (cli-and-io.md §5.5). */
export const FORMATS: readonly OutputFormat[] = [
  ...HDF5_FORMATS,
  ...N5_FORMATS,
  NUMPY_FORMAT,
  ...OME_ZARR_FORMATS,
  ...MULTIPAGE_TIFF_FORMATS,
  ...IMAGE_FORMATS.map(([single]) => single),
  ...IMAGE_FORMATS.map(([, sequence]) => sequence),
  DVID_FORMAT,
];

/** Names of formats that other versions know and nobody can write from here. */
const REFUSED: readonly string[] = ["blockwise hdf5"];

/** Extensions of all formats, each with the format that a user most likely means: the one of that name if there is one. */
export const EXTENSIONS: ReadonlyMap<string, string> = new Map(
  FORMATS.filter(({ sequence, extension }) => !sequence && extension !== "")
    .toSorted((a, b) => Number(a.name === a.extension) - Number(b.name === b.extension))
    .map(({ name, extension }) => [extension, name]),
);

/**
 * Finds a format by name or alias; case, `_` and `-` do not matter.
 *
 * @throws {UserError} kind `usage` with the list and the nearest name
 */
export function findFormat(text: string): OutputFormat {
  const key = plain(text);
  const found = FORMATS.find(({ name, aliases }) => [name, ...aliases].some((known) => plain(known) === key));
  if (found !== undefined) return found;
  const names = FORMATS.map(({ name }) => name);
  if (REFUSED.includes(key)) {
    throw new UserError("usage", `--output_format: ${key} is not supported`, { hint: "use hdf5 or compressed hdf5" });
  }
  const near = nearest(key, names);
  throw new UserError("usage", `--output_format: unknown format \`${text}\``, {
    hint: `${near === undefined ? "" : `did you mean \`${near}\`? `}choose from ${names.join(", ")}`,
  });
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]+/g, " ").trim();
}

/** The name that shares most pairs of letters with `key`, if any shares more than a third. */
function nearest(key: string, names: readonly string[]): string | undefined {
  const pairs = (text: string) => new Set(Array.from({ length: text.length - 1 }, (_, i) => text.slice(i, i + 2)));
  const wanted = pairs(key);
  const likeness = (name: string) => {
    const own = pairs(plain(name));
    return 2 * own.intersection(wanted).size / (own.size + wanted.size);
  };
  const [best] = names.toSorted((a, b) => likeness(b) - likeness(a));
  return best !== undefined && likeness(best) > 1 / 3 ? best : undefined;
}
