/**
 * Every table of C functions against the headers that the libraries were built from: the names, the number of parameters
 * and their types. Headers of foreign libraries lie in the cache of the build; without them that part is skipped.
 */
import { assert, assertEquals } from "@std/assert";
import { CONSTANTS as HDF5_CONSTANTS, FUNCTIONS as HDF5 } from "../../ffi/hdf5_symbols.ts";
import { KERNEL_SYMBOLS } from "../../ffi/kernels.ts";
import { TRAIN_SYMBOLS } from "../../ffi/kernels_train.ts";
import { FUNCTIONS as BLOSC } from "../../ffi/blosc.ts";
import { FUNCTIONS as ENCODE } from "../../ffi/encode.ts";
import { FUNCTIONS as INFLATE } from "../../ffi/inflate.ts";
import { FUNCTIONS as JPEG } from "../../ffi/jpeg.ts";
import { FUNCTIONS as JPEG_WRITER } from "../../ffi/jpeg_writer.ts";
import { FUNCTIONS as PACK } from "../../ffi/pack.ts";
import { FUNCTIONS as PNG } from "../../ffi/png.ts";
import { FUNCTIONS as OPENBLAS } from "../../ffi/openblas_symbols.ts";
import { FUNCTIONS as SCALE } from "../../ffi/scale.ts";
import { hostTarget } from "../../ffi/target.ts";
import { VERSION_SYMBOLS } from "../../ffi/tiff_versions.ts";
import { FUNCTIONS as ZSTD } from "../../ffi/zstd.ts";
import { ELEMENTS, ERRORS, FUNCTIONS as TIFF, INFO, LAYOUT } from "../../ffi/tiff_symbols.ts";

/** What a header says: parameter types and result type of each function, as FFI types. */
interface Declaration {
  readonly parameters: readonly string[];
  readonly result: string;
  readonly variadic: boolean;
}

/** FFI types of C types that are not pointers. Enums are `int`. */
const TYPES: Readonly<Record<string, string>> = {
  void: "void",
  bool: "bool",
  int: "i32",
  unsigned: "u32",
  "unsigned int": "u32",
  double: "f64",
  float: "f32",
  char: "u8",
  int32_t: "i32",
  uint32_t: "u32",
  int64_t: "i64",
  uint64_t: "u64",
  size_t: "usize",
  hid_t: "i64",
  herr_t: "i32",
  htri_t: "i32",
  hsize_t: "u64",
  haddr_t: "u64",
  H5Z_filter_t: "i32",
  blasint: "i32",
  lapack_int: "i32",
};

/** What stands for a pointer of each kind. A `buffer` is a typed array, a `pointer` an address. */
const POINTERS: readonly string[] = ["buffer", "pointer", "function"];

const NATIVE = new URL("../../native/", import.meta.url).pathname;
const HEADERS = foreignHeaders();

