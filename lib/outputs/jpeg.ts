/**
 * JPEG images: quality 75, full colour resolution, JFIF (cli-and-io.md §5.5).
 *
 * @module
 */
import { encodeJpeg } from "../../ffi/encode.ts";
import type { TypedArray } from "../array/mod.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";

/** `jpg` and `jpeg`: the same file with another extension. */
export const JPEG_FORMATS: readonly ImageCodec[] = ["jpg", "jpeg"].map((name) => ({
  name,
  aliases: [],
  extension: name,
  dtypes: ["uint8"],
  channels: [1, 3],
  maxSize: 65_500,
  create: wholeImage(encode),
}));

const QUALITY = 75;

function encode(pixels: TypedArray, { width, height, channels }: ImageHeader): Promise<Uint8Array<ArrayBuffer>> {
  return encodeJpeg({ width, height, channels, pixels: pixels as Uint8Array<ArrayBuffer> }, QUALITY);
}
