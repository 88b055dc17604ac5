// The pixels of PNG files: bands of rows are filtered and packed by zlib, each by itself, so that many are packed at the
// same time. All bands one after the other, behind the two bytes of a zlib header and in front of the check value, are the
// zlib stream of the file.
//
// Nothing is printed and nothing is kept between calls; any number of calls at a time, each on any thread. Errors are those
// of `ilh_encode_error`. Definitions: PNG (third edition), sections 5, 9, 10; RFC 1950 and 1951.
#ifndef ILH_PNG_H
#define ILH_PNG_H

#include <stdint.h>

#include "ilh_api.h"

// Rows of an image in C order y x channel.
typedef struct {
  uint64_t line_bytes;   // of a row
  uint32_t pixel_bytes;  // of all channels of a pixel
  uint32_t sample_bytes; // 1, or 2: in the machine's order, which is little-endian
  uint32_t rows;         // in the band
  uint32_t last;         // 1 if the image ends with the band, else 0
} ilh_png_layout;

// Most bytes that `ilh_png_band` can make of a band; 0 for an impossible one.
ILH_API uint64_t ilh_png_bound(const ilh_png_layout *layout);

// Filters and packs a band into `out`, a buffer of at least the bound, as a complete IDAT chunk. `above` is the row in
// front of the band, null for the first one of the image. `packed` becomes the number of bytes, `adler` the check value
// of what was packed.
ILH_API int32_t ilh_png_band(const ilh_png_layout *layout, const uint8_t *rows, const uint8_t *above, uint8_t *out,
                             uint64_t out_bytes, uint64_t *packed, uint32_t *adler);

// Check value of two parts, of which the second one has `length` bytes.
ILH_API uint32_t ilh_png_adler(uint32_t first, uint32_t second, uint64_t length);

#endif
