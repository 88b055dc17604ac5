// The fused pixel kernel's vector functions: baseline instructions of the processor family.
#include "features_math.h"
#include "pixel_plan.h"

#define PIXEL_LANES 4
#define PIXEL_LOW_WORDS 0, 2, 4, 6 // of four binary64 values, little endian
#include "pixel_vector.inc"
#include "eigen.inc"
#include "pixel_filters.inc"
#include "pixel_smooth.inc"

const pixel_functions pixel_portable = {smooth, filters};
