/**
 * Blosc chunks. The codec is loaded at the first one: it is most of the program's text, and few runs need it.
 *
 * @module
 */
import { Damaged } from "./input_error.ts";

/** A header: version, format, flags, element size, then unpacked size, block size and packed size as 32-bit numbers. */
const HEADER_BYTES = 16;
const PACKED_SIZE_AT = 12;

/**
 * Unpacks a chunk.
 *
 * @throws {Damaged} when it is shorter than it says: the codec would read what lies behind it in memory
 */
export async function unpackBlosc(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  if (packed.length < HEADER_BYTES || view.getUint32(PACKED_SIZE_AT, true) > packed.length) {
    throw new Damaged("the chunk is truncated");
  }
  return await (await import("numcodecs/blosc")).default.fromConfig({ id: "blosc" }).decode(packed);
}
