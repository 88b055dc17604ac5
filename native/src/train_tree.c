// Grows one tree from the codes of `ilh_train_codes`.
#include <string.h>

#include "train_common.h"
#include "train_random.h"

// Nodes up to this many entries are sorted by insertion; 12 costs 3 % more time, 64 costs 12 %.
#define INSERTION_LIMIT 24

// Part of the node's samples by which the quick bound of a split may be wrong (see train_column.inc).
#define SLACK 1e-9

// Most draws of a row in one entry; more make a second entry.
#define MAX_TIMES 255

typedef struct {
  uint32_t begin, entries;
  int64_t link; // word of `topology` that gets the node's address; 0 for the root
} pending;

typedef struct {
  uint32_t begin, entries, samples;
  int64_t squares;           // sum of the squared class counts
  const uint32_t *histogram; // samples of each class
  double loss;
} node;

typedef struct {
  double loss;
  int64_t column; // -1: none
  uint32_t left_code, right_code;
} best_split;

typedef struct {
  const void *codes;
  const float *values;
  const uint8_t *classes;
  uint32_t n_rows, n_columns;
  int32_t n_classes;
  const int32_t *cancel;
  train_random random;
  int32_t *topology;
  double *parameters;
  int64_t words, n_parameters;
  // Rows of the bootstrap sample: row << 16 | class << 8 | times. The entries of a node are neighbours.
  uint64_t *entries, *moved;
  void *keys, *other_keys;
  uint32_t *columns; // permutation, kept between nodes
  uint32_t *times, *histogram;
  pending *stack;
} grower;

static uint64_t lay_out(grower *g, void *base, uint64_t n_rows, uint64_t n_columns, uint64_t n_classes) {
  train_arena arena = train_arena_at(base);
  uint64_t key_bytes = 2 * (uint64_t)ilh_train_code_bytes((int64_t)n_rows);
  g->entries = train_take(&arena, n_rows, sizeof *g->entries);
  g->moved = train_take(&arena, n_rows, sizeof *g->moved);
  g->keys = train_take(&arena, n_rows, key_bytes);
  g->other_keys = train_take(&arena, n_rows, key_bytes);
  g->columns = train_take(&arena, n_columns, sizeof *g->columns);
  g->times = train_take(&arena, n_rows, sizeof *g->times);
  g->histogram = train_take(&arena, n_classes, sizeof *g->histogram);
  g->stack = train_take(&arena, n_rows + 1, sizeof *g->stack);
  return train_arena_bytes(&arena);
}

// Bound on S_left / H_left + S_right / H_right below which a split cannot beat `loss`.
static inline double split_target(const node *node, int32_t classes, double loss) {
  double samples = node->samples;
  return samples - (classes == 2 ? 2 * loss : loss) - SLACK * samples;
}

#define CODE uint16_t
#define KEY uint32_t
#define NAME(x) x##_16
#include "train_column.inc"
#undef CODE
#undef KEY
#undef NAME
#define CODE uint32_t
#define KEY uint64_t
#define NAME(x) x##_32
#include "train_column.inc"
#undef CODE
#undef KEY
#undef NAME

// Draws the sample. Returns its number of entries.
static uint32_t draw_entries(grower *g) {
  train_bootstrap(&g->random, g->n_rows, g->times);
  uint32_t n = 0;
  for (uint32_t row = 0; row < g->n_rows; row++) {
    for (uint32_t left = g->times[row]; left > 0;) {
      uint32_t times = left < MAX_TIMES ? left : MAX_TIMES;
      g->entries[n++] = (uint64_t)row << 16 | (uint64_t)g->classes[row] << 8 | times;
      left -= times;
    }
  }
  return n;
}

static node count_classes(const grower *g, const pending *next) {
  node node = {next->begin, next->entries, 0, 0, g->histogram, 0};
  memset(g->histogram, 0, sizeof *g->histogram * (uint32_t)g->n_classes);
  for (uint32_t i = 0; i < node.entries; i++) {
    uint64_t entry = g->entries[node.begin + i];
    g->histogram[(entry >> 8) & 255] += (uint32_t)(entry & 255);
    node.samples += (uint32_t)(entry & 255);
  }
  for (int32_t l = 0; l < g->n_classes; l++) node.squares += (int64_t)g->histogram[l] * g->histogram[l];
  node.loss = train_loss(g->histogram, g->n_classes, node.samples);
  return node;
}

static best_split find_split(grower *g, const node *node) {
  int short_codes = ilh_train_code_bytes(g->n_rows) == 2;
  uint32_t mtry = (uint32_t)train_mtry((int32_t)g->n_columns), *columns = g->columns;
  for (uint32_t i = 0; i < mtry; i++) {
    uint32_t j = i + train_below(&g->random, g->n_columns - i), column = columns[i];
    columns[i] = columns[j];
    columns[j] = column;
  }
  best_split best = {node->loss, -1, 0, 0};
  for (uint32_t i = 0; i < g->n_columns && (i < mtry || best.column < 0); i++) {
    if (short_codes) {
      try_column_16(g, node, columns[i], &best);
    } else {
      try_column_32(g, node, columns[i], &best);
    }
  }
  return best;
}

