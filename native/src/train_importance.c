// Variable importance of one tree (pixel-classification.md section 5.3).
#include <string.h>

#include "train_random.h"
#include "train_walk.h"

// Permutations of every column.
#define REPETITIONS 10

typedef struct {
  train_tree tree;
  const float *x;
  const uint32_t *index;
  const uint8_t *classes;
  int64_t n_rows;
  uint32_t *times;
  uint32_t *unseen;    // rows that the tree has not seen, n_unseen of them
  float *permuted;     // their values of one column
  uint32_t *touched;   // places in `unseen` whose way meets the column, with the node where it does
  int32_t *met;
  uint32_t *histogram; // [node address / 2][classes]
  uint8_t *vote;       // class of every leaf, by address
  double *before, *after; // [classes + 1] rows that are right; the last counts all
  uint32_t n_unseen;
} measurer;

static uint64_t lay_out(measurer *m, void *base, uint64_t n_rows, uint64_t n_classes, uint64_t words) {
  train_arena arena = train_arena_at(base);
  m->times = train_take(&arena, n_rows, sizeof *m->times);
  m->unseen = train_take(&arena, n_rows, sizeof *m->unseen);
  m->permuted = train_take(&arena, n_rows, sizeof *m->permuted);
  m->touched = train_take(&arena, n_rows, sizeof *m->touched);
  m->met = train_take(&arena, n_rows, sizeof *m->met);
  m->histogram = train_take(&arena, (words / 2 + 1) * n_classes, sizeof *m->histogram);
  m->vote = train_take(&arena, words, sizeof *m->vote);
  m->before = train_take(&arena, n_classes + 1, sizeof *m->before);
  m->after = train_take(&arena, n_classes + 1, sizeof *m->after);
  return train_arena_bytes(&arena);
}

static const float *row_of(const measurer *m, uint32_t row) {
  return m->x + (uint64_t)m->index[row] * (uint32_t)m->tree.n_columns;
}

static uint32_t *histogram_of(const measurer *m, int32_t node) {
  return m->histogram + (int64_t)(node / 2) * m->tree.n_classes;
}

// Adds the loss decrease of every inner node to the last number of its column. Children lie behind their parents, so
// one sweep from the end adds up the histograms.
static void add_decreases(const measurer *m, double *out) {
  const train_tree *t = &m->tree;
  int32_t k = t->n_classes;
  memset(m->histogram, 0, sizeof *m->histogram * (uint64_t)(t->words / 2 + 1) * (uint32_t)k);
  for (uint32_t row = 0; row < (uint32_t)m->n_rows; row++) {
    if (m->times[row] > 0) histogram_of(m, train_leaf(t, row_of(m, row)))[m->classes[row]] += m->times[row];
  }
  for (int32_t node = (int32_t)t->words - 1; node >= TRAIN_ROOT; node--) {
    // `vote` still marks the starts of nodes (train_tree_ok).
    if (m->vote[node] == 0 || t->topology[node] != TRAIN_INNER) continue;
    const uint32_t *left = histogram_of(m, t->topology[node + 2]), *right = histogram_of(m, t->topology[node + 3]);
    uint32_t *all = histogram_of(m, node), samples = 0, left_samples = 0;
    for (int32_t l = 0; l < k; l++) {
      all[l] = left[l] + right[l];
      samples += all[l];
      left_samples += left[l];
    }
    if (left_samples == 0 || left_samples == samples) continue;
    double decrease = train_loss(all, k, samples) - train_loss_of_split(all, left, k, samples, left_samples);
    out[(int64_t)t->topology[node + 4] * (k + 2) + k + 1] += decrease;
  }
}

static int is_right(const measurer *m, uint32_t place, int32_t leaf) {
  return m->vote[leaf] == m->classes[m->unseen[place]];
}

// Where the way of a row first tests the column; a leaf when it never does.
static int32_t first_test(const train_tree *t, const float *row, int32_t column) {
  int32_t node = TRAIN_ROOT;
  while (t->topology[node] == TRAIN_INNER && t->topology[node + 4] != column) {
    node = train_step(t, node, row[t->topology[node + 4]]);
  }
  return node;
}

// Leaf of a row from `node` on with another value of one column.
static int32_t leaf_with(const train_tree *t, int32_t node, const float *row, int32_t column, float value) {
  while (t->topology[node] == TRAIN_INNER) {
    int32_t tested = t->topology[node + 4];
    node = train_step(t, node, tested == column ? value : row[tested]);
  }
  return node;
}

static void count(const measurer *m, double *right, uint32_t place, double times) {
  right[m->classes[m->unseen[place]]] += times;
  right[m->tree.n_classes] += times;
}

