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

static void write_channel(const float *from, int64_t n, float *out, int64_t stride) {
  if (stride == 1) {
    for (int64_t x = 0; x < n; x++) out[x] = canonical(from[x]);
  } else {
    for (int64_t x = 0; x < n; x++) out[x * stride] = canonical(from[x]);
  }
}

// Four pixels of four channels that lie side by side: a transposition in registers, three times as fast as the plain
// loop, whose every store goes to another cache line.
typedef float quad __attribute__((ext_vector_type(4)));
enum { QUAD = 4 };

static void write_quad(const float *from, int64_t from_stride, float *out, int64_t pixel_stride) {
  quad c[QUAD];
  for (int k = 0; k < QUAD; k++) {
    memcpy(&c[k], from + k * from_stride, sizeof c[k]);
    c[k] = c[k] == c[k] ? c[k] : (quad)__builtin_nanf("");
  }
  const quad low0 = __builtin_shufflevector(c[0], c[1], 0, 4, 1, 5), high0 = __builtin_shufflevector(c[0], c[1], 2, 6, 3, 7);
  const quad low1 = __builtin_shufflevector(c[2], c[3], 0, 4, 1, 5), high1 = __builtin_shufflevector(c[2], c[3], 2, 6, 3, 7);
  const quad pixel[QUAD] = {
      __builtin_shufflevector(low0, low1, 0, 1, 4, 5), __builtin_shufflevector(low0, low1, 2, 3, 6, 7),
      __builtin_shufflevector(high0, high1, 0, 1, 4, 5), __builtin_shufflevector(high0, high1, 2, 3, 6, 7)};
  for (int x = 0; x < QUAD; x++) memcpy(out + x * pixel_stride, &pixel[x], sizeof pixel[x]);
}

// Channels side by side: all channels of four pixels, so that the output is written from start to end.
static int64_t write_quads(const tile_result *t, const tile_row *row) {
  const int64_t *stride = t->block->job->stride, step = t->block->tile_stride;
  const int64_t channels = t->block->plan->model.n_wanted, done = channels - channels % QUAD;
  for (int64_t x = 0; x + QUAD <= row->n; x += QUAD) {
    for (int64_t c = 0; c < done; c += QUAD) {
      const float *from = t->planes + c * step + row->first + x;
      write_quad(from, step, (float *)row->out + x * stride[2] + c, stride[2]);
    }
  }
  return done;
}

static void write_features(const tile_result *t, int64_t rows) {
  const int64_t *stride = t->block->job->stride, step = t->block->tile_stride;
  const int64_t channels = t->block->plan->model.n_wanted;
  int64_t done = 0;
  for (int64_t i = 0; i < rows && stride[3] == 1; i++) {
    const tile_row row = row_of(t, i);
    done = write_quads(t, &row);
  }
  // What quads leave over; channels outermost, because each of them lies in pages of its own.
  for (int64_t c = 0; c < channels; c++) {
    for (int64_t i = 0; i < rows; i++) {
      const tile_row row = row_of(t, i);
      const int64_t x = c < done ? row.n - row.n % QUAD : 0;
      const float *from = t->planes + c * step + row.first + x;
      write_channel(from, row.n - x, (float *)row.out + x * stride[2] + c * stride[3], stride[2]);
    }
  }
}

static void (*const WRITERS[])(const tile_result *t, const tile_row *row) = {write_probabilities, write_segmentation,
                                                                            write_uncertainty};

void pixel_write(const tile_result *t) {
  const int64_t rows = extent(&t->tile, 0) * extent(&t->tile, 1);
  if (t->block->job->kind == ILH_FEATURES) {
    write_features(t, rows);
    return;
  }
  for (int64_t i = 0; i < rows; i++) {
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
