// Instruction sets of the kernels, and the choice among them.
#ifndef ILH_CPU_H
#define ILH_CPU_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_level {
  ILH_LEVEL_SCALAR = 0,   // the readable definition
  ILH_LEVEL_PORTABLE = 1, // baseline of the processor family (x86-64: SSE2)
  ILH_LEVEL_NEON = 2,     // arm64
  ILH_LEVEL_AVX2 = 3,     // x86-64 with AVX2 and FMA
  ILH_LEVEL_AVX512 = 4,   // x86-64 with AVX-512 F, DQ, BW and VL
};

// What `ilh_cpu_level` gives instead of a level when the environment asks for one in vain.
#define ILH_CPU_UNKNOWN (-1)     // no such name
#define ILH_CPU_UNSUPPORTED (-2) // this build or this processor lacks it

// The widest level that this processor and its operating system can run, or the one that the environment variable
// ILASTIK_HEADLESS_SIMD asks for (scalar, portable, neon, avx2, avx512; empty asks for none).
ILH_API int32_t ilh_cpu_level(void);

// 1 when this build has the level and the processor can run it.
ILH_API int32_t ilh_cpu_has(int32_t level);

#endif
