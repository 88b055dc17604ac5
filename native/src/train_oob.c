// Out-of-bag error of a sub-forest.
#include <string.h>

#include "train_random.h"
#include "train_walk.h"

typedef struct {
  uint32_t *times;
  uint8_t *counted; // 1: some tree has not seen the row
  uint8_t *starts;  // see train_tree_ok
  double *sums;     // [rows][classes] probabilities of the trees that have not seen the row
} tables;

static uint64_t lay_out(tables *t, void *base, uint64_t n_rows, uint64_t n_classes, uint64_t most_words) {
  train_arena arena = train_arena_at(base);
  t->times = train_take(&arena, n_rows, sizeof *t->times);
  t->counted = train_take(&arena, n_rows, sizeof *t->counted);
  t->starts = train_take(&arena, most_words, sizeof *t->starts);
  t->sums = train_take(&arena, n_rows * n_classes, sizeof *t->sums);
  return train_arena_bytes(&arena);
}

uint64_t ilh_train_oob_bytes(int64_t n_rows, int32_t n_classes) {
  tables t;
  int64_t most[2];
  if (ilh_train_tree_sizes(n_rows, n_classes, most) != ILH_TRAIN_OK) return 0;
  return lay_out(&t, NULL, (uint64_t)n_rows, (uint64_t)n_classes, (uint64_t)most[0]);
}

int32_t ilh_train_oob(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
                      int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, int32_t n_trees,
                      const int64_t *topology_offset, const int32_t *topology, const int64_t *parameter_offset,
                      const double *parameters, int64_t result[2], void *scratch, uint64_t scratch_bytes,
                      const int32_t *cancel) {
  tables s;
  int64_t most[2];
  if (x == NULL || index == NULL || classes == NULL || n_trees < 1 || topology_offset == NULL || topology == NULL ||
      parameter_offset == NULL || parameters == NULL || result == NULL ||
      ilh_train_tree_sizes(n_rows, n_classes, most) != ILH_TRAIN_OK || !train_sizes_ok(n_rows, n_columns, n_classes) ||
      !train_classes_ok(classes, n_rows, n_classes)) {
    return ILH_TRAIN_ARGUMENT;
  }
  if (scratch == NULL ||
      lay_out(&s, scratch, (uint64_t)n_rows, (uint64_t)n_classes, (uint64_t)most[0]) > scratch_bytes) {
    return ILH_TRAIN_MEMORY;
  }
  memset(s.counted, 0, (uint64_t)n_rows);
  memset(s.sums, 0, sizeof *s.sums * (uint64_t)n_rows * (uint64_t)n_classes);
  for (int32_t i = 0; i < n_trees; i++) {
    train_tree tree = {topology + topology_offset[i],     topology_offset[i + 1] - topology_offset[i],
                       parameters + parameter_offset[i],  parameter_offset[i + 1] - parameter_offset[i],
                       n_columns,                         n_classes};
    if (tree.words > most[0] || !train_tree_ok(&tree, s.starts)) return ILH_TRAIN_TREE;
    train_random random = train_seed(seed, forest, (uint32_t)i, TRAIN_GROW);
    train_bootstrap(&random, (uint32_t)n_rows, s.times);
    for (int64_t row = 0; row < n_rows; row++) {
      if ((row & 4095) == 0 && train_cancelled(cancel)) return ILH_TRAIN_CANCELLED;
      if (s.times[row] != 0) continue;
      s.counted[row] = 1;
      const double *p = train_probabilities(&tree, train_leaf(&tree, x + (uint64_t)index[row] * (uint32_t)n_columns));
      double *sum = s.sums + row * n_classes;
      for (int32_t l = 0; l < n_classes; l++) sum[l] += p[l];
    }
  }
  result[0] = result[1] = 0;
  for (int64_t row = 0; row < n_rows; row++) {
    if (!s.counted[row]) continue;
    result[0] += train_first_largest(s.sums + row * n_classes, n_classes) != classes[row];
    result[1]++;
  }
  return ILH_TRAIN_OK;
}
