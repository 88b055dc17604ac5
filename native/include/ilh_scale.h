// Values of a range as whole numbers of another range, as they are exported: cli-and-io.md §5.6.
//
// Nothing is printed and nothing is kept between calls; any number of calls at a time, each on any thread.
#ifndef ILH_SCALE_H
#define ILH_SCALE_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_scale_error {
  ILH_SCALE_OK = 0,
  ILH_SCALE_ARGUMENT = 1, // null pointer, unknown type, or the buffer has another size
};

// Types of the result.
enum ilh_scale_type {
  ILH_SCALE_UINT8 = 0,
  ILH_SCALE_UINT16 = 1,
  ILH_SCALE_INT8 = 2,
  ILH_SCALE_INT16 = 3,
};

// `map` holds low, start, ratio, from_low, from_high, to_low, to_high. Each of `count` values becomes
// start + (value - low) * ratio with every step rounded to single precision; between from_low and from_high it becomes at
// least to_low and at most to_high. It is rounded half to even, then limited to the type; NaN becomes 0. `outside`
// becomes the number of values that were limited to the type or NaN.
ILH_API int32_t ilh_scale_floats(const float *values, uint64_t count, const double *map, int32_t type, void *out,
                                 uint64_t out_bytes, uint64_t *outside);

#endif
