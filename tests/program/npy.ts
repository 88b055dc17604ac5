/**
 * NumPy files, written by their published description: version 1.0, C order.
 *
 * @module
 */

/** Element types that tests need, by NumPy's names. */
const ARRAYS = { "|u1": Uint8Array, "<u2": Uint16Array, "<f4": Float32Array };

/** Numbers of one element type in the order of their positions. */
export type NpyValues = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** The bytes of a file; without `values` it holds zeros of type uint8. */
export function npy(shape: readonly number[], values?: NpyValues): Uint8Array<ArrayBuffer> {
  const size = shape.reduce((product, n) => product * n, 1);
  const elements = values ?? new Uint8Array(size);
  const [descr] = Object.entries(ARRAYS).find(([_, type]) => elements instanceof type) ?? [];
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + "\n";
  const head = new TextEncoder().encode(`\x00NUMPY\x01\x00\x00\x00${padded}`);
  head[0] = 0x93;
  new DataView(head.buffer).setUint16(8, padded.length, true);
  const file = new Uint8Array(head.length + elements.byteLength);
  file.set(head);
  file.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), head.length);
  return file;
}
