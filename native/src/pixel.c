// The fused pixel kernel: block geometry, arena, and the walk over tiles.
#include "forest_format.h"
#include "pixel_block.h"

#include <string.h>

// Tiles. 2-D: the features of a tile and the rows of its marches stay in a second-level cache of 1 MB. 3-D: planes of
// a march stay there, features go through the third level; more depth means fewer planes computed twice.
static const int64_t TILE_2D[3] = {1, 16, 256}, TILE_3D[3] = {16, 16, 128};

// Pieces: a block is pre-smoothed piece by piece. 2-D: the images of all scales of a piece stay in a second-level cache
// of 2 MB or close by (a 2048x2048 image: 1.5 times as fast in pieces as at once). 3-D: they do not, and smaller pieces
// cost more in halo than they gain.
static const int64_t PIECE_2D[3] = {1, 256, 256}, PIECE_3D[3] = {96, 96, 192};

// Values from here on (and infinities and NaN) can end in a NaN feature by overflow; below, none can.
#define HUGE_VALUE 1e18f

#define RETURN_IF(condition, code)   \
  do {                               \
    if (condition) return (code);    \
  } while (0)

static uint64_t aligned(uint64_t bytes) { return (bytes + 63) & ~(uint64_t)63; }

// Rows and planes are an odd number of cache lines long, so that the rows of a kernel fall into different cache sets.
static int64_t odd_lines(int64_t floats) { return ((floats + 15) / 16 | 1) * 16; }

static int is_plan(const pixel_plan *p) { return p && p->magic == PIXEL_PLAN_MAGIC; }

static int is_float(int64_t dtype) { return dtype == ILH_FLOAT32 || dtype == ILH_FLOAT64; }

static int32_t families_of(const pixel_plan *p, int64_t channel, int64_t scale, int all) {
  const family_set *f = plan_families(p, channel, scale);
  return all ? f->all : f->wanted;
}

static int32_t families_of_all_channels(const pixel_plan *p, int64_t scale, int all) {
  int32_t families = 0;
  for (int64_t c = 0; c < p->model.channels; c++) families |= families_of(p, c, scale, all);
  return families;
}

// Columns without a wish for them count for floating point input only.
static int counts_all(const pixel_plan *p, int64_t dtype) {
  return is_float(dtype) && p->model.n_columns > p->model.n_wanted;
}

static void halo_of(const pixel_plan *p, int all, int64_t halo[3]) {
  memset(halo, 0, 3 * sizeof *halo);
  for (int64_t s = 0; s < p->model.n_scales; s++) {
    const int32_t families = families_of_all_channels(p, s, all);
    if (!families) continue;
    const scale_plan *scale = plan_scale(p, s);
    const int64_t reach = scale->r + pixel_reach(scale, families);
    for (int axis = scale->in_2d ? 1 : 0; axis < 3; axis++) halo[axis] = most(halo[axis], reach);
  }
}

int32_t ilh_pixel_halo(const void *plan, int64_t dtype, int64_t halo[3]) {
  RETURN_IF(!is_plan(plan) || !halo || dtype < ILH_UINT8 || dtype > ILH_FLOAT64, ILH_PIXEL_ARGUMENT);
  halo_of(plan, counts_all(plan, dtype), halo);
  return ILH_PIXEL_OK;
}

static box grown(const pixel_plan *p, const box *b, const int64_t by[3]) {
  box g;
  for (int axis = 0; axis < 3; axis++) {
    g.start[axis] = most(0, b->start[axis] - by[axis]);
    g.stop[axis] = least(p->model.size[axis], b->stop[axis] + by[axis]);
  }
  return g;
}

static int64_t extent(const box *b, int axis) { return b->stop[axis] - b->start[axis]; }

// Most pixels that a piece and `by` more on both sides have, clipped at the image.
static int64_t room(const pixel_block *b, int axis, int64_t by) {
  return least(b->plan->model.size[axis], b->piece[axis] + 2 * by);
}

