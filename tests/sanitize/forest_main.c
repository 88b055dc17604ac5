// Forest kernels for the address and undefined-behaviour checks: random forests of every kind and shape in buffers of
// exactly the promised sizes, every instruction set against the definition bit for bit; damaged forests; wrong
// arguments. Says the line of a failed check and the seed of its forest.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ilh_cpu.h"
#include "ilh_forest.h"

#define CHECK(condition) \
  do { \
    if (!(condition)) return __LINE__; \
  } while (0)

enum { LEAF = 0x40000000, MAX_PIXELS = 700 };

// SplitMix64.
static uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static int32_t below(uint64_t *state, int32_t n) { return (int32_t)(next_random(state) % (uint64_t)n); }

// Values that meet often, and the corners of binary32.
static float random_value(uint64_t *r) {
  static const float corners[] = {0.0f, -0.0f, 1e-45f, -1e-45f, FLT_MIN, -FLT_MIN, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY};
  if (below(r, 8) == 0) return corners[below(r, sizeof corners / sizeof *corners)];
  return below(r, 2) ? (float)(below(r, 41) - 20) / 8 : (float)below(r, 1 << 20) / 65536.0f - 8.0f;
}

// The same, between two binary32 values, and outside them.
static double random_threshold(uint64_t *r) {
  static const double corners[] = {1e-50, -1e-50, 1e300, -1e300, INFINITY, -INFINITY, NAN, 3.4028235e38, -3.4028235e38};
  if (below(r, 24) == 0) return corners[below(r, sizeof corners / sizeof *corners)];
  const double v = random_value(r);
  return isfinite(v) && below(r, 4) == 0 ? nextafter(v, below(r, 2) ? INFINITY : -INFINITY) : v;
}

typedef struct {
  ilh_forest_desc d;
  int32_t n_all_trees;
  int64_t topology_room, parameter_room;
} forest;

enum leaves { PURE, MIXED, ODD };
enum shape { BUSHY, CHAIN };

// A tree of `inner` nodes is grown by splitting: pending subtrees get their number of inner nodes from their parent.
static void add_tree(forest *f, int32_t tree, int32_t inner, enum shape shape, enum leaves leaves, uint64_t *r) {
  struct { int32_t size; int64_t patch; } *stack = malloc(sizeof *stack * (size_t)(inner + 2));
  int32_t *topology = (int32_t *)f->d.topology + f->d.topology_offset[tree];
  double *parameters = (double *)f->d.parameters + f->d.parameter_offset[tree];
  const int32_t k = f->d.n_classes;
  int64_t words = 2, values = 0, pending = 0;
  topology[0] = f->d.n_columns;
  topology[1] = k;
  stack[pending].size = inner, stack[pending++].patch = -1;
  while (pending > 0) {
    const int32_t size = stack[--pending].size;
    if (stack[pending].patch >= 0) topology[stack[pending].patch] = (int32_t)words;
    int32_t *node = topology + words;
    node[1] = (int32_t)values;
    parameters[values++] = below(r, 50); // weight
    if (size == 0) {
      node[0] = LEAF;
      const int32_t winner = below(r, k);
      double sum = 0.0;
      for (int32_t c = 0; c < k; c++) {
        double *p = parameters + values + c;
        *p = leaves == PURE || below(r, 4) ? c == winner : below(r, 7);
        if (leaves == ODD && below(r, 20) == 0) *p = below(r, 2) ? -0.5 : 1e30;
        sum += *p;
      }
      for (int32_t c = 0; c < k && leaves != ODD; c++) parameters[values + c] /= sum > 0 ? sum : 1;
      values += k;
      words += 2;
      continue;
    }
    node[0] = 0;
    node[4] = below(r, f->d.n_columns);
    parameters[values++] = random_threshold(r);
    const int32_t right = shape == CHAIN ? (below(r, 2) ? 0 : size - 1) : below(r, size);
    stack[pending].size = size - 1 - right, stack[pending++].patch = words + 2;
    stack[pending].size = right, stack[pending++].patch = words + 3;
    words += 5;
  }
  free(stack);
  ((int64_t *)f->d.topology_offset)[tree + 1] = f->d.topology_offset[tree] + words;
  ((int64_t *)f->d.parameter_offset)[tree + 1] = f->d.parameter_offset[tree] + values;
}

