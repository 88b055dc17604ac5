/**
 * Element types and values of HDF5, in words of TypeScript.
 *
 * @module
 */
import { check, DEFAULT, failure, type Hdf5, hsizes, Id } from "./hdf5_library.ts";
import { allocateNumbers, asBytes, numberBytes, type Numbers, type NumberType, volume } from "./numbers.ts";
import { cString, decodeText, textAt } from "./text.ts";
import type { CONSTANTS } from "./hdf5_symbols.ts";

/** Every machine we run on is little-endian, so the standard little-endian types are those of memory too. */
const MEMORY_TYPES: Readonly<Record<NumberType, keyof typeof CONSTANTS>> = {
  bool: "H5T_STD_U8LE_g",
  uint8: "H5T_STD_U8LE_g",
  uint16: "H5T_STD_U16LE_g",
  uint32: "H5T_STD_U32LE_g",
  uint64: "H5T_STD_U64LE_g",
  int8: "H5T_STD_I8LE_g",
  int16: "H5T_STD_I16LE_g",
  int32: "H5T_STD_I32LE_g",
  int64: "H5T_STD_I64LE_g",
  float16: "H5T_IEEE_F16LE_g",
  float32: "H5T_IEEE_F32LE_g",
  float64: "H5T_IEEE_F64LE_g",
};

/** Element type of a dataset or attribute. */
export type H5Type =
  | {
    readonly kind: "number";
    /** The type in memory: numbers of odd sizes are widened. */
    readonly dtype: NumberType;
    /** Whether the bytes in the file have the order of this dtype in memory; decides if raw chunks can be used as they are. */
    readonly native: boolean;
  }
  | {
    readonly kind: "string";
    /** How strings are stored; `opaque` are raw bytes, as NumPy's `V`. */
    readonly form: "fixed" | "variable" | "opaque";
    /** Bytes of one string; 0 if variable. */
    readonly size: number;
  }
  | {
    readonly kind: "other";
    /** What it is, for messages, for example `compound {x: float64, y: float64}`. */
    readonly text: string;
  };

/** The content of an attribute or a whole dataset. `shape` is empty for a single value. */
export type H5Value =
  | {
    readonly kind: "numbers";
    readonly dtype: NumberType;
    readonly shape: readonly number[];
    readonly data: Numbers;
  }
  | { readonly kind: "strings"; readonly shape: readonly number[]; readonly strings: readonly string[] }
  /** No content at all (HDF5's null dataspace, h5py's `Empty`). */
  | { readonly kind: "empty" }
  /** A type that is not read; `text` says what it is. */
  | { readonly kind: "other"; readonly text: string };

/** Content to write. Strings become variable-length UTF-8 as by h5py, `fixed` one of fixed length; `bool` h5py's enum. */
export type H5NewValue =
  | string
  | readonly string[]
  | { readonly fixed: string }
  | { readonly dtype: NumberType; readonly shape: readonly number[]; readonly data: Numbers };

/** Where a value hangs: its type and shape, `undefined` for a null dataspace. */
export interface Extent {
  /** Element type. */
  readonly type: H5Type;
  /** Sizes. */
  readonly shape: readonly number[] | undefined;
}

const CLASS = { integer: 0, float: 1, string: 3, opaque: 5, compound: 6, enum: 8 } as const;
const CLASS_NAMES: readonly string[] = [
  "integer",
  "float",
  "time",
  "string",
  "bit field",
  "opaque",
  "compound",
  "reference",
  "enum",
  "variable-length list",
  "array",
  "complex",
];
const ORDER_LITTLE = 0;
const UTF8 = 1;
const PADDED = { nul: 0, zeros: 1, blanks: 2 } as const;
const VARIABLE = 2n ** 64n - 1n;
const SPACE_SCALAR = 0;
const SPACE_NULL = 2;
/** Strings of one value together may not be longer than this; a damaged file could claim anything. */
const MAX_STRING_BYTES = 2 ** 28;

/** Bytes that a value takes in memory if it holds numbers, else 0. */
export function numberLength({ type, shape }: Extent): number {
  return type.kind === "number" && shape !== undefined ? volume(shape) * numberBytes(type.dtype) : 0;
}