// Part of a scale's pre-smoothed image that the filters of a piece read.
static box smooth_box(const pixel_block *b, const scale_plan *scale, int64_t reach) {
  const int64_t by[3] = {scale->in_2d ? 0 : reach, reach, reach};
  return grown(b->plan, &b->out, by);
}

// Row and plane of a scale's pre-smoothed image, columns mirrored beyond the image included.
static int64_t smooth_row(const pixel_block *b) { return odd_lines(b->piece[2] + 3 * PIXEL_SLACK); }
static int64_t smooth_plane(const pixel_block *b, int64_t reach) {
  return odd_lines(smooth_row(b) * room(b, 1, reach));
}
static int64_t smooth_floats(const pixel_block *b, const scale_plan *scale, int64_t reach) {
  return smooth_plane(b, reach) * room(b, 0, scale->in_2d ? 0 : reach);
}

static int32_t check_job(const pixel_plan *p, const void *forest, const ilh_pixel_job *job) {
  RETURN_IF(!is_plan(p) || !job, ILH_PIXEL_ARGUMENT);
  RETURN_IF(job->kind < ILH_PROBABILITIES || job->kind > ILH_FEATURES, ILH_PIXEL_ARGUMENT);
  RETURN_IF(job->dtype < ILH_UINT8 || job->dtype > ILH_FLOAT64, ILH_PIXEL_ARGUMENT);
  for (int axis = 0; axis < 3; axis++) {
    const int64_t size = p->model.size[axis];
    RETURN_IF(job->start[axis] < 0 || job->size[axis] < 1 || job->start[axis] > size - job->size[axis],
              ILH_PIXEL_REGION);
    RETURN_IF(job->input_start[axis] < 0 || job->input_size[axis] < 1 ||
                  job->input_start[axis] > size - job->input_size[axis],
              ILH_PIXEL_REGION);
  }
  if (job->kind == ILH_FEATURES) return ILH_PIXEL_OK;
  const forest_head *head = forest;
  RETURN_IF(!head || head->magic != FOREST_MAGIC || head->n_used != p->model.n_wanted, ILH_PIXEL_FOREST);
  RETURN_IF(head->n_columns != p->model.n_columns || job->n_classes < head->n_classes || job->n_classes > 255,
            ILH_PIXEL_FOREST);
  return ILH_PIXEL_OK;
}

