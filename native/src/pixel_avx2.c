// The fused pixel kernel's vector functions: AVX2 and FMA.
#include "features_math.h"
#include "pixel_plan.h"

#define PIXEL_LANES 8
#include "pixel_vector.inc"
#include "eigen.inc"
#include "pixel_filters.inc"
#include "pixel_smooth.inc"

const pixel_functions pixel_avx2 = {smooth, filters};
