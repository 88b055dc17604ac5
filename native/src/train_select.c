// Which rows are trained on.
#include <string.h>

#include "train_common.h"
#include "train_random.h"

// Number of this stream among those of forests and trees.
#define NO_FOREST 0xffffffffu

static int all_finite(const float *row, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    if (!isfinite(row[i])) return 0;
  }
  return 1;
}

// Keeps `wanted` of the rows in `index`, each subset equally likely, in their order (selection sampling: D. Knuth, The
// Art of Computer Programming 3.4.2, algorithm S).
static uint32_t subset(uint32_t *index, uint32_t n, uint32_t wanted, uint64_t seed) {
  train_random random = train_seed(seed, NO_FOREST, 0, TRAIN_SUBSET);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < n && kept < wanted; i++) {
    if (train_below(&random, n - i) < wanted - kept) index[kept++] = index[i];
  }
  return kept;
}

int32_t ilh_train_select(const float *x, const uint8_t *labels, int64_t n_rows, int32_t n_columns, double proportion,
                         uint64_t seed, uint32_t *index, int64_t *counts) {
  if (x == NULL || labels == NULL || index == NULL || counts == NULL || !train_sizes_ok(n_rows, n_columns, 1) ||
      !(proportion > 0 && proportion <= 1)) {
    return ILH_TRAIN_ARGUMENT;
  }
  memset(counts, 0, sizeof *counts * ILH_TRAIN_COUNTS);
  uint32_t kept = 0;
  for (int64_t i = 0; i < n_rows; i++) {
    if (labels[i] == 0) return ILH_TRAIN_ARGUMENT;
    counts[ILH_TRAIN_BEFORE + labels[i]]++;
    if (all_finite(x + i * n_columns, n_columns)) {
      index[kept++] = (uint32_t)i;
    } else {
      counts[ILH_TRAIN_NOT_FINITE]++;
    }
  }
  if (proportion < 1) kept = subset(index, kept, (uint32_t)(proportion * kept), seed);
  counts[ILH_TRAIN_KEPT] = kept;
  for (uint32_t i = 0; i < kept; i++) counts[ILH_TRAIN_AFTER + labels[index[i]]]++;
  for (int32_t label = 1; label <= ILH_TRAIN_MAX_CLASSES; label++) {
    if (counts[ILH_TRAIN_BEFORE + label] > 0 && counts[ILH_TRAIN_AFTER + label] == 0) return ILH_TRAIN_CLASS_LOST;
  }
  return ILH_TRAIN_OK;
}

int32_t ilh_train_draws(uint64_t state, uint64_t sequence, uint32_t bound, int64_t n, uint32_t *out) {
  if (out == NULL || n < 0) return ILH_TRAIN_ARGUMENT;
  train_random random = train_stream(state, sequence);
  for (int64_t i = 0; i < n; i++) out[i] = bound == 0 ? train_next(&random) : train_below(&random, bound);
  return ILH_TRAIN_OK;
}
