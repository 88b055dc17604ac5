// Inflate in memory. Lives beside the TIFF functions because libdeflate is linked into this library already.
#include "ilh_inflate.h"

#include <stddef.h>
#include <stdlib.h>

#include <libdeflate.h>

#include "ilh_encode.h"

// Items are put together this many at a time: the parts of a run stay in the first cache.
enum { RUN = 2048 };

static void unshuffle(const uint8_t *planes, uint8_t *items, size_t count, size_t item_bytes) {
  for (size_t start = 0; start < count; start += RUN) {
    const size_t stop = count - start < RUN ? count : start + RUN;
    for (size_t b = 0; b < item_bytes; b++) {
      const uint8_t *plane = planes + b * count;
      for (size_t i = start; i < stop; i++) items[i * item_bytes + b] = plane[i];
    }
  }
}

static int32_t inflate(int32_t form, const uint8_t *bytes, size_t length, uint8_t *out, size_t out_bytes) {
  struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
  if (decompressor == NULL) return ILH_INFLATE_MEMORY;
  const enum libdeflate_result result =
      form == ILH_DEFLATE_GZIP ? libdeflate_gzip_decompress(decompressor, bytes, length, out, out_bytes, NULL)
                               : libdeflate_zlib_decompress(decompressor, bytes, length, out, out_bytes, NULL);
  libdeflate_free_decompressor(decompressor);
  return result == LIBDEFLATE_SUCCESS ? ILH_INFLATE_OK : ILH_INFLATE_DAMAGED;
}

int32_t ilh_inflate(int32_t form, const uint8_t *bytes, uint64_t length, uint32_t item_bytes, uint8_t *out,
                    uint64_t out_bytes) {
  // An empty buffer may be a null pointer.
  if ((bytes == NULL && length > 0) || (out == NULL && out_bytes > 0) || length > SIZE_MAX || out_bytes > SIZE_MAX ||
      item_bytes == 0 || out_bytes % item_bytes != 0 || (form != ILH_DEFLATE_ZLIB && form != ILH_DEFLATE_GZIP)) {
    return ILH_INFLATE_ARGUMENT;
  }
  const size_t size = (size_t)out_bytes;
  if (item_bytes == 1 || size == 0) return inflate(form, bytes, (size_t)length, out, size);
  uint8_t *planes = malloc(size);
  if (planes == NULL) return ILH_INFLATE_MEMORY;
  const int32_t code = inflate(form, bytes, (size_t)length, planes, size);
  if (code == ILH_INFLATE_OK) unshuffle(planes, out, size / item_bytes, item_bytes);
  free(planes);
  return code;
}
