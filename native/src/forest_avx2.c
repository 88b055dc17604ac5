// Forest prediction with AVX2: 32 codes per compare, the first levels of a search in registers.
#include <immintrin.h>
#include <string.h>

#include "forest_format.h"

static inline void compare_batch(const int8_t *codes, uint32_t threshold, uint64_t *less) {
  const __m256i t = _mm256_set1_epi32((int)threshold);
  for (int i = 0; i < FOREST_BATCH / 32; i++) {
    const __m256i c = _mm256_load_si256((const __m256i *)(codes + 32 * i));
    const int32_t bits = _mm256_movemask_epi8(_mm256_cmpgt_epi8(t, c));
    memcpy((char *)less + 4 * i, &bits, 4);
  }
}

// 0xff in the bytes of the pixels in a mask.
static inline __m256i spread_32(uint32_t mask) {
  const __m256i byte = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
  const __m256i v = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int)mask), byte), bit);
  return _mm256_cmpeq_epi8(v, bit);
}

static inline void count_64(uint8_t *counters, uint64_t mask) {
  for (int i = 0; i < 2; i++, counters += 32, mask >>= 32) {
    __m256i *p = (__m256i *)counters;
    _mm256_store_si256(p, _mm256_sub_epi8(_mm256_load_si256(p), spread_32((uint32_t)mask)));
  }
}

static inline void add_64(float *sums, uint64_t mask, float value) {
  const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  for (int i = 0; i < 8; i++, sums += 8, mask >>= 8) {
    const __m256i in = _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)(mask & 255)), bit), bit);
    _mm256_store_ps(sums, _mm256_add_ps(_mm256_load_ps(sums),
                                        _mm256_and_ps(_mm256_castsi256_ps(in), _mm256_set1_ps(value))));
  }
}

// Next node of the search: 2 i, and 1 more where x has reached the threshold.
static inline __m256i descend(__m256i i, __m256 x, __m256 threshold) {
  const __m256i reached = _mm256_castps_si256(_mm256_cmp_ps(x, threshold, _CMP_GE_OQ));
  return _mm256_sub_epi32(_mm256_add_epi32(i, i), reached);
}

__attribute__((always_inline)) static inline void search(const float *table, const uint32_t levels, const float *x,
                                                         int32_t *ranks, uint64_t *nan) {
  __m256 t[4];
  for (int j = 0; j < (levels > 4 ? 4 : 2); j++) t[j] = _mm256_load_ps(table + 8 * j);
  for (int w = 0; w < FOREST_BATCH / 64; w++) {
    uint64_t bad = 0;
    for (int q = 0; q < 8; q++) {
      const __m256 v = _mm256_loadu_ps(x + 64 * w + 8 * q);
      __m256i i = _mm256_set1_epi32(1);
      bad |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) << (8 * q);
      for (uint32_t l = 0; l < levels && l < 3; l++) i = descend(i, v, _mm256_permutevar8x32_ps(t[0], i));
      if (levels > 3) i = descend(i, v, _mm256_permutevar8x32_ps(t[1], i));
      if (levels > 4) {
        const __m256 high = _mm256_castsi256_ps(_mm256_slli_epi32(i, 28));
        i = descend(i, v, _mm256_blendv_ps(_mm256_permutevar8x32_ps(t[2], i), _mm256_permutevar8x32_ps(t[3], i), high));
      }
      for (uint32_t l = 5; l < levels; l++) i = descend(i, v, _mm256_i32gather_ps(table, i, 4));
      _mm256_store_si256((__m256i *)(ranks + 64 * w + 8 * q), _mm256_sub_epi32(i, _mm256_set1_epi32(1 << levels)));
    }
    nan[w] |= bad;
  }
}

static void rank_column(const float *table, uint32_t levels, const float *x, int32_t *ranks, uint64_t *nan) {
  switch (levels) {
  case 1: search(table, 1, x, ranks, nan); return;
  case 2: search(table, 2, x, ranks, nan); return;
  case 3: search(table, 3, x, ranks, nan); return;
  case 4: search(table, 4, x, ranks, nan); return;
  case 5: search(table, 5, x, ranks, nan); return;
  case 6: search(table, 6, x, ranks, nan); return;
  case 7: search(table, 7, x, ranks, nan); return;
  case 8: search(table, 8, x, ranks, nan); return;
  case 9: search(table, 9, x, ranks, nan); return;
  default: search(table, levels, x, ranks, nan); return;
  }
}

#define FOREST_RUN ilh_forest_run_avx2
#include "forest.inc"
