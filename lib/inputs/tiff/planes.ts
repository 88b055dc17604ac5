/**
 * Pixels of a page: through libtiff, or straight from the file when they lie there unpacked.
 *
 * @module
 */
import { NativeError, type TiffBox, type TiffFile, type TiffPage } from "../../../ffi/tiff.ts";
import { type Dtype, dtypeInfo } from "../../array/mod.ts";
import { boxShape, rowMajorStrides } from "../box.ts";
import { type ByteFile, openBytes } from "../bytes.ts";
import { inputError } from "../input_error.ts";
import { type FileLayout, readLayout } from "../strided_file.ts";
import type { StoredBlock } from "../types.ts";

/** Reads a box of a page, in the order of the axes that the page has. */
export type PlaneReader = (
  page: TiffPage,
  start: readonly number[],
  stop: readonly number[],
  signal?: AbortSignal,
) => Promise<StoredBlock>;

/** Open planes. */
export interface Planes {
  /** Reads one. */
  readonly read: PlaneReader;
  /** Closes their file. */
  close(): Promise<void>;
}

/**
 * Opens pages of one file for reading: straight from the file where all of them are plain, else through libtiff.
 *
 * @param file closed with the planes
 * @param pages those that may be read
 * @param letters axes of a page
 * @throws {UserError} kind `input` when the file ends before its pages do; the file is closed then
 */
export async function openPlanes(
  path: string,
  file: TiffFile,
  pages: readonly TiffPage[],
  letters: string,
  dtype: Dtype,
): Promise<Planes> {
  try {
    const plain = pages.every((page) => isPlain(page, dtype));
    const raw = plain ? await openRaw(path, pages.map((page) => ({ page, bytes: page.storedBytes }))) : undefined;
    const read = raw === undefined ? packedPlanes(path, file, letters) : plainPlanes(raw, letters, dtype);
    return { read, close: () => closeBoth(raw, file) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether the elements of a page lie in the file one after the other, as they are in memory but for the byte order. */
export function isPlain(page: TiffPage, dtype: Dtype): boolean {
  const bytes = dtypeInfo(dtype).bytes;
  return page.contiguous && page.dtype === dtype && page.bits === 8 * bytes &&
    page.storedBytes === page.width * page.height * page.samples * bytes;
}

/** Where a page begins and how its numbers are stored. */
export function layoutOf(page: TiffPage, dtype: Dtype): Omit<FileLayout, "strides"> {
  return { dtype, littleEndian: !page.bigEndian, offset: page.firstData };
}

/**
 * The file as bytes, when all pages are inside.
 *
 * @throws {UserError} kind `input` when the file ends before
 */
export async function openRaw(
  path: string,
  needed: readonly { readonly page: TiffPage; readonly bytes: number }[],
): Promise<ByteFile> {
  const raw = await openBytes(path);
  const cut = needed.find(({ page, bytes }) => page.firstData + bytes > raw.size);
  if (cut === undefined) return raw;
  await raw.close();
  const end = cut.page.firstData + cut.bytes;
  throw inputError(path, `page ${cut.page.index} is truncated: the file has ${raw.size} bytes, ${end} are needed`);
}

/** Closes the bytes and the file of libtiff. */
export async function closeBoth(raw: ByteFile | undefined, file: TiffFile): Promise<void> {
  await raw?.close();
  await file.close();
}

/** Reads unpacked pages straight from the file. */
function plainPlanes(raw: ByteFile, letters: string, dtype: Dtype): PlaneReader {
  return (page, start, stop, signal) => {
    const sizes: Readonly<Record<string, number>> = { Y: page.height, X: page.width, S: page.samples };
    const strides = rowMajorStrides([...letters].map((letter) => sizes[letter] as number));
    return readLayout(raw, { ...layoutOf(page, dtype), strides }, start, stop, signal);
  };
}

/** Reads pages through libtiff, which gives `y x sample` whatever the page has. */
function packedPlanes(path: string, file: TiffFile, letters: string): PlaneReader {
  return async (page, start, stop) => {
    const shape = boxShape(start, stop);
    const range = (letter: string): readonly [number, number] => {
      const at = letters.indexOf(letter);
      return at < 0 ? [0, 1] : [start[at] as number, stop[at] as number];
    };
    const size = (letter: string) => shape[letters.indexOf(letter)] ?? 1;
    const box: TiffBox = { y: range("Y"), x: range("X"), samples: range("S") };
    const data = await native(path, () => file.read(page, box), page.index);
    const strideOf: Readonly<Record<string, number>> = { Y: size("X") * size("S"), X: size("S"), S: 1 };
    return { data, offset: 0, strides: [...letters].map((letter) => strideOf[letter] as number) };
  };
}

/** Runs a call of libtiff; its errors become errors about the file, and the page when one is given. */
export async function native<T>(path: string, action: () => Promise<T>, page?: number): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof NativeError)) throw thrown;
    const reason = reasonText(thrown.reason);
    throw inputError(path, page === undefined ? reason : `page ${page}: ${reason}`, { cause: thrown });
  }
}

/** Calls of libtiff that reach beyond the end of the file. */
const TRUNCATED = /^(?:Read|Seek) error|fetching directory/;

/** libtiff's words without its source file and a scanline that is none; what it means where that is not plain. */
function reasonText(reason: string): string {
  const words = reason.replace(/^\S+\.c:\d+: (?:.*: )?/, "").replace(/ at scanline 4294967295/, "");
  return TRUNCATED.test(words) ? `the file is truncated or damaged (${words})` : words;
}