/** The type identifier of numbers in memory. Belongs to the library, never closed. */
export function memoryType(hdf5: Hdf5, dtype: NumberType): bigint {
  return hdf5.id[MEMORY_TYPES[dtype]];
}

/** Says what a type identifier stands for. */
export function describeType(hdf5: Hdf5, type: bigint): H5Type {
  const { c } = hdf5;
  const size = Number(c.H5Tget_size(type));
  switch (check(hdf5, "H5Tget_class", c.H5Tget_class(type))) {
    case CLASS.integer:
    case CLASS.float:
      return numberType(hdf5, type, size);
    case CLASS.enum:
      return enumType(hdf5, type, size);
    case CLASS.string:
      return check(hdf5, "H5Tis_variable_str", c.H5Tis_variable_str(type)) > 0
        ? { kind: "string", form: "variable", size: 0 }
        : { kind: "string", form: "fixed", size };
    case CLASS.opaque:
      return { kind: "string", form: "opaque", size };
    case CLASS.compound:
      return { kind: "other", text: `compound {${compoundMembers(hdf5, type).join(", ")}}` };
    default:
      return { kind: "other", text: CLASS_NAMES[c.H5Tget_class(type)] ?? "unknown type" };
  }
}

/** The sizes of a dataspace: empty if it is a single value, `undefined` if it holds nothing. */
export function describeSpace(hdf5: Hdf5, space: bigint): number[] | undefined {
  const { c } = hdf5;
  if (check(hdf5, "H5Sget_simple_extent_type", c.H5Sget_simple_extent_type(space)) === SPACE_NULL) return undefined;
  const rank = check(hdf5, "H5Sget_simple_extent_ndims", c.H5Sget_simple_extent_ndims(space));
  const sizes = new BigUint64Array(rank);
  check(hdf5, "H5Sget_simple_extent_dims", c.H5Sget_simple_extent_dims(space, sizes, null));
  return Array.from(sizes, Number);
}

/** Makes the dataspace of a shape. */
export function makeSpace(hdf5: Hdf5, shape: readonly number[]): Id {
  return shape.length === 0
    ? new Id(hdf5, "H5Screate", hdf5.c.H5Screate(SPACE_SCALAR), "H5Sclose")
    : new Id(hdf5, "H5Screate_simple", hdf5.c.H5Screate_simple(shape.length, hsizes(shape), null), "H5Sclose");
}

/** Makes the type of numbers in a file; `bool` is the enum that h5py uses. */
export function makeNumberType(hdf5: Hdf5, dtype: NumberType): Id {
  const { c, id } = hdf5;
  if (dtype !== "bool") return new Id(hdf5, "H5Tcopy", c.H5Tcopy(memoryType(hdf5, dtype)), "H5Tclose");
  const type = new Id(hdf5, "H5Tenum_create", c.H5Tenum_create(id.H5T_STD_I8LE_g), "H5Tclose");
  for (const [value, name] of ["FALSE", "TRUE"].entries()) {
    check(hdf5, "H5Tenum_insert", c.H5Tenum_insert(type.value, cString(name), Int8Array.of(value)));
  }
  return type;
}

/** Reads a value as a whole. `read` fills a buffer with elements of a memory type. */
export function readValue(
  hdf5: Hdf5,
  fileType: bigint,
  space: bigint,
  extent: Extent,
  read: (memoryType: bigint, buffer: Uint8Array<ArrayBuffer>) => void,
): H5Value {
  const { type, shape } = extent;
  if (type.kind === "other") return { kind: "other", text: type.text };
  if (shape === undefined) return { kind: "empty" };
  const length = volume(shape);
  if (type.kind === "number") {
    const data = allocateNumbers(type.dtype, length);
    if (length > 0) read(memoryType(hdf5, type.dtype), asBytes(data));
    return { kind: "numbers", dtype: type.dtype, shape, data };
  }
  const bytes = length * (type.form === "variable" ? 8 : type.size);
  if (bytes > MAX_STRING_BYTES) {
    throw failure("H5Tget_size", `${bytes} bytes of strings are too many`);
  }
  if (length === 0) return { kind: "strings", shape, strings: [] };
  const buffer = new Uint8Array(bytes);
  const strings = type.form === "variable"
    ? variableStrings(hdf5, fileType, space, buffer, read)
    : fixedStrings(hdf5, fileType, type, buffer, read);
  return { kind: "strings", shape, strings };
}

