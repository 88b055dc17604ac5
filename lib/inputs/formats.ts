/**
 * The table of input formats (cli-and-io.md §4.1 and §4.2).
 *
 * @module
 */
import { extname } from "@std/path";
import { openBmp } from "./bmp.ts";
import { hasAscii, readHead } from "./bytes.ts";
import { type ContainerKind, containerKind } from "./container.ts";
import { openGif } from "./gif.ts";
import { listHdf5, openHdf5 } from "./hdf5.ts";
import { inputError } from "./input_error.ts";
import { openJpeg } from "./jpeg.ts";
import { isUrl } from "./key_store.ts";
import { listN5, openN5 } from "./n5.ts";
import { openNpy } from "./npy.ts";
import { listNpz, openNpz } from "./npz.ts";
import { openPng, PNG_SIGNATURE } from "./png.ts";
import { isPnm, openPnm } from "./pnm.ts";
import { openRadiance } from "./radiance.ts";
import { openRawBinary } from "./raw_binary.ts";
import type { Listed, OpenArray } from "./reader.ts";
import { openSunRaster, SUN_MAGIC } from "./sun_raster.ts";
import { openTiff } from "./tiff/open.ts";
import { openViff } from "./viff.ts";

/** One format. */
export interface InputFormat {
  /** For messages: "a PNG image". */
  readonly name: string;
  /** Lower-case, with the dot. */
  readonly extensions: readonly string[];
  /** Whether the first bytes of a file are of this format; without it only the extension tells. */
  readonly matches?: (head: Uint8Array) => boolean;
  /** Set for formats that are folders. */
  readonly folder?: ContainerKind;
  /** Opens it. */
  readonly open: OpenArray;
  /** The arrays inside, for inner patterns; without it the file is one array. */
  readonly list?: (path: string) => Promise<readonly Listed[]>;
}

/** An HDF5 file may begin with a user block of a power of two bytes. */
const HDF5_PLACES = [0, 512, 1024, 2048];
const HEAD_BYTES = 2056;
/** Byte order and version: classic and BigTIFF. */
const TIFF_SIGNATURES = ["II*\0", "MM\0*", "II+\0", "MM\0+"];
const HDF5_SIGNATURE = "\x89HDF\r\n\x1a\n";

/** All formats that are read, in order of trial. */
export const FORMATS: readonly InputFormat[] = [
  {
    name: "an HDF5 file",
    extensions: [".h5", ".hdf5", ".ilp"],
    matches: (head) => HDF5_PLACES.some((place) => hasAscii(head, HDF5_SIGNATURE, place)),
    open: openHdf5,
    list: listHdf5,
  },
  {
    name: "a Zarr store",
    extensions: [".zarr"],
    folder: "zarr",
    // Loaded when needed: the codecs would cost every start.
    open: async (path, inner, context) => (await import("./zarr/open.ts")).openZarr(path, inner, context),
    list: async (path) => (await import("./zarr/open.ts")).listZarr(path),
  },
  {
    name: "an N5 store",
    extensions: [".n5"],
    folder: "n5",
    open: openN5,
    list: listN5,
  },
  {
    name: "a NumPy array",
    extensions: [".npy"],
    matches: (head) => hasAscii(head, "\x93NUMPY"),
    open: openNpy,
  },
  {
    name: "a NumPy archive",
    extensions: [".npz"],
    matches: (head) => hasAscii(head, "PK\x03\x04") || hasAscii(head, "PK\x05\x06"),
    open: openNpz,
    list: listNpz,
  },
  {
    name: "a PNG image",
    extensions: [".png"],
    matches: (head) => hasAscii(head, PNG_SIGNATURE),
    open: openPng,
  },
  {
    name: "a TIFF image",
    extensions: [".tif", ".tiff", ".btf", ".tf8", ".tf2"],
    matches: (head) => TIFF_SIGNATURES.some((signature) => hasAscii(head, signature)),
    open: openTiff,
  },
  {
    name: "a JPEG image",
    extensions: [".jpg", ".jpeg", ".jpe", ".jfif"],
    matches: (head) => hasAscii(head, "\xff\xd8\xff"),
    open: openJpeg,
  },
  {
    name: "a BMP image",
    extensions: [".bmp", ".dib"],
    matches: (head) => hasAscii(head, "BM"),
    open: openBmp,
  },
  {
    name: "a GIF image",
    extensions: [".gif"],
    matches: (head) => hasAscii(head, "GIF8"),
    open: openGif,
  },
  {
    name: "a PNM image",
    extensions: [".pnm", ".pgm", ".ppm", ".pbm"],
    matches: isPnm,
    open: openPnm,
  },
  {
    name: "a Sun raster image",
    extensions: [".ras"],
    matches: (head) => hasAscii(head, SUN_MAGIC),
    open: openSunRaster,
  },
  {
    name: "a Radiance picture",
    extensions: [".hdr"],
    matches: (head) => hasAscii(head, "#?R"),
    open: openRadiance,
  },
  {
    name: "a Khoros image",
    extensions: [".xv", ".viff"],
    matches: (head) => hasAscii(head, "\xab\x01"),
    open: openViff,
  },
  {
    name: "raw numbers",
    extensions: [".raw", ".dat", ".bin"],
    open: openRawBinary,
  },
];

