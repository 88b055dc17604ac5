// The fused pixel kernel's vector functions: baseline instructions of the processor family.
#include "features_math.h"
#include "pixel_plan.h"

#define PIXEL_LANES 4
#include "pixel_vector.inc"
#include "eigen.inc"
#include "pixel_filters.inc"
#include "pixel_smooth.inc"

const pixel_functions pixel_portable = {smooth, filters};