// Layout of the arena for all pieces of a block.
static int32_t measure(const pixel_plan *p, const void *forest, const ilh_pixel_job *job, pixel_block *b) {
  const int32_t error = check_job(p, forest, job);
  RETURN_IF(error, error);
  memset(b, 0, sizeof *b);
  b->plan = p;
  b->job = job;
  b->careful = counts_all(p, job->dtype) && job->kind != ILH_FEATURES;
  halo_of(p, b->careful, b->halo);
  for (int axis = 0; axis < 3; axis++) {
    RETURN_IF(most(0, job->start[axis] - b->halo[axis]) < job->input_start[axis], ILH_PIXEL_REGION);
    RETURN_IF(least(p->model.size[axis], job->start[axis] + job->size[axis] + b->halo[axis]) >
                  job->input_start[axis] + job->input_size[axis],
              ILH_PIXEL_REGION);
  }

  int three_d = 0;
  for (int64_t s = 0; s < p->model.n_scales; s++) {
    three_d |= families_of_all_channels(p, s, b->careful) && !plan_scale(p, s)->in_2d;
  }
  for (int axis = 0; axis < 3; axis++) {
    b->piece[axis] = least((three_d ? PIECE_3D : PIECE_2D)[axis], job->size[axis]);
    b->tile[axis] = least((three_d ? TILE_3D : TILE_2D)[axis], b->piece[axis]);
  }

  b->pad = (b->halo[2] + PIXEL_SLACK - 1) / PIXEL_SLACK * PIXEL_SLACK;
  b->raw_row = odd_lines(b->piece[2] + 2 * b->pad + 2 * PIXEL_SLACK);
  b->raw_plane = odd_lines(b->raw_row * room(b, 1, b->halo[1]));
  int64_t smooth = 0, partial = 0, longest = 0;
  for (int64_t s = 0; s < p->model.n_scales; s++) {
    const int32_t families = families_of_all_channels(p, s, b->careful);
    if (!families) continue;
    const scale_plan *scale = plan_scale(p, s);
    const int64_t reach = pixel_reach(scale, families);
    smooth += smooth_floats(b, scale, reach);
    longest = most(longest, most(room(b, 0, reach), room(b, 1, reach)) + 2 * scale->r);
    if (scale->in_2d) continue;
    partial = most(partial, smooth_plane(b, reach) * room(b, 0, reach + scale->r));
  }

  b->tile_stride = odd_lines(b->tile[0] * b->tile[1] * b->tile[2] + PIXEL_SLACK);
  b->n_planes = b->careful ? p->model.n_columns : p->model.n_wanted;
  b->n_classes = job->kind == ILH_FEATURES ? 0 : ((const forest_head *)forest)->n_classes;

  const uint64_t size[] = {
      (uint64_t)(b->raw_plane * room(b, 0, b->halo[0])) * sizeof(float),
      (uint64_t)(p->model.channels * smooth) * sizeof(float),
      (uint64_t)partial * sizeof(float),
      smooth_strip_floats(longest) * sizeof(float),
      filter_work_floats(b->tile[2], b->tile[1], three_d) * sizeof(float),
      (uint64_t)(b->n_planes * b->tile_stride) * sizeof(float),
      (uint64_t)filter_row(b->tile[2]) * sizeof(float),
      (uint64_t)(b->n_classes * b->tile_stride) * sizeof(float),
      (uint64_t)b->tile_stride,
      (uint64_t)b->tile_stride,
      job->kind == ILH_FEATURES ? 0 : ilh_forest_scratch(forest),
  };
  uint64_t *const offset[] = {&b->raw,  &b->smooth,        &b->partial, &b->strip,   &b->work,  &b->planes,
                              &b->dump, &b->probabilities, &b->classes, &b->invalid, &b->forest};
  for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
    *offset[i] = b->bytes;
    b->bytes += aligned(size[i]);
  }
  return ILH_PIXEL_OK;
}

uint64_t ilh_pixel_arena(const void *plan, const void *forest, const ilh_pixel_job *job) {
  pixel_block b;
  return measure(plan, forest, job, &b) ? 0 : b.bytes;
}

static const char *input_row(const pixel_block *b, const void *input, int64_t channel, int64_t z, int64_t y) {
  const ilh_pixel_job *job = b->job;
  const int64_t element = (z - job->input_start[0]) * job->input_stride[0] +
                          (y - job->input_start[1]) * job->input_stride[1] +
                          (b->needed.start[2] - job->input_start[2]) * job->input_stride[2] +
                          channel * job->input_stride[3];
  return (const char *)input + element * pixel_dtype_bytes(job->dtype);
}

// One row of a channel as binary32, columns beyond the image mirrored as far as the image goes.
static void cast_row(const pixel_block *b, const void *input, int64_t channel, int64_t z, int64_t y, float *row) {
  const int64_t first = b->out.start[2] - b->pad, length = b->raw_row, width = b->plan->model.size[2];
  const int64_t start = b->needed.start[2] - first, n = extent(&b->needed, 2);
  pixel_cast(b->job->dtype, input_row(b, input, channel, z, y), b->job->input_stride[2], n, row + start);
  for (int64_t i = 0; i < start; i++) {
    const int64_t source = -(first + i);
    row[i] = b->needed.start[2] == 0 && source < n ? row[start + source] : 0.0f;
  }
  for (int64_t i = start + n; i < length; i++) {
    const int64_t source = 2 * (width - 1) - (first + i) - first;
    row[i] = b->needed.stop[2] == width && source >= start ? row[source] : 0.0f;
  }
}

static image cast_channel(const pixel_block *b, const void *input, int64_t channel, char *arena) {
  const image raw = {(float *)(arena + b->raw), b->needed.start[0],  b->needed.start[1],
                     b->out.start[2] - b->pad,  b->raw_row,          b->raw_plane};
  for (int64_t z = b->needed.start[0]; z < b->needed.stop[0]; z++) {
    for (int64_t y = b->needed.start[1]; y < b->needed.stop[1]; y++) {
      cast_row(b, input, channel, z, y, image_row(&raw, z, y) + raw.x0);
    }
  }
  return raw;
}

