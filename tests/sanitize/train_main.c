// Training kernels for the address and undefined-behaviour checks: random tables in buffers of exactly the promised
// sizes, fast trees against the definition, damaged trees, wrong arguments. Says the line of a failed check.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ilh_train.h"
#include "train_random.h"

#define CHECK(condition) \
  do { \
    if (!(condition)) return __LINE__; \
  } while (0)

// Scratch starts at an odd address.
static void *odd(uint64_t bytes, void **block) {
  *block = malloc(bytes + 1);
  return (uint8_t *)*block + 1;
}

typedef struct {
  int64_t rows;
  int32_t columns, classes;
  float *x;
  uint8_t *labels, *class_of;
  uint32_t *index;
  void *codes;
  float *values;
} table;

static int make_table(table *t, train_random *r, int64_t rows, int32_t columns, int32_t classes, uint32_t levels) {
  *t = (table){rows, columns, classes, NULL, NULL, NULL, NULL, NULL, NULL};
  uint64_t cells = (uint64_t)(rows * columns);
  t->x = malloc(sizeof(float) * cells);
  t->labels = malloc((size_t)rows);
  t->class_of = malloc((size_t)rows);
  t->index = malloc(sizeof(uint32_t) * (size_t)rows);
  for (uint64_t i = 0; i < cells; i++) t->x[i] = ((float)train_below(r, levels) - (float)levels / 2) / 3;
  for (int64_t i = 0; i < rows; i++) t->labels[i] = (uint8_t)(1 + (i < classes ? i : train_below(r, (uint32_t)classes)));
  int64_t counts[ILH_TRAIN_COUNTS];
  CHECK(ilh_train_select(t->x, t->labels, rows, columns, 1, 0, t->index, counts) == ILH_TRAIN_OK);
  CHECK(counts[ILH_TRAIN_KEPT] == rows);
  for (int64_t i = 0; i < rows; i++) t->class_of[i] = (uint8_t)(t->labels[t->index[i]] - 1);
  t->codes = malloc(cells * (size_t)ilh_train_code_bytes(rows));
  t->values = malloc(sizeof(float) * cells);
  uint64_t bytes = ilh_train_codes_bytes(rows);
  void *block, *scratch = odd(bytes, &block);
  CHECK(ilh_train_codes(t->x, t->index, rows, columns, 0, columns, t->codes, t->values, scratch, bytes, NULL) ==
        ILH_TRAIN_OK);
  free(block);
  return 0;
}

static void free_table(table *t) {
  free(t->x);
  free(t->labels);
  free(t->class_of);
  free(t->index);
  free(t->codes);
  free(t->values);
}

typedef struct {
  int64_t sizes[2];
  int32_t *topology;
  double *parameters;
} tree;

static tree make_tree(const table *t) {
  tree made = {{0, 0}, NULL, NULL};
  ilh_train_tree_sizes(t->rows, t->classes, made.sizes);
  made.topology = malloc(sizeof(int32_t) * (size_t)made.sizes[0]);
  made.parameters = malloc(sizeof(double) * (size_t)made.sizes[1]);
  return made;
}

static void free_tree(tree *made) {
  free(made->topology);
  free(made->parameters);
}

// Shrinks the arrays of a tree to what it takes, so that reading behind them is seen.
static void fit_tree(tree *made) {
  made->topology = realloc(made->topology, sizeof(int32_t) * (size_t)made->sizes[0]);
  made->parameters = realloc(made->parameters, sizeof(double) * (size_t)made->sizes[1]);
}

