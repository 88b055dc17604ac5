/**
 * Sun raster files: 8 bit gray without a colour map, or 24 bit. Rows are padded to 2 bytes, colours are BGR.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";
import { swapColors } from "./swap_colors.ts";

/** `ras`. */
export const RAS: ImageCodec = {
  name: "ras",
  aliases: ["sun"],
  extension: "ras",
  dtypes: ["uint8"],
  channels: [1, 3],
  maxSize: 30_000,
  create: wholeImage(encodeRas),
};

const MAGIC = 0x59a66a95;
const STANDARD = 1;
const HEADER = 32;

function encodeRas(pixels: TypedArray, { width, height, channels }: ImageHeader): Uint8Array<ArrayBuffer> {
  const line = width * channels;
  const stride = Math.ceil(line / 2) * 2;
  const file = new Uint8Array(HEADER + stride * height);
  const view = new DataView(file.buffer);
  for (const [i, value] of [MAGIC, width, height, 8 * channels, stride * height, STANDARD, 0, 0].entries()) {
    view.setUint32(4 * i, value);
  }
  const source = channels === 3 ? swapColors(pixels as Uint8Array) : pixels as Uint8Array;
  for (let y = 0; y < height; y++) file.set(source.subarray(y * line, (y + 1) * line), HEADER + y * stride);
  return file;
}
