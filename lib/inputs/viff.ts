/**
 * Khoros images, `.xv` (cli-and-io.md §4.5): bands one after the other.
 * Format: "Visualization/Image File Format" of the Khoros programmer's manual.
 *
 * @module
 */
import { allocate, type Dtype, dtypeInfo, type TypedArray } from "../array/mod.ts";
import { elementsFromBytes } from "./bytes.ts";
import { Damaged } from "./input_error.ts";
import type { OpenArray } from "./reader.ts";
import { type ImagePlan, imageReader, slice } from "./whole_image.ts";

/** Opens a Khoros image. */
export const openViff: OpenArray = imageReader(parseViff);

const HEADER_BYTES = 1024;
const BIG_ENDIAN = 2;
const LITTLE_ENDIAN = 8;
const IMPLICIT_LOCATIONS = 1;
const RAW = 0;
const NO_MAP = 0;

/** Element types by `data_storage_type`. */
const DTYPES: Readonly<Record<number, Dtype>> = { 1: "uint8", 2: "int16", 4: "int32", 5: "float32", 9: "float64" };

function parseViff(bytes: Uint8Array<ArrayBuffer>): ImagePlan {
  const view = new DataView(bytes.buffer);
  const order = view.getUint8(4);
  const littleEndian = order === LITTLE_ENDIAN;
  if (!littleEndian && order !== BIG_ENDIAN) {
    throw new Damaged(`number format ${order} of old machines is not supported`);
  }
  const field = (offset: number) => view.getUint32(offset, littleEndian);
  const [width, height, images, bands] = [field(520), field(524), field(556), field(560)];
  const dtype = DTYPES[field(564)];
  if (dtype === undefined) throw new Damaged(`elements of type ${field(564)} are not supported`);
  const plain = field(568) === RAW && field(572) === NO_MAP && field(548) <= IMPLICIT_LOCATIONS && images <= 1;
  if (!plain) throw new Damaged("images that are packed, with colour maps or with positions are not supported");
  const size = width * height * bands * dtypeInfo(dtype).bytes;
  return {
    width,
    height,
    channels: bands,
    dtype,
    leastBytes: HEADER_BYTES + size,
    decode: (all) => interleaved(elementsFromBytes(dtype, slice(all, HEADER_BYTES, size), littleEndian), dtype, bands),
  };
}

/** From one band after the other to one pixel after the other. */
function interleaved(planes: TypedArray, dtype: Dtype, bands: number): TypedArray {
  if (bands === 1) return planes;
  const pixels = allocate(dtype, planes.length);
  const plane = planes.length / bands;
  for (let c = 0; c < bands; c++) {
    for (let i = 0; i < plane; i++) pixels[i * bands + c] = planes[c * plane + i] as number;
  }
  return pixels;
}
