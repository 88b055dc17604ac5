// Packing of pixels in memory: zlib and gzip streams through libdeflate, LZW through libtiff; and bringing them into the
// order in which they are packed.
//
// Nothing is printed and nothing is kept between calls; any number of calls at a time, each on any thread.
// Definitions: RFC 1950 (zlib), RFC 1952 (gzip); TIFF 6.0 (LZW).
#ifndef ILH_ENCODE_H
#define ILH_ENCODE_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_encode_error {
  ILH_ENCODE_OK = 0,
  ILH_ENCODE_ARGUMENT = 1, // null pointer, unknown form or level
  ILH_ENCODE_MEMORY = 2,   // no memory
  ILH_ENCODE_ROOM = 3,     // the result is longer than the buffer
};

// Forms of a deflated stream.
enum ilh_deflate_form {
  ILH_DEFLATE_ZLIB = 0,
  ILH_DEFLATE_GZIP = 1,
};

// Most bytes that `ilh_deflate` can make of `length` bytes.
ILH_API uint64_t ilh_deflate_bound(int32_t form, uint64_t length);

// Packs `length` bytes into `out`, a buffer of `out_bytes`; `packed` becomes the number of bytes in it. `level` 1 (fast)
// to 12.
ILH_API int32_t ilh_deflate(int32_t form, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
                            uint64_t out_bytes, uint64_t *packed);

// Most bytes that `ilh_lzw` can make of `length` bytes; 0 for no bytes and for 2^31 and more.
ILH_API uint64_t ilh_lzw_bound(uint64_t length);

// Packs `length` bytes as a strip of a TIFF file; `out_bytes` must be at least the bound, `packed` as above.
ILH_API int32_t ilh_lzw(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, uint64_t *packed);

// Copies elements of 1, 2, 4 or 8 bytes into C order: along each of five axes, slowest first, `counts` elements that lie
// `strides` elements apart in `from`, and behind them zeros up to `sizes`. Both buffers are aligned to the elements; `out`
// holds just the result.
ILH_API int32_t ilh_gather(uint32_t element, const int64_t *counts, const int64_t *strides, const int64_t *sizes,
                           const void *from, uint64_t from_bytes, void *out, uint64_t out_bytes);

#endif
