// Constants of the eigenvalue formulas (section 2.7 of pixel-classification.md), shared by scalar and vector code.
#ifndef FEATURES_MATH_H
#define FEATURES_MATH_H

#include "ilh_features.h"

static const float ILH_ATAN[8] = {0.00282363896258175373f, -0.0159569028764963150f, 0.0425049886107444763f,
                                  -0.0748900920152664185f, 0.106347933411598206f,   -0.142027363181114197f,
                                  0.199926957488059998f,   -0.333331018686294556f};
static const float ILH_COS[3] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
static const float ILH_SIN[3] = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};

#define ILH_PI 3.14159265358979323846f
#define ILH_HALF_PI 1.57079632679489661923f
#define ILH_4_OVER_PI 1.27323954473516f
#define ILH_PI_4_A (-0.78515625f)
#define ILH_PI_4_B (-2.4187564849853515625e-4f)
#define ILH_PI_4_C (-3.77489497744594108e-8f)
#define ILH_THIRD (1.0f / 3.0f)
#define ILH_ROOT_3 1.73205080756887729353f

#endif
