/**
 * Images of the small formats: a file is read and its header parsed when opened, pixels are decoded at the first read.
 *
 * @module
 */
import { type Dtype, dtypeInfo, type TypedArray } from "../array/mod.ts";
import { readWhole } from "./bytes.ts";
import { decodedArray, imageHeader } from "./decoded.ts";
import { Damaged, guarded, inputError } from "./input_error.ts";
import type { OpenArray, ReadContext } from "./reader.ts";

/** What a parsed header promises. */
export interface ImagePlan {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Values per pixel. */
  readonly channels: number;
  /** Element type. */
  readonly dtype: Dtype;
  /** The smallest number of bytes that can hold such an image; larger claims are refused before decoding. */
  readonly leastBytes: number;
  /** All samples in the order y x channel. */
  readonly decode: (bytes: Uint8Array<ArrayBuffer>) => TypedArray;
}

/** Makes a reader out of a parser of headers; what these throw as `RangeError` or `Damaged` is a damaged file. */
export function imageReader(
  parse: (bytes: Uint8Array<ArrayBuffer>, context: ReadContext) => ImagePlan,
): OpenArray {
  return async (path, _inner, context) => {
    const bytes = await readWhole(path);
    const { width, height, channels, dtype, leastBytes, decode } = await guarded(path, () => parse(bytes, context));
    if (width === 0 || height === 0) throw inputError(path, "it is empty");
    const total = width * height * channels * dtypeInfo(dtype).bytes;
    if (leastBytes > bytes.length || !Number.isSafeInteger(total)) {
      throw inputError(path, `the header says ${width}×${height} pixels, but the file has only ${bytes.length} bytes`);
    }
    const header = imageHeader(dtype, height, width, channels);
    return decodedArray(path, header, async () => decode(await readWhole(path)));
  };
}

/** The bytes from `start` on, `length` of them. */
export function slice(bytes: Uint8Array<ArrayBuffer>, start: number, length: number): Uint8Array<ArrayBuffer> {
  if (start + length > bytes.length) {
    throw new Damaged(`the file is truncated: it has ${bytes.length} bytes, ${start + length} are needed`);
  }
  return bytes.slice(start, start + length);
}