// Arrays end where their content ends.
static void *trim(void *memory, size_t bytes) {
  void *exact = malloc(bytes ? bytes : 1);
  memcpy(exact, memory, bytes);
  free(memory);
  return exact;
}

static void free_forest(forest *f) {
  free((void *)f->d.n_trees);
  free((void *)f->d.weighted);
  free((void *)f->d.topology_offset);
  free((void *)f->d.topology);
  free((void *)f->d.parameter_offset);
  free((void *)f->d.parameters);
}

static forest make_forest(uint64_t *r) {
  static const int32_t sizes[] = {0, 1, 2, 7, 40, 130, 224, 225, 600};
  const int32_t n_forests = 1 + below(r, 4), columns = 1 + below(r, below(r, 3) ? 6 : 60), k = 1 + below(r, 5);
  const int32_t largest = sizes[below(r, sizeof sizes / sizeof *sizes)];
  const enum leaves leaves = below(r, 4) ? (below(r, 3) ? PURE : MIXED) : ODD;
  const enum shape shape = below(r, 4) ? BUSHY : CHAIN;
  const int32_t most = largest <= 2 && below(r, 4) == 0 ? 300 : 12; // more than a byte counts, now and then
  int32_t *n_trees = malloc(4 * (size_t)n_forests), *weighted = malloc(4 * (size_t)n_forests), trees = 0;
  for (int32_t i = 0; i < n_forests; i++) {
    trees += n_trees[i] = 1 + below(r, most);
    weighted[i] = below(r, 10) == 0;
  }
  const size_t nodes = (size_t)trees * (size_t)(2 * largest + 1);
  forest f = {.n_all_trees = trees};
  f.d = (ilh_forest_desc){n_forests, k, columns, 0, n_trees, weighted,
                          calloc((size_t)trees + 1, 8), malloc(4 * (5 * nodes + 2 * (size_t)trees)),
                          calloc((size_t)trees + 1, 8), malloc(8 * nodes * (size_t)(k + 2))};
  for (int32_t t = 0; t < trees; t++)
    add_tree(&f, t, largest && below(r, 3) == 0 ? below(r, largest + 1) : largest, shape, leaves, r);
  f.d.topology = trim((void *)f.d.topology, 4 * (size_t)f.d.topology_offset[trees]);
  f.d.parameters = trim((void *)f.d.parameters, 8 * (size_t)f.d.parameter_offset[trees]);
  return f;
}

static int same(float a, float b) { return memcmp(&a, &b, 4) == 0 || (a != a && b != b); }