// Whether a value of the input can end in a NaN feature.
static int has_huge(const pixel_block *b, const void *input, float *line) {
  for (int64_t channel = 0; channel < b->plan->model.channels; channel++) {
    for (int64_t z = b->needed.start[0]; z < b->needed.stop[0]; z++) {
      for (int64_t y = b->needed.start[1]; y < b->needed.stop[1]; y++) {
        cast_row(b, input, channel, z, y, line);
        int huge = 0;
        for (int64_t i = 0; i < b->raw_row; i++) huge |= !(__builtin_fabsf(line[i]) <= HUGE_VALUE);
        if (huge) return 1;
      }
    }
  }
  return 0;
}

// One call.
typedef struct {
  pixel_block b;
  const pixel_functions *functions;
  const void *forest;
  const int32_t *class_channel;
  const uint8_t *mask;
  void *output;
  char *arena;
  const int32_t *cancel;
  int all; // columns that are not wanted are computed too
} pixel_call;

static int cancelled(const pixel_call *call) {
  return call->cancel && __atomic_load_n(call->cancel, __ATOMIC_RELAXED) != 0;
}

static float *arena_floats(const pixel_call *call, uint64_t offset) { return (float *)(call->arena + offset); }

// Visits the pre-smoothed images in the order in which they lie in the arena.
typedef struct {
  int64_t channel, scale;
  int32_t families;
  int64_t reach;
  box part;
  image smooth;
  uint64_t offset; // of the next one
} smooth_cursor;

static void cursor_start(const pixel_call *call, smooth_cursor *c) {
  memset(c, 0, sizeof *c);
  c->scale = -1;
  c->offset = call->b.smooth;
}

static int cursor_next(const pixel_call *call, smooth_cursor *c) {
  const pixel_plan *p = call->b.plan;
  for (;;) {
    if (++c->scale == p->model.n_scales) {
      c->scale = 0;
      if (++c->channel == p->model.channels) return 0;
    }
    const int32_t here = families_of_all_channels(p, c->scale, call->b.careful);
    if (!here) continue;
    // Every channel has room for what any channel needs of a scale.
    c->reach = pixel_reach(plan_scale(p, c->scale), here);
    c->part = smooth_box(&call->b, plan_scale(p, c->scale), c->reach);
    c->smooth = (image){(float *)(call->arena + c->offset),      c->part.start[0],     c->part.start[1],
                        call->b.out.start[2] - PIXEL_SLACK, smooth_row(&call->b), smooth_plane(&call->b, c->reach)};
    c->offset += (uint64_t)smooth_floats(&call->b, plan_scale(p, c->scale), c->reach) * sizeof(float);
    c->families = families_of(p, c->channel, c->scale, call->all);
    if (c->families) return 1;
  }
}

static void smooth_all(const pixel_call *call, const void *input) {
  const pixel_block *b = &call->b;
  smooth_cursor c;
  image raw = {0};
  int64_t casted = -1;
  for (cursor_start(call, &c); cursor_next(call, &c) && !cancelled(call);) {
    if (casted != c.channel) raw = cast_channel(b, input, c.channel, call->arena);
    casted = c.channel;
    const scale_plan *scale = plan_scale(b->plan, c.scale);
    const smooth_job job = {
        .plan = b->plan,
        .scale = scale,
        .raw = &raw,
        .smooth = c.smooth,
        .wanted = c.part,
        .reach = c.reach,
        .strip = arena_floats(call, b->strip),
        .partial = {arena_floats(call, b->partial), most(0, c.part.start[0] - scale->r), c.part.start[1],
                    c.smooth.x0, c.smooth.row, c.smooth.plane},
        .cancel = call->cancel,
    };
    call->functions->smooth(&job);
  }
}

