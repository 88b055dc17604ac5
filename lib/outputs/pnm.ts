/**
 * Portable any-maps: raw gray (P5) or colour (P6) whatever the extension says, as in the original.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { bigEndian } from "./byte_order.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";

/** `pbm pgm pnm ppm`. */
export const PNM_FORMATS: readonly ImageCodec[] = ["pbm", "pgm", "pnm", "ppm"].map((name) => ({
  name,
  aliases: [],
  extension: name,
  dtypes: ["uint8", "uint16"],
  channels: [1, 3],
  maxSize: 2 ** 31 - 1,
  create: wholeImage(encodePnm),
}));

function encodePnm(pixels: TypedArray, { width, height, channels, dtype }: ImageHeader): Uint8Array<ArrayBuffer> {
  const kind = channels === 3 ? "P6" : "P5";
  const head = new TextEncoder().encode(`${kind}\n${width} ${height}\n${dtype === "uint16" ? 65535 : 255}\n`);
  const content = bigEndian(pixels);
  const file = new Uint8Array(head.length + content.length);
  file.set(head);
  file.set(content, head.length);
  return file;
}
