/**
 * NumPy arrays, `.npy` (cli-and-io.md §4.6). The header is read when opened, elements by region.
 * Format: the description of the npy format in NumPy's documentation, versions 1 to 3.
 *
 * @module
 */
import { type Dtype, elementCount } from "../array/mod.ts";
import { rowMajorStrides } from "./box.ts";
import { type ByteFile, hasAscii, openBytes } from "./bytes.ts";
import { defaultAxes, naturalChunk } from "./default_axes.ts";
import { inputError } from "./input_error.ts";
import { checkShape } from "./reader.ts";
import { type FileLayout, readLayout } from "./strided_file.ts";
import type { StoredArray } from "./types.ts";

/** What the header of a `.npy` file says. */
export interface NpyHeader extends FileLayout {
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
  /** Position behind the last element. */
  readonly end: number;
}

/** What a `.npy` file begins with, in Latin-1. */
export const NPY_MAGIC = "\x93NUMPY";
/** Signature, version, and the longest length field. */
const PREFIX = 12;
/** Longer headers belong to structured types, which are refused anyway. */
const LONGEST_HEADER = 1 << 20;

/** Kind and bytes of an element as NumPy writes them, and our name. */
const DTYPES: Readonly<Record<string, Dtype>> = {
  b1: "bool",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/**
 * Opens a `.npy` file.
 *
 * @throws {UserError} kind `input`
 */
export async function openNpy(path: string): Promise<StoredArray> {
  const file = await openBytes(path);
  try {
    const header = await readNpyHeader(file);
    return { ...layoutArray(file, header.shape, header), tileRecord: () => readTileRecord(file, header) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The text behind the array, stored as an array of bytes. */
async function readTileRecord(file: ByteFile, { end }: NpyHeader): Promise<string | undefined> {
  const rest: ByteFile = { ...file, size: file.size - end, read: (start, length) => file.read(end + start, length) };
  if (rest.size < PREFIX || !hasAscii(await rest.read(0, PREFIX), NPY_MAGIC)) return undefined;
  const header = await readNpyHeader(rest);
  return new TextDecoder().decode(await rest.read(header.offset, elementCount(header.shape)));
}

/**
 * An array that lies in a file with constant strides and has no names for its axes.
 *
 * @throws {UserError} kind `input` when the shape cannot be an input
 */
export function layoutArray(file: ByteFile, shape: readonly number[], layout: FileLayout): StoredArray {
  checkShape(file.path, shape);
  return {
    shape,
    dtype: layout.dtype,
    axes: defaultAxes(shape) ?? [],
    axesExplicit: false,
    imageFile: false,
    chunk: naturalChunk(shape, layout.dtype),
    meta: {},
    read: (start, stop, signal) => readLayout(file, layout, start, stop, signal),
    close: () => file.close(),
  };
}

/**
 * Reads the header and checks that the file is long enough.
 *
 * @throws {UserError} kind `input`
 */
export async function readNpyHeader(file: ByteFile): Promise<NpyHeader> {
  const prefix = await file.read(0, Math.min(PREFIX, file.size));
  if (!hasAscii(prefix, NPY_MAGIC) || prefix.length < PREFIX) {
    throw inputError(file.path, "it is not a NumPy array file");
  }
  const view = new DataView(prefix.buffer);
  const version = view.getUint8(6);
  const [fieldBytes, length] = version === 1 ? [2, view.getUint16(8, true)] : [4, view.getUint32(8, true)];
  if (length > LONGEST_HEADER) throw inputError(file.path, "the header is damaged");
  const start = 8 + fieldBytes;
  const text = new TextDecoder().decode(await file.read(start, length));
  const header = parseHeader(file.path, text, start + length);
  const end = header.offset + elementCount(header.shape) * elementBytes(header.dtype);
  if (file.size < end) {
    throw inputError(file.path, `it is truncated: it has ${file.size} bytes, ${end} are needed`);
  }
  return { ...header, end };
}

function elementBytes(dtype: Dtype): number {
  return Number(Object.entries(DTYPES).find(([, name]) => name === dtype)?.[0].slice(1));
}

function parseHeader(path: string, text: string, offset: number): Omit<NpyHeader, "end"> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(text)?.[1];
  if (descr === undefined && /'descr'\s*:\s*\[/.test(text)) {
    throw inputError(path, "it holds structured records, only plain numbers can be read");
  }
  if (descr === undefined || fortran === undefined || sizes === undefined) {
    throw inputError(path, "the header is damaged");
  }
  const dtype = DTYPES[descr.replace(/^[<>=|]/, "")];
  if (dtype === undefined) {
    throw inputError(path, `it holds elements of type \`${descr}\`, only plain numbers can be read`);
  }
  const shape = sizes.split(",").map((size) => size.replace("L", "").trim()).filter((size) => size !== "").map(Number);
  if (!Number.isSafeInteger(elementCount(shape) * 8)) throw inputError(path, "the header is damaged");
  const strides = fortran === "True" ? rowMajorStrides(shape.toReversed()).reverse() : rowMajorStrides(shape);
  return { shape, dtype, littleEndian: !descr.startsWith(">"), offset, strides };
}
