// Writes what a tile gives into the caller's array (sections 3.3, 3.4 and 4.2 of pixel-classification.md).
#include "pixel_block.h"

#include <string.h>

typedef struct {
  int64_t z, y, n; // row of the tile, pixels
  int64_t first;   // its first pixel among those of the tile
  char *out;       // its first output element, channel 0
  const uint8_t *mask;
} tile_row;

static int64_t extent(const box *b, int axis) { return b->stop[axis] - b->start[axis]; }

static tile_row row_of(const tile_result *t, int64_t index) {
  const ilh_pixel_job *job = t->block->job;
  const int64_t height = extent(&t->tile, 1), n = extent(&t->tile, 2);
  const int64_t z = t->tile.start[0] + index / height, y = t->tile.start[1] + index % height;
  const int64_t dz = z - job->start[0], dy = y - job->start[1], dx = t->tile.start[2] - job->start[2];
  const int64_t bytes = job->kind == ILH_SEGMENTATION ? 1 : (int64_t)sizeof(float);
  tile_row row = {z, y, n, index * n, 0, 0};
  row.out = (char *)t->output + (dz * job->stride[0] + dy * job->stride[1] + dx * job->stride[2]) * bytes;
  if (t->mask) {
    row.mask = t->mask + dz * job->mask_stride[0] + dy * job->mask_stride[1] + dx * job->mask_stride[2];
  }
  return row;
}

static int set_at(const tile_result *t, const tile_row *row, int64_t x) {
  return !row->mask || row->mask[x * t->block->job->mask_stride[2]] != 0;
}

int pixel_mask_any(const tile_result *t) {
  for (int64_t i = 0; i < extent(&t->tile, 0) * extent(&t->tile, 1); i++) {
    const tile_row row = row_of(t, i);
    for (int64_t x = 0; x < row.n; x++) {
      if (set_at(t, &row, x)) return 1;
    }
  }
  return 0;
}

static void fill_floats(const tile_result *t, const tile_row *row, int64_t channel, float value) {
  const int64_t *stride = t->block->job->stride;
  float *out = (float *)row->out + channel * stride[3];
  for (int64_t x = 0; x < row->n; x++) out[x * stride[2]] = value;
}

static void write_probabilities(const tile_result *t, const tile_row *row) {
  const ilh_pixel_job *job = t->block->job;
  const int64_t classes = t->block->n_classes;
  if (job->n_classes > classes) {
    for (int64_t c = 0; c < job->n_classes; c++) fill_floats(t, row, c, 0.0f);
  }
  for (int64_t k = 0; k < classes; k++) {
    const float *p = t->probabilities + k * t->block->tile_stride + row->first;
    float *out = (float *)row->out + t->class_channel[k] * job->stride[3];
    for (int64_t x = 0; x < row->n; x++) out[x * job->stride[2]] = p[x];
    if (!row->mask) continue;
    for (int64_t x = 0; x < row->n; x++) {
      if (!set_at(t, row, x)) out[x * job->stride[2]] = 0.0f;
    }
  }
}

static void write_segmentation(const tile_result *t, const tile_row *row) {
  const int64_t stride = t->block->job->stride[2];
  const uint8_t *best = t->classes + row->first;
  for (int64_t x = 0; x < row->n; x++) {
    const int known = best[x] < t->block->n_classes && set_at(t, row, x);
    row->out[x * stride] = known ? (char)(1 + t->class_channel[best[x]]) : 1;
  }
}

// The channels that no class of the forest has are 0 and take part.
static void write_uncertainty(const tile_result *t, const tile_row *row) {
  const ilh_pixel_job *job = t->block->job;
  const int64_t classes = t->block->n_classes;
  float *out = (float *)row->out;
  for (int64_t x = 0; x < row->n; x++) {
    float first = 0.0f, second = 0.0f; // no probability is below 0
    for (int64_t k = 0; k < classes && set_at(t, row, x); k++) {
      const float p = t->probabilities[k * t->block->tile_stride + row->first + x];
      second = p > first ? first : p > second ? p : second;
      first = p > first ? p : first;
    }
    out[x * job->stride[2]] = job->n_classes == 1 ? 0.0f : 1.0f - (first - second);
  }
}

// One bit pattern for NaN on every processor.
static float canonical(float v) { return v == v ? v : __builtin_nanf(""); }

static void write_features(const tile_result *t, const tile_row *row) {
  const int64_t *stride = t->block->job->stride, n = t->block->plan->model.n_wanted;
  enum { BAND = 16 }; // pixels whose channels are written together when channels lie side by side
  for (int64_t x0 = 0; x0 < row->n; x0 += BAND) {
    const int64_t x1 = least(row->n, x0 + BAND);
    for (int64_t c = 0; c < n; c++) {
      const float *p = t->planes + c * t->block->tile_stride + row->first;
      float *out = (float *)row->out + c * stride[3];
      for (int64_t x = x0; x < x1; x++) out[x * stride[2]] = canonical(p[x]);
    }
  }
}

static void (*const WRITERS[])(const tile_result *t, const tile_row *row) = {write_probabilities, write_segmentation,
                                                                            write_uncertainty, write_features};

void pixel_write(const tile_result *t) {
  for (int64_t i = 0; i < extent(&t->tile, 0) * extent(&t->tile, 1); i++) {
    const tile_row row = row_of(t, i);
    WRITERS[t->block->job->kind](t, &row);
  }
}

void pixel_write_unset(const tile_result *t) {
  const ilh_pixel_job *job = t->block->job;
  for (int64_t i = 0; i < extent(&t->tile, 0) * extent(&t->tile, 1); i++) {
    const tile_row row = row_of(t, i);
    if (job->kind == ILH_SEGMENTATION) {
      for (int64_t x = 0; x < row.n; x++) row.out[x * job->stride[2]] = 1;
    } else if (job->kind == ILH_UNCERTAINTY) {
      fill_floats(t, &row, 0, job->n_classes == 1 ? 0.0f : 1.0f);
    } else {
      for (int64_t c = 0; c < job->n_classes; c++) fill_floats(t, &row, c, 0.0f);
    }
  }
}
