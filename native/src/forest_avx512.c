// Forest prediction with AVX-512: 64 codes per compare, search trees of up to 255 thresholds in registers.
#include <immintrin.h>

#include "forest_format.h"

static inline void compare_batch(const int8_t *codes, uint32_t threshold, uint64_t *less) {
  const __m512i t = _mm512_set1_epi32((int)threshold);
  for (int w = 0; w < FOREST_WORDS; w++) less[w] = _mm512_cmplt_epi8_mask(_mm512_load_si512(codes + 64 * w), t);
}

static inline void count_64(uint8_t *counters, uint64_t mask) {
  const __m512i v = _mm512_load_si512(counters);
  _mm512_store_si512(counters, _mm512_mask_add_epi8(v, mask, v, _mm512_set1_epi8(1)));
}

static inline void add_64(float *sums, uint64_t mask, float value) {
  for (int i = 0; i < 4; i++, sums += 16, mask >>= 16) {
    const __m512 v = _mm512_load_ps(sums);
    _mm512_store_ps(sums, _mm512_mask_add_ps(v, (__mmask16)mask, v, _mm512_set1_ps(value)));
  }
}

// Next node of the search: 2 i, and 1 more where x has reached the threshold.
static inline __m512i descend(__m512i i, __m512 x, __m512 threshold) {
  __m512i one = _mm512_set1_epi32(1);
  __asm__("" : "+v"(one)); // else the masked addition becomes three instructions
  i = _mm512_add_epi32(i, i);
  return _mm512_mask_add_epi32(i, _mm512_cmp_ps_mask(x, threshold, _CMP_GE_OQ), i, one);
}

// Levels 0 to 7 look their threshold up in registers: the low bits of the node's number are its place in the level.
__attribute__((always_inline)) static inline void search(const float *table, const uint32_t levels, const float *x,
                                                         int32_t *ranks, uint64_t *nan) {
  __m512 t[16];
  const int n = levels <= 4 ? 1 : levels >= 8 ? 16 : 1 << (levels - 4);
  for (int j = 0; j < n; j++) t[j] = _mm512_load_ps(table + 16 * j);
  for (int w = 0; w < FOREST_BATCH / 64; w++) {
    uint64_t bad = 0;
    for (int q = 0; q < 4; q++) {
      const __m512 v = _mm512_loadu_ps(x + 64 * w + 16 * q);
      __m512i i = _mm512_set1_epi32(1);
      bad |= (uint64_t)_mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) << (16 * q);
      for (uint32_t l = 0; l < levels && l < 4; l++) i = descend(i, v, _mm512_permutexvar_ps(i, t[0]));
      if (levels > 4) i = descend(i, v, _mm512_permutexvar_ps(i, t[1]));
      if (levels > 5) i = descend(i, v, _mm512_permutex2var_ps(t[2], i, t[3]));
      if (levels > 6) {
        const __mmask16 high = _mm512_test_epi32_mask(i, _mm512_set1_epi32(32));
        const __m512 a = _mm512_permutex2var_ps(t[4], i, t[5]), b = _mm512_permutex2var_ps(t[6], i, t[7]);
        i = descend(i, v, _mm512_mask_blend_ps(high, a, b));
      }
      if (levels > 7) {
        const __mmask16 high = _mm512_test_epi32_mask(i, _mm512_set1_epi32(64));
        const __mmask16 low = _mm512_test_epi32_mask(i, _mm512_set1_epi32(32));
        const __m512 a = _mm512_permutex2var_ps(t[8], i, t[9]), b = _mm512_permutex2var_ps(t[10], i, t[11]);
        const __m512 c = _mm512_permutex2var_ps(t[12], i, t[13]), d = _mm512_permutex2var_ps(t[14], i, t[15]);
        i = descend(i, v, _mm512_mask_blend_ps(high, _mm512_mask_blend_ps(low, a, b), _mm512_mask_blend_ps(low, c, d)));
      }
      for (uint32_t l = 8; l < levels; l++) i = descend(i, v, _mm512_i32gather_ps(i, table, 4));
      _mm512_store_si512(ranks + 64 * w + 16 * q, _mm512_sub_epi32(i, _mm512_set1_epi32(1 << levels)));
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

#define FOREST_RUN ilh_forest_run_avx512
#include "forest.inc"
