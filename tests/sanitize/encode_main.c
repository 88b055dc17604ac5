// Gathering and packing under the sanitizers: boxes of any shape, strides and padding against the definition, and buffers
// that are just as large as they must be.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "ilh_encode.h"
#include "ilh_pack.h"
#include "ilh_scale.h"

enum { AXES = 5, BOXES = 2000, STRIPS = 200 };

// Element `flat` of the result in C order: where it comes from, or -1 for padding.
static int64_t source_of(int64_t flat, const int64_t *counts, const int64_t *strides, const int64_t *sizes) {
  int64_t at = 0;
  for (int i = AXES - 1; i >= 0; i--) {
    const int64_t index = flat % sizes[i];
    flat /= sizes[i];
    if (index >= counts[i]) return -1;
    at += index * strides[i];
  }
  return at;
}

// The same box twice as chunks: plain they are equal to what `ilh_gather` gave, packed they fit.
static void pack_box(int64_t element, const int64_t *counts, const int64_t *strides, const int64_t *sizes,
                     const uint8_t *from, size_t from_bytes, const uint8_t *wanted, size_t bytes) {
  int64_t both[2 * AXES];
  memcpy(both, counts, sizeof both / 2);
  memcpy(both + AXES, counts, sizeof both / 2);
  const uint64_t offsets[2] = {0, 0};
  for (int32_t level = 0; level < 2; level++) {
    const size_t room = (size_t)ilh_pack_room(level, bytes);
    uint8_t *out = malloc(2 * room);
    uint64_t lengths[2];
    if (out == NULL) fail("no memory");
    if (ilh_pack_chunks((uint32_t)element, 2, both, offsets, strides, sizes, from, from_bytes, level, out, 2 * room,
                        lengths) != ILH_ENCODE_OK) {
      fail("ilh_pack_chunks failed");
    }
    for (int i = 0; i < 2; i++) {
      if (level == 0 ? lengths[i] != bytes || memcmp(out + i * room, wanted, bytes) != 0 : lengths[i] > room) {
        fail("ilh_pack_chunks gives other chunks");
      }
    }
    free(out);
  }
}

static void gather_box(void) {
  const int64_t element = (int64_t)1 << below(4);
  int64_t counts[AXES], strides[AXES], sizes[AXES], order[AXES] = {0, 1, 2, 3, 4};
  int64_t total = 1, step = 1, last = 0;
  for (int i = 0; i < AXES; i++) {
    counts[i] = 1 + below(i == 3 ? 90 : 7);
    sizes[i] = counts[i] + (below(3) == 0 ? below(4) : 0);
    total *= sizes[i];
    const int64_t j = below(i + 1), moved = order[j];
    order[j] = order[i];
    order[i] = moved;
  }
  for (int i = 0; i < AXES; i++) {
    strides[order[i]] = step;
    last += (counts[order[i]] - 1) * step;
    step *= counts[order[i]] + below(2);
  }
  const size_t from_bytes = (size_t)((last + 1) * element), out_bytes = (size_t)(total * element);
  uint8_t *from = malloc(from_bytes), *out = malloc(out_bytes);
  if (from == NULL || out == NULL) fail("no memory");
  for (size_t i = 0; i < from_bytes; i++) from[i] = (uint8_t)(1 + below(255));
  if (ilh_gather((uint32_t)element, counts, strides, sizes, from, from_bytes, out, out_bytes) != ILH_ENCODE_OK) {
    fail("ilh_gather failed");
  }
  const uint8_t zeros[8] = {0};
  for (int64_t flat = 0; flat < total; flat++) {
    const int64_t at = source_of(flat, counts, strides, sizes);
    const uint8_t *wanted = at < 0 ? zeros : from + at * element;
    if (memcmp(out + flat * element, wanted, (size_t)element) != 0) fail("ilh_gather gives other elements");
  }
  pack_box(element, counts, strides, sizes, from, from_bytes, out, out_bytes);
  free(from);
  free(out);
}

static void pack_strip(int kind) {
  const uint64_t length = 1 + (uint64_t)below(150000);
  const uint64_t room = ilh_lzw_bound(length), deflated = ilh_deflate_bound(ILH_DEFLATE_ZLIB, length);
  uint8_t *bytes = malloc(length), *lzw = malloc(room), *zlib = malloc(deflated);
  if (bytes == NULL || lzw == NULL || zlib == NULL) fail("no memory");
  for (uint64_t i = 0; i < length; i++) bytes[i] = (uint8_t)(kind == 0 ? below(256) : kind == 1 ? 0 : i * i % 101);
  uint64_t packed = 0;
  if (ilh_lzw(bytes, length, lzw, room, &packed) != ILH_ENCODE_OK || packed > room) fail("ilh_lzw failed");
  if (ilh_deflate(ILH_DEFLATE_ZLIB, 1, bytes, length, zlib, deflated, &packed) != ILH_ENCODE_OK || packed > deflated) {
    fail("ilh_deflate failed");
  }
  free(bytes);
  free(lzw);
  free(zlib);
}

static void scale_values(void) {
  const uint64_t count = (uint64_t)below(3000);
  const double map[7] = {0.25, -7.0, 1e5, 0.0, 1.0, -3.5, 1e9};
  const float special[4] = {INFINITY, -INFINITY, NAN, 3e38f};
  float *values = malloc(count * sizeof *values + 1);
  uint8_t *out = malloc(2 * count + 1);
  if (values == NULL || out == NULL) fail("no memory");
  for (uint64_t i = 0; i < count; i++) values[i] = below(9) == 0 ? special[below(4)] : (float)below(1000) / 500.0f;
  for (int32_t type = ILH_SCALE_UINT8; type <= ILH_SCALE_INT16; type++) {
    const uint64_t bytes = count * (type == ILH_SCALE_UINT8 || type == ILH_SCALE_INT8 ? 1 : 2);
    uint64_t outside = 0;
    if (ilh_scale_floats(values, count, map, type, out, bytes, &outside) != ILH_SCALE_OK || outside > count) {
      fail("ilh_scale_floats failed");
    }
  }
  free(values);
  free(out);
}

int main(void) {
  for (int i = 0; i < BOXES; i++) gather_box();
  for (int i = 0; i < STRIPS; i++) pack_strip(i % 3);
  for (int i = 0; i < STRIPS; i++) scale_values();
  return 0;
}
