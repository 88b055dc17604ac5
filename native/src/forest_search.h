// Rank search without vectors, for the levels whose vectors cannot look up a table. Internal.
#ifndef ILH_FOREST_SEARCH_H
#define ILH_FOREST_SEARCH_H

#include "forest_format.h"

// Pixels in groups, so that their searches overlap.
static void rank_column(const float *table, uint32_t levels, const float *x, int32_t *ranks, uint64_t *nan) {
  enum { GROUP = 8 };
  for (int g = 0; g < FOREST_BATCH; g += GROUP) {
    uint32_t at[GROUP];
    for (int i = 0; i < GROUP; i++) at[i] = 1;
    for (uint32_t l = 0; l < levels; l++)
      for (int i = 0; i < GROUP; i++) at[i] = 2 * at[i] + (x[g + i] >= table[at[i]]);
    for (int i = 0; i < GROUP; i++) {
      ranks[g + i] = (int32_t)(at[i] - (1u << levels));
      nan[g / 64] |= (uint64_t)(x[g + i] != x[g + i]) << ((g + i) % 64);
    }
  }
}

#endif
