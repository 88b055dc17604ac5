// Zstandard frames. Lives beside the TIFF functions because libzstd is linked into this library already.
#include "ilh_zstd.h"

#include <stddef.h>

#include <zstd.h>
#include <zstd_errors.h>

int64_t ilh_zstd_size(const uint8_t *bytes, uint64_t length) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes, (size_t)length);
  if (size == ZSTD_CONTENTSIZE_UNKNOWN) return ILH_ZSTD_UNKNOWN;
  return size == ZSTD_CONTENTSIZE_ERROR || size > INT64_MAX ? ILH_ZSTD_DAMAGED : (int64_t)size;
}

int64_t ilh_zstd_unpack(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes) {
  const size_t written = ZSTD_decompress(out, (size_t)out_bytes, bytes, (size_t)length);
  if (!ZSTD_isError(written)) return (int64_t)written;
  return ZSTD_getErrorCode(written) == ZSTD_error_dstSize_tooSmall ? ILH_ZSTD_TOO_SMALL : ILH_ZSTD_DAMAGED;
}
