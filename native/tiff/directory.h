// Directories of a file that is read.
#ifndef ILH_TIFF_DIRECTORY_H
#define ILH_TIFF_DIRECTORY_H

#include "handle.h"

// What is needed to read pixels of a directory.
typedef struct {
  uint32_t width, height, samples, bits, planar, compression, tiled, block_width, block_height;
  uint32_t element;      // ilh_tiff_element
  uint32_t element_size; // bytes
  uint32_t chunky;       // samples that lie together in a block: `samples` or 1
  uint64_t row_bytes;    // of a row of a block
  uint64_t block_bytes;  // of a full block
} ilh_tiff_pixels;

// Makes a directory the current one.
int32_t ilh_tiff_select(ilh_tiff *file, uint32_t index, uint64_t offset);

// Fills `pixels` for the current directory; an error if its pixels are not read, or sizes cannot be true.
int32_t ilh_tiff_layout_of(ilh_tiff *file, ilh_tiff_pixels *pixels);

// Reads `bytes` bytes from a position of the file; 0 if they are not there.
int ilh_tiff_bytes_at(ilh_tiff *file, uint64_t offset, void *to, uint64_t bytes);

#endif
