/**
 * Numbers in memory, by the names of NumPy. What the libraries of this folder read and write.
 *
 * @module
 */

/** Storage of numbers. `bool` is 0 and 1 in a `Uint8Array`. */
export type Numbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float16Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Name of a number type. */
export type NumberType =
  | "bool"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float16"
  | "float32"
  | "float64";

const NUMBERS: Readonly<Record<NumberType, { bytes: number; allocate: (n: number) => Numbers }>> = {
  bool: { bytes: 1, allocate: (n) => new Uint8Array(n) },
  uint8: { bytes: 1, allocate: (n) => new Uint8Array(n) },
  uint16: { bytes: 2, allocate: (n) => new Uint16Array(n) },
  uint32: { bytes: 4, allocate: (n) => new Uint32Array(n) },
  uint64: { bytes: 8, allocate: (n) => new BigUint64Array(n) },
  int8: { bytes: 1, allocate: (n) => new Int8Array(n) },
  int16: { bytes: 2, allocate: (n) => new Int16Array(n) },
  int32: { bytes: 4, allocate: (n) => new Int32Array(n) },
  int64: { bytes: 8, allocate: (n) => new BigInt64Array(n) },
  float16: { bytes: 2, allocate: (n) => new Float16Array(n) },
  float32: { bytes: 4, allocate: (n) => new Float32Array(n) },
  float64: { bytes: 8, allocate: (n) => new Float64Array(n) },
};

/** Zeroed storage for `length` numbers. */
export function allocateNumbers(type: NumberType, length: number): Numbers {
  return NUMBERS[type].allocate(length);
}

/** Bytes of one number. */
export function numberBytes(type: NumberType): number {
  return NUMBERS[type].bytes;
}

/** The bytes of numbers, not copied. */
export function asBytes(data: Numbers): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Product of sizes. */
export function volume(sizes: readonly number[]): number {
  return sizes.reduce((product, n) => product * n, 1);
}
