/**
 * Bytes of elements in big-endian order.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { bytesOf } from "./layout.ts";

/** The bytes of elements, most significant first. A copy, but for single bytes. */
export function bigEndian(data: TypedArray): Uint8Array<ArrayBuffer> {
  const size = data.BYTES_PER_ELEMENT;
  if (size === 1) return bytesOf(data);
  const bytes = bytesOf(data).slice();
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < size / 2; i++) {
      const [low, high] = [at + i, at + size - 1 - i];
      const byte = bytes[low] as number;
      bytes[low] = bytes[high] as number;
      bytes[high] = byte;
    }
  }
  return bytes;
}
