// Blosc frames in memory: bytes of the same significance side by side, then packed by LZ4 in blocks.
//
// Nothing is printed and nothing is kept between calls; any number of calls at a time, each on any thread. Errors are those
// of `ilh_encode_error`. Definition: the Blosc chunk format, version 2.
#ifndef ILH_BLOSC_H
#define ILH_BLOSC_H

#include <stdint.h>

#include "ilh_api.h"

// Most bytes that `ilh_blosc_pack` can make of `length` bytes; 0 for no bytes and for more than a frame holds.
ILH_API uint64_t ilh_blosc_bound(uint64_t length);

// Packs elements of 1 to 255 bytes; `level` is that of Blosc, 1 to 9. `out` is a buffer of at least the bound; `packed`
// becomes the number of bytes in it.
ILH_API int32_t ilh_blosc_pack(uint32_t element, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
                               uint64_t out_bytes, uint64_t *packed);

#endif
