// Gaussian kernels and the rules that derive them from a scale (sections 2.3 to 2.5 of pixel-classification.md).
#include "ilh_features.h"

int64_t ilh_kernel_radius(double sigma, double window) {
  const double magnitude = sigma < 0.0 ? -sigma : sigma;
  if (magnitude < 1e-6) return 0;
  return (int64_t)__builtin_floor(window * sigma + 0.5);
}

int64_t ilh_kernel(int32_t order, double sigma, double window, float *c) {
  if (!(sigma > 0.0) || !(sigma < 1e6) || order < 0 || order > 2) return -1;
  const int64_t r = ilh_kernel_radius(sigma, window);
  if (r > ILH_MAX_RADIUS) return -1;

  const double root = __builtin_sqrt(2.0 * 3.14159265358979323846);
  const double norm = order == 0 ? 1.0 / (root * sigma) : -1.0 / (root * sigma * sigma * sigma);
  for (int64_t i = 0; i <= r; i++) {
    const double x = (double)i;
    const double g = norm * ilh_exp(x * x * (-0.5 / sigma / sigma));
    c[i] = (float)(order == 0 ? g : order == 1 ? x * g : (1.0 - (x / sigma) * (x / sigma)) * g);
  }

  if (order == 2) { // no response to a constant
    double sum = c[0];
    for (int64_t i = 1; i <= r; i++) sum += 2.0 * c[i];
    const double dc = sum / (double)(2 * r + 1);
    for (int64_t i = 0; i <= r; i++) c[i] = (float)(c[i] - dc);
  }

  double sum = order == 0 ? c[0] : 0.0;
  for (int64_t i = 1; i <= r; i++) {
    const double x = (double)i, v = c[i];
    if (order == 0) {
      sum += 2.0 * v;
    } else {
      const double part = order == 1 ? -x * v : x * x * v / 2.0;
      sum += part;
      sum += part;
    }
  }
  for (int64_t i = 0; i <= r; i++) {
    c[i] = (float)(c[i] / sum);
    if (order == 1) c[i] = -c[i];
  }
  return r;
}

double ilh_scale_presmoothing(double scale) { return scale > 1.0 ? __builtin_sqrt(scale * scale - 1.0) : scale; }

double ilh_scale_filter(double scale) { return scale > 1.0 ? 1.0 : scale; }

void ilh_fused_range(int32_t flavour, int64_t n, int64_t r, ilh_range *range) {
  *range = (ilh_range){0, 0};
  if (flavour == ILH_FLAVOUR_M) range->end = n;
  if (flavour != ILH_FLAVOUR_X) return;
  const int64_t begin = (r + 7) & ~(int64_t)7, end = (n - r) & ~(int64_t)31;
  if (end > ((begin + 31) & ~(int64_t)31)) *range = (ilh_range){begin, end};
}
