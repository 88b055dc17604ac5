/**
 * Windows bitmaps: 8 bit with a gray palette, or 24 bit. Rows from the bottom up, padded to 4 bytes.
 *
 * @module
 */
import type { ImageCodec, ImageHeader } from "./image_format.ts";
import { paddedRows } from "./padded_rows.ts";
import { rawImage, type RawLayout } from "./raw_image.ts";

/** `bmp`. */
export const BMP: ImageCodec = {
  name: "bmp",
  aliases: [],
  extension: "bmp",
  dtypes: ["uint8"],
  channels: [1, 3],
  // The size of the file is a 32-bit number.
  maxSize: 30_000,
  create: rawImage(bmpLayout),
};

const FILE_HEADER = 14;
const INFO_HEADER = 40;

function bmpLayout({ width, height, channels }: ImageHeader): RawLayout {
  const colors = channels === 1 ? 256 : 0;
  const begin = FILE_HEADER + INFO_HEADER + 4 * colors;
  const stride = Math.ceil(width * channels / 4) * 4;
  const head = new Uint8Array(begin);
  const view = new DataView(head.buffer);
  head.set([0x42, 0x4d]);
  view.setUint32(2, begin + stride * height, true);
  view.setUint32(10, begin, true);
  view.setUint32(14, INFO_HEADER, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8 * channels, true);
  view.setUint32(34, stride * height, true);
  view.setUint32(46, colors, true);
  view.setUint32(50, colors, true);
  for (let i = 0; i < colors; i++) {
    head.fill(i, FILE_HEADER + INFO_HEADER + 4 * i, FILE_HEADER + INFO_HEADER + 4 * i + 3);
  }
  return {
    head,
    place: (rows, y) => {
      const bytes = paddedRows(rows as Uint8Array, { width, channels, stride, upwards: true });
      return [{ position: begin + stride * (height - y) - bytes.length, bytes }];
    },
  };
}