/** Folder of the headers that the build keeps in its cache. */
function foreignHeaders(): string | undefined {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  const cache = Deno.env.get("ILASTIK_HEADLESS_CACHE") ?? `${home}/ilastik-headless`;
  try {
    for (const { name } of Deno.readDirSync(cache)) {
      const folder = `${cache}/${name}/include`;
      const ours = name.startsWith("native-") && name.endsWith(`-${hostTarget()}`);
      if (ours && Deno.statSync(folder).isDirectory) return folder;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

/** Text of a header without comments and preprocessor lines. */
function readHeader(path: string): string {
  return Deno.readTextFileSync(path)
    .replace(/\/\*[\s\S]*?\*\//g, " ").replace(/\/\/[^\n]*/g, " ")
    .replace(/^\s*#(?:[^\n]*\\\n)*[^\n]*/gm, " ");
}

/** FFI type of a C declaration such as `const hsize_t dim[]` or `int`. */
function ffiType(declaration: string, named: boolean): string {
  const words = declaration.replace(/\b(const|OPENBLAS_CONST|enum|struct|extern)\b/g, " ").replace(/\s+/g, " ").trim();
  if (/[*[]/.test(words)) return "a pointer";
  const type = named && !(words in TYPES) ? words.replace(/\s*\b\w+$/, "") : words;
  if (type in TYPES) return TYPES[type] as string;
  // Enums and types of callbacks have names of their own.
  return /_(func|t)$/.test(type) && /^H5\w+_(auto2|walk2|traverse|iterate2|operator2)_t$/.test(type)
    ? "a pointer"
    : "i32";
}

/** Finds the declaration of a function. */
function declarationOf(name: string, text: string): Declaration {
  const match = new RegExp(`([\\w\\s*]+?[\\s*])${name}\\s*\\(([^;{]*?)\\)\\s*;`).exec(text);
  assert(match !== null, `${name} is not declared`);
  const [, before = "", inside = ""] = match;
  const result = before.replace(/\b(H5_DLL|ILH_API)\b/g, " ");
  const parts = inside.trim() === "void" ? [] : inside.split(",").map((part) => part.trim());
  return {
    parameters: parts.filter((part) => part !== "...").map((part) => ffiType(part, true)),
    result: ffiType(result, false),
    variadic: parts.includes("..."),
  };
}

/** Compares a table with declarations. */
function compare(table: Deno.ForeignLibraryInterface, text: string): void {
  for (const [key, symbol] of Object.entries(table)) {
    assert("parameters" in symbol, key);
    const name = symbol.name ?? key;
    const declared = declarationOf(name, text);
    assert(!declared.variadic, `${name} is variadic, which FFI cannot call everywhere`);
    const same = (ffi: unknown, c: string) => c === "a pointer" ? POINTERS.includes(ffi as string) : ffi === c;
    assertEquals(symbol.parameters.length, declared.parameters.length, `number of parameters of ${name}`);
    for (const [i, c] of declared.parameters.entries()) {
      assert(same(symbol.parameters[i], c), `${name}, parameter ${i}: ${symbol.parameters[i]} for ${c}`);
    }
    assert(same(symbol.result, declared.result), `${name}, result: ${symbol.result} for ${declared.result}`);
  }
}

/** All headers of a folder whose names match. */
function headers(folder: string, pattern: RegExp): string {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => pattern.test(name)).sort()
    .map((name) => readHeader(`${folder}/${name}`)).join("\n");
}

Deno.test({
  name: "the functions and constants of HDF5 are those of its headers",
  ignore: HEADERS === undefined,
  fn: () => {
    const text = headers(`${HEADERS}/hdf5`, /^H5\w*public\.h$/);
    compare(HDF5, text);
    for (const name of Object.keys(HDF5_CONSTANTS)) {
      assert(new RegExp(`H5_DLLVAR\\s+hid_t\\s+${name}\\s*;`).test(text), name);
    }
  },
});

Deno.test({
  name: "the functions of OpenBLAS are those of its headers",
  ignore: HEADERS === undefined,
  fn: () => compare(OPENBLAS, headers(`${HEADERS}/openblas`, /^(cblas|lapacke)\.h$/)),
});

Deno.test("the functions around libtiff are those of our header", () => {
  compare(TIFF, readHeader(`${NATIVE}include/ilh_tiff.h`));
});

Deno.test("the function that tells versions is that of our header", () => {
  compare(VERSION_SYMBOLS, readHeader(`${NATIVE}include/ilh_versions.h`));
});

Deno.test("the functions around libjpeg-turbo are those of our header", () => {
  compare(JPEG, readHeader(`${NATIVE}include/ilh_jpeg.h`));
  compare(JPEG_WRITER, readHeader(`${NATIVE}include/ilh_jpeg_writer.h`));
});

Deno.test("the functions that pack pixels are those of our header", () => {
  compare(ENCODE, readHeader(`${NATIVE}include/ilh_encode.h`));
  compare(PACK, readHeader(`${NATIVE}include/ilh_pack.h`));
  compare(PNG, readHeader(`${NATIVE}include/ilh_png.h`));
  compare(BLOSC, readHeader(`${NATIVE}include/ilh_blosc.h`));
});

Deno.test("the function that scales values is that of our header", () => {
  compare(SCALE, readHeader(`${NATIVE}include/ilh_scale.h`));
});

Deno.test("the functions that unpack streams are those of our header", () => {
  compare(INFLATE, readHeader(`${NATIVE}include/ilh_inflate.h`));
});

Deno.test("the functions around libzstd are those of our header", () => {
  compare(ZSTD, readHeader(`${NATIVE}include/ilh_zstd.h`));
});

Deno.test("the functions of the kernels are those of our headers", () => {
  for (const table of [KERNEL_SYMBOLS, TRAIN_SYMBOLS]) compare(table, headers(`${NATIVE}include`, /^ilh_\w+\.h$/));
});

Deno.test("the structures of TIFF pages are those of our header", () => {
  const text = readHeader(`${NATIVE}include/ilh_tiff.h`);
  for (const [name, struct] of [["ilh_tiff_info", INFO], ["ilh_tiff_layout", LAYOUT]] as const) {
    const body = new RegExp(`typedef struct \\{([^}]*)\\} ${name};`).exec(text)?.[1] ?? "";
    const fields = Array.from(
      body.matchAll(/uint(32|64)_t (\w+)(\[2\])?;/g),
      ([, bits, field, two]) => [field, `u${bits}${two === undefined ? "" : "x2"}`],
    );
    assertEquals(Object.entries(struct), fields, name);
  }
});

Deno.test("the codes of TIFF elements and errors are those of our header", () => {
  const text = readHeader(`${NATIVE}include/ilh_tiff.h`);
  const numbers = (kind: string) =>
    Array.from(
      new RegExp(`enum ${kind} \\{([^}]*)\\}`).exec(text)?.[1]?.matchAll(/(ILH_TIFF_\w+) = (\d+)/g) ?? [],
      ([, name = "", value]) => [name.replace("ILH_TIFF_", ""), Number(value)] as const,
    );
  const short = (dtype = "none") => dtype.replace("uint", "u").replace("int", "i").replace("float", "f").toUpperCase();
  assertEquals(numbers("ilh_tiff_element"), ELEMENTS.map((dtype, i) => [short(dtype), i] as const));
  assertEquals(numbers("ilh_tiff_error").length, ERRORS.length);
});
