/**
 * Sun raster files: 8 bit gray without a colour map, or 24 bit. Rows are padded to 2 bytes, colours are BGR.
 *
 * @module
 */
import type { ImageCodec, ImageHeader } from "./image_format.ts";
import { paddedRows } from "./padded_rows.ts";
import { rawImage, type RawLayout } from "./raw_image.ts";

/** `ras`. */
export const RAS: ImageCodec = {
  name: "ras",
  aliases: ["sun"],
  extension: "ras",
  dtypes: ["uint8"],
  channels: [1, 3],
  maxSize: 30_000,
  create: rawImage(rasLayout),
};

const MAGIC = 0x59a66a95;
const STANDARD = 1;
const HEADER = 32;

function rasLayout({ width, height, channels }: ImageHeader): RawLayout {
  const stride = Math.ceil(width * channels / 2) * 2;
  const head = new Uint8Array(HEADER);
  const view = new DataView(head.buffer);
  for (const [i, value] of [MAGIC, width, height, 8 * channels, stride * height, STANDARD, 0, 0].entries()) {
    view.setUint32(4 * i, value);
  }
  return {
    head,
    place: (rows, y) => [{
      position: HEADER + stride * y,
      bytes: paddedRows(rows as Uint8Array, { width, channels, stride, upwards: false }),
    }],
  };
}
