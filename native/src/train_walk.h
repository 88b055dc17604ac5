// Trees that were trained, on the rows they were trained on.
#ifndef ILH_TRAIN_WALK_H
#define ILH_TRAIN_WALK_H

#include "train_common.h"

typedef struct {
  const int32_t *topology;
  int64_t words;
  const double *parameters;
  int64_t n_parameters;
  int32_t n_columns, n_classes;
} train_tree;

// Words of a node, by its kind.
static inline int32_t train_node_words(int32_t kind) {
  return kind == TRAIN_INNER ? TRAIN_INNER_WORDS : TRAIN_LEAF_WORDS;
}

// Whether walks end inside the tree: nodes fill it from the root on, children lie behind their parent and start at a
// node, columns and parameters exist. `starts` (a byte per word) is scratch.
static inline int train_tree_ok(const train_tree *t, uint8_t *starts) {
  if (t->words < TRAIN_ROOT + TRAIN_LEAF_WORDS || t->topology[0] != t->n_columns || t->topology[1] != t->n_classes) {
    return 0;
  }
  for (int64_t i = 0; i < t->words; i++) starts[i] = 0;
  int64_t end = TRAIN_ROOT;
  while (end < t->words) {
    int32_t kind = t->topology[end];
    int64_t needed = kind == TRAIN_INNER ? TRAIN_INNER_PARAMETERS : 1 + (int64_t)t->n_classes;
    if ((kind != TRAIN_INNER && kind != TRAIN_LEAF) || t->words - end < train_node_words(kind)) return 0;
    int64_t parameter = t->topology[end + 1];
    if (parameter < 0 || needed > t->n_parameters - parameter) return 0;
    starts[end] = 1;
    end += train_node_words(kind);
  }
  for (int64_t i = TRAIN_ROOT; i < t->words; i += train_node_words(t->topology[i])) {
    if (t->topology[i] != TRAIN_INNER) continue;
    for (int64_t side = 2; side <= 3; side++) {
      int64_t child = t->topology[i + side];
      if (child <= i || child >= t->words || !starts[child]) return 0;
    }
    if (t->topology[i + 4] < 0 || t->topology[i + 4] >= t->n_columns) return 0;
  }
  return 1;
}

// The child that a value leads to.
static inline int32_t train_step(const train_tree *t, int32_t node, float value) {
  double threshold = t->parameters[t->topology[node + 1] + 1];
  return t->topology[node + ((double)value < threshold ? 2 : 3)];
}

// Address of the leaf of a row.
static inline int32_t train_leaf(const train_tree *t, const float *row) {
  int32_t node = TRAIN_ROOT;
  while (t->topology[node] == TRAIN_INNER) node = train_step(t, node, row[t->topology[node + 4]]);
  return node;
}

static inline const double *train_probabilities(const train_tree *t, int32_t leaf) {
  return t->parameters + t->topology[leaf + 1] + 1;
}

static inline int32_t train_first_largest(const double *values, int32_t n) {
  int32_t best = 0;
  for (int32_t l = 1; l < n; l++) {
    if (values[l] > values[best]) best = l;
  }
  return best;
}

#endif
