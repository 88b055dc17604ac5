/**
 * Portable any-maps: raw gray (P5) or colour (P6) whatever the extension says, as in the original.
 *
 * @module
 */
import { dtypeInfo } from "../array/mod.ts";
import { bigEndian } from "./byte_order.ts";
import type { ImageCodec, ImageHeader } from "./image_format.ts";
import { rawImage, type RawLayout } from "./raw_image.ts";

/** `pbm pgm pnm ppm`. */
export const PNM_FORMATS: readonly ImageCodec[] = ["pbm", "pgm", "pnm", "ppm"].map((name) => ({
  name,
  aliases: [],
  extension: name,
  dtypes: ["uint8", "uint16"],
  channels: [1, 3],
  maxSize: 2 ** 31 - 1,
  create: rawImage(pnmLayout),
}));

function pnmLayout({ width, height, channels, dtype }: ImageHeader): RawLayout {
  const kind = channels === 3 ? "P6" : "P5";
  const head = new TextEncoder().encode(`${kind}\n${width} ${height}\n${dtype === "uint16" ? 65535 : 255}\n`);
  const stride = width * channels * dtypeInfo(dtype).bytes;
  return { head, place: (rows, y) => [{ position: head.length + stride * y, bytes: bigEndian(rows) }] };
}
