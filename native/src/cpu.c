// Which instruction sets this build and this processor have (ilh_cpu.h).
#include "ilh_cpu.h"

#include <stdlib.h>
#include <string.h>

static const char *const NAMES[] = {"scalar", "portable", "neon", "avx2", "avx512"};
enum { LEVELS = sizeof NAMES / sizeof NAMES[0] };

#if defined(__x86_64__)
#include <cpuid.h>

// State that the operating system saves at a task switch: bits 1, 2 SSE and AVX, bits 5 to 7 AVX-512.
static uint64_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static int has_all(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

static int runs(int32_t level) {
  uint32_t a, b, c, d;
  if (level <= ILH_LEVEL_PORTABLE) return 1;
  if (level == ILH_LEVEL_NEON) return 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !has_all(c, bit_FMA | bit_OSXSAVE | bit_AVX | bit_F16C)) return 0;
  const uint64_t state = saved_state();
  if ((state & 0x06) != 0x06 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has_all(b, bit_AVX2)) return 0;
  if (level == ILH_LEVEL_AVX2) return 1;
  return (state & 0xe6) == 0xe6 && has_all(b, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
}
#elif defined(__aarch64__)
static int runs(int32_t level) { return level <= ILH_LEVEL_NEON; } // every arm64 processor has NEON
#else
static int runs(int32_t level) { return level <= ILH_LEVEL_PORTABLE; }
#endif

int32_t ilh_cpu_has(int32_t level) { return level >= 0 && level < LEVELS && runs(level); }

int32_t ilh_cpu_level(void) {
  const char *wanted = getenv("ILASTIK_HEADLESS_SIMD");
  int32_t best = ILH_LEVEL_SCALAR, asked = -1;
  for (int32_t level = 0; level < LEVELS; level++) {
    if (wanted && strcmp(wanted, NAMES[level]) == 0) asked = level;
    if (runs(level)) best = level;
  }
  if (!wanted || !*wanted) return best;
  if (asked < 0) return ILH_CPU_UNKNOWN;
  return runs(asked) ? asked : ILH_CPU_UNSUPPORTED;
}
