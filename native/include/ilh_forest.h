// Random forests: from the arrays of a project file to class probabilities of pixels.
//
// Definition: pixel-classification.md sections 1.6 (trees on disk), 3.1 and 3.2 (arithmetic). Every function gives the
// same bits on every instruction set, for any number of pixels per call.
//
// Order of calls: `ilh_forest_size` (two sizes) -> `ilh_forest_build` (checks everything; the description and the work
// memory are not needed afterwards) -> `ilh_forest_used` (which feature columns to compute) -> `ilh_forest_scratch`
// -> `ilh_forest_predict` or `ilh_forest_argmax`, from as many threads as wanted, each with its own scratch.
#ifndef ILH_FOREST_H
#define ILH_FOREST_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_forest_error {
  ILH_FOREST_OK = 0,
  ILH_FOREST_ARGUMENT = 1,  // null pointer, size or count out of range
  ILH_FOREST_MEMORY = 2,    // a buffer is smaller than its size function says, or not aligned
  ILH_FOREST_LAYOUT = 3,    // tree: offsets descend or leave too few values
  ILH_FOREST_HEADER = 4,    // tree: first two values are not the numbers of columns and classes
  ILH_FOREST_NODE_KIND = 5, // node: type word is neither a threshold nor a constant leaf
  ILH_FOREST_CHILD = 6,     // node: child outside the tree or not behind its parent
  ILH_FOREST_COLUMN = 7,    // node: column outside the features
  ILH_FOREST_PARAMETER = 8, // node: parameters outside the tree's parameters
  ILH_FOREST_SHARED = 9,    // tree: nodes with several parents
  ILH_FOREST_FOREIGN = 10,  // memory that `ilh_forest_build` did not fill
};

// All forests of one classifier, as read from the project. Offsets are counted in values.
//
// Layout for callers without a C compiler (64 bytes): 0 n_forests, 4 n_classes, 8 n_columns, 12 reserved (int32 each),
// then pointers: 16 n_trees, 24 weighted, 32 topology_offset, 40 topology, 48 parameter_offset, 56 parameters.
typedef struct {
  int32_t n_forests;               // 1 .. 65535, in ascending order of their names
  int32_t n_classes;               // columns of a forest, 1 .. 254
  int32_t n_columns;               // features F
  int32_t reserved;                // 0
  const int32_t *n_trees;          // [n_forests], each at least 1
  const int32_t *weighted;         // [n_forests] not 0: leaves count by their samples (predict_weighted_)
  const int64_t *topology_offset;  // [all trees + 1] start of each tree in `topology`, ascending order of names
  const int32_t *topology;         // all trees
  const int64_t *parameter_offset; // [all trees + 1] start of each tree in `parameters`
  const double *parameters;        // all trees
} ilh_forest_desc;

// Where a description is wrong: {tree over all forests, word of its topology, parameter}; -1 where it does not apply.
// Every `where` below may be null.

// Sizes of the two buffers of `ilh_forest_build`: sizes[0] the compiled forest, sizes[1] work memory. Looks at the
// counts and offsets only, so it is safe for any content of the arrays that the offsets span.
ILH_API int32_t ilh_forest_size(const ilh_forest_desc *d, uint64_t sizes[2], int64_t where[3]);

// Checks every node of every tree (section 1.6), needs `work` of sizes[1] bytes. Bounded by the length of the arrays.
ILH_API int32_t ilh_forest_check(const ilh_forest_desc *d, void *work, uint64_t work_bytes, int64_t where[3]);

// Checks, then compiles into `forest`: aligned to 64 bytes, position independent (may be copied to another address
// with that alignment), read-only afterwards. Also `work` must be aligned to 64 bytes.
ILH_API int32_t ilh_forest_build(const ilh_forest_desc *d, void *forest, uint64_t forest_bytes, void *work,
                                 uint64_t work_bytes, int64_t where[3]);

// Columns that a compiled forest tests: used[c] = 1 or 0 for all F columns; returns their count, or -1 when the
// memory is no compiled forest.
ILH_API int32_t ilh_forest_used(const void *forest, uint8_t *used);

// Bytes of scratch of one call, whatever its number of pixels; 0 when the memory is no compiled forest.
ILH_API uint64_t ilh_forest_scratch(const void *forest);

// Probabilities of `n_pixels` pixels, 3.1 and 3.2.
//
// level: instruction set as in ilh_cpu.h; a level that this build lacks means portable.
// planes: the used columns only, in ascending order, the j-th at planes + j * plane_stride, each n_pixels long.
// invalid: null, or a byte per pixel: not 0 = the row holds a NaN in a column that no tree tests, so it counts as a row
//   with NaN. (A NaN in a used column is seen here.)
// out: one plane per class, the l-th at out + l * out_stride. Rows with NaN get 0 in all of them.
// scratch: aligned to 64 bytes, at least ilh_forest_scratch bytes.
ILH_API int32_t ilh_forest_predict(const void *forest, int32_t level, const float *planes, int64_t plane_stride,
                                   const uint8_t *invalid, int64_t n_pixels, float *out, int64_t out_stride,
                                   void *scratch, uint64_t scratch_bytes);

// What `ilh_forest_argmax` writes for a row with NaN.
#define ILH_FOREST_NO_CLASS 255

// Index of the first largest probability of each pixel, exactly that of the numbers `ilh_forest_predict` gives, but
// trees that cannot change it any more are left out. Rows with NaN: ILH_FOREST_NO_CLASS.
ILH_API int32_t ilh_forest_argmax(const void *forest, int32_t level, const float *planes, int64_t plane_stride,
                                  const uint8_t *invalid, int64_t n_pixels, uint8_t *out, void *scratch,
                                  uint64_t scratch_bytes);

// The definition, literally, on a description that passes `ilh_forest_check`: rows of all F features, `n_rows` x F,
// to probabilities `n_rows` x k.
ILH_API int32_t ilh_forest_predict_scalar(const ilh_forest_desc *d, const float *rows, int64_t n_rows, float *out);

#endif
