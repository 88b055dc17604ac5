/**
 * Texts of C libraries.
 *
 * @module
 */

/** A C string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** The text at an address: bytes up to the first zero. Nothing is thrown, so callbacks of C may use it. */
export function textAt(pointer: Deno.PointerObject): string {
  const view = new Deno.UnsafePointerView(pointer);
  let length = 0;
  while (view.getUint8(length) !== 0) length++;
  return decodeText(new Uint8Array(view.getArrayBuffer(length)));
}

/** UTF-8, or Latin-1 for bytes that are no UTF-8: old files and file systems have them. */
export function decodeText(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
}