/** What is needed to write a value: its type, its shape, its bytes. */
export interface Prepared extends Disposable {
  /** Type identifier, in the file and of `buffer` alike. */
  readonly type: bigint;
  /** Sizes; empty for a single value. */
  readonly shape: readonly number[];
  /** The content as HDF5 wants it. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Must live as long as the call that writes `buffer`, which points into it. */
  readonly pointed: Uint8Array<ArrayBuffer>;
}

/** Brings a value into the form that HDF5 writes. */
export function prepareValue(hdf5: Hdf5, value: H5NewValue): Prepared {
  if (typeof value === "string") return prepareStrings(hdf5, [value], []);
  if ("fixed" in value) return prepareFixed(hdf5, value.fixed);
  if ("dtype" in value) {
    const type = makeNumberType(hdf5, value.dtype);
    return prepared(type, asBytes(value.data), value.shape);
  }
  return prepareStrings(hdf5, value, [value.length]);
}

function prepared(
  type: Id,
  buffer: Uint8Array<ArrayBuffer>,
  shape: readonly number[],
  pointed = buffer,
): Prepared {
  return {
    type: type.value,
    shape,
    buffer,
    pointed,
    [Symbol.dispose]: () => type[Symbol.dispose](),
  };
}

/** Variable-length strings: an array of pointers into one run of bytes. */
function prepareStrings(hdf5: Hdf5, strings: readonly string[], shape: readonly number[]): Prepared {
  const parts = strings.map(cString);
  const pool = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  const pointers = new BigUint64Array(parts.length);
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(pool));
  let offset = 0;
  for (const [i, part] of parts.entries()) {
    pool.set(part, offset);
    pointers[i] = BigInt(base) + BigInt(offset);
    offset += part.length;
  }
  return prepared(makeStringType(hdf5, VARIABLE), asBytes(pointers), shape, pool);
}

function prepareFixed(hdf5: Hdf5, text: string): Prepared {
  const bytes = new TextEncoder().encode(text);
  const buffer = bytes.length > 0 ? bytes : new Uint8Array(1);
  const type = makeStringType(hdf5, BigInt(buffer.length));
  check(hdf5, "H5Tset_strpad", hdf5.c.H5Tset_strpad(type.value, PADDED.zeros));
  return prepared(type, buffer, []);
}

function makeStringType(hdf5: Hdf5, size: bigint): Id {
  const { c, id } = hdf5;
  const type = new Id(hdf5, "H5Tcopy", c.H5Tcopy(id.H5T_C_S1_g), "H5Tclose");
  check(hdf5, "H5Tset_size", c.H5Tset_size(type.value, size));
  check(hdf5, "H5Tset_cset", c.H5Tset_cset(type.value, UTF8));
  return type;
}

/** Integers and floats of any size and byte order. */
function numberType(hdf5: Hdf5, type: bigint, size: number): H5Type {
  const { c, id } = hdf5;
  const float = c.H5Tget_class(type) === CLASS.float;
  const dtype = float ? floatDtype(hdf5, type, size) : integerDtype(size, c.H5Tget_sign(type) !== 0);
  if (dtype === undefined) return { kind: "other", text: `integer of ${size} bytes` };
  const native = c.H5Tget_order(type) === ORDER_LITTLE || size === 1;
  return { kind: "number", dtype, native: native && c.H5Tequal(type, id[MEMORY_TYPES[dtype]]) > 0 };
}

function integerDtype(size: number, signed: boolean): NumberType | undefined {
  const bits = [8, 16, 32, 64].find((n) => n >= size * 8) as 8 | 16 | 32 | 64 | undefined;
  return bits === undefined ? undefined : signed ? `int${bits}` : `uint${bits}`;
}