static int measure(const table *t, const tree *made, uint32_t number, int32_t expected) {
  int64_t offsets[2][2] = {{0, made->sizes[0]}, {0, made->sizes[1]}}, result[2];
  uint64_t bytes = ilh_train_oob_bytes(t->rows, t->classes);
  void *block, *scratch = odd(bytes, &block);
  int32_t error = ilh_train_oob(t->x, t->index, t->class_of, t->rows, t->columns, t->classes, 5, number, 1, offsets[0],
                                made->topology, offsets[1], made->parameters, result, scratch, bytes, NULL);
  free(block);
  CHECK(expected < 0 || error == expected);
  if (error == ILH_TRAIN_OK) CHECK(result[0] >= 0 && result[0] <= result[1] && result[1] <= t->rows);
  bytes = ilh_train_importance_bytes(t->rows, t->columns, t->classes, made->sizes[0]);
  scratch = odd(bytes, &block);
  double *out = malloc(sizeof(double) * (size_t)t->columns * (size_t)(t->classes + 2));
  int32_t second = ilh_train_importance(t->x, t->index, t->class_of, t->rows, t->columns, t->classes, 5, number, 0,
                                        made->topology, made->sizes[0], made->parameters, made->sizes[1], out, scratch,
                                        bytes, NULL);
  free(block);
  free(out);
  CHECK(second == error);
  return 0;
}

// One fast and one slow tree must be the same; then the same tree damaged in one word after the other.
static int try_table(const table *t, uint32_t number, int64_t damaged_words) {
  tree fast = make_tree(t), slow = make_tree(t);
  uint64_t bytes = ilh_train_tree_bytes(t->rows, t->columns, t->classes);
  void *block, *scratch = odd(bytes, &block);
  CHECK(ilh_train_tree(t->codes, t->values, t->class_of, t->rows, t->columns, t->classes, 5, number, 0, fast.topology,
                       fast.parameters, fast.sizes, scratch, bytes, NULL) == ILH_TRAIN_OK);
  free(block);
  bytes = ilh_train_tree_scalar_bytes(t->rows, t->columns, t->classes);
  scratch = odd(bytes, &block);
  CHECK(ilh_train_tree_scalar(t->x, t->index, t->class_of, t->rows, t->columns, t->classes, 5, number, 0,
                              slow.topology, slow.parameters, slow.sizes, scratch, bytes) == ILH_TRAIN_OK);
  free(block);
  CHECK(memcmp(fast.sizes, slow.sizes, sizeof fast.sizes) == 0);
  CHECK(memcmp(fast.topology, slow.topology, sizeof(int32_t) * (size_t)fast.sizes[0]) == 0);
  CHECK(memcmp(fast.parameters, slow.parameters, sizeof(double) * (size_t)fast.sizes[1]) == 0);
  free_tree(&slow);
  fit_tree(&fast);
  int failed = measure(t, &fast, number, ILH_TRAIN_OK);
  static const int32_t damage[] = {-1, 0, 1, 2, 0x40000000, 0x40000001, 0x7fffffff, -0x7fffffff - 1};
  for (int64_t word = 0; word < fast.sizes[0] && word < damaged_words && !failed; word++) {
    int32_t kept = fast.topology[word];
    for (size_t i = 0; i < sizeof damage / sizeof *damage && !failed; i++) {
      fast.topology[word] = damage[i];
      failed = measure(t, &fast, number, -1);
    }
    fast.topology[word] = kept;
  }
  free_tree(&fast);
  return failed;
}

static int try_random_tables(void) {
  train_random r = train_stream(11, 12);
  static const uint32_t levels[] = {2, 5, 100, 1u << 20};
  for (uint32_t i = 0; i < 80; i++) {
    table t;
    int32_t classes = 1 + (int32_t)train_below(&r, i % 20 == 0 ? 255 : 5);
    int64_t rows = classes + train_below(&r, 200);
    int failed = make_table(&t, &r, rows, 1 + (int32_t)train_below(&r, 30), classes, levels[i % 4]);
    if (!failed) failed = try_table(&t, i, 30);
    free_table(&t);
    if (failed) return failed;
  }
  return 0;
}

// Codes of four bytes, more rows than one entry counts draws of, and a degenerate tree as deep as there are rows.
static int try_large_tables(void) {
  train_random r = train_stream(13, 14);
  table t;
  int failed = make_table(&t, &r, 65537, 1, 2, 1u << 24);
  if (!failed) failed = try_table(&t, 1, 0);
  free_table(&t);
  if (failed) return failed;
  failed = make_table(&t, &r, 3000, 1, 2, 2);
  for (int64_t i = 0; i < t.rows; i++) {
    t.x[i] = (float)i;
    t.labels[i] = t.class_of[i] = (uint8_t)(i & 1);
  }
  uint64_t bytes = ilh_train_codes_bytes(t.rows);
  void *block, *scratch = odd(bytes, &block);
  CHECK(ilh_train_codes(t.x, t.index, t.rows, 1, 0, 1, t.codes, t.values, scratch, bytes, NULL) == ILH_TRAIN_OK);
  free(block);
  if (!failed) failed = try_table(&t, 2, 0);
  free_table(&t);
  return failed;
}

