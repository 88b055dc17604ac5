// Blosc frames. Lives beside the TIFF functions because libzstd is linked into this library already.
#include "ilh_blosc.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "ilh_encode.h"

enum {
  HEADER = 16,
  OFFSET = 4,        // bytes of a block's position, and of its length in front of it
  BLOCK = 1 << 18,   // bytes that are packed together; stays in the second-level cache
  MOST_LEVEL = 19,
  MOST_BYTES = INT32_MAX - 65536,
  FORMAT = 2,        // of the frame
  ZSTD_FORMAT = 1,   // of what is packed by zstd
  SHUFFLED = 0x01,
  STORED = 0x02,     // the bytes follow the header as they are
  ONE_STREAM = 0x10, // blocks are not split by significance
  ZSTD = 4 << 5,
};

uint64_t ilh_blosc_bound(uint64_t length) { return length == 0 || length > MOST_BYTES ? 0 : HEADER + length; }

static void put_int32(uint8_t *out, size_t value) {
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (8 * i));
}

// First all lowest bytes of the elements, then all second ones; bytes that make no element are left at the end.
static void shuffle(uint32_t element, const uint8_t *restrict bytes, size_t length, uint8_t *restrict out) {
  const size_t count = length / element;
  for (uint32_t k = 0; k < element; k++) {
    for (size_t i = 0; i < count; i++) out[k * count + i] = bytes[i * element + k];
  }
  memcpy(out + count * element, bytes + count * element, length - count * element);
}

// Packs block after block behind the table of their positions; gives the length of the frame, 0 when it does not get
// smaller.
static size_t pack_blocks(ZSTD_CCtx *packer, uint32_t element, int32_t level, const uint8_t *bytes, size_t length,
                          uint8_t *shuffled, uint8_t *out) {
  const size_t room = HEADER + length;
  const size_t blocks = (length + BLOCK - 1) / BLOCK;
  size_t at = HEADER + OFFSET * blocks;
  for (size_t i = 0; i < blocks; i++) {
    const uint8_t *block = bytes + BLOCK * i;
    const size_t size = i + 1 < blocks ? BLOCK : length - BLOCK * i;
    if (at + OFFSET >= room) return 0;
    if (element > 1) {
      shuffle(element, block, size, shuffled);
      block = shuffled;
    }
    put_int32(out + HEADER + OFFSET * i, at);
    const size_t left = room - at - OFFSET;
    size_t packed = ZSTD_compressCCtx(packer, out + at + OFFSET, left < size ? left : size, block, size, level);
    if (ZSTD_isError(packed) || packed >= size) {
      // A block of its full length is stored as it is.
      if (left < size) return 0;
      memcpy(out + at + OFFSET, block, size);
      packed = size;
    }
    put_int32(out + at, packed);
    at += OFFSET + packed;
  }
  return at < room ? at : 0;
}

int32_t ilh_blosc_pack(uint32_t element, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
                       uint64_t out_bytes, uint64_t *packed) {
  if ((element != 1 && element != 2 && element != 4 && element != 8) || level < 1 || level > MOST_LEVEL || bytes == NULL ||
      out == NULL || packed == NULL || ilh_blosc_bound(length) == 0) {
    return ILH_ENCODE_ARGUMENT;
  }
  if (out_bytes < ilh_blosc_bound(length)) return ILH_ENCODE_ROOM;
  ZSTD_CCtx *packer = ZSTD_createCCtx();
  uint8_t *shuffled = malloc(BLOCK);
  if (packer == NULL || shuffled == NULL) {
    ZSTD_freeCCtx(packer);
    free(shuffled);
    return ILH_ENCODE_MEMORY;
  }
  size_t size = pack_blocks(packer, element, level, bytes, (size_t)length, shuffled, out);
  ZSTD_freeCCtx(packer);
  free(shuffled);
  out[0] = FORMAT;
  out[1] = ZSTD_FORMAT;
  out[2] = ZSTD | ONE_STREAM | (element > 1 ? SHUFFLED : 0);
  out[3] = (uint8_t)element;
  if (size == 0) {
    size = HEADER + (size_t)length;
    out[2] |= STORED;
    memcpy(out + HEADER, bytes, (size_t)length);
  }
  put_int32(out + 4, (size_t)length);
  put_int32(out + 8, length < BLOCK ? (size_t)length : BLOCK);
  put_int32(out + 12, size);
  *packed = size;
  return ILH_ENCODE_OK;
}
