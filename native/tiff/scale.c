// Lives in the library of file formats, because values are scaled when they are written. The definition is
// lib/array/cast.ts; here are the element types that images have, where all steps but the limits are exact in floats.
#include "ilh_scale.h"

#include <math.h>
#include <stddef.h>

enum { PART = 1024 };

// Adding and taking away this rounds a float below 2^22 half to even. Larger ones do not fit the types anyway.
static const float ROUNDER = 12582912.0f;

typedef struct {
  float low, start, ratio;
  float from_low, from_high; // the floats nearest to the limits, inside
  float to_low, to_high;     // the same
  float at_low, at_high;     // what a value becomes that passes `to_low` or `to_high`
  float min, max;            // of the type
} scale;

static float rounded(float v) { return v + ROUNDER - ROUNDER; }

// The smallest float that is not below, and the largest that is not above.
static float float_above(double v) { return (double)(float)v < v ? nextafterf((float)v, INFINITY) : (float)v; }
static float float_below(double v) { return (double)(float)v > v ? nextafterf((float)v, -INFINITY) : (float)v; }

// What a value becomes at a limit: rounded, and beyond the type by 1 at most, so that it still does not fit.
static float limit(double v, const scale *s) {
  const double whole = nearbyint(v);
  return whole < s->min ? s->min - 1 : whole > s->max ? s->max + 1 : (float)whole;
}

// Scaled and rounded values, limited to the type; gives how many were.
static uint64_t scale_part(const scale *s, const float *values, int64_t n, float *out) {
  uint32_t outside = 0;
  for (int64_t i = 0; i < n; i++) {
    const float x = values[i];
    const float v = s->start + (x - s->low) * s->ratio;
    const int inside = (x >= s->from_low) & (x <= s->from_high);
    float r = rounded(v);
    r = (inside & (v < s->to_low)) ? s->at_low : r;
    r = (inside & (v > s->to_high)) ? s->at_high : r;
    const int above = r > s->max, below = r < s->min, none = r != r;
    r = above ? s->max : r;
    r = below ? s->min : r;
    r = none ? 0.0f : r;
    outside += (uint32_t)(above | below | none);
    out[i] = r;
  }
  return outside;
}

#define STORE(NAME, TYPE)                                                 \
  static void NAME(const float *from, int64_t n, void *out, uint64_t at) { \
    TYPE *to = (TYPE *)out + at;                                          \
    for (int64_t i = 0; i < n; i++) to[i] = (TYPE)(int32_t)from[i];       \
  }

STORE(store_uint8, uint8_t)
STORE(store_uint16, uint16_t)
STORE(store_int8, int8_t)
STORE(store_int16, int16_t)

// In the order of ilh_scale_type.
static const struct {
  void (*store)(const float *from, int64_t n, void *out, uint64_t at);
  uint64_t bytes;
  float min, max;
} TYPES[] = {
    {store_uint8, 1, 0, UINT8_MAX},
    {store_uint16, 2, 0, UINT16_MAX},
    {store_int8, 1, INT8_MIN, INT8_MAX},
    {store_int16, 2, INT16_MIN, INT16_MAX},
};

int32_t ilh_scale_floats(const float *values, uint64_t count, const double *map, int32_t type, void *out,
                         uint64_t out_bytes, uint64_t *outside) {
  if (values == NULL || map == NULL || out == NULL || outside == NULL || type < ILH_SCALE_UINT8 ||
      type > ILH_SCALE_INT16 || count != out_bytes / TYPES[type].bytes || out_bytes % TYPES[type].bytes != 0) {
    return ILH_SCALE_ARGUMENT;
  }
  scale s = {.low = (float)map[0], .start = (float)map[1], .ratio = (float)map[2], .min = TYPES[type].min,
             .max = TYPES[type].max};
  s.from_low = float_above(map[3]);
  s.from_high = float_below(map[4]);
  s.to_low = float_above(map[5]);
  s.to_high = float_below(map[6]);
  s.at_low = limit(map[5], &s);
  s.at_high = limit(map[6], &s);
  float part[PART];
  *outside = 0;
  for (uint64_t at = 0; at < count; at += PART) {
    const int64_t n = (int64_t)(count - at < PART ? count - at : PART);
    *outside += scale_part(&s, values + at, n, part);
    TYPES[type].store(part, n, out, at);
  }
  return ILH_SCALE_OK;
}
