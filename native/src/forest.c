// The door of the forest kernels: argument checks and the choice of the instruction set.
#include "ilh_forest.h"

#include <string.h>

#include "forest_format.h"
#include "ilh_cpu.h"

static const forest_head *compiled(const void *forest) {
  const forest_head *head = (const forest_head *)forest;
  return head && !((uintptr_t)forest & 63) && head->magic == FOREST_MAGIC ? head : 0;
}

int32_t ilh_forest_used(const void *forest, uint8_t *used) {
  const forest_head *head = compiled(forest);
  if (!head || !used) return -1;
  const forest_column *columns = FOREST_PART(forest_column, head, columns_at);
  memset(used, 0, (size_t)head->n_columns);
  for (uint32_t j = 0; j < head->n_used; j++) used[columns[j].column] = 1;
  return (int32_t)head->n_used;
}

uint64_t ilh_forest_scratch(const void *forest) {
  const forest_head *head = compiled(forest);
  return head ? forest_scratch_plan(head).bytes : 0;
}

static void run(int32_t level, const forest_call *call) {
  switch (level) {
  case ILH_LEVEL_SCALAR: ilh_forest_run_walk(call); return;
#if defined(__x86_64__) || defined(_M_X64)
  case ILH_LEVEL_AVX2: ilh_forest_run_avx2(call); return;
  case ILH_LEVEL_AVX512: ilh_forest_run_avx512(call); return;
#elif defined(__aarch64__)
  case ILH_LEVEL_NEON: ilh_forest_run_neon(call); return;
#endif
  default: ilh_forest_run_portable(call); return;
  }
}

static int32_t check_and_run(const void *forest, int32_t level, forest_call *call, uint64_t scratch_bytes) {
  call->head = compiled(forest);
  if (!call->head) return ILH_FOREST_FOREIGN;
  if (call->n_pixels < 0 || (call->head->n_used && call->n_pixels && !call->planes)) return ILH_FOREST_ARGUMENT;
  if (scratch_bytes < forest_scratch_plan(call->head).bytes || !call->scratch || ((uintptr_t)call->scratch & 63))
    return ILH_FOREST_MEMORY;
  run(level, call);
  return 0;
}

int32_t ilh_forest_predict(const void *forest, int32_t level, const float *planes, int64_t plane_stride,
                           const uint8_t *invalid, int64_t n_pixels, float *out, int64_t out_stride, void *scratch,
                           uint64_t scratch_bytes) {
  forest_call call = {.planes = planes, .plane_stride = plane_stride, .invalid = invalid, .n_pixels = n_pixels,
                      .out = out, .out_stride = out_stride, .scratch = (char *)scratch};
  return out ? check_and_run(forest, level, &call, scratch_bytes) : ILH_FOREST_ARGUMENT;
}

int32_t ilh_forest_argmax(const void *forest, int32_t level, const float *planes, int64_t plane_stride,
                          const uint8_t *invalid, int64_t n_pixels, uint8_t *out, void *scratch,
                          uint64_t scratch_bytes) {
  forest_call call = {.planes = planes, .plane_stride = plane_stride, .invalid = invalid, .n_pixels = n_pixels,
                      .classes = out, .scratch = (char *)scratch};
  return out ? check_and_run(forest, level, &call, scratch_bytes) : ILH_FOREST_ARGUMENT;
}