// Compiled with all levels, against the definition, on random rows.
static int try_levels(const forest *f, const void *blob, uint64_t *r) {
  static const int32_t counts[] = {0, 1, 63, 64, 65, 255, 256, 257, MAX_PIXELS};
  const int32_t columns = f->d.n_columns, k = f->d.n_classes;
  const int32_t n = counts[below(r, sizeof counts / sizeof *counts)];
  float *rows = malloc(4 * (size_t)n * (size_t)columns + 1), *expected = malloc(4 * (size_t)n * (size_t)k + 1);
  uint8_t *used = malloc((size_t)columns), *invalid = calloc((size_t)n + 1, 1);
  const int32_t n_used = ilh_forest_used(blob, used);
  CHECK(n_used >= 0 && n_used <= columns);
  const int32_t nan_share = below(r, 3) ? 0 : 200;
  for (int32_t i = 0; i < n * columns; i++) rows[i] = nan_share && !below(r, nan_share) ? NAN : random_value(r);
  CHECK(ilh_forest_predict_scalar(&f->d, rows, n, expected) == 0);

  float *planes = malloc(4 * (size_t)n * (size_t)n_used + 1);
  for (int32_t c = 0, j = 0; c < columns; c++) {
    for (int32_t i = 0; i < n; i++) {
      const float v = rows[i * columns + c];
      if (used[c]) planes[j * n + i] = v;
      if (!used[c] && v != v) invalid[i] = 1;
    }
    j += used[c];
  }
  const uint64_t bytes = ilh_forest_scratch(blob);
  void *scratch = aligned_alloc(64, bytes);
  memset(scratch, below(r, 256), bytes);
  float *out = malloc(4 * (size_t)n * (size_t)k + 1);
  uint8_t *classes = malloc((size_t)n + 1);
  for (int32_t level = 0; level <= ILH_LEVEL_AVX512; level++) {
    if (!ilh_cpu_has(level)) continue;
    memset(out, 0x55, 4 * (size_t)n * (size_t)k);
    CHECK(ilh_forest_predict(blob, level, planes, n, invalid, n, out, n, scratch, bytes) == 0);
    CHECK(ilh_forest_argmax(blob, level, planes, n, invalid, n, classes, scratch, bytes) == 0);
    for (int32_t i = 0; i < n; i++) {
      int32_t best = 0, nan = 0;
      for (int32_t c = 0; c < k; c++) {
        CHECK(same(out[c * n + i], expected[i * k + c]));
        if (expected[i * k + c] > expected[i * k + best]) best = c;
      }
      for (int32_t c = 0; c < columns; c++) nan |= rows[i * columns + c] != rows[i * columns + c];
      CHECK(classes[i] == (nan ? ILH_FOREST_NO_CLASS : best));
    }
  }
  free(rows), free(expected), free(used), free(invalid), free(planes), free(scratch), free(out), free(classes);
  return 0;
}

// Checks, builds, and predicts what was built. `*code` gets what the check says.
static int try_forest(const forest *f, uint64_t *r, int32_t *code) {
  uint64_t sizes[2];
  int64_t where[3];
  *code = ilh_forest_size(&f->d, sizes, where);
  if (*code) return 0;
  void *work = aligned_alloc(64, sizes[1]), *blob = aligned_alloc(64, sizes[0]);
  *code = ilh_forest_check(&f->d, work, sizes[1], where);
  CHECK(ilh_forest_build(&f->d, blob, sizes[0], work, sizes[1], where) == *code);
  if (*code) CHECK(ilh_forest_scratch(blob) == 0 && where[0] >= 0 && where[0] < f->n_all_trees);
  free(work);
  const int failed = *code ? 0 : try_levels(f, blob, r);
  free(blob);
  return failed;
}

static int try_random_forests(uint64_t seed) {
  uint64_t r = seed;
  forest f = make_forest(&r);
  int32_t code;
  const int failed = try_forest(&f, &r, &code);
  free_forest(&f);
  return failed ? failed : code ? __LINE__ : 0;
}

// Damaged at random: an error, or a tree that still is one and predicts what the definition says.
static int try_damaged_forests(uint64_t seed) {
  uint64_t r = seed;
  forest f = make_forest(&r);
  int32_t *topology = (int32_t *)f.d.topology, code;
  const int64_t words = f.d.topology_offset[f.n_all_trees];
  for (int32_t hits = 1 + below(&r, 3); hits > 0; hits--) {
    int32_t *word = topology + below(&r, (int32_t)words);
    switch (below(&r, 5)) {
    case 0: *word = below(&r, (int32_t)words); break;
    case 1: *word = (int32_t)next_random(&r); break;
    case 2: *word += below(&r, 9) - 4; break;
    case 3: *word ^= LEAF; break;
    default: *word = topology[below(&r, (int32_t)words)];
    }
  }
  if (below(&r, 4) == 0) ((int64_t *)f.d.topology_offset)[1 + below(&r, f.n_all_trees)] -= below(&r, 9);
  if (below(&r, 4) == 0) ((int64_t *)f.d.parameter_offset)[1 + below(&r, f.n_all_trees)] -= below(&r, 9);
  const int failed = try_forest(&f, &r, &code);
  free_forest(&f);
  return failed;
}

