/**
 * JPEG images (cli-and-io.md §4.5): gray, RGB or CMYK as stored; orientation and profiles are left aside.
 *
 * @module
 */
import { decodeJpeg, jpegInfo } from "../../ffi/jpeg.ts";
import { NativeError } from "../../ffi/native_error.ts";
import { readWhole } from "./bytes.ts";
import { decodedArray, imageHeader } from "./decoded.ts";
import { inputError } from "./input_error.ts";
import type { StoredArray } from "./types.ts";

/** More pixels than that do not fit into a byte of data, whatever the image. */
const MOST_PIXELS_A_BYTE = 1024;

/**
 * Opens a JPEG image; it is decoded at the first read.
 *
 * @throws {UserError} kind `input`
 */
export async function openJpeg(path: string): Promise<StoredArray> {
  const bytes = await readWhole(path);
  const { width, height, channels } = native(path, () => jpegInfo(bytes));
  if (width * height > bytes.length * MOST_PIXELS_A_BYTE) {
    throw inputError(path, `the header says ${width}×${height} pixels, but the file has only ${bytes.length} bytes`);
  }
  const header = imageHeader("uint8", height, width, channels);
  return decodedArray(path, header, async () => {
    try {
      return await decodeJpeg(await readWhole(path));
    } catch (thrown) {
      throw translated(path, thrown);
    }
  });
}

function native<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw translated(path, thrown);
  }
}

function translated(path: string, thrown: unknown): unknown {
  return thrown instanceof NativeError ? inputError(path, thrown.reason, { cause: thrown }) : thrown;
}