static int try_wrong_arguments(void) {
  float x[4] = {0, 1, 2, 3}, values[4];
  uint8_t labels[2] = {1, 2}, classes[2] = {0, 1}, no_label[2] = {1, 0}, wrong_class[2] = {0, 2};
  uint32_t index[2] = {0, 1};
  uint16_t codes[4];
  int64_t counts[ILH_TRAIN_COUNTS], sizes[2] = {0, 0};
  int32_t topology[64], stop = 1;
  double parameters[64];
  static uint8_t scratch[1 << 16];
  CHECK(ilh_train_select(NULL, labels, 2, 2, 1, 0, index, counts) == ILH_TRAIN_ARGUMENT);
  CHECK(ilh_train_select(x, labels, 0, 2, 1, 0, index, counts) == ILH_TRAIN_ARGUMENT);
  CHECK(ilh_train_select(x, labels, 2, 2, 0, 0, index, counts) == ILH_TRAIN_ARGUMENT);
  CHECK(ilh_train_select(x, no_label, 2, 2, 1, 0, index, counts) == ILH_TRAIN_ARGUMENT);
  CHECK(ilh_train_select(x, labels, 2, 2, 0.5, 0, index, counts) == ILH_TRAIN_CLASS_LOST);
  CHECK(ilh_train_codes(x, index, 2, 2, 0, 3, codes, values, scratch, sizeof scratch, NULL) == ILH_TRAIN_ARGUMENT);
  CHECK(ilh_train_codes(x, index, 2, 2, 0, 2, codes, values, scratch, 64, NULL) == ILH_TRAIN_MEMORY);
  CHECK(ilh_train_codes(x, index, 2, 2, 0, 2, codes, values, scratch, sizeof scratch, &stop) == ILH_TRAIN_CANCELLED);
  CHECK(ilh_train_codes(x, index, 2, 2, 0, 2, codes, values, scratch, sizeof scratch, NULL) == ILH_TRAIN_OK);
  CHECK(ilh_train_tree_bytes(-1, 2, 2) == 0 && ilh_train_oob_bytes(1, 256) == 0 && ilh_train_codes_bytes(0) == 0);
  CHECK(ilh_train_tree_sizes(1 << 30, 255, sizes) == ILH_TRAIN_ARGUMENT);
  sizes[0] = sizes[1] = 8;
  CHECK(ilh_train_tree(codes, values, classes, 2, 2, 2, 0, 0, 0, topology, parameters, sizes, scratch, sizeof scratch,
                       NULL) == ILH_TRAIN_MEMORY);
  sizes[0] = sizes[1] = 64;
  CHECK(ilh_train_tree(codes, values, wrong_class, 2, 2, 2, 0, 0, 0, topology, parameters, sizes, scratch,
                       sizeof scratch, NULL) == ILH_TRAIN_ARGUMENT);
  CHECK(ilh_train_tree(codes, values, classes, 2, 2, 2, 0, 0, 0, topology, parameters, sizes, scratch, sizeof scratch,
                       &stop) == ILH_TRAIN_CANCELLED);
  return 0;
}

// Output of SplitMix64 seeded with 1234567 (reference implementation by S. Vigna): every output is `train_mix` of the
// state before it.
static int try_generator(void) {
  static const uint64_t published[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u};
  for (uint64_t i = 0; i < 3; i++) CHECK(train_mix(1234567 + i * 0x9e3779b97f4a7c15u) == published[i]);
  return 0;
}

int main(void) {
  int (*const tries[])(void) = {try_generator, try_wrong_arguments, try_random_tables, try_large_tables};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    int line = tries[i]();
    if (line == 0) continue;
    fprintf(stderr, "train_main.c: check in line %d failed\n", line);
    return 1;
  }
  return 0;
}