// A stump, x0 < 0.5 ? class 0 : class 1, damaged on purpose.
static int check_stump(const int32_t *topology, int64_t words, const double *parameters, int64_t values) {
  static const int32_t n_trees[] = {1}, weighted[] = {0};
  const int64_t topology_offset[] = {0, words}, parameter_offset[] = {0, values};
  const ilh_forest_desc d = {1, 2, 3, 0, n_trees, weighted, topology_offset, topology, parameter_offset, parameters};
  uint64_t sizes[2];
  int64_t where[3];
  const int32_t code = ilh_forest_size(&d, sizes, where);
  if (code) return code;
  void *work = aligned_alloc(64, sizes[1]);
  const int32_t checked = ilh_forest_check(&d, work, sizes[1], where);
  free(work);
  return checked;
}

static int try_errors(uint64_t seed) {
  (void)seed;
  static const int32_t good[] = {3, 2, 0, 0, 7, 9, 0, LEAF, 2, LEAF, 5};
  static const double parameters[] = {1, 0.5, 4, 1, 0, 6, 0, 1};
  static const struct { int32_t word, value, code; } wrong[] = {
      {0, 4, ILH_FOREST_HEADER},        {1, 3, ILH_FOREST_HEADER},           {2, 1, ILH_FOREST_NODE_KIND},
      {7, LEAF + 1, ILH_FOREST_NODE_KIND}, {3, -1, ILH_FOREST_PARAMETER},    {3, 7, ILH_FOREST_PARAMETER},
      {8, 6, ILH_FOREST_PARAMETER},     {4, 2, ILH_FOREST_CHILD},            {5, 11, ILH_FOREST_CHILD},
      {5, 10, ILH_FOREST_CHILD},        {4, -5, ILH_FOREST_CHILD},           {6, 3, ILH_FOREST_COLUMN},
      {6, -1, ILH_FOREST_COLUMN},
  };
  int32_t bad[11];
  CHECK(check_stump(good, 11, parameters, 8) == ILH_FOREST_OK);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    memcpy(bad, good, sizeof bad);
    bad[wrong[i].word] = wrong[i].value;
    if (check_stump(bad, 11, parameters, 8) != wrong[i].code) {
      fprintf(stderr, "damage %zu: code %d\n", i, check_stump(bad, 11, parameters, 8));
      return __LINE__;
    }
  }
  CHECK(check_stump(good, 3, parameters, 8) == ILH_FOREST_LAYOUT);
  CHECK(check_stump(good, 9, parameters, 8) == ILH_FOREST_CHILD);
  CHECK(check_stump(good, 11, parameters, 7) == ILH_FOREST_PARAMETER);

  // Thirty levels whose nodes share both children: two to the power of thirty paths.
  int32_t shared[2 + 5 * 30 + 2] = {3, 2};
  for (int32_t i = 0; i < 30; i++) {
    int32_t *node = shared + 2 + 5 * i;
    node[0] = node[1] = node[4] = 0;
    node[2] = node[3] = 2 + 5 * (i + 1);
  }
  shared[152] = LEAF, shared[153] = 2;
  CHECK(check_stump(shared, 154, parameters, 8) == ILH_FOREST_SHARED);
  return 0;
}

