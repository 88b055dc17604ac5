// Lives beside the encoders that it uses.
#include "ilh_pack.h"

#include <stddef.h>
#include <stdlib.h>

#include "ilh_encode.h"

enum { AXES = 5, ALIGNMENT = 8 };

// Bytes of a chunk, 0 if that is impossible.
static uint64_t chunk_bytes(uint32_t element, const int64_t *sizes) {
  uint64_t bytes = element;
  for (int i = 0; i < AXES; i++) {
    if (sizes[i] < 1 || (uint64_t)sizes[i] > (uint64_t)INT64_MAX / bytes) return 0;
    bytes *= (uint64_t)sizes[i];
  }
  return bytes;
}

uint64_t ilh_pack_room(int32_t level, uint64_t bytes) {
  const uint64_t most = level == 0 ? bytes : ilh_deflate_bound(ILH_DEFLATE_ZLIB, bytes);
  return most + (ALIGNMENT - most % ALIGNMENT) % ALIGNMENT;
}

int32_t ilh_pack_chunks(uint32_t element, uint64_t chunks, const int64_t *counts, const uint64_t *offsets,
                        const int64_t *strides, const int64_t *sizes, const void *from, uint64_t from_bytes,
                        int32_t level, uint8_t *out, uint64_t out_bytes, uint64_t *lengths) {
  if (counts == NULL || offsets == NULL || strides == NULL || sizes == NULL || from == NULL || out == NULL ||
      lengths == NULL || element == 0) {
    return ILH_ENCODE_ARGUMENT;
  }
  const uint64_t bytes = chunk_bytes(element, sizes);
  if (bytes == 0 || bytes > SIZE_MAX) return ILH_ENCODE_ARGUMENT;
  const uint64_t room = ilh_pack_room(level, bytes);
  if (chunks > out_bytes / room) return ILH_ENCODE_ROOM;
  uint8_t *plain = level == 0 ? NULL : malloc((size_t)bytes);
  if (level != 0 && plain == NULL) return ILH_ENCODE_MEMORY;
  int32_t code = ILH_ENCODE_OK;
  for (uint64_t i = 0; i < chunks && code == ILH_ENCODE_OK; i++) {
    uint8_t *place = out + i * room;
    if (offsets[i] >= from_bytes / element) {
      code = ILH_ENCODE_ARGUMENT;
      break;
    }
    const uint64_t skipped = offsets[i] * element;
    code = ilh_gather(element, counts + AXES * i, strides, sizes, (const uint8_t *)from + skipped, from_bytes - skipped,
                      level == 0 ? place : plain, bytes);
    lengths[i] = bytes;
    if (code == ILH_ENCODE_OK && level != 0) {
      code = ilh_deflate(ILH_DEFLATE_ZLIB, level, plain, bytes, place, room, lengths + i);
    }
  }
  free(plain);
  return code;
}
