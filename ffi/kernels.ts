/**
 * Our C kernels: pixel features, random forests, the fused pixel kernel. Declarations: `native/include/ilh_*.h`.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";

/** Symbols of the kernels that predict pixels. */
export const KERNEL_SYMBOLS = {
  // int32_t ilh_cpu_level(void)
  ilh_cpu_level: { parameters: [], result: "i32" },
  // int32_t ilh_cpu_has(int32_t level)
  ilh_cpu_has: { parameters: ["i32"], result: "i32" },

  // int32_t ilh_forest_size(const ilh_forest_desc *d, uint64_t sizes[2], int64_t where[3])
  ilh_forest_size: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  // int32_t ilh_forest_build(const ilh_forest_desc *d, void *forest, uint64_t forest_bytes, void *work,
  //                          uint64_t work_bytes, int64_t where[3])
  ilh_forest_build: { parameters: ["buffer", "buffer", "u64", "buffer", "u64", "buffer"], result: "i32" },
  // int32_t ilh_forest_used(const void *forest, uint8_t *used)
  ilh_forest_used: { parameters: ["buffer", "buffer"], result: "i32" },

  // uint64_t ilh_pixel_plan_bytes(const ilh_pixel_model *model)
  ilh_pixel_plan_bytes: { parameters: ["buffer"], result: "u64" },
  // int32_t ilh_pixel_plan(const ilh_pixel_model *model, const double *scales, const uint8_t *in_2d,
  //                        const ilh_pixel_column *columns, void *plan, uint64_t plan_bytes)
  ilh_pixel_plan: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "u64"], result: "i32" },
  // int32_t ilh_pixel_halo(const void *plan, int64_t dtype, int64_t halo[3])
  ilh_pixel_halo: { parameters: ["buffer", "i64", "buffer"], result: "i32" },
  // uint64_t ilh_pixel_arena(const void *plan, const void *forest, const ilh_pixel_job *job)
  ilh_pixel_arena: { parameters: ["buffer", "buffer", "buffer"], result: "u64" },
  // int32_t ilh_pixel_run(const void *plan, const void *forest, const int32_t *class_channel,
  //                       const ilh_pixel_job *job, const void *input, const uint8_t *mask, void *output,
  //                       void *arena, uint64_t arena_bytes, const int32_t *cancel)
  ilh_pixel_run: {
    parameters: [
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "u64",
      "buffer",
    ],
    result: "i32",
    nonblocking: true,
  },
  // int32_t ilh_pixel_reduce(int64_t kind, const float *probabilities, int64_t n, int64_t classes, void *output)
  ilh_pixel_reduce: { parameters: ["i64", "buffer", "i64", "i64", "buffer"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** The kernels, opened at the first call. */
export const kernels: () => Deno.DynamicLibrary<typeof KERNEL_SYMBOLS>["symbols"] = lazyLibrary(
  "ilh_kernels",
  KERNEL_SYMBOLS,
);

/** A kernel refused its arguments: always a bug or a damaged input that should have been found before. */
export class KernelError extends Error {
  /** Name of the class. */
  override readonly name = "KernelError";
  /** The C function. */
  readonly call: string;
  /** What it returned, see its header. */
  readonly code: number;

  /**
   * Made where a call fails.
   *
   * @param call the C function
   * @param code what it returned
   * @param details more words, for example where a tree is wrong
   */
  constructor(call: string, code: number, details = "") {
    super(`${call} failed with code ${code}${details === "" ? "" : ` ${details}`}`);
    this.call = call;
    this.code = code;
  }
}

/** Passes 0 on and throws for everything else. */
export function unwrap(call: string, code: number, details = ""): void {
  if (code !== 0) throw new KernelError(call, code, details);
}

/** Zeroed memory whose address is a multiple of 64, as plans, forests and arenas need. */
export function alignedBytes(bytes: number): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(bytes + ALIGNMENT);
  const past = Number(address(memory) % BigInt(ALIGNMENT));
  return memory.subarray(past === 0 ? 0 : ALIGNMENT - past).subarray(0, bytes);
}

/** Address of an array's first element, for pointers inside structs. The array must outlive the call. */
export function address(array: ArrayBufferView<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(array as Uint8Array<ArrayBuffer>)));
}

const ALIGNMENT = 64;
