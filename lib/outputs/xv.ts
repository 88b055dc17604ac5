/**
 * Khoros images, `xv`: bands one after the other, little-endian.
 * Format: "Visualization/Image File Format" of the Khoros programmer's manual.
 *
 * @module
 */
import { allocate, type Dtype, type TypedArray } from "../array/mod.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";
import { bytesOf } from "./layout.ts";

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
  create: wholeImage(encodeXv),
};

const HEADER_BYTES = 1024;
const LITTLE_ENDIAN = 8;
const IMPLICIT_LOCATIONS = 1;
/** `color_space_model`: none, or RGB as the National Television Systems Committee defined it. */
const COLOR_SPACE = { none: 0, rgb: 1 } as const;

function encodeXv(pixels: TypedArray, { width, height, channels, dtype }: ImageHeader): Uint8Array<ArrayBuffer> {
  const planes = bandByBand(pixels, dtype, channels);
  const file = new Uint8Array(HEADER_BYTES + planes.byteLength);
  const view = new DataView(file.buffer);
  // Identifier, file type, release, version, byte order.
  file.set([0xab, 1, 1, 3, LITTLE_ENDIAN]);
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
  file.set(bytesOf(planes), HEADER_BYTES);
  return file;
}

function bandByBand(pixels: TypedArray, dtype: Dtype, bands: number): TypedArray {
  if (bands === 1) return pixels;
  const planes = allocate(dtype, pixels.length) as Uint8Array<ArrayBuffer>;
  const values = pixels as Uint8Array;
  const plane = pixels.length / bands;
  for (let c = 0; c < bands; c++) {
    for (let i = 0; i < plane; i++) planes[c * plane + i] = values[i * bands + c] as number;
  }
  return planes;
}
