// Chunks of a file, many in one call: each is brought into its order and packed.
//
// Nothing is printed and nothing is kept between calls; any number of calls at a time, each on any thread. Errors are those
// of `ilh_encode_error`.
#ifndef ILH_PACK_H
#define ILH_PACK_H

#include <stdint.h>

#include "ilh_api.h"

// Bytes of `out` that a chunk of `bytes` bytes needs at a level; a multiple of the largest element.
ILH_API uint64_t ilh_pack_room(int32_t level, uint64_t bytes);

// Makes `chunks` chunks of an array of elements of 1, 2, 4 or 8 bytes. Chunk `i` gets the elements from the one at
// `offsets[i]` on, along each of five axes `counts[5 * i + axis]` of them, `strides[axis]` apart, and behind them zeros
// up to `sizes[axis]` (see `ilh_gather`). It is packed as a zlib stream of `level` 1 to 12, or with 0 left as it is, and
// lies in `out` at `i` times `ilh_pack_room`, `lengths[i]` bytes long.
ILH_API int32_t ilh_pack_chunks(uint32_t element, uint64_t chunks, const int64_t *counts, const uint64_t *offsets,
                                const int64_t *strides, const int64_t *sizes, const void *from, uint64_t from_bytes,
                                int32_t level, uint8_t *out, uint64_t out_bytes, uint64_t *lengths);

#endif
