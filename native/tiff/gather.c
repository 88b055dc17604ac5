// Elements of a box in C order. Lives beside the encoders because what is packed is gathered first.
#include "ilh_encode.h"

#include <stddef.h>
#include <string.h>

enum { AXES = 5 };

// Edge of the squares in which a transposed box is copied, so that the lines of both sides stay in the cache.
enum { TILE = 64 };

// Axes of more than one element, those that follow each other in both places as one; `place` is the stride in the result.
typedef struct {
  int axes;
  int64_t count[AXES], stride[AXES], place[AXES];
} box;

static box simplified(const int64_t *counts, const int64_t *strides, const int64_t *sizes) {
  int64_t places[AXES];
  int64_t step = 1;
  for (int i = AXES - 1; i >= 0; i--) {
    places[i] = step;
    step *= sizes[i];
  }
  box b = {.axes = 0};
  for (int i = 0; i < AXES; i++) {
    if (counts[i] == 1) continue;
    const int last = b.axes - 1;
    if (last >= 0 && b.stride[last] == strides[i] * counts[i] && b.place[last] == places[i] * counts[i]) {
      b.count[last] *= counts[i];
      b.stride[last] = strides[i];
      b.place[last] = places[i];
    } else {
      b.count[b.axes] = counts[i];
      b.stride[b.axes] = strides[i];
      b.place[b.axes++] = places[i];
    }
  }
  if (b.axes == 0) b = (box){.axes = 1, .count = {1}, .stride = {1}, .place = {1}};
  return b;
}

// The axis whose neighbours are nearest in the source.
static int nearest(const box *b) {
  int best = b->axes - 1;
  for (int i = b->axes - 1; i >= 0; i--) {
    if (b->stride[i] < b->stride[best]) best = i;
  }
  return best;
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// A plane: the axis `near` over rows of the last axis, or one row if these are the same.
#define GATHER(NAME, TYPE)                                                                                        \
  static void NAME(const box *b, int near, const TYPE *from, TYPE *out) {                                         \
    const int last = b->axes - 1;                                                                                 \
    const int64_t columns = b->count[last], stride = b->stride[last], place = b->place[last];                     \
    const int64_t rows = near == last ? 1 : b->count[near];                                                       \
    const int64_t row_stride = b->stride[near], row_place = b->place[near];                                       \
    if (stride == 1 && place == 1) {                                                                              \
      memcpy(out, from, (size_t)columns * sizeof(TYPE));                                                          \
      return;                                                                                                     \
    }                                                                                                             \
    for (int64_t i0 = 0; i0 < rows; i0 += TILE) {                                                                 \
      const int64_t i1 = smaller(rows, i0 + TILE);                                                                \
      for (int64_t j0 = 0; j0 < columns; j0 += TILE) {                                                            \
        const int64_t j1 = smaller(columns, j0 + TILE);                                                           \
        for (int64_t i = i0; i < i1; i++) {                                                                       \
          for (int64_t j = j0; j < j1; j++) out[i * row_place + j * place] = from[i * row_stride + j * stride];   \
        }                                                                                                         \
      }                                                                                                           \
    }                                                                                                             \
  }

GATHER(gather_1, uint8_t)
GATHER(gather_2, uint16_t)
GATHER(gather_4, uint32_t)
GATHER(gather_8, uint64_t)

int32_t ilh_gather(uint32_t element, const int64_t *counts, const int64_t *strides, const int64_t *sizes,
                   const void *from, uint64_t from_bytes, void *out, uint64_t out_bytes) {
  if (counts == NULL || strides == NULL || sizes == NULL || from == NULL || out == NULL) return ILH_ENCODE_ARGUMENT;
  if (element != 1 && element != 2 && element != 4 && element != 8) return ILH_ENCODE_ARGUMENT;
  const uint64_t most = INT64_MAX / element;
  uint64_t total = 1, farthest = 0;
  int padded = 0;
  for (int i = 0; i < AXES; i++) {
    const uint64_t count = (uint64_t)counts[i], stride = (uint64_t)strides[i], size = (uint64_t)sizes[i];
    if (counts[i] < 1 || strides[i] < 0 || sizes[i] < counts[i] || size > most / total) return ILH_ENCODE_ARGUMENT;
    total *= size;
    padded |= sizes[i] > counts[i];
    if (count > 1 && stride > (most - farthest) / (count - 1)) return ILH_ENCODE_ARGUMENT;
    farthest += (count - 1) * stride;
  }
  if (farthest >= from_bytes / element || total != out_bytes / element || out_bytes % element != 0) {
    return ILH_ENCODE_ARGUMENT;
  }
  if (padded) memset(out, 0, out_bytes);
  const box b = simplified(counts, strides, sizes);
  const int near = b.stride[b.axes - 1] == 1 ? b.axes - 1 : nearest(&b);
  int64_t index[AXES] = {0};
  for (;;) {
    int64_t source = 0, place = 0;
    for (int i = 0; i < b.axes; i++) {
      source += index[i] * b.stride[i];
      place += index[i] * b.place[i];
    }
    switch (element) {
      case 1: gather_1(&b, near, (const uint8_t *)from + source, (uint8_t *)out + place); break;
      case 2: gather_2(&b, near, (const uint16_t *)from + source, (uint16_t *)out + place); break;
      case 4: gather_4(&b, near, (const uint32_t *)from + source, (uint32_t *)out + place); break;
      default: gather_8(&b, near, (const uint64_t *)from + source, (uint64_t *)out + place); break;
    }
    int i = b.axes - 2;
    for (; i >= 0; i--) {
      if (i == near) continue;
      if (++index[i] < b.count[i]) break;
      index[i] = 0;
    }
    if (i < 0) return ILH_ENCODE_OK;
  }
}