static void write_leaf(grower *g, const node *node) {
  g->topology[g->words] = TRAIN_LEAF;
  g->topology[g->words + 1] = (int32_t)g->n_parameters;
  g->words += TRAIN_LEAF_WORDS;
  double *p = g->parameters + g->n_parameters;
  p[0] = node->samples;
  for (int32_t l = 0; l < g->n_classes; l++) p[1 + l] = (double)node->histogram[l] / (double)node->samples;
  g->n_parameters += 1 + g->n_classes;
}

// Writes an inner node but for the addresses of its children, and returns its address.
static int64_t write_inner(grower *g, const best_split *best) {
  int64_t address = g->words;
  const float *values = g->values + (uint64_t)best->column * g->n_rows;
  g->topology[address] = TRAIN_INNER;
  g->topology[address + 1] = (int32_t)g->n_parameters;
  g->topology[address + 4] = (int32_t)best->column;
  g->words += TRAIN_INNER_WORDS;
  g->parameters[g->n_parameters] = 1;
  g->parameters[g->n_parameters + 1] = train_threshold(values[best->left_code], values[best->right_code]);
  g->n_parameters += TRAIN_INNER_PARAMETERS;
  return address;
}

static int32_t grow(grower *g) {
  for (uint32_t i = 0; i < g->n_columns; i++) g->columns[i] = i;
  g->topology[0] = (int32_t)g->n_columns;
  g->topology[1] = g->n_classes;
  g->words = TRAIN_ROOT;
  g->n_parameters = 0;
  g->stack[0] = (pending){0, draw_entries(g), 0};
  for (uint32_t depth = 1; depth > 0;) {
    if (train_cancelled(g->cancel)) return ILH_TRAIN_CANCELLED;
    pending next = g->stack[--depth];
    if (next.link != 0) g->topology[next.link] = (int32_t)g->words;
    node node = count_classes(g, &next);
    best_split best = {node.loss, -1, 0, 0};
    if (node.loss > 0) best = find_split(g, &node);
    if (best.column < 0 || !train_improves(best.loss, node.loss)) {
      write_leaf(g, &node);
      continue;
    }
    int64_t address = write_inner(g, &best);
    uint32_t n_left = ilh_train_code_bytes(g->n_rows) == 2 ? part_16(g, &node, &best) : part_32(g, &node, &best);
    g->stack[depth++] = (pending){node.begin, n_left, address + 2};
    g->stack[depth++] = (pending){node.begin + n_left, node.entries - n_left, address + 3};
  }
  return ILH_TRAIN_OK;
}

int32_t ilh_train_tree_sizes(int64_t n_rows, int32_t n_classes, int64_t sizes[2]) {
  if (sizes == NULL || !train_sizes_ok(n_rows, 1, n_classes)) return ILH_TRAIN_ARGUMENT;
  sizes[0] = TRAIN_ROOT + (n_rows - 1) * TRAIN_INNER_WORDS + n_rows * TRAIN_LEAF_WORDS;
  sizes[1] = (n_rows - 1) * TRAIN_INNER_PARAMETERS + n_rows * (1 + (int64_t)n_classes);
  // Addresses in a tree are 32-bit words.
  return sizes[0] <= INT32_MAX && sizes[1] <= INT32_MAX ? ILH_TRAIN_OK : ILH_TRAIN_ARGUMENT;
}

uint64_t ilh_train_tree_bytes(int64_t n_rows, int32_t n_columns, int32_t n_classes) {
  grower g;
  if (!train_sizes_ok(n_rows, n_columns, n_classes)) return 0;
  return lay_out(&g, NULL, (uint64_t)n_rows, (uint64_t)n_columns, (uint64_t)n_classes);
}

int32_t ilh_train_tree(const void *codes, const float *values, const uint8_t *classes, int64_t n_rows,
                       int32_t n_columns, int32_t n_classes, uint64_t seed, uint32_t forest, uint32_t tree,
                       int32_t *topology, double *parameters, int64_t sizes[2], void *scratch, uint64_t scratch_bytes,
                       const int32_t *cancel) {
  int64_t largest[2];
  if (codes == NULL || values == NULL || classes == NULL || topology == NULL || parameters == NULL || sizes == NULL ||
      !train_sizes_ok(n_rows, n_columns, n_classes) || !train_classes_ok(classes, n_rows, n_classes) ||
      ilh_train_tree_sizes(n_rows, n_classes, largest) != ILH_TRAIN_OK) {
    return ILH_TRAIN_ARGUMENT;
  }
  grower g;
  if (scratch == NULL || sizes[0] < largest[0] || sizes[1] < largest[1] ||
      lay_out(&g, scratch, (uint64_t)n_rows, (uint64_t)n_columns, (uint64_t)n_classes) > scratch_bytes) {
    return ILH_TRAIN_MEMORY;
  }
  g.codes = codes;
  g.values = values;
  g.classes = classes;
  g.n_rows = (uint32_t)n_rows;
  g.n_columns = (uint32_t)n_columns;
  g.n_classes = n_classes;
  g.cancel = cancel;
  g.random = train_seed(seed, forest, tree, TRAIN_GROW);
  g.topology = topology;
  g.parameters = parameters;
  int32_t error = grow(&g);
  sizes[0] = g.words;
  sizes[1] = g.n_parameters;
  return error;
}
