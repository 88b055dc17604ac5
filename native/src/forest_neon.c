// Forest prediction for arm64, where every processor has NEON.
#include <arm_neon.h>

#include "forest_format.h"

static const uint8_t BIT[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};

static inline void compare_batch(const int8_t *codes, uint32_t threshold, uint64_t *less) {
  const int8x16_t t = vreinterpretq_s8_u32(vdupq_n_u32(threshold));
  const uint8x16_t bit = vld1q_u8(BIT);
  for (int w = 0; w < FOREST_WORDS; w++, codes += 64) {
    // A bit per byte, then three rounds of pairwise sums gather eight of them into one.
    const uint8x16_t a = vandq_u8(vcltq_s8(vld1q_s8(codes), t), bit);
    const uint8x16_t b = vandq_u8(vcltq_s8(vld1q_s8(codes + 16), t), bit);
    const uint8x16_t c = vandq_u8(vcltq_s8(vld1q_s8(codes + 32), t), bit);
    const uint8x16_t d = vandq_u8(vcltq_s8(vld1q_s8(codes + 48), t), bit);
    const uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
    less[w] = vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
  }
}

static inline void count_64(uint8_t *counters, uint64_t mask) {
  const uint8x16_t bit = vld1q_u8(BIT);
  for (int i = 0; i < 4; i++, counters += 16, mask >>= 16) {
    const uint8x16_t v = vcombine_u8(vdup_n_u8((uint8_t)mask), vdup_n_u8((uint8_t)(mask >> 8)));
    vst1q_u8(counters, vsubq_u8(vld1q_u8(counters), vtstq_u8(v, bit)));
  }
}

static inline void add_64(float *sums, uint64_t mask, float value) {
  const uint32x4_t bit = {1, 2, 4, 8};
  const uint32x4_t v = vreinterpretq_u32_f32(vdupq_n_f32(value));
  for (int i = 0; i < 16; i++, sums += 4, mask >>= 4) {
    const uint32x4_t in = vtstq_u32(vdupq_n_u32((uint32_t)mask), bit);
    vst1q_f32(sums, vaddq_f32(vld1q_f32(sums), vreinterpretq_f32_u32(vandq_u32(in, v))));
  }
}

#include "forest_search.h"

#define FOREST_RUN ilh_forest_run_neon
#include "forest.inc"
