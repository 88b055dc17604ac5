// Random numbers of the training: PCG32 (M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation", 2014, XSH-RR 64/32), seeded through SplitMix64 (Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", 2014).
#ifndef ILH_TRAIN_RANDOM_H
#define ILH_TRAIN_RANDOM_H

#include <stdint.h>
#include <string.h>

typedef struct {
  uint64_t state, increment;
} train_random;

// What a stream is for; streams of one tree are independent.
enum train_purpose { TRAIN_GROW = 0, TRAIN_PERMUTE = 1, TRAIN_SUBSET = 2 };

// Finaliser of SplitMix64, with its increment.
static inline uint64_t train_mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline uint32_t train_next(train_random *r) {
  uint64_t old = r->state;
  r->state = old * 6364136223846793005u + r->increment;
  uint32_t word = (uint32_t)(((old >> 18) ^ old) >> 27);
  uint32_t turn = (uint32_t)(old >> 59);
  return (word >> turn) | (word << ((32 - turn) & 31));
}

static inline train_random train_stream(uint64_t state, uint64_t sequence) {
  train_random r = {0, (sequence << 1) | 1};
  train_next(&r);
  r.state += state;
  train_next(&r);
  return r;
}

// The stream of one tree for one purpose.
static inline train_random train_seed(uint64_t seed, uint32_t forest, uint32_t tree, uint32_t purpose) {
  uint64_t place = train_mix(((uint64_t)forest << 32) | tree);
  return train_stream(train_mix(train_mix(seed) ^ place), train_mix(place ^ purpose));
}

// Uniform in [0, bound), bound >= 1: the high half of a product, low halves that would favour small numbers rejected
// (D. Lemire, "Fast Random Integer Generation in an Interval", 2019).
static inline uint32_t train_below(train_random *r, uint32_t bound) {
  uint64_t product = (uint64_t)train_next(r) * bound;
  if ((uint32_t)product < bound) {
    uint32_t reject = (0u - bound) % bound;
    while ((uint32_t)product < reject) product = (uint64_t)train_next(r) * bound;
  }
  return (uint32_t)(product >> 32);
}

// Bootstrap: how often each row is drawn, n_rows draws with replacement.
static inline void train_bootstrap(train_random *r, uint32_t n_rows, uint32_t *times) {
  memset(times, 0, sizeof *times * n_rows);
  for (uint32_t i = 0; i < n_rows; i++) times[train_below(r, n_rows)]++;
}

#endif
