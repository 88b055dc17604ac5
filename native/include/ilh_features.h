// Feature kernels: Gaussian kernels and the scalar definition of every pixel feature.
//
// Definition: pixel-classification.md sections 2.3 to 2.7. Images are binary32 in z, y, x order with x fastest.
// The functions of this header are the readable oracle of the tests; `ilh_pixel.h` is the fast way to the same bits.
#ifndef ILH_FEATURES_H
#define ILH_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "ilh_api.h"

// Longest kernel supported, in pixels at each side of the centre (scale 290 and more are refused).
#define ILH_MAX_RADIUS 1023

// Which multiply-adds of a convolution round once (section 2.11).
enum ilh_flavour {
  ILH_FLAVOUR_X = 0, // y and z passes fused, x passes inside a column range of the whole image; the product
  ILH_FLAVOUR_M = 1, // everything fused, no rule for the last pixels; original on macOS
  ILH_FLAVOUR_S = 2, // nothing fused; original on a CPU without FMA
};

// Feature families in the order of the selection matrix.
enum ilh_feature {
  ILH_GAUSSIAN = 0,
  ILH_LAPLACIAN = 1,
  ILH_GRADIENT = 2,
  ILH_DIFFERENCE = 3,
  ILH_STRUCTURE = 4,
  ILH_HESSIAN = 5,
  ILH_PRESMOOTHED = 6, // the pre-smoothed image itself: for tests, never a column
};

// Columns [begin, end) of a row whose x pass is fused; empty when begin == end.
typedef struct {
  int64_t begin, end;
} ilh_range;

// Radius of the Gaussian kernel of standard deviation `sigma` cut at `window` standard deviations.
ILH_API int64_t ilh_kernel_radius(double sigma, double window);

// Writes the half kernel c[0..r] of derivative `order` (0, 1, 2) and returns r, or -1 when `sigma` is not a
// positive number, the order is unknown, or the radius exceeds ILH_MAX_RADIUS. Section 2.4.
ILH_API int64_t ilh_kernel(int32_t order, double sigma, double window, float *c);

// Standard deviation of the pre-smoothing and of the filters of a scale. Section 2.3.
ILH_API double ilh_scale_presmoothing(double scale);
ILH_API double ilh_scale_filter(double scale);

// Fused columns of an x pass with radius `r` over an image of `n` columns. Section 2.5.
ILH_API void ilh_fused_range(int32_t flavour, int64_t n, int64_t r, ilh_range *range);

// Bytes of scratch that `ilh_features_scalar` needs for a volume.
ILH_API uint64_t ilh_features_scalar_bytes(int64_t nz, int64_t ny, int64_t nx);

// One feature of one whole volume (z y x, contiguous), all its channels as consecutive volumes in `out`
// (eigenvalues: largest first). `in_2d` filters every z slice alone. Returns 0, or -1 when a kernel does not fit
// the volume or an argument is out of range.
ILH_API int32_t ilh_features_scalar(const float *in, int64_t nz, int64_t ny, int64_t nx, double scale, int32_t in_2d,
                                    int32_t flavour, int32_t feature, float *out, void *scratch);

// Eigenvalues of symmetric 3x3 matrices, entries in the order zz yz xz yy xy xx, largest first; `last` selects the
// evaluation of the last pixels of a volume. Section 2.7.
ILH_API void ilh_eigen3_scalar(const float a[6], int32_t last, float e[3]);
ILH_API void ilh_eigen2_scalar(float xx, float xy, float yy, float e[2]);

// Own double functions, within 0.51 ulp: results must not depend on the platform's C library.
// Domains: atan2 y >= 0; sin and cos |x| <= 4; exp x <= 0.
ILH_API double ilh_atan2(double y, double x);
ILH_API double ilh_sin(double x);
ILH_API double ilh_cos(double x);
ILH_API double ilh_exp(double x);

#endif
