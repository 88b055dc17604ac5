// JPEG images written row by row with libjpeg-turbo: JFIF, 8 bits, full colour resolution (4:4:4).
//
// Nothing is printed. A writer takes one call at a time, each on any thread; any number of writers at a time. Whatever
// happened before, `ilh_jpeg_free` gives everything back. Definitions: ITU-T T.81 and JFIF 1.01.
#ifndef ILH_JPEG_WRITER_H
#define ILH_JPEG_WRITER_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_jpeg_writer_error {
  ILH_JPEG_WRITER_OK = 0,
  ILH_JPEG_WRITER_ARGUMENT = 1, // null pointer, too many or too few rows, a call after the end or after an error
  ILH_JPEG_WRITER_MEMORY = 2,   // no memory
  ILH_JPEG_WRITER_LIBRARY = 3,  // libjpeg-turbo failed
};

typedef struct ilh_jpeg_writer ilh_jpeg_writer;

// Begins an image of 1 (gray) or 3 (RGB) channels; `quality` 1 to 100. Null for a size that JPEG does not know, and
// without memory.
ILH_API ilh_jpeg_writer *ilh_jpeg_begin(uint32_t width, uint32_t height, uint32_t channels, int32_t quality);

// Encodes the next rows, C order y x channel; `bytes` is a multiple of those of a row. `waiting` becomes the number of
// bytes of the file that can be taken.
ILH_API int32_t ilh_jpeg_rows(ilh_jpeg_writer *writer, const uint8_t *pixels, uint64_t bytes, uint64_t *waiting);

// Ends the file when all rows are there; `waiting` as above.
ILH_API int32_t ilh_jpeg_finish(ilh_jpeg_writer *writer, uint64_t *waiting);

// Copies all waiting bytes to `out`, whose length must be their number, and forgets them.
ILH_API int32_t ilh_jpeg_take(ilh_jpeg_writer *writer, uint8_t *out, uint64_t bytes);

// Gives everything back; a null pointer is nothing.
ILH_API void ilh_jpeg_free(ilh_jpeg_writer *writer);

#endif
