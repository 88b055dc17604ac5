/**
 * Functions of the kernel library that train random forests, each under its C declaration in
 * `native/include/ilh_train.h`.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";

/** Functions that train random forests. */
export const TRAIN_SYMBOLS = {
  // int32_t ilh_train_select(const float *x, const uint8_t *labels, int64_t n_rows, int32_t n_columns,
  //   double proportion, uint64_t seed, uint32_t *index, int64_t *counts)
  ilh_train_select: {
    parameters: ["buffer", "buffer", "i64", "i32", "f64", "u64", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // int32_t ilh_train_code_bytes(int64_t n_rows)
  ilh_train_code_bytes: { parameters: ["i64"], result: "i32" },
  // uint64_t ilh_train_codes_bytes(int64_t n_rows)
  ilh_train_codes_bytes: { parameters: ["i64"], result: "u64" },
  // int32_t ilh_train_codes(const float *x, const uint32_t *index, int64_t n_rows, int32_t n_columns, int32_t first,
  //   int32_t last, void *codes, float *values, void *scratch, uint64_t scratch_bytes, const int32_t *cancel)
  ilh_train_codes: {
    parameters: ["buffer", "buffer", "i64", "i32", "i32", "i32", "buffer", "buffer", "buffer", "u64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // int32_t ilh_train_tree_sizes(int64_t n_rows, int32_t n_classes, int64_t sizes[2])
  ilh_train_tree_sizes: { parameters: ["i64", "i32", "buffer"], result: "i32" },
  // uint64_t ilh_train_tree_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes)
  ilh_train_tree_bytes: { parameters: ["i64", "i32", "i32"], result: "u64" },
  // int32_t ilh_train_tree(const void *codes, const float *values, const uint8_t *classes, int64_t n_rows,
  //   int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree, int32_t *topology,
  //   double *parameters, int64_t sizes[2], void *scratch, uint64_t scratch_bytes, const int32_t *cancel)
  ilh_train_tree: {
    parameters: [
      ...["buffer", "buffer", "buffer", "i64", "i32", "i32", "u64", "u32", "u32"] as const,
      ...["buffer", "buffer", "buffer", "buffer", "u64", "buffer"] as const,
    ],
    result: "i32",
    nonblocking: true,
  },
  // uint64_t ilh_train_tree_scalar_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes)
  ilh_train_tree_scalar_bytes: { parameters: ["i64", "i32", "i32"], result: "u64" },
  // int32_t ilh_train_tree_scalar(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
  //   int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree, int32_t *topology,
  //   double *parameters, int64_t sizes[2], void *scratch, uint64_t scratch_bytes)
  ilh_train_tree_scalar: {
    parameters: [
      ...["buffer", "buffer", "buffer", "i64", "i32", "i32", "u64", "u32", "u32"] as const,
      ...["buffer", "buffer", "buffer", "buffer", "u64"] as const,
    ],
    result: "i32",
    nonblocking: true,
  },
  // uint64_t ilh_train_oob_bytes(int64_t n_rows, int32_t n_classes)
  ilh_train_oob_bytes: { parameters: ["i64", "i32"], result: "u64" },
  // int32_t ilh_train_oob(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
  //   int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, int32_t n_trees,
  //   const int64_t *topology_offset, const int32_t *topology, const int64_t *parameter_offset,
  //   const double *parameters, int64_t result[2], void *scratch, uint64_t scratch_bytes, const int32_t *cancel)
  ilh_train_oob: {
    parameters: [
      ...["buffer", "buffer", "buffer", "i64", "i32", "i32", "u64", "u32", "i32"] as const,
      ...["buffer", "buffer", "buffer", "buffer", "buffer", "buffer", "u64", "buffer"] as const,
    ],
    result: "i32",
    nonblocking: true,
  },
  // uint64_t ilh_train_importance_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes, int64_t topology_words)
  ilh_train_importance_bytes: { parameters: ["i64", "i32", "i32", "i64"], result: "u64" },
  // int32_t ilh_train_importance(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
  //   int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree, const int32_t *topology,
  //   int64_t topology_words, const double *parameters, int64_t n_parameters, double *out, void *scratch,
  //   uint64_t scratch_bytes, const int32_t *cancel)
  ilh_train_importance: {
    parameters: [
      ...["buffer", "buffer", "buffer", "i64", "i32", "i32", "u64", "u32", "u32"] as const,
      ...["buffer", "i64", "buffer", "i64", "buffer", "buffer", "u64", "buffer"] as const,
    ],
    result: "i32",
    nonblocking: true,
  },
  // int32_t ilh_train_draws(uint64_t state, uint64_t sequence, uint32_t bound, int64_t n, uint32_t *out)
  ilh_train_draws: { parameters: ["u64", "u64", "u32", "i64", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** What the training functions return, `ilh_train_error`. */
export const TRAIN_CODES = { ok: 0, argument: 1, memory: 2, cancelled: 3, classLost: 4, tree: 5 } as const;

/** Places in the counts of `ilh_train_select`, `ilh_train_count`. */
export const TRAIN_COUNTS = { kept: 0, notFinite: 1, before: 2, after: 258, length: 514 } as const;

/** Most different labels, `ILH_TRAIN_MAX_CLASSES`. */
export const TRAIN_MAX_LABEL = 255;

/** The training functions of the kernel library. */
export type TrainFunctions = Deno.DynamicLibrary<typeof TRAIN_SYMBOLS>["symbols"];

/**
 * The training functions; the library is opened at first use.
 *
 * @throws {LibraryError} if the library cannot be opened
 */
export const trainFunctions: () => TrainFunctions = lazyLibrary("ilh_kernels", TRAIN_SYMBOLS);
