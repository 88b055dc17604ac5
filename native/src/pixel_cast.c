// Raw elements of any type to binary32, round to nearest.
#include "pixel_block.h"

#define CAST(name, type)                                                            \
  static void name(const void *from, int64_t stride, int64_t n, float *to) {        \
    const type *p = from;                                                           \
    if (stride == 1) {                                                              \
      for (int64_t i = 0; i < n; i++) to[i] = (float)p[i];                          \
    } else {                                                                        \
      for (int64_t i = 0; i < n; i++) to[i] = (float)p[i * stride];                 \
    }                                                                               \
  }

CAST(cast_uint8, uint8_t)
CAST(cast_uint16, uint16_t)
CAST(cast_uint32, uint32_t)
CAST(cast_uint64, uint64_t)
CAST(cast_int8, int8_t)
CAST(cast_int16, int16_t)
CAST(cast_int32, int32_t)
CAST(cast_int64, int64_t)
CAST(cast_float32, float)
CAST(cast_float64, double)

// In the order of ilh_dtype.
static const struct {
  void (*cast)(const void *from, int64_t stride, int64_t n, float *to);
  int64_t bytes;
} TYPES[] = {
    {cast_uint8, 1}, {cast_uint16, 2}, {cast_uint32, 4}, {cast_uint64, 8},  {cast_int8, 1},
    {cast_int16, 2}, {cast_int32, 4},  {cast_int64, 8},  {cast_float32, 4}, {cast_float64, 8},
};

void pixel_cast(int64_t dtype, const void *from, int64_t stride, int64_t n, float *to) {
  TYPES[dtype].cast(from, stride, n, to);
}

int64_t pixel_dtype_bytes(int64_t dtype) { return TYPES[dtype].bytes; }
