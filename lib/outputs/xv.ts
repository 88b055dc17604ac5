/**
 * Khoros images, `xv`: bands one after the other, little-endian.
 * Format: "Visualization/Image File Format" of the Khoros programmer's manual.
 *
 * @module
 */
import { allocate, type Dtype, dtypeInfo, type TypedArray } from "../array/mod.ts";
import type { ImageCodec, ImageHeader } from "./image_format.ts";
import { bytesOf } from "./layout.ts";
import { rawImage, type RawLayout } from "./raw_image.ts";

/** `data_storage_type` by element type. */
const STORAGE: Readonly<Partial<Record<Dtype, number>>> = { uint8: 1, int16: 2, int32: 4, float32: 5, float64: 9 };

/** `xv`. */
export const XV: ImageCodec = {
  name: "xv",
  aliases: ["viff"],
  extension: "xv",
  dtypes: ["uint8", "int16", "int32", "float32", "float64"],
  channels: [1, 2, 3, 4],
  maxSize: 2 ** 31 - 1,
  create: rawImage(xvLayout),
};

const HEADER_BYTES = 1024;
const LITTLE_ENDIAN = 8;
const IMPLICIT_LOCATIONS = 1;
/** `color_space_model`: none, or RGB as the National Television Systems Committee defined it. */
const COLOR_SPACE = { none: 0, rgb: 1 } as const;

function xvLayout({ width, height, channels, dtype }: ImageHeader): RawLayout {
  const head = new Uint8Array(HEADER_BYTES);
  const view = new DataView(head.buffer);
  // Identifier, file type, release, version, byte order.
  head.set([0xab, 1, 1, 3, LITTLE_ENDIAN]);
  const fields: Readonly<Record<number, number>> = {
    520: width,
    524: height,
    548: IMPLICIT_LOCATIONS,
    556: 1,
    560: channels,
    564: STORAGE[dtype] ?? 1,
    608: channels === 3 ? COLOR_SPACE.rgb : COLOR_SPACE.none,
  };
  for (const [offset, value] of Object.entries(fields)) view.setUint32(Number(offset), value, true);
  view.setFloat32(540, 1, true);
  view.setFloat32(544, 1, true);
  const line = width * dtypeInfo(dtype).bytes;
  return {
    head,
    place: (rows, y) =>
      bands(rows, dtype, channels).map((band, c) => ({
        position: HEADER_BYTES + line * (c * height + y),
        bytes: bytesOf(band),
      })),
  };
}

/** The values of each channel, one behind the other. */
function bands(rows: TypedArray, dtype: Dtype, channels: number): TypedArray[] {
  if (channels === 1) return [rows];
  const values = rows as Uint8Array;
  return Array.from({ length: channels }, (_, c) => {
    const band = allocate(dtype, rows.length / channels) as Uint8Array<ArrayBuffer>;
    for (let i = 0; i < band.length; i++) band[i] = values[i * channels + c] as number;
    return band;
  });
}