/** Only IEEE halves are `float16`; other short floats are widened. */
function floatDtype(hdf5: Hdf5, type: bigint, size: number): NumberType {
  if (size > 4) return "float64";
  const { c, id } = hdf5;
  const half = c.H5Tequal(type, id.H5T_IEEE_F16LE_g) > 0 || c.H5Tequal(type, id.H5T_IEEE_F16BE_g) > 0;
  return half ? "float16" : "float32";
}

/** An enum is its numbers; h5py's booleans are the enum FALSE = 0, TRUE = 1 over int8. */
function enumType(hdf5: Hdf5, type: bigint, size: number): H5Type {
  const { c } = hdf5;
  using base = new Id(hdf5, "H5Tget_super", c.H5Tget_super(type), "H5Tclose");
  const numbers = numberType(hdf5, base.value, size);
  const boolean = size === 1 && c.H5Tget_nmembers(type) === 2 &&
    ["FALSE", "TRUE"].every((name, value) =>
      memberNames(hdf5, type).some((member, i) => member === name && enumValue(hdf5, type, i) === value)
    );
  return boolean ? { kind: "number", dtype: "bool", native: true } : numbers;
}

function enumValue(hdf5: Hdf5, type: bigint, member: number): number {
  const value = new Int8Array(8);
  check(hdf5, "H5Tget_member_value", hdf5.c.H5Tget_member_value(type, member, value));
  return value[0] as number;
}

function memberNames(hdf5: Hdf5, type: bigint): string[] {
  const { c } = hdf5;
  const count = check(hdf5, "H5Tget_nmembers", c.H5Tget_nmembers(type));
  return Array.from({ length: count }, (_, i) => {
    const pointer = c.H5Tget_member_name(type, i);
    if (pointer === null) return "";
    const name = textAt(pointer);
    c.H5free_memory(pointer);
    return name;
  });
}

function compoundMembers(hdf5: Hdf5, type: bigint): string[] {
  return memberNames(hdf5, type).map((name, i) => {
    using member = new Id(hdf5, "H5Tget_member_type", hdf5.c.H5Tget_member_type(type, i), "H5Tclose");
    return `${name}: ${typeText(describeType(hdf5, member.value))}`;
  });
}

/** A type in one or few words, for messages. */
export function typeText(type: H5Type): string {
  return type.kind === "number" ? type.dtype : type.kind === "string" ? "string" : type.text;
}

function variableStrings(
  hdf5: Hdf5,
  fileType: bigint,
  space: bigint,
  buffer: Uint8Array<ArrayBuffer>,
  read: (memoryType: bigint, buffer: Uint8Array<ArrayBuffer>) => void,
): string[] {
  const { c } = hdf5;
  using memory = new Id(hdf5, "H5Tcopy", c.H5Tcopy(fileType), "H5Tclose");
  read(memory.value, buffer);
  const strings = Array.from(new BigUint64Array(buffer.buffer), (address) => {
    const pointer = Deno.UnsafePointer.create(address);
    return pointer === null ? "" : textAt(pointer);
  });
  check(hdf5, "H5Treclaim", c.H5Treclaim(memory.value, space, DEFAULT, buffer));
  return strings;
}

function fixedStrings(
  hdf5: Hdf5,
  fileType: bigint,
  type: { readonly form: "fixed" | "variable" | "opaque"; readonly size: number },
  buffer: Uint8Array<ArrayBuffer>,
  read: (memoryType: bigint, buffer: Uint8Array<ArrayBuffer>) => void,
): string[] {
  const { c } = hdf5;
  using memory = new Id(hdf5, "H5Tcopy", c.H5Tcopy(fileType), "H5Tclose");
  const padding = type.form === "opaque" ? PADDED.zeros : check(hdf5, "H5Tget_strpad", c.H5Tget_strpad(fileType));
  read(memory.value, buffer);
  return Array.from(
    { length: buffer.length / type.size },
    (_, i) => decodeText(unpad(buffer.subarray(i * type.size, (i + 1) * type.size), padding)),
  );
}

/** Takes off the bytes behind the end of a string. */
function unpad(bytes: Uint8Array<ArrayBuffer>, padding: number): Uint8Array<ArrayBuffer> {
  if (padding === PADDED.nul) {
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }
  const filler = padding === PADDED.blanks ? 0x20 : 0;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === filler) end--;
  return bytes.subarray(0, end);
}