static void filter_tile(const pixel_call *call, const box *tile) {
  const pixel_block *b = &call->b;
  const int64_t width = extent(tile, 2), planes = call->all ? b->n_planes : b->plan->model.n_wanted;
  smooth_cursor c;
  for (cursor_start(call, &c); cursor_next(call, &c);) {
    filter_job job = {.plan = b->plan,
                      .scale = plan_scale(b->plan, c.scale),
                      .smooth = &c.smooth,
                      .tile = *tile,
                      .families = c.families,
                      .work = arena_floats(call, b->work)};
    const int32_t *column = plan_planes(b->plan, c.channel, c.scale);
    for (int i = 0; i < 18; i++) {
      const int there = column[i] >= 0 && column[i] < planes;
      float *to = there ? arena_floats(call, b->planes) + column[i] * b->tile_stride : arena_floats(call, b->dump);
      job.sinks[i / 3][i % 3] = (sink){to, there ? width : 0};
    }
    call->functions->filters(&job);
  }
}

// A byte per pixel: 1 where a column that the forest does not see is NaN.
static const uint8_t *invalid_pixels(const pixel_call *call, int64_t n) {
  const pixel_block *b = &call->b;
  if (!call->all || b->n_planes == b->plan->model.n_wanted) return 0;
  uint8_t *invalid = (uint8_t *)call->arena + b->invalid;
  memset(invalid, 0, (size_t)n);
  for (int64_t c = b->plan->model.n_wanted; c < b->n_planes; c++) {
    const float *p = arena_floats(call, b->planes) + c * b->tile_stride;
    for (int64_t i = 0; i < n; i++) invalid[i] |= p[i] != p[i];
  }
  return invalid;
}

// The best class is the first largest output channel; with labels out of order that is not the first class.
static int in_order(const pixel_call *call) {
  for (int64_t k = 1; k < call->b.n_classes; k++) {
    if (call->class_channel[k] <= call->class_channel[k - 1]) return 0;
  }
  return 1;
}

static void best_channels(const tile_result *t, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    int64_t best = ILH_FOREST_NO_CLASS;
    float most_likely = 0.0f;
    for (int64_t k = 0; k < t->block->n_classes; k++) {
      const float p = t->probabilities[k * t->block->tile_stride + i];
      const int earlier = best != ILH_FOREST_NO_CLASS && t->class_channel[k] < t->class_channel[best];
      if (p > most_likely || (p == most_likely && earlier)) {
        best = k;
        most_likely = p;
      }
    }
    t->classes[i] = (uint8_t)best;
  }
}

static int32_t predict_tile(const pixel_call *call, const tile_result *t, int64_t n) {
  const pixel_block *b = &call->b;
  const uint8_t *invalid = invalid_pixels(call, n);
  const int32_t level = (int32_t)b->plan->model.level;
  char *scratch = call->arena + b->forest;
  const uint64_t bytes = b->bytes - b->forest;
  int32_t error;
  if (b->job->kind == ILH_SEGMENTATION && in_order(call)) {
    error = ilh_forest_argmax(call->forest, level, t->planes, b->tile_stride, invalid, n, t->classes, scratch, bytes);
  } else {
    error = ilh_forest_predict(call->forest, level, t->planes, b->tile_stride, invalid, n,
                               arena_floats(call, b->probabilities), b->tile_stride, scratch, bytes);
    if (!error && b->job->kind == ILH_SEGMENTATION) best_channels(t, n);
  }
  return error ? ILH_PIXEL_FOREST : ILH_PIXEL_OK;
}

static int32_t run_tile(const pixel_call *call, const box *tile) {
  const pixel_block *b = &call->b;
  const tile_result t = {
      .block = b,
      .tile = *tile,
      .class_channel = call->class_channel,
      .planes = arena_floats(call, b->planes),
      .probabilities = arena_floats(call, b->probabilities),
      .classes = (uint8_t *)call->arena + b->classes,
      .mask = call->mask,
      .output = call->output,
  };
  if (call->mask && b->job->kind != ILH_FEATURES && !pixel_mask_any(&t)) {
    pixel_write_unset(&t);
    return ILH_PIXEL_OK;
  }
  filter_tile(call, tile);
  if (b->job->kind != ILH_FEATURES) {
    const int32_t error = predict_tile(call, &t, extent(tile, 0) * extent(tile, 1) * extent(tile, 2));
    RETURN_IF(error, error);
  }
  pixel_write(&t);
  return ILH_PIXEL_OK;
}