/** What to do with files that people have and that are not read. */
const CONVERT = "convert it to HDF5, TIFF or OME-Zarr, for example with Fiji or bioformats2raw";
const KNOWN_UNSUPPORTED: readonly string[] = [
  ".czi",
  ".nd2",
  ".lif",
  ".oib",
  ".oif",
  ".vsi",
  ".svs",
  ".mrc",
  ".nii",
  ".dcm",
  ".jp2",
  ".exr",
  ".webp",
  ".klb",
  ".ufmf",
  ".mmf",
  ".json",
  ".dvidvol",
  ".avi",
  ".mp4",
  ".xml",
];

/**
 * Chooses the reader of a file or folder: by extension, checked against the first bytes; by the bytes alone when the
 * extension is unknown or contradicts them.
 *
 * @throws {UserError} kind `input` when no format fits
 */
export async function chooseFormat(path: string, warn: (message: string) => void): Promise<InputFormat> {
  if (isUrl(path) || (await Deno.stat(path)).isDirectory) return chooseFolder(path);
  const extension = extname(path).toLowerCase();
  const named = FORMATS.find(({ extensions, folder }) => folder === undefined && extensions.includes(extension));
  if (named !== undefined && named.matches === undefined) return named;
  const head = await readHead(path, HEAD_BYTES);
  if (named?.matches?.(head) === true) return named;
  const seen = FORMATS.find(({ matches }) => matches?.(head) === true);
  if (seen !== undefined) {
    if (named !== undefined) warn(`\`${path}\` is not ${named.name} but ${seen.name}, and is read as such`);
    return seen;
  }
  if (named !== undefined) {
    throw inputError(path, head.length === 0 ? "the file is empty" : `it is not ${named.name}${looksLike(head)}`);
  }
  throw inputError(path, "the format is not recognized", {
    hint: KNOWN_UNSUPPORTED.includes(extension) ? CONVERT : `known are ${extensionsText()}`,
  });
}

async function chooseFolder(path: string): Promise<InputFormat> {
  const kind = await containerKind(path);
  const format = FORMATS.find(({ folder }) => kind !== undefined && folder === kind);
  if (format !== undefined) return format;
  if (isUrl(path)) {
    throw inputError(path, "there is no Zarr or N5 store at this address", {
      hint: "download it first if it is another kind of file",
    });
  }
  throw inputError(path, "it is a folder", {
    hint: `for a stack of its files write a quoted pattern: '${path}/*.png'`,
  });
}

function looksLike(head: Uint8Array): string {
  const text = head.every((byte) => byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
  return text ? " but text" : "";
}

function extensionsText(): string {
  return FORMATS.flatMap(({ extensions }) => extensions).join(" ");
}
