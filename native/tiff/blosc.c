// Blosc frames by c-blosc. Lives in the library of file formats.
#include "ilh_blosc.h"

#include <stddef.h>

#include <blosc.h>

#include "ilh_encode.h"

// The block size is left to the library; threads are ours.
enum { AUTOMATIC = 0, ONE_THREAD = 1, MOST_LEVEL = 9 };

uint64_t ilh_blosc_bound(uint64_t length) {
  return length == 0 || length > BLOSC_MAX_BUFFERSIZE ? 0 : length + BLOSC_MAX_OVERHEAD;
}

int32_t ilh_blosc_pack(uint32_t element, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
                       uint64_t out_bytes, uint64_t *packed) {
  if (element < 1 || element > BLOSC_MAX_TYPESIZE || level < 1 || level > MOST_LEVEL || bytes == NULL || out == NULL ||
      packed == NULL || ilh_blosc_bound(length) == 0) {
    return ILH_ENCODE_ARGUMENT;
  }
  const uint64_t bound = ilh_blosc_bound(length);
  if (out_bytes < bound) return ILH_ENCODE_ROOM;
  // Given more room, the library would use it instead of storing what does not get smaller.
  const int size = blosc_compress_ctx(level, BLOSC_SHUFFLE, element, (size_t)length, bytes, out, (size_t)bound,
                                      BLOSC_LZ4_COMPNAME, AUTOMATIC, ONE_THREAD);
  if (size <= 0) return ILH_ENCODE_MEMORY; // there is room, so it can only be memory
  *packed = (uint64_t)size;
  return ILH_ENCODE_OK;
}
