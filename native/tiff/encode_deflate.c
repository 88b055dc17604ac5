// Deflate in memory. Lives beside the TIFF functions because libdeflate is linked into this library already.
#include "ilh_encode.h"

#include <stddef.h>

#include <libdeflate.h>

enum { MOST_LEVEL = 12 };

uint64_t ilh_deflate_bound(int32_t form, uint64_t length) {
  if (length > SIZE_MAX) return 0;
  return form == ILH_DEFLATE_GZIP ? libdeflate_gzip_compress_bound(NULL, (size_t)length)
                                  : libdeflate_zlib_compress_bound(NULL, (size_t)length);
}

int32_t ilh_deflate(int32_t form, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
                    uint64_t out_bytes, uint64_t *packed) {
  if (bytes == NULL || out == NULL || packed == NULL || length > SIZE_MAX || out_bytes > SIZE_MAX || level < 1 ||
      level > MOST_LEVEL || (form != ILH_DEFLATE_ZLIB && form != ILH_DEFLATE_GZIP)) {
    return ILH_ENCODE_ARGUMENT;
  }
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
  if (compressor == NULL) return ILH_ENCODE_MEMORY;
  const size_t size =
      form == ILH_DEFLATE_GZIP
          ? libdeflate_gzip_compress(compressor, bytes, (size_t)length, out, (size_t)out_bytes)
          : libdeflate_zlib_compress(compressor, bytes, (size_t)length, out, (size_t)out_bytes);
  libdeflate_free_compressor(compressor);
  *packed = size;
  return size == 0 ? ILH_ENCODE_ROOM : ILH_ENCODE_OK;
}
