// Ranks of the values of each column. Trees depend on the order of the values only, and on the values themselves at
// the thresholds; integers of two bytes sort several times faster than rows by a value behind two indirections.
#include <string.h>

#include "train_common.h"

// Digits of the radix sort: three of 11 bits cover 32.
enum { DIGIT_BITS = 11, DIGITS = 3, BUCKETS = 1 << DIGIT_BITS };

// Up to this many rows two bytes hold every rank.
#define SHORT_ROWS 65536

typedef struct {
  uint64_t *items, *sorted; // ordered bits of the value << 32 | row
  uint32_t *starts;         // [DIGITS][BUCKETS]
} codes_scratch;

static uint64_t lay_out(codes_scratch *s, void *base, uint64_t n_rows) {
  train_arena arena = train_arena_at(base);
  s->items = train_take(&arena, n_rows, sizeof *s->items);
  s->sorted = train_take(&arena, n_rows, sizeof *s->sorted);
  s->starts = train_take(&arena, DIGITS * BUCKETS, sizeof *s->starts);
  return train_arena_bytes(&arena);
}

int32_t ilh_train_code_bytes(int64_t n_rows) { return n_rows <= SHORT_ROWS ? 2 : 4; }

uint64_t ilh_train_codes_bytes(int64_t n_rows) {
  codes_scratch s;
  return train_sizes_ok(n_rows, 1, 1) ? lay_out(&s, NULL, (uint64_t)n_rows) : 0;
}

// Bits of a finite value as an unsigned integer of the same order; adding 0 makes one zero of the two.
static inline uint32_t ordered_bits(float value) {
  float v = value + 0.0f;
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static inline float value_of(uint32_t ordered) {
  uint32_t bits = ordered & 0x80000000u ? ordered & 0x7fffffffu : ~ordered;
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

static inline uint32_t digit_of(uint64_t item, int32_t d) {
  return (uint32_t)(item >> (32 + d * DIGIT_BITS)) & (BUCKETS - 1);
}

// Sorts items by value; equal values stay in the order of their rows. Returns the sorted array.
static uint64_t *sort_items(codes_scratch *s, uint32_t n) {
  memset(s->starts, 0, sizeof *s->starts * DIGITS * BUCKETS);
  for (uint32_t i = 0; i < n; i++) {
    for (int32_t d = 0; d < DIGITS; d++) s->starts[d * BUCKETS + (int32_t)digit_of(s->items[i], d)]++;
  }
  uint64_t *from = s->items, *to = s->sorted;
  for (int32_t d = 0; d < DIGITS; d++) {
    uint32_t *start = s->starts + d * BUCKETS, sum = 0;
    for (uint32_t b = 0; b < BUCKETS; b++) {
      uint32_t count = start[b];
      start[b] = sum;
      sum += count;
    }
    for (uint32_t i = 0; i < n; i++) to[start[digit_of(from[i], d)]++] = from[i];
    uint64_t *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

static inline void store_code(void *codes, int32_t code_bytes, uint64_t place, uint32_t code) {
  if (code_bytes == 2) {
    ((uint16_t *)codes)[place] = (uint16_t)code;
  } else {
    ((uint32_t *)codes)[place] = code;
  }
}

int32_t ilh_train_codes(const float *x, const uint32_t *index, int64_t n_rows, int32_t n_columns, int32_t first,
                        int32_t last, void *codes, float *values, void *scratch, uint64_t scratch_bytes,
                        const int32_t *cancel) {
  if (x == NULL || index == NULL || codes == NULL || values == NULL || !train_sizes_ok(n_rows, n_columns, 1) ||
      first < 0 || last < first || last > n_columns) {
    return ILH_TRAIN_ARGUMENT;
  }
  codes_scratch s;
  if (scratch == NULL || lay_out(&s, scratch, (uint64_t)n_rows) > scratch_bytes) return ILH_TRAIN_MEMORY;
  int32_t code_bytes = ilh_train_code_bytes(n_rows);
  uint32_t n = (uint32_t)n_rows;
  for (int32_t column = first; column < last; column++) {
    if (train_cancelled(cancel)) return ILH_TRAIN_CANCELLED;
    for (uint32_t i = 0; i < n; i++) {
      s.items[i] = (uint64_t)ordered_bits(x[(uint64_t)index[i] * (uint32_t)n_columns + (uint32_t)column]) << 32 | i;
    }
    const uint64_t *sorted = sort_items(&s, n);
    uint64_t plane = (uint64_t)column * n;
    uint32_t code = 0;
    for (uint32_t i = 0; i < n; i++) {
      uint32_t ordered = (uint32_t)(sorted[i] >> 32);
      if (i > 0 && ordered != (uint32_t)(sorted[i - 1] >> 32)) code++;
      values[plane + code] = value_of(ordered);
      store_code(codes, code_bytes, plane + (uint32_t)sorted[i], code);
    }
  }
  return ILH_TRAIN_OK;
}
