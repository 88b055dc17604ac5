// What the programs under the sanitizers have in common: numbers that look random and are the same each time.
#ifndef COMMON_H
#define COMMON_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 1;

static uint32_t below(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

#endif
