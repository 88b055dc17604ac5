// Fused pixel kernel for the address and undefined-behaviour checks: random images, blocks and layouts in buffers of
// exactly the promised sizes, against the scalar definition; wrong arguments. Says the line of a failed check.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ilh_cpu.h"
#include "ilh_features.h"
#include "ilh_pixel.h"

#define CHECK(condition) \
  do { \
    if (!(condition)) return __LINE__; \
  } while (0)

enum { MAX_COLUMNS = 400 };

static const double SCALES[] = {0.2, 0.3, 0.4, 0.7, 0.8, 1.0, 1.6, 3.5};
enum { N_SCALES = sizeof SCALES / sizeof *SCALES };

static uint64_t state = 88172645463325252u;

static int64_t below(int64_t n) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (int64_t)((state >> 33) % (uint64_t)n);
}

static void *block_of(uint64_t bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }

static int same(float a, float b) { return (a != a && b != b) || memcmp(&a, &b, sizeof a) == 0; }

typedef struct {
  int64_t size[3], channels, n;
  int64_t n_scales, n_columns;
  double scales[N_SCALES];
  uint8_t in_2d[N_SCALES];
  ilh_pixel_column columns[MAX_COLUMNS];
  float *pixels;   // channels last
  float *expected; // a volume per column
} subject;

static int eigenvalues_of(const subject *s, int feature, int64_t scale) {
  return feature < ILH_STRUCTURE ? 1 : s->in_2d[scale] || s->size[0] == 1 ? 2 : 3;
}

static int make_subject(subject *s, int64_t z, int64_t y, int64_t x, int64_t channels, int odd) {
  *s = (subject){.size = {z, y, x}, .channels = channels, .n = z * y * x};
  for (int i = 0; i < N_SCALES; i++) {
    const int flat = (int)below(2) || z == 1;
    const int64_t needed = (int64_t)ceil(3.5 * SCALES[i]) + 1;
    if (needed > y || needed > x || (!flat && needed > z)) continue;
    s->in_2d[s->n_scales] = (uint8_t)flat;
    s->scales[s->n_scales++] = SCALES[i];
  }
  s->pixels = malloc(sizeof(float) * (size_t)(s->n * channels));
  for (int64_t i = 0; i < s->n * channels; i++) s->pixels[i] = (float)(below(65536) - 32768) / 16.0f;
  if (odd) {
    s->pixels[below(s->n * channels)] = NAN;
    s->pixels[below(s->n * channels)] = INFINITY;
  }
  for (int f = 0; f <= ILH_HESSIAN; f++) {
    for (int64_t i = 0; i < s->n_scales; i++) {
      for (int64_t c = 0; c < channels; c++) {
        for (int e = 0; e < eigenvalues_of(s, f, i); e++) {
          s->columns[s->n_columns++] = (ilh_pixel_column){f, (int32_t)i, (int32_t)c, e};
        }
      }
    }
  }
  CHECK(s->n_columns <= MAX_COLUMNS);
  const size_t volume = sizeof(float) * (size_t)s->n;
  s->expected = malloc(volume * (size_t)s->n_columns);
  float *one = malloc(volume), *values = malloc(3 * volume);
  void *scratch = malloc(ilh_features_scalar_bytes(z, y, x));
  for (int64_t k = 0; k < s->n_columns; k++) {
    const ilh_pixel_column *c = &s->columns[k];
    for (int64_t i = 0; i < s->n; i++) one[i] = s->pixels[i * channels + c->channel];
    CHECK(ilh_features_scalar(one, z, y, x, s->scales[c->scale], s->in_2d[c->scale], ILH_FLAVOUR_X, c->feature, values,
                              scratch) == 0);
    memcpy(s->expected + k * s->n, values + c->eigenvalue * s->n, volume);
  }
  free(one);
  free(values);
  free(scratch);
  return 0;
}

static void free_subject(subject *s) {
  free(s->pixels);
  free(s->expected);
}

static void *plan_of(const subject *s, int32_t level) {
  const ilh_pixel_model model = {{s->size[0], s->size[1], s->size[2]}, s->channels,   ILH_FLAVOUR_X, level,
                                 s->n_scales,                          s->n_columns, s->n_columns};
  const uint64_t bytes = ilh_pixel_plan_bytes(&model);
  void *plan = block_of(bytes);
  if (ilh_pixel_plan(&model, s->scales, s->in_2d, s->columns, plan, bytes) == ILH_PIXEL_OK) return plan;
  free(plan);
  return NULL;
}

