// Training of random forests: from feature rows with labels to the tree arrays of a project file.
//
// Definition: pixel-classification.md sections 5.2 (trees, out-of-bag error) and 5.3 (variable importance); the arrays
// of a tree are those of section 1.6. Everything random comes from a generator that is seeded by (seed, forest, tree),
// so a tree depends on the rows and these three numbers only: not on threads, machine or order of calls.
//
// Order of calls: `ilh_train_select` (which rows) -> `ilh_train_codes` (any ranges of columns, in parallel) ->
// `ilh_train_tree` (any trees, in parallel) -> `ilh_train_oob` (once per sub-forest) and `ilh_train_importance` (any
// trees, in parallel). The out-of-bag functions draw the bootstrap of a tree again instead of storing it.
//
// Decided here, where the definition leaves room:
// - Rows with a value that is not finite are not trained on (an infinite neighbour would make a threshold that sends
//   rows elsewhere than they were counted); the caller gets their number.
// - `-0` and `0` are the same value.
// - "No improvement within rounding" means that the smallest loss is within 2 DBL_EPSILON, relatively, of the node's.
// - The out-of-bag rule for more than 10 000 rows beyond the sample size never applies: a bootstrap sample here has as
//   many draws as there are rows.
#ifndef ILH_TRAIN_H
#define ILH_TRAIN_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_train_error {
  ILH_TRAIN_OK = 0,
  ILH_TRAIN_ARGUMENT = 1,   // null pointer, size or count out of range
  ILH_TRAIN_MEMORY = 2,     // a buffer is smaller than its size function says
  ILH_TRAIN_CANCELLED = 3,  // the flag was set
  ILH_TRAIN_CLASS_LOST = 4, // a class has no row left to train on
  ILH_TRAIN_TREE = 5,       // a tree is not one that `ilh_train_tree` writes
};

// Most classes (labels are bytes, 0 is no label) and most rows.
#define ILH_TRAIN_MAX_CLASSES 255
#define ILH_TRAIN_MAX_ROWS 0x7fffffff

// Words that return from `ilh_train_select`.
enum ilh_train_count {
  ILH_TRAIN_KEPT = 0,      // rows in `index`
  ILH_TRAIN_NOT_FINITE = 1, // rows left out because of a value
  ILH_TRAIN_BEFORE = 2,    // [256] rows of each label as given
  ILH_TRAIN_AFTER = 258,   // [256] rows of each label in `index`
  ILH_TRAIN_COUNTS = 514,
};

// In all functions:
// x: feature rows, `n_rows` x `n_columns`, as the caller has them; `index`: the selected rows, ascending.
// classes: class of every selected row, 0 .. n_classes - 1.
// scratch: at least what the function's `..._bytes` says (0: the sizes are out of range).
// cancel: null, or a flag that another thread may set to anything but 0; looked at often, nothing is promised about
// the outputs of a cancelled call.

// Rows to train on: finite in all columns, then int(proportion * rows) of them at random. labels: 1 .. 255 per row.
// Writes `index` (room for n_rows) and the counts of `ilh_train_count`, these also with ILH_TRAIN_CLASS_LOST.
ILH_API int32_t ilh_train_select(const float *x, const uint8_t *labels, int64_t n_rows, int32_t n_columns,
                                 double proportion, uint64_t seed, uint32_t *index, int64_t *counts);

// Bytes of one code: 2 up to 65 536 selected rows, else 4.
ILH_API int32_t ilh_train_code_bytes(int64_t n_rows);
ILH_API uint64_t ilh_train_codes_bytes(int64_t n_rows);

// Ranks instead of values, for columns [first, last): codes[column][row] = number of different smaller values of the
// column; values[column][code] = the value. Both are planes of n_rows for all columns.
ILH_API int32_t ilh_train_codes(const float *x, const uint32_t *index, int64_t n_rows, int32_t n_columns,
                                int32_t first, int32_t last, void *codes, float *values, void *scratch,
                                uint64_t scratch_bytes, const int32_t *cancel);

// Largest tree: sizes[0] words of topology, sizes[1] parameters. Returns an error code.
ILH_API int32_t ilh_train_tree_sizes(int64_t n_rows, int32_t n_classes, int64_t sizes[2]);
ILH_API uint64_t ilh_train_tree_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes);

// One tree. sizes: in, the room in both arrays; out, what the tree takes.
ILH_API int32_t ilh_train_tree(const void *codes, const float *values, const uint8_t *classes, int64_t n_rows,
                               int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree,
                               int32_t *topology, double *parameters, int64_t sizes[2], void *scratch,
                               uint64_t scratch_bytes, const int32_t *cancel);

// The definition, literally: the same tree from the values themselves.
ILH_API uint64_t ilh_train_tree_scalar_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes);
ILH_API int32_t ilh_train_tree_scalar(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
                                      int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest,
                                      uint32_t tree, int32_t *topology, double *parameters, int64_t sizes[2],
                                      void *scratch, uint64_t scratch_bytes);

// Out-of-bag result of one sub-forest: result[0] rows that the trees which have not seen them get wrong, result[1]
// rows that at least one tree has not seen. Tree i of the sub-forest is topology[topology_offset[i] ..
// topology_offset[i + 1]), parameters likewise.
ILH_API uint64_t ilh_train_oob_bytes(int64_t n_rows, int32_t n_classes);
ILH_API int32_t ilh_train_oob(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
                              int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, int32_t n_trees,
                              const int64_t *topology_offset, const int32_t *topology,
                              const int64_t *parameter_offset, const double *parameters, int64_t result[2],
                              void *scratch, uint64_t scratch_bytes, const int32_t *cancel);

// Importance of every column in one tree: out[column][n_classes + 2] = permutation importance of each class, of all
// rows, and the sum of the loss decreases (Gini). All 0 for a column that the tree does not test, and the permutation
// importances of a tree whose sample holds every row.
ILH_API uint64_t ilh_train_importance_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes,
                                            int64_t topology_words);
ILH_API int32_t ilh_train_importance(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
                                     int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest,
                                     uint32_t tree, const int32_t *topology, int64_t topology_words,
                                     const double *parameters, int64_t n_parameters, double *out, void *scratch,
                                     uint64_t scratch_bytes, const int32_t *cancel);

// The generator itself, for its published test values: n numbers of stream (state, sequence), below `bound`, or all
// 32 bits when `bound` is 0.
ILH_API int32_t ilh_train_draws(uint64_t state, uint64_t sequence, uint32_t bound, int64_t n, uint32_t *out);

#endif
