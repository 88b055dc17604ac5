/**
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of Zarr 3.
 *
 * @module
 */

/** The reversed polynomial 0x1EDC6F41. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** The checksum of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ (TABLE[(value ^ byte) & 255] as number);
  return (value ^ 0xffffffff) >>> 0;
}
