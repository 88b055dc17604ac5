// What the parts of the fused pixel kernel share: the plan, boxes, images, and the vector functions' signatures.
#ifndef PIXEL_PLAN_H
#define PIXEL_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "ilh_cpu.h"
#include "ilh_features.h"
#include "ilh_pixel.h"

// Floats of the widest vector: rows may be read and written that much beyond their end.
#define PIXEL_SLACK 16
// Columns that a strip of the long convolutions is wide: 4 vectors of AVX-512.
#define PIXEL_STRIP 64
// Radius of the longest filter kernel (sigma at most 1, cut at 2 sigma).
#define FILTER_RADIUS 2

// Half kernel of a filter and the fused columns of its x pass.
typedef struct {
  int32_t r;
  float c[FILTER_RADIUS + 1];
  ilh_range fused;
} filter_kernel;

typedef struct {
  int32_t in_2d; // each z slice alone
  int32_t r;     // radius of the pre-smoothing
  int64_t coefficients; // index of its half kernel in the plan's coefficients
  ilh_range fused;
  filter_kernel whole[3]; // orders 0, 1, 2 at the filter scale q
  filter_kernel narrow;   // order 0 at 0.66 q: second Gaussian of the difference
  filter_kernel half[2];  // orders 0, 1 at 0.5 q: gradients of the structure tensor
} scale_plan;

// Families of features that a channel needs of a scale: bit `1 << ilh_feature`.
typedef struct {
  int32_t wanted, all;
} family_set;

#define PIXEL_PLAN_MAGIC 0x316e616c70786970u

typedef struct {
  uint64_t magic;
  ilh_pixel_model model;
  uint64_t bytes;
  uint64_t scales, families, planes, coefficients; // byte offsets
} pixel_plan;

static inline const scale_plan *plan_scale(const pixel_plan *p, int64_t scale) {
  return (const scale_plan *)((const char *)p + p->scales) + scale;
}
static inline const family_set *plan_families(const pixel_plan *p, int64_t channel, int64_t scale) {
  return (const family_set *)((const char *)p + p->families) + channel * p->model.n_scales + scale;
}
// Column of a feature, -1 if it is not selected: 6 families of 3 eigenvalues.
static inline const int32_t *plan_planes(const pixel_plan *p, int64_t channel, int64_t scale) {
  return (const int32_t *)((const char *)p + p->planes) + (channel * p->model.n_scales + scale) * 18;
}
static inline const float *plan_coefficients(const pixel_plan *p, const scale_plan *s) {
  return (const float *)((const char *)p + p->coefficients) + s->coefficients;
}

// Pixels that the filters of some families reach, on each side of each filtered axis.
int64_t pixel_reach(const scale_plan *scale, int32_t families);

// Half-open box of the whole image; axes z y x.
typedef struct {
  int64_t start[3], stop[3];
} box;

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t mirrored(int64_t i, int64_t n) { return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i; }

// Floats at positions of the whole image: (z, y, x) is data[(z-z0) * plane + (y-y0) * row + (x-x0)].
typedef struct {
  float *data;
  int64_t z0, y0, x0, row, plane;
} image;

static inline float *image_row(const image *m, int64_t z, int64_t y) {
  return m->data + (z - m->z0) * m->plane + (y - m->y0) * m->row - m->x0;
}

// Where the rows of a feature go: consecutive rows of a tile lie `step` apart (0: the feature is not wanted and all
// its rows go to one place that nobody reads).
typedef struct {
  float *base;
  int64_t step;
} sink;

typedef struct {
  const pixel_plan *plan;
  const scale_plan *scale;
  const image *smooth; // pre-smoothed, mirrored beyond the borders of x
  box tile;
  int32_t families;
  sink sinks[6][3];
  float *work; // filter_work_floats
} filter_job;

typedef struct {
  const pixel_plan *plan;
  const scale_plan *scale;
  const image *raw; // mirrored beyond the borders of x
  image smooth;
  box wanted; // part of `smooth` to fill, inside the image
  int64_t reach;
  float *strip; // smooth_strip_floats
  image partial; // x and y smoothed planes (3-D only)
  const int32_t *cancel;
} smooth_job;

// Row length of the work rows of a tile: PIXEL_SLACK before, and room for a reach and a vector behind.
static inline int64_t filter_row(int64_t width) {
  return PIXEL_SLACK + (width + PIXEL_SLACK - 1) / PIXEL_SLACK * PIXEL_SLACK + 2 * PIXEL_SLACK;
}

// Rows of work: x passes (5 * 3 + 3 + 3 * 2), gradients, products and tensors (6 + 6 * 5 + 6), and a spare.
#define FILTER_ROWS 80
// Planes of work in 3-D: the larger of both marches (6 * 5 + 5; 3 * 3 + 6 * 5).
#define FILTER_PLANES 39

static inline uint64_t filter_work_floats(int64_t width, int64_t height, int three_d) {
  const int64_t rows = FILTER_ROWS + (three_d ? FILTER_PLANES * (height + 2 * FILTER_RADIUS) : 0);
  return (uint64_t)(rows * filter_row(width));
}

static inline uint64_t smooth_strip_floats(int64_t length) {
  return (uint64_t)((length + 2) * (PIXEL_STRIP + PIXEL_SLACK));
}

// One set of vector functions.
typedef struct {
  void (*smooth)(const smooth_job *job);
  void (*filters)(const filter_job *job);
} pixel_functions;

extern const pixel_functions pixel_portable, pixel_avx2, pixel_avx512, pixel_neon;

#endif
