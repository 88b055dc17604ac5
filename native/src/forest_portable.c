// Forest prediction for the baseline of any processor; on x86-64 that baseline has SSE2.
#include <string.h>

#include "forest_format.h"

#if defined(__SSE2__)
#include <emmintrin.h>

static inline void compare_batch(const int8_t *codes, uint32_t threshold, uint64_t *less) {
  const __m128i t = _mm_set1_epi32((int)threshold);
  for (int i = 0; i < FOREST_BATCH / 16; i++) {
    const __m128i c = _mm_load_si128((const __m128i *)(codes + 16 * i));
    const uint16_t bits = (uint16_t)_mm_movemask_epi8(_mm_cmplt_epi8(c, t));
    memcpy((char *)less + 2 * i, &bits, 2);
  }
}
static inline void count_64(uint8_t *counters, uint64_t mask) {
  const __m128i bit = _mm_set1_epi64x((long long)0x8040201008040201);
  for (int i = 0; i < 4; i++, mask >>= 16) {
    __m128i *p = (__m128i *)(counters + 16 * i);
    __m128i v = _mm_cvtsi32_si128((int)(mask & 0xffff)); // its two bytes, eight times each
    v = _mm_unpacklo_epi8(v, v);
    v = _mm_unpacklo_epi16(v, v);
    v = _mm_unpacklo_epi32(v, v);
    v = _mm_cmpeq_epi8(_mm_and_si128(v, bit), bit);
    _mm_store_si128(p, _mm_sub_epi8(_mm_load_si128(p), v));
  }
}
static inline void add_64(float *sums, uint64_t mask, float value) {
  const __m128i bit = _mm_setr_epi32(1, 2, 4, 8);
  for (int i = 0; i < 16; i++, sums += 4, mask >>= 4) {
    const __m128i in = _mm_cmpeq_epi32(_mm_and_si128(_mm_set1_epi32((int)(mask & 15)), bit), bit);
    _mm_store_ps(sums, _mm_add_ps(_mm_load_ps(sums), _mm_and_ps(_mm_castsi128_ps(in), _mm_set1_ps(value))));
  }
}
#else
static inline void compare_batch(const int8_t *codes, uint32_t threshold, uint64_t *less) {
  const int8_t t = (int8_t)((threshold & 255) ^ 128) ^ -128;
  for (int w = 0; w < FOREST_WORDS; w++, codes += 64) {
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++) bits |= (uint64_t)(codes[i] < t) << i;
    less[w] = bits;
  }
}

static inline void count_64(uint8_t *counters, uint64_t mask) {
  for (int i = 0; i < 64; i++) counters[i] = (uint8_t)(counters[i] + ((mask >> i) & 1));
}

static inline void add_64(float *sums, uint64_t mask, float value) {
  for (int i = 0; i < 64; i++) sums[i] += (mask >> i) & 1 ? value : 0.0f;
}
#endif

#include "forest_search.h"

#define FOREST_RUN ilh_forest_run_portable
#include "forest.inc"
