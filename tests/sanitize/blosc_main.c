// Blosc frames under the sanitizers: elements of any size, lengths around those of a block, buffers that are just as large
// as they must be, unpacked again by the definition of the format.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "ilh_blosc.h"
#include "ilh_encode.h"

enum { FRAMES = 200, HEADER = 16, BLOCK = 1 << 18 };

static uint32_t state = 1;

static uint32_t below(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static uint32_t uint32_at(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void check_block(const uint8_t *packed, size_t packed_bytes, const uint8_t *bytes, size_t length, uint32_t element) {
  uint8_t *plain = malloc(length);
  if (plain == NULL) fail("no memory");
  if (packed_bytes == length) {
    memcpy(plain, packed, length);
  } else if (ZSTD_decompress(plain, length, packed, packed_bytes) != length) {
    fail("zstd does not unpack a block");
  }
  const size_t count = length / element;
  for (size_t i = 0; i < count * element; i++) {
    if (plain[i % element * count + i / element] != bytes[i]) fail("other bytes");
  }
  if (memcmp(plain + count * element, bytes + count * element, length - count * element) != 0) fail("another rest");
  free(plain);
}

static void pack_frame(int kind) {
  const uint32_t element = 1u << below(4);
  const uint64_t length = 1 + (below(3) == 0 ? below(40) : below(3) == 0 ? BLOCK - 20 + below(40) : below(3 * BLOCK));
  const uint64_t room = ilh_blosc_bound(length);
  uint8_t *bytes = malloc(length), *out = malloc(room);
  if (bytes == NULL || out == NULL) fail("no memory");
  for (uint64_t i = 0; i < length; i++) bytes[i] = (uint8_t)(kind == 0 ? below(256) : kind == 1 ? 0 : i % 1013 * 7);
  if (kind == 3) memset(bytes, 0, length / 2);
  uint64_t packed = 0;
  if (ilh_blosc_pack(element, 1, bytes, length, out, room - 1, &packed) != ILH_ENCODE_ROOM) fail("too little room is taken");
  if (ilh_blosc_pack(element, 1, bytes, length, out, room, &packed) != ILH_ENCODE_OK || packed > room) fail("packing failed");
  if (uint32_at(out + 4) != length || uint32_at(out + 12) != packed) fail("another header");
  if (out[2] & 2) {
    if (memcmp(out + HEADER, bytes, length) != 0) fail("other stored bytes");
  } else {
    for (uint64_t at = 0; at < length; at += BLOCK) {
      const uint32_t place = uint32_at(out + HEADER + 4 * (at / BLOCK)), size = uint32_at(out + place);
      if (place + 4 + size > packed) fail("a block behind the end");
      check_block(out + place + 4, size, bytes + at, length - at < BLOCK ? length - at : BLOCK, element);
    }
  }
  free(bytes);
  free(out);
}

int main(void) {
  for (int i = 0; i < FRAMES; i++) pack_frame(i % 4);
  if (ilh_blosc_bound(0) != 0 || ilh_blosc_bound(UINT64_MAX) != 0) fail("an impossible frame has a size");
  return 0;
}
