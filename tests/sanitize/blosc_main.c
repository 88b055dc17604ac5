// Blosc frames under the sanitizers: elements of any size, lengths around those of a block, buffers that are just as large
// as they must be, unpacked again.
#include <blosc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "ilh_blosc.h"
#include "ilh_encode.h"

enum { FRAMES = 200, BLOCK = 1 << 18 };

static void pack_frame(int kind) {
  const uint32_t element = 1u << below(4);
  const uint64_t length = 1 + (below(3) == 0 ? below(40) : below(3) == 0 ? BLOCK - 20 + below(40) : below(3 * BLOCK));
  const uint64_t room = ilh_blosc_bound(length);
  uint8_t *bytes = malloc(length), *out = malloc(room), *plain = malloc(length);
  if (bytes == NULL || out == NULL || plain == NULL) fail("no memory");
  for (uint64_t i = 0; i < length; i++) bytes[i] = (uint8_t)(kind == 0 ? below(256) : kind == 1 ? 0 : i % 1013 * 7);
  if (kind == 3) memset(bytes, 0, length / 2);
  uint64_t packed = 0;
  if (ilh_blosc_pack(element, 5, bytes, length, out, room - 1, &packed) != ILH_ENCODE_ROOM) fail("too little room is taken");
  if (ilh_blosc_pack(element, 5, bytes, length, out, room, &packed) != ILH_ENCODE_OK || packed > room) fail("packing failed");
  if (blosc_decompress_ctx(out, plain, length, 1) != (int)length || memcmp(plain, bytes, length) != 0) fail("other bytes");
  free(bytes);
  free(out);
  free(plain);
}

int main(void) {
  for (int i = 0; i < FRAMES; i++) pack_frame(i % 4);
  if (ilh_blosc_bound(0) != 0 || ilh_blosc_bound(UINT64_MAX) != 0) fail("an impossible frame has a size");
  return 0;
}
