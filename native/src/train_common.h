// What the files of the training share: the loss, the node words, checks of arguments, cutting up scratch memory.
#ifndef ILH_TRAIN_COMMON_H
#define ILH_TRAIN_COMMON_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "ilh_train.h"

// Words of a node in `topology` (section 1.6); a tree starts with {columns, classes}, its root is at 2.
enum {
  TRAIN_INNER = 0,
  TRAIN_LEAF = 0x40000000,
  TRAIN_ROOT = 2,
  TRAIN_INNER_WORDS = 5, // kind, parameter, left, right, column
  TRAIN_LEAF_WORDS = 2,  // kind, parameter
  TRAIN_INNER_PARAMETERS = 2, // weight, threshold
};

// Gini loss of a histogram with `sum` samples. The order of the operations is part of the definition.
static inline double train_loss(const uint32_t *histogram, int32_t n_classes, uint32_t sum) {
  double total = sum;
  if (n_classes == 2) return (double)histogram[0] * (double)histogram[1] / total;
  double loss = 0;
  for (int32_t l = 0; l < n_classes; l++) {
    double h = histogram[l];
    loss += h * (1.0 - h / total);
  }
  return loss;
}

// Loss of the two parts of a node: `left` and the rest of `all`.
static inline double train_loss_of_split(const uint32_t *all, const uint32_t *left, int32_t n_classes, uint32_t sum,
                                         uint32_t left_sum) {
  uint32_t right[ILH_TRAIN_MAX_CLASSES];
  for (int32_t l = 0; l < n_classes; l++) right[l] = all[l] - left[l];
  return train_loss(right, n_classes, sum - left_sum) + train_loss(left, n_classes, left_sum);
}

// Whether a loss is less than that of its node by more than rounding.
static inline int train_improves(double loss, double node_loss) {
  return node_loss - loss > 2 * 2.2204460492503131e-16 * node_loss;
}

// Columns that are looked at in a node.
static inline int32_t train_mtry(int32_t n_columns) {
  int32_t mtry = (int32_t)floor(sqrt((double)n_columns) + 0.5);
  return mtry > n_columns ? n_columns : mtry;
}

// Mean of two neighbouring values.
static inline double train_threshold(float left, float right) { return ((double)left + (double)right) / 2; }

// Whether the sizes of a table can be trained on.
static inline int train_sizes_ok(int64_t n_rows, int32_t n_columns, int32_t n_classes) {
  return n_rows >= 1 && n_rows <= ILH_TRAIN_MAX_ROWS && n_columns >= 1 && n_columns <= 0xffffff && n_classes >= 1 &&
         n_classes <= ILH_TRAIN_MAX_CLASSES;
}

static inline int train_classes_ok(const uint8_t *classes, int64_t n_rows, int32_t n_classes) {
  for (int64_t i = 0; i < n_rows; i++) {
    if (classes[i] >= n_classes) return 0;
  }
  return 1;
}

static inline int train_cancelled(const int32_t *cancel) {
  return cancel != NULL && __atomic_load_n(cancel, __ATOMIC_RELAXED) != 0;
}

// Scratch memory, cut from the front in pieces aligned to cache lines. With a null base it only counts.
enum { TRAIN_LINE = 64 };
typedef struct {
  uint8_t *base;
  uint64_t used;
} train_arena;

static inline train_arena train_arena_at(void *memory) {
  uint8_t *base = memory;
  return (train_arena){base == NULL ? NULL : base + (-(uintptr_t)base & (TRAIN_LINE - 1)), 0};
}

static inline void *train_take(train_arena *arena, uint64_t count, uint64_t size) {
  void *piece = arena->base == NULL ? NULL : arena->base + arena->used;
  arena->used += (count * size + TRAIN_LINE - 1) & ~(uint64_t)(TRAIN_LINE - 1);
  return piece;
}

// Bytes that all pieces need, wherever the memory starts.
static inline uint64_t train_arena_bytes(const train_arena *arena) { return arena->used + TRAIN_LINE; }

#endif