// Permutation importance of one column. Rows whose way does not meet the column stay what they were.
static void permute_column(const measurer *m, int32_t column, train_random *random, double *out) {
  const train_tree *t = &m->tree;
  uint32_t n = m->n_unseen, n_touched = 0;
  memset(m->after, 0, sizeof *m->after * (uint32_t)(t->n_classes + 1));
  for (uint32_t i = 0; i < n; i++) {
    const float *row = row_of(m, m->unseen[i]);
    int32_t node = first_test(t, row, column);
    m->permuted[i] = row[column];
    if (t->topology[node] == TRAIN_INNER) {
      m->met[n_touched] = node;
      m->touched[n_touched++] = i;
    } else if (is_right(m, i, node)) {
      count(m, m->after, i, REPETITIONS);
    }
  }
  if (n_touched == 0) return;
  for (int32_t repetition = 0; repetition < REPETITIONS; repetition++) {
    for (uint32_t i = n - 1; i >= 1; i--) {
      uint32_t j = train_below(random, i + 1);
      float value = m->permuted[i];
      m->permuted[i] = m->permuted[j];
      m->permuted[j] = value;
    }
    for (uint32_t i = 0; i < n_touched; i++) {
      uint32_t place = m->touched[i];
      const float *row = row_of(m, m->unseen[place]);
      if (is_right(m, place, leaf_with(t, m->met[i], row, column, m->permuted[place]))) count(m, m->after, place, 1);
    }
  }
  for (int32_t l = 0; l <= t->n_classes; l++) out[l] = (m->before[l] - m->after[l] / REPETITIONS) / n;
}

uint64_t ilh_train_importance_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes, int64_t topology_words) {
  measurer m;
  if (!train_sizes_ok(n_rows, n_columns, n_classes) || topology_words < 0 || topology_words > INT32_MAX) return 0;
  return lay_out(&m, NULL, (uint64_t)n_rows, (uint64_t)n_classes, (uint64_t)topology_words);
}

int32_t ilh_train_importance(const float *x, const uint32_t *index, const uint8_t *classes, int64_t n_rows,
                             int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree,
                             const int32_t *topology, int64_t topology_words, const double *parameters,
                             int64_t n_parameters, double *out, void *scratch, uint64_t scratch_bytes,
                             const int32_t *cancel) {
  measurer m;
  if (x == NULL || index == NULL || classes == NULL || topology == NULL || parameters == NULL || out == NULL ||
      !train_sizes_ok(n_rows, n_columns, n_classes) || !train_classes_ok(classes, n_rows, n_classes) ||
      topology_words < 0 || topology_words > INT32_MAX) {
    return ILH_TRAIN_ARGUMENT;
  }
  if (scratch == NULL ||
      lay_out(&m, scratch, (uint64_t)n_rows, (uint64_t)n_classes, (uint64_t)topology_words) > scratch_bytes) {
    return ILH_TRAIN_MEMORY;
  }
  m.tree = (train_tree){topology, topology_words, parameters, n_parameters, n_columns, n_classes};
  m.x = x;
  m.index = index;
  m.classes = classes;
  m.n_rows = n_rows;
  if (!train_tree_ok(&m.tree, m.vote)) return ILH_TRAIN_TREE;
  int64_t stride = n_classes + 2;
  memset(out, 0, sizeof *out * (uint64_t)n_columns * (uint64_t)stride);
  train_random random = train_seed(seed, forest, tree, TRAIN_GROW);
  train_bootstrap(&random, (uint32_t)n_rows, m.times);
  add_decreases(&m, out);
  for (int32_t node = TRAIN_ROOT; node < topology_words; node += train_node_words(topology[node])) {
    if (topology[node] != TRAIN_LEAF) continue;
    m.vote[node] = (uint8_t)train_first_largest(train_probabilities(&m.tree, node), n_classes);
  }
  m.n_unseen = 0;
  for (uint32_t row = 0; row < (uint32_t)n_rows; row++) {
    if (m.times[row] == 0) m.unseen[m.n_unseen++] = row;
  }
  memset(m.before, 0, sizeof *m.before * (uint32_t)(n_classes + 1));
  for (uint32_t i = 0; i < m.n_unseen; i++) {
    if (is_right(&m, i, train_leaf(&m.tree, row_of(&m, m.unseen[i])))) count(&m, m.before, i, 1);
  }
  random = train_seed(seed, forest, tree, TRAIN_PERMUTE);
  for (int32_t column = 0; column < n_columns && m.n_unseen > 0; column++) {
    if (train_cancelled(cancel)) return ILH_TRAIN_CANCELLED;
    permute_column(&m, column, &random, out + column * stride);
  }
  return ILH_TRAIN_OK;
}
