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
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}