// Boxes of at most `edge` that fill `whole`, x fastest.
static void place(const box *whole, const int64_t edge[3], int axis, int64_t start, box *b) {
  b->start[axis] = start;
  b->stop[axis] = least(whole->stop[axis], start + edge[axis]);
}

static box first_box(const box *whole, const int64_t edge[3]) {
  box b;
  for (int axis = 0; axis < 3; axis++) place(whole, edge, axis, whole->start[axis], &b);
  return b;
}

static int next_box(const box *whole, const int64_t edge[3], box *b) {
  for (int axis = 2; axis >= 0; axis--) {
    if (b->stop[axis] < whole->stop[axis]) {
      place(whole, edge, axis, b->stop[axis], b);
      return 1;
    }
    place(whole, edge, axis, whole->start[axis], b);
  }
  return 0;
}

static int32_t run_piece(pixel_call *call, const void *input, const box *piece) {
  pixel_block *b = &call->b;
  b->out = *piece;
  b->needed = grown(b->plan, piece, b->halo);
  call->all = b->careful && has_huge(b, input, arena_floats(call, b->raw));
  smooth_all(call, input);
  box tile = first_box(piece, b->tile);
  do {
    RETURN_IF(cancelled(call), ILH_PIXEL_CANCELLED);
    const int32_t error = run_tile(call, &tile);
    RETURN_IF(error, error);
  } while (next_box(piece, b->tile, &tile));
  return ILH_PIXEL_OK;
}

static const pixel_functions *functions_of(int64_t level) {
  switch (level) {
#if defined(__x86_64__)
  case ILH_LEVEL_AVX2:
    return &pixel_avx2;
  case ILH_LEVEL_AVX512:
    return &pixel_avx512;
#elif defined(__aarch64__)
  case ILH_LEVEL_NEON:
    return &pixel_neon;
#endif
  default:
    return &pixel_portable;
  }
}

int32_t ilh_pixel_run(const void *plan, const void *forest, const int32_t *class_channel, const ilh_pixel_job *job,
                      const void *input, const uint8_t *mask, void *output, void *arena, uint64_t arena_bytes,
                      const int32_t *cancel) {
  RETURN_IF(!input || !output || !arena, ILH_PIXEL_ARGUMENT);
  pixel_call call = {.forest = forest,
                     .class_channel = class_channel,
                     .mask = mask,
                     .output = output,
                     .arena = arena,
                     .cancel = cancel};
  const int32_t invalid = measure(plan, forest, job, &call.b);
  RETURN_IF(invalid, invalid);
  RETURN_IF(call.b.n_classes > 0 && !class_channel, ILH_PIXEL_ARGUMENT);
  for (int64_t k = 0; k < call.b.n_classes; k++) {
    RETURN_IF(class_channel[k] < 0 || class_channel[k] >= job->n_classes, ILH_PIXEL_ARGUMENT);
  }
  RETURN_IF(arena_bytes < call.b.bytes || (uintptr_t)arena % 64 != 0, ILH_PIXEL_MEMORY);
  RETURN_IF(!ilh_cpu_has((int32_t)call.b.plan->model.level), ILH_PIXEL_LEVEL);
  call.functions = functions_of(call.b.plan->model.level);

  const box whole = {{job->start[0], job->start[1], job->start[2]},
                     {job->start[0] + job->size[0], job->start[1] + job->size[1], job->start[2] + job->size[2]}};
  box piece = first_box(&whole, call.b.piece);
  do {
    const int32_t error = run_piece(&call, input, &piece);
    RETURN_IF(error, error);
  } while (next_box(&whole, call.b.piece, &piece));
  return ILH_PIXEL_OK;
}
