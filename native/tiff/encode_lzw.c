// The LZW of TIFF. libtiff has one, but only inside a file, strip after strip on one thread.
//
// Definition: TIFF 6.0, section 13: codes of 9 to 12 bits, most significant bit first; 256 clears the table, 257 ends the
// strip; codes grow by a bit as soon as entry 511, 1023 or 2047 is in the table.
#include "ilh_encode.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
  CLEAR = 256,
  END = 257,
  FIRST = 258,
  FULL = 4094, // entry at which the table is cleared
  LEAST_BITS = 9,
  SLOT_BITS = 13, // twice as many slots as entries
  SLOTS = 1 << SLOT_BITS,
};

// Room for: a code of 12 bits per byte, a clear code per table, the end.
uint64_t ilh_lzw_bound(uint64_t length) {
  if (length > SIZE_MAX / 2) return 0;
  return length + length / 2 + length / 1024 + 32;
}

// Codes, gathered until there are four bytes of them.
typedef struct {
  uint8_t *at;
  uint64_t bits;
  int count, width;
} output;

static inline void put(output *o, uint32_t code) {
  o->bits = o->bits << o->width | code;
  o->count += o->width;
  if (o->count >= 32) {
    const uint32_t word = __builtin_bswap32((uint32_t)(o->bits >> (o->count - 32)));
    memcpy(o->at, &word, sizeof word);
    o->at += sizeof word;
    o->count -= 32;
  }
}

static void finish(output *o) {
  for (; o->count > 0; o->count -= 8) {
    *o->at++ = (uint8_t)(o->count >= 8 ? o->bits >> (o->count - 8) : o->bits << (8 - o->count));
  }
}

// A slot holds a string, the 12 bits of its beginning and its last byte, above its 12 bits of code; 0 is empty. Most of the
// time goes into branches that nothing predicts, one or two per code: libtiff's table, twice as large, is as fast.
int32_t ilh_lzw(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, uint64_t *packed) {
  if (bytes == NULL || out == NULL || packed == NULL || length > SIZE_MAX / 2) return ILH_ENCODE_ARGUMENT;
  if (out_bytes < ilh_lzw_bound(length)) return ILH_ENCODE_ROOM;
  uint32_t *slots = calloc(SLOTS, sizeof *slots);
  if (slots == NULL) return ILH_ENCODE_MEMORY;
  output o = {.at = out, .width = LEAST_BITS};
  uint32_t next = FIRST;
  put(&o, CLEAR);
  if (length > 0) {
    uint32_t prefix = bytes[0];
    for (uint64_t i = 1; i < length; i++) {
      const uint32_t key = prefix << 8 | bytes[i];
      uint32_t slot = key * 0x9E3779B1u >> (32 - SLOT_BITS);
      uint32_t found = slots[slot];
      while (found != 0 && found >> 12 != key) {
        slot = (slot + 1) & (SLOTS - 1);
        found = slots[slot];
      }
      if (found != 0) {
        prefix = found & 0xFFF;
        continue;
      }
      put(&o, prefix);
      prefix = bytes[i];
      slots[slot] = key << 12 | next++;
      if (next == FULL) {
        put(&o, CLEAR);
        memset(slots, 0, SLOTS * sizeof *slots);
        next = FIRST;
        o.width = LEAST_BITS;
      } else if (next >> o.width != 0) {
        o.width++;
      }
    }
    put(&o, prefix);
    // Readers enter a string for this code too.
    next++;
    if (next == FULL) {
      put(&o, CLEAR);
      o.width = LEAST_BITS;
    } else if (next >> o.width != 0) {
      o.width++;
    }
  }
  put(&o, END);
  finish(&o);
  free(slots);
  *packed = (uint64_t)(o.at - out);
  return ILH_ENCODE_OK;
}