static int try_wrong_arguments(uint64_t seed) {
  uint64_t r = seed;
  forest f = make_forest(&r);
  ilh_forest_desc d = f.d;
  uint64_t sizes[2];
  int64_t where[3];
  CHECK(ilh_forest_size(NULL, sizes, where) == ILH_FOREST_ARGUMENT);
  CHECK(ilh_forest_size(&d, NULL, where) == ILH_FOREST_ARGUMENT);
  d.n_classes = 255;
  CHECK(ilh_forest_size(&d, sizes, NULL) == ILH_FOREST_ARGUMENT);
  d = f.d;
  d.n_forests = 0;
  CHECK(ilh_forest_size(&d, sizes, NULL) == ILH_FOREST_ARGUMENT);
  d = f.d;
  d.n_columns = 0;
  CHECK(ilh_forest_size(&d, sizes, NULL) == ILH_FOREST_ARGUMENT);
  d = f.d;
  d.parameters = NULL;
  CHECK(ilh_forest_size(&d, sizes, NULL) == ILH_FOREST_ARGUMENT);

  CHECK(ilh_forest_size(&f.d, sizes, NULL) == 0);
  char *work = aligned_alloc(64, sizes[1] + 64), *blob = aligned_alloc(64, sizes[0] + 64);
  memset(blob, 0, sizes[0]);
  CHECK(ilh_forest_check(&f.d, work, sizes[1] - 1, NULL) == ILH_FOREST_MEMORY);
  CHECK(ilh_forest_check(&f.d, work + 8, sizes[1], NULL) == ILH_FOREST_MEMORY);
  CHECK(ilh_forest_build(&f.d, blob, sizes[0] - 1, work, sizes[1], NULL) == ILH_FOREST_MEMORY);
  CHECK(ilh_forest_build(&f.d, blob + 32, sizes[0], work, sizes[1], NULL) == ILH_FOREST_MEMORY);
  CHECK(ilh_forest_build(&f.d, NULL, sizes[0], work, sizes[1], NULL) == ILH_FOREST_MEMORY);

  float x = 0.0f, out[8];
  uint8_t used[64], class_of;
  CHECK(ilh_forest_used(blob, used) == -1 && ilh_forest_scratch(blob) == 0 && ilh_forest_scratch(NULL) == 0);
  CHECK(ilh_forest_predict(blob, 1, &x, 1, NULL, 0, out, 1, work, 0) == ILH_FOREST_FOREIGN);
  CHECK(ilh_forest_build(&f.d, blob, sizes[0], work, sizes[1], NULL) == 0);
  const uint64_t bytes = ilh_forest_scratch(blob);
  char *scratch = aligned_alloc(64, bytes);
  CHECK(ilh_forest_predict(blob, 1, &x, 1, NULL, 0, out, 1, scratch, bytes) == 0);
  CHECK(ilh_forest_predict(blob, 1, &x, 1, NULL, -1, out, 1, scratch, bytes) == ILH_FOREST_ARGUMENT);
  CHECK(ilh_forest_predict(blob, 1, &x, 1, NULL, 0, NULL, 1, scratch, bytes) == ILH_FOREST_ARGUMENT);
  CHECK(ilh_forest_predict(blob, 1, &x, 1, NULL, 0, out, 1, scratch, bytes - 1) == ILH_FOREST_MEMORY);
  CHECK(ilh_forest_argmax(blob, 1, &x, 1, NULL, 0, &class_of, scratch + 16, bytes) == ILH_FOREST_MEMORY);
  CHECK(ilh_forest_argmax(blob, 1, &x, 1, NULL, 0, NULL, scratch, bytes) == ILH_FOREST_ARGUMENT);
  free(scratch), free(work), free(blob);
  free_forest(&f);
  return 0;
}

int main(int argc, char **argv) {
  static const struct { int (*run)(uint64_t seed); int times; } tries[] = {
      {try_errors, 1}, {try_wrong_arguments, 10}, {try_random_forests, 400}, {try_damaged_forests, 1500}};
  const int factor = argc > 1 ? atoi(argv[1]) : 1; // more of the same, for a longer search
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
    for (int seed = 1; seed <= tries[i].times * factor; seed++) {
      const int line = tries[i].run((uint64_t)seed);
      if (line == 0) continue;
      fprintf(stderr, "forest_main.c: check in line %d failed, seed %d\n", line, seed);
      return 1;
    }
  return 0;
}
