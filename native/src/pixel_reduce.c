// Segmentation and uncertainty out of probabilities that are there anyway (section 4.2 of pixel-classification.md):
// the same values as `ilh_pixel_run` gives, whose pixels without prediction have probabilities of 0.
#include "ilh_pixel.h"

static uint8_t first_largest(const float *p, int64_t classes) {
  int64_t best = 0;
  for (int64_t c = 1; c < classes; c++) best = p[c] > p[best] ? c : best;
  return (uint8_t)(1 + best);
}

static float uncertainty(const float *p, int64_t classes) {
  if (classes == 1) return 0.0f;
  float first = 0.0f, second = 0.0f; // no probability is below 0
  for (int64_t c = 0; c < classes; c++) {
    second = p[c] > first ? first : p[c] > second ? p[c] : second;
    first = p[c] > first ? p[c] : first;
  }
  return 1.0f - (first - second);
}

int32_t ilh_pixel_reduce(int64_t kind, const float *probabilities, int64_t n, int64_t classes, void *output) {
  if (!probabilities || !output || n < 0 || classes < 1 || classes > 255) return ILH_PIXEL_ARGUMENT;
  if (kind == ILH_SEGMENTATION) {
    for (int64_t i = 0; i < n; i++) ((uint8_t *)output)[i] = first_largest(probabilities + i * classes, classes);
  } else if (kind == ILH_UNCERTAINTY) {
    for (int64_t i = 0; i < n; i++) ((float *)output)[i] = uncertainty(probabilities + i * classes, classes);
  } else {
    return ILH_PIXEL_ARGUMENT;
  }
  return ILH_PIXEL_OK;
}
