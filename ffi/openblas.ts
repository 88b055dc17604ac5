/**
 * Dense linear algebra by OpenBLAS, opened at first use: only few workflows solve dense systems.
 *
 * Sums depend on the processor in their last bits, so nothing here may be in the way of numbers that have to be the same
 * everywhere (packaging.md §4.5). One thread: results do at least not depend on the number of cores.
 *
 * @module
 */
import { openLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { FUNCTIONS } from "./openblas_symbols.ts";
import { textAt } from "./text.ts";

export { NativeError, type NativeErrorLine } from "./native_error.ts";

type Library = Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];

const ROW_MAJOR = 101;
const NOT_TRANSPOSED = 111;
const UPPER = "U".charCodeAt(0);

let opened: Library | undefined;

function library(): Library {
  if (opened !== undefined) return opened;
  const { symbols } = openLibrary("scipy_openblas", FUNCTIONS);
  symbols.scipy_openblas_set_num_threads(1);
  return opened = symbols;
}

/** Version and build of the library in its own words; opens it. */
export function libraryVersion(): string {
  const text = library().scipy_openblas_get_config();
  return text === null ? "unknown" : textAt(text).trim();
}

/**
 * Product of two matrices.
 *
 * @param a `rows × inner`, in C order
 * @param b `inner × columns`, in C order
 * @returns `rows × columns`, in C order
 */
export async function multiply(
  a: Float64Array<ArrayBuffer>,
  b: Float64Array<ArrayBuffer>,
  rows: number,
  inner: number,
  columns: number,
): Promise<Float64Array<ArrayBuffer>> {
  expectLength("a", a, rows * inner);
  expectLength("b", b, inner * columns);
  const product = new Float64Array(rows * columns);
  if (product.length === 0 || inner === 0) return product;
  await library().scipy_cblas_dgemm(
    ROW_MAJOR,
    NOT_TRANSPOSED,
    NOT_TRANSPOSED,
    rows,
    columns,
    inner,
    1,
    a,
    inner,
    b,
    columns,
    0,
    product,
    columns,
  );
  return product;
}

/**
 * Solves `a · x = b`.
 *
 * @param a `size × size`, in C order
 * @param b `size × columns`, in C order
 * @param size unknowns
 * @param columns right-hand sides
 * @param kind `positive`: `a` is symmetric and positive definite (Cholesky), only its upper half is looked at
 * @returns `x`, `size × columns`, in C order
 * @throws {NativeError} if `a` is singular, or not positive definite
 */
export async function solve(
  a: Float64Array<ArrayBuffer>,
  b: Float64Array<ArrayBuffer>,
  size: number,
  columns: number,
  kind: "general" | "positive",
): Promise<Float64Array<ArrayBuffer>> {
  expectLength("a", a, size * size);
  expectLength("b", b, size * columns);
  const x = b.slice();
  if (x.length === 0) return x;
  const { scipy_LAPACKE_dgesv: general, scipy_LAPACKE_dposv: positive } = library();
  // The matrix is overwritten by its factors.
  const info = kind === "general"
    ? await general(ROW_MAJOR, size, columns, a.slice(), size, new Int32Array(size), x, columns)
    : await positive(ROW_MAJOR, UPPER, size, columns, a.slice(), size, x, columns);
  if (info === 0) return x;
  const call = kind === "general" ? "LAPACKE_dgesv" : "LAPACKE_dposv";
  const text = info < 0
    ? `argument ${-info} is wrong`
    : kind === "general"
    ? "the matrix is singular"
    : "the matrix is not positive definite";
  throw new NativeError("OpenBLAS", call, info, [{ function: call, text }]);
}

function expectLength(name: string, matrix: Float64Array<ArrayBuffer>, length: number): void {
  if (matrix.length !== length) throw new RangeError(`matrix ${name} has ${matrix.length} elements, not ${length}`);
}
