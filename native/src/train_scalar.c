// The definition of a tree (pixel-classification.md section 5.2), as it is written: rows are sorted by their values in
// every column of every node. Oracle of the tests.
#include <stdlib.h>
#include <string.h>

#include "train_common.h"
#include "train_random.h"

typedef struct {
  float value;
  uint32_t row;
} sample;

typedef struct {
  uint32_t begin, end;
  int64_t link;
} pending;

static int by_value(const void *a, const void *b) {
  float left = ((const sample *)a)->value, right = ((const sample *)b)->value;
  return (left > right) - (left < right);
}

typedef struct {
  uint32_t *rows, *moved, *times, *columns, *histogram, *left;
  sample *sorted;
  pending *stack;
} tables;

static uint64_t lay_out(tables *t, void *base, uint64_t n_rows, uint64_t n_columns, uint64_t n_classes) {
  train_arena arena = train_arena_at(base);
  t->rows = train_take(&arena, n_rows, sizeof *t->rows);
  t->moved = train_take(&arena, n_rows, sizeof *t->moved);
  t->times = train_take(&arena, n_rows, sizeof *t->times);
  t->columns = train_take(&arena, n_columns, sizeof *t->columns);
  t->histogram = train_take(&arena, n_classes, sizeof *t->histogram);
  t->left = train_take(&arena, n_classes, sizeof *t->left);
  t->sorted = train_take(&arena, n_rows, sizeof *t->sorted);
  t->stack = train_take(&arena, n_rows + 1, sizeof *t->stack);
  return train_arena_bytes(&arena);
}

uint64_t ilh_train_tree_scalar_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes) {
  tables t;
  if (!train_sizes_ok(n_rows, n_columns, n_classes)) return 0;
  return lay_out(&t, NULL, (uint64_t)n_rows, (uint64_t)n_columns, (uint64_t)n_classes);
}

int32_t ilh_train_tree_scalar(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
                              int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree,
                              int32_t *topology, double *parameters, int64_t sizes[2], void *scratch,
                              uint64_t scratch_bytes) {
  int64_t largest[2];
  tables t;
  if (x == NULL || index == NULL || classes == NULL || topology == NULL || parameters == NULL || sizes == NULL ||
      ilh_train_tree_sizes(n_rows, n_classes, largest) != ILH_TRAIN_OK ||
      !train_sizes_ok(n_rows, n_columns, n_classes) || !train_classes_ok(classes, n_rows, n_classes)) {
    return ILH_TRAIN_ARGUMENT;
  }
  if (scratch == NULL || sizes[0] < largest[0] || sizes[1] < largest[1] ||
      lay_out(&t, scratch, (uint64_t)n_rows, (uint64_t)n_columns, (uint64_t)n_classes) > scratch_bytes) {
    return ILH_TRAIN_MEMORY;
  }
  train_random random = train_seed(seed, forest, tree, TRAIN_GROW);
  uint32_t n = 0;
  train_bootstrap(&random, (uint32_t)n_rows, t.times);
  for (uint32_t row = 0; row < (uint32_t)n_rows; row++) {
    for (uint32_t draw = 0; draw < t.times[row]; draw++) t.rows[n++] = row;
  }
  for (uint32_t column = 0; column < (uint32_t)n_columns; column++) t.columns[column] = column;
  int32_t mtry = train_mtry(n_columns);
  int64_t words = TRAIN_ROOT, used = 0;
  topology[0] = n_columns;
  topology[1] = n_classes;
  uint32_t depth = 0;
  t.stack[depth++] = (pending){0, n, 0};
  while (depth > 0) {
    pending next = t.stack[--depth];
    uint32_t *rows = t.rows + next.begin, samples = next.end - next.begin;
    if (next.link != 0) topology[next.link] = (int32_t)words;
    memset(t.histogram, 0, sizeof *t.histogram * (uint32_t)n_classes);
    for (uint32_t i = 0; i < samples; i++) t.histogram[classes[rows[i]]]++;
    double node_loss = train_loss(t.histogram, n_classes, samples), best_loss = node_loss, threshold = 0;
    uint32_t best_column = 0;
    if (node_loss > 0) {
      for (int32_t i = 0; i < mtry; i++) {
        int32_t j = i + (int32_t)train_below(&random, (uint32_t)(n_columns - i));
        uint32_t column = t.columns[i];
        t.columns[i] = t.columns[j];
        t.columns[j] = column;
      }
      for (int32_t c = 0; c < n_columns && (c < mtry || best_loss == node_loss); c++) {
        for (uint32_t i = 0; i < samples; i++) {
          t.sorted[i] = (sample){x[(uint64_t)index[rows[i]] * (uint32_t)n_columns + t.columns[c]], rows[i]};
        }
        qsort(t.sorted, samples, sizeof *t.sorted, by_value);
        memset(t.left, 0, sizeof *t.left * (uint32_t)n_classes);
        for (uint32_t i = 0; i + 1 < samples; i++) {
          t.left[classes[t.sorted[i].row]]++;
          if (t.sorted[i].value == t.sorted[i + 1].value) continue;
          double loss = train_loss_of_split(t.histogram, t.left, n_classes, samples, i + 1);
          if (loss < best_loss) {
            best_loss = loss;
            best_column = t.columns[c];
            threshold = train_threshold(t.sorted[i].value, t.sorted[i + 1].value);
          }
        }
      }
    }
    double *p = parameters + used;
    topology[words + 1] = (int32_t)used;
    if (!train_improves(best_loss, node_loss)) {
      topology[words] = TRAIN_LEAF;
      words += TRAIN_LEAF_WORDS;
      p[0] = samples;
      for (int32_t l = 0; l < n_classes; l++) p[1 + l] = (double)t.histogram[l] / (double)samples;
      used += 1 + n_classes;
      continue;
    }
    topology[words] = TRAIN_INNER;
    topology[words + 4] = (int32_t)best_column;
    p[0] = 1;
    p[1] = threshold;
    used += TRAIN_INNER_PARAMETERS;
    uint32_t n_left = 0, n_right = 0;
    for (uint32_t i = 0; i < samples; i++) {
      double value = x[(uint64_t)index[rows[i]] * (uint32_t)n_columns + best_column];
      if (value < threshold) {
        rows[n_left++] = rows[i];
      } else {
        t.moved[n_right++] = rows[i];
      }
    }
    memcpy(rows + n_left, t.moved, sizeof *t.moved * n_right);
    t.stack[depth++] = (pending){next.begin, next.begin + n_left, words + 2};
    t.stack[depth++] = (pending){next.begin + n_left, next.end, words + 3};
    words += TRAIN_INNER_WORDS;
  }
  sizes[0] = words;
  sizes[1] = used;
  return ILH_TRAIN_OK;
}
