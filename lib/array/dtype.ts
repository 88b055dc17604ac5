/**
 * Element types of arrays: names as in NumPy, storage in typed arrays.
 *
 * @module
 */

/** Typed arrays that can hold pixels. `bool` is stored as `Uint8Array` of 0 and 1. */
export type TypedArray =
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

/** Name of an element type, as in NumPy. */
export type Dtype =
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

/** Facts about an element type. */
export interface DtypeInfo {
  /** Bytes of one element. */
  readonly bytes: number;
  /** `b` bool, `u` unsigned, `i` signed, `f` floating point. */
  readonly kind: "b" | "u" | "i" | "f";
  /** Smallest and largest finite value (as double; exact for all but 64-bit integers). */
  readonly min: number;
  /** See `min`. */
  readonly max: number;
  /** New zeroed storage. */
  readonly allocate: (length: number) => TypedArray;
  /** A view on part of a buffer. */
  readonly view: (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArray;
}

const F32_MAX = 3.4028234663852886e38;

const TABLE = {
  bool: {
    bytes: 1,
    kind: "b",
    min: 0,
    max: 1,
    allocate: (n) => new Uint8Array(n),
    view: (b, o, n) => new Uint8Array(b, o, n),
  },
  uint8: {
    bytes: 1,
    kind: "u",
    min: 0,
    max: 255,
    allocate: (n) => new Uint8Array(n),
    view: (b, o, n) => new Uint8Array(b, o, n),
  },
  uint16: {
    bytes: 2,
    kind: "u",
    min: 0,
    max: 65535,
    allocate: (n) => new Uint16Array(n),
    view: (b, o, n) => new Uint16Array(b, o, n),
  },
  uint32: {
    bytes: 4,
    kind: "u",
    min: 0,
    max: 4294967295,
    allocate: (n) => new Uint32Array(n),
    view: (b, o, n) => new Uint32Array(b, o, n),
  },
  uint64: {
    bytes: 8,
    kind: "u",
    min: 0,
    max: 2 ** 64,
    allocate: (n) => new BigUint64Array(n),
    view: (b, o, n) => new BigUint64Array(b, o, n),
  },
  int8: {
    bytes: 1,
    kind: "i",
    min: -128,
    max: 127,
    allocate: (n) => new Int8Array(n),
    view: (b, o, n) => new Int8Array(b, o, n),
  },
  int16: {
    bytes: 2,
    kind: "i",
    min: -32768,
    max: 32767,
    allocate: (n) => new Int16Array(n),
    view: (b, o, n) => new Int16Array(b, o, n),
  },
  int32: {
    bytes: 4,
    kind: "i",
    min: -2147483648,
    max: 2147483647,
    allocate: (n) => new Int32Array(n),
    view: (b, o, n) => new Int32Array(b, o, n),
  },
  int64: {
    bytes: 8,
    kind: "i",
    min: -(2 ** 63),
    max: 2 ** 63,
    allocate: (n) => new BigInt64Array(n),
    view: (b, o, n) => new BigInt64Array(b, o, n),
  },
  float16: {
    bytes: 2,
    kind: "f",
    min: -65504,
    max: 65504,
    allocate: (n) => new Float16Array(n),
    view: (b, o, n) => new Float16Array(b, o, n),
  },
  float32: {
    bytes: 4,
    kind: "f",
    min: -F32_MAX,
    max: F32_MAX,
    allocate: (n) => new Float32Array(n),
    view: (b, o, n) => new Float32Array(b, o, n),
  },
  float64: {
    bytes: 8,
    kind: "f",
    min: -Number.MAX_VALUE,
    max: Number.MAX_VALUE,
    allocate: (n) => new Float64Array(n),
    view: (b, o, n) => new Float64Array(b, o, n),
  },
} as const satisfies Record<Dtype, DtypeInfo>;

/** All element types. */
export const DTYPES: readonly Dtype[] = Object.keys(TABLE) as Dtype[];

/** Integers of 8 to 64 bits and both usual floats: what plain binary formats and the kernels know, in their order. */
export const NUMBER_DTYPES: readonly Dtype[] = DTYPES.filter((dtype) => dtype !== "bool" && dtype !== "float16");

/** Whether a text names an element type. */
export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(TABLE, text);
}

/** Size, kind and value limits of an element type. */
export function dtypeInfo(dtype: Dtype): Readonly<DtypeInfo> {
  return TABLE[dtype];
}

/** Whether the type holds whole numbers (bool included). */
export function isIntegerDtype(dtype: Dtype): boolean {
  return TABLE[dtype].kind !== "f";
}

/** New zeroed storage for `length` elements. */
export function allocate(dtype: Dtype, length: number): TypedArray {
  return TABLE[dtype].allocate(length);
}

/** A typed view on `length` elements of `buffer`; `byteOffset` must be a multiple of the element size. */
export function viewBytes(dtype: Dtype, buffer: ArrayBuffer, byteOffset: number, length: number): TypedArray {
  return TABLE[dtype].view(buffer, byteOffset, length);
}