// One random block, its input cut out exactly.
static int check_block(const subject *s, const void *plan) {
  int64_t halo[3];
  ilh_pixel_job job = {.kind = ILH_FEATURES, .dtype = ILH_FLOAT32};
  CHECK(ilh_pixel_halo(plan, job.dtype, halo) == ILH_PIXEL_OK);
  for (int a = 0; a < 3; a++) {
    job.start[a] = below(s->size[a]);
    job.size[a] = 1 + below(s->size[a] - job.start[a]);
    const int64_t from = job.start[a] - halo[a], to = job.start[a] + job.size[a] + halo[a];
    job.input_start[a] = from < 0 ? 0 : from;
    job.input_size[a] = (to > s->size[a] ? s->size[a] : to) - job.input_start[a];
  }
  const int64_t *in = job.input_size, *out = job.size;
  float *input = malloc(sizeof(float) * (size_t)(in[0] * in[1] * in[2] * s->channels)), *write = input;
  for (int64_t z = 0; z < in[0]; z++) {
    for (int64_t y = 0; y < in[1]; y++) {
      const int64_t row = ((job.input_start[0] + z) * s->size[1] + job.input_start[1] + y) * s->size[2];
      const int64_t length = in[2] * s->channels;
      memcpy(write, s->pixels + (row + job.input_start[2]) * s->channels, sizeof(float) * (size_t)length);
      write += length;
    }
  }
  const int64_t input_stride[4] = {in[1] * in[2] * s->channels, in[2] * s->channels, s->channels, 1};
  memcpy(job.input_stride, input_stride, sizeof input_stride);
  const int64_t pixels = out[0] * out[1] * out[2], last = below(2), k = s->n_columns;
  const int64_t step = last ? k : 1, stride[4] = {out[1] * out[2] * step, out[2] * step, step, last ? 1 : pixels};
  memcpy(job.stride, stride, sizeof stride);
  float *output = malloc(sizeof(float) * (size_t)(pixels * k));
  const uint64_t bytes = ilh_pixel_arena(plan, NULL, &job);
  void *arena = block_of(bytes);
  CHECK(bytes > 0);
  CHECK(ilh_pixel_run(plan, NULL, NULL, &job, input, NULL, output, arena, bytes - 1, NULL) == ILH_PIXEL_MEMORY);
  CHECK(ilh_pixel_run(plan, NULL, NULL, &job, input, NULL, output, arena, bytes, NULL) == ILH_PIXEL_OK);
  for (int64_t i = 0; i < pixels; i++) {
    const int64_t z = job.start[0] + i / (out[1] * out[2]), y = job.start[1] + i / out[2] % out[1];
    const int64_t at = (z * s->size[1] + y) * s->size[2] + job.start[2] + i % out[2];
    for (int64_t c = 0; c < k; c++) {
      CHECK(same(output[i * step + c * stride[3]], s->expected[c * s->n + at]));
    }
  }
  const int32_t stop = 1;
  CHECK(ilh_pixel_run(plan, NULL, NULL, &job, input, NULL, output, arena, bytes, &stop) == ILH_PIXEL_CANCELLED);
  job.input_size[2]--;
  const int whole = halo[2] == 0 || in[2] < 1;
  CHECK(whole || ilh_pixel_run(plan, NULL, NULL, &job, input, NULL, output, arena, bytes, NULL) == ILH_PIXEL_REGION);
  free(input);
  free(output);
  free(arena);
  return 0;
}

static int check_shape(int64_t z, int64_t y, int64_t x, int64_t channels, int odd) {
  subject s;
  const int made = make_subject(&s, z, y, x, channels, odd);
  CHECK(made == 0);
  for (int32_t level = 0; level <= ILH_LEVEL_AVX512; level++) {
    if (!ilh_cpu_has(level)) continue;
    void *plan = plan_of(&s, level);
    CHECK(plan != NULL);
    for (int i = 0; i < 3; i++) {
      const int line = check_block(&s, plan);
      if (line) return line;
    }
    free(plan);
  }
  free_subject(&s);
  return 0;
}

static int check_arguments(void) {
  subject s;
  CHECK(make_subject(&s, 1, 9, 9, 1, 0) == 0);
  ilh_pixel_model model = {{1, 9, 9}, 1, ILH_FLAVOUR_X, ILH_LEVEL_PORTABLE, s.n_scales, s.n_columns, s.n_columns};
  const uint64_t bytes = ilh_pixel_plan_bytes(&model);
  void *plan = block_of(bytes);
  const ilh_pixel_column good = s.columns[0];
  const ilh_pixel_column bad[] = {{6, 0, 0, 0}, {0, 99, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {-1, 0, 0, 0}, s.columns[1]};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    s.columns[0] = bad[i];
    CHECK(ilh_pixel_plan(&model, s.scales, s.in_2d, s.columns, plan, bytes) == ILH_PIXEL_COLUMN);
  }
  s.columns[0] = good;
  CHECK(ilh_pixel_plan(&model, s.scales, s.in_2d, s.columns, plan, bytes - 64) == ILH_PIXEL_MEMORY);
  CHECK(ilh_pixel_plan(&model, s.scales, s.in_2d, s.columns, (char *)plan + 8, bytes) == ILH_PIXEL_MEMORY);
  s.scales[0] = NAN;
  CHECK(ilh_pixel_plan(&model, s.scales, s.in_2d, s.columns, plan, bytes) == ILH_PIXEL_SCALE);
  s.scales[0] = 3.5; // radius 12 in 9 pixels
  CHECK(ilh_pixel_plan(&model, s.scales, s.in_2d, s.columns, plan, bytes) == ILH_PIXEL_SCALE);
  model.size[2] = 0;
  CHECK(ilh_pixel_plan_bytes(&model) == 0);
  model.size[2] = 9;
  model.n_wanted = s.n_columns + 1;
  CHECK(ilh_pixel_plan_bytes(&model) == 0);
  memset(plan, 0, bytes);
  int64_t halo[3];
  CHECK(ilh_pixel_halo(plan, ILH_UINT8, halo) == ILH_PIXEL_ARGUMENT);
  free(plan);
  free_subject(&s);
  return 0;
}

int main(void) {
  static const int64_t SHAPES[][4] = {{1, 4, 3, 1},  {1, 14, 15, 2}, {1, 30, 100, 1}, {3, 3, 3, 1},
                                      {4, 7, 5, 3}, {2, 15, 20, 1}, {14, 15, 40, 1}};
  int line = check_arguments();
  for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES && !line; i++) {
    for (int odd = 0; odd < 2 && !line; odd++) {
      const int64_t *n = SHAPES[i];
      line = check_shape(n[0], n[1], n[2], n[3], odd);
    }
  }
  if (line) fprintf(stderr, "features_main.c:%d: check failed\n", line);
  return line != 0;
}
