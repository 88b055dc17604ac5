// The fused pixel kernel: one call turns one block of raw pixels (with halo) into one block of a result.
//
// Definition: pixel-classification.md sections 2 and 3; design: section 7. Cast, pre-smoothing of all used scales,
// filters, eigenvalues, forest and output run inside the call, tile by tile. Every position-dependent rule looks at
// the whole image, so the numbers depend neither on blocks and tiles nor on threads and instruction sets.
//
// Order of calls: `ilh_pixel_plan_bytes` -> `ilh_pixel_plan` -> `ilh_pixel_halo` and `ilh_pixel_arena` per block ->
// `ilh_pixel_run`, from as many threads as wanted, each with its own arena.
#ifndef ILH_PIXEL_H
#define ILH_PIXEL_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_pixel_error {
  ILH_PIXEL_OK = 0,
  ILH_PIXEL_ARGUMENT = 1,  // null pointer, or a size, count or index out of range
  ILH_PIXEL_MEMORY = 2,    // plan or arena too small or not aligned to 64 bytes
  ILH_PIXEL_SCALE = 3,     // a scale is not positive, too large, or does not fit the image
  ILH_PIXEL_COLUMN = 4,    // a column names a feature, scale, channel or eigenvalue that is not there
  ILH_PIXEL_REGION = 5,    // a region leaves the image, or the input lacks a part of the halo
  ILH_PIXEL_FOREST = 6,    // the forest does not belong to this plan
  ILH_PIXEL_LEVEL = 7,     // the instruction set cannot run here
  ILH_PIXEL_CANCELLED = 8, // the flag was raised; the output is incomplete
};

// Element types of the input; bool is uint8 of 0 and 1.
enum ilh_dtype {
  ILH_UINT8 = 0,
  ILH_UINT16 = 1,
  ILH_UINT32 = 2,
  ILH_UINT64 = 3,
  ILH_INT8 = 4,
  ILH_INT16 = 5,
  ILH_INT32 = 6,
  ILH_INT64 = 7,
  ILH_FLOAT32 = 8,
  ILH_FLOAT64 = 9,
};

enum ilh_pixel_kind {
  ILH_PROBABILITIES = 0, // float32, one channel per class
  ILH_SEGMENTATION = 1,  // uint8, 1 + index of the first largest class
  ILH_UNCERTAINTY = 2,   // float32, 1 - (largest - second largest)
  ILH_FEATURES = 3,      // float32, one channel per wanted column
};

// The image and the features.
typedef struct {
  int64_t size[3]; // z y x of the whole image (one time step)
  int64_t channels;
  int64_t flavour;   // ilh_flavour
  int64_t level;     // ilh_level; scalar runs the portable code (its oracle is ilh_features_scalar)
  int64_t n_scales;
  int64_t n_columns; // all selected columns
  int64_t n_wanted;  // the first ones: handed to the forest or written; the others are only looked at for NaN
} ilh_pixel_model;

// One column: ilh_feature, index of the scale, channel, index of the eigenvalue (0 unless eigenvalues).
typedef struct {
  int32_t feature, scale, channel, eigenvalue;
} ilh_pixel_column;

// One block. Strides count elements and may have any sign; positions are those of the whole image, z y x.
typedef struct {
  int64_t kind, dtype;
  int64_t input_start[3], input_size[3], input_stride[4]; // strides: z y x c
  int64_t start[3], size[3], stride[4];                   // of the output
  int64_t mask_stride[3];                                 // the mask (one byte per output pixel, not 0 = set), z y x
  int64_t n_classes;                                      // channels of probabilities: at least those of the forest
} ilh_pixel_job;

// Bytes of a plan; 0 when a count is out of range.
ILH_API uint64_t ilh_pixel_plan_bytes(const ilh_pixel_model *model);

// Fills a plan: aligned to 64 bytes, position independent, read-only afterwards. `in_2d` holds a byte per scale.
ILH_API int32_t ilh_pixel_plan(const ilh_pixel_model *model, const double *scales, const uint8_t *in_2d,
                               const ilh_pixel_column *columns, void *plan, uint64_t plan_bytes);

// Pixels of input needed around an output block, z y x, before clipping at the image. More for floating point
// input, where a NaN counts even if only a column that no tree tests would see it.
ILH_API int32_t ilh_pixel_halo(const void *plan, int64_t dtype, int64_t halo[3]);

// Bytes of the arena for a block; 0 when the job is out of range. `forest` is null for features.
ILH_API uint64_t ilh_pixel_arena(const void *plan, const void *forest, const ilh_pixel_job *job);

// Computes one block.
//
// forest: compiled by ilh_forest_build, its used columns being the plan's wanted ones; null for features.
// class_channel: output channel of each class of the forest; the other channels get 0.
// mask: null, or where to predict; elsewhere probabilities are 0, segmentation 1, uncertainty 1.
// cancel: null, or a flag that another thread may raise (not 0); looked at for every tile.
ILH_API int32_t ilh_pixel_run(const void *plan, const void *forest, const int32_t *class_channel,
                              const ilh_pixel_job *job, const void *input, const uint8_t *mask, void *output,
                              void *arena, uint64_t arena_bytes, const int32_t *cancel);

// Segmentation or uncertainty out of probabilities of `ilh_pixel_run`: `n` pixels of `classes` values side by side.
ILH_API int32_t ilh_pixel_reduce(int64_t kind, const float *probabilities, int64_t n, int64_t classes, void *output);

#endif
