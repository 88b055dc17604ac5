// Zstandard frames in memory, with the libzstd that libtiff uses. Nothing is printed or kept; any number of calls at a
// time. Definition: RFC 8878.
#ifndef ILH_ZSTD_H
#define ILH_ZSTD_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_zstd_error {
  ILH_ZSTD_UNKNOWN = -1,  // the frame does not say its size
  ILH_ZSTD_DAMAGED = -2,  // no frame, or damaged
  ILH_ZSTD_TOO_SMALL = -3, // `out_bytes` do not hold the content
};

// Bytes that the first frame unpacks to, as its header says; else one of the errors.
ILH_API int64_t ilh_zstd_size(const uint8_t *bytes, uint64_t length);

// Unpacks all frames; gives the number of bytes written, or one of the errors.
ILH_API int64_t ilh_zstd_unpack(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes);

#endif
