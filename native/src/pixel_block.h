// What one call of the fused pixel kernel needs to know about its block. Internal.
#ifndef PIXEL_BLOCK_H
#define PIXEL_BLOCK_H

#include "pixel_plan.h"

// Geometry of a block and the layout of its arena (byte offsets).
typedef struct {
  const pixel_plan *plan;
  const ilh_pixel_job *job;
  int careful;     // floating point input whose NaN may be visible only in columns that are not wanted
  int64_t halo[3];
  int64_t piece[3]; // edges of the parts that are smoothed one after the other
  box out, needed;  // the piece at hand; input with its halo, clipped at the image
  int64_t pad;     // columns that the raw image has beyond the output on each side
  int64_t tile[3];     // edges of the parts of a piece that go through filters and forest
  int64_t tile_stride; // floats between two feature planes of a tile
  int64_t n_planes, n_classes;
  uint64_t raw, smooth, partial, strip, work, planes, dump, probabilities, classes, invalid, forest, bytes;
  int64_t raw_row, raw_plane;
} pixel_block;

// Copies `n` elements, `stride` apart, as binary32 (section 2.1, step 1).
void pixel_cast(int64_t dtype, const void *from, int64_t stride, int64_t n, float *to);

// Bytes of an element.
int64_t pixel_dtype_bytes(int64_t dtype);

// What a tile gives.
typedef struct {
  const pixel_block *block;
  box tile;
  const int32_t *class_channel;
  const float *planes, *probabilities; // feature planes; planes of the forest's classes
  uint8_t *classes;                    // index of the best class, ILH_FOREST_NO_CLASS for none
  const uint8_t *mask;                 // may be null
  void *output;
} tile_result;

// Writes a tile into the output; without a forest's numbers: as everywhere outside the mask.
void pixel_write(const tile_result *t);
void pixel_write_unset(const tile_result *t);

// Whether the mask is set anywhere in the tile.
int pixel_mask_any(const tile_result *t);

#endif
