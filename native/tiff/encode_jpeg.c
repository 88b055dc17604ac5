// JPEG into memory. Lives beside the TIFF functions because libjpeg-turbo is linked into this library already.
#include "ilh_encode.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
  HEADER_BYTES = 2048, // markers and tables, with room to spare
  BLOCK = 8,           // edge of a block of coefficients
  BLOCK_BYTES = 512,   // of a block, at worst: 64 codes of at most 16 + 11 bits, each byte stuffed
};

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf back;
  int32_t code;
} error_manager;

typedef struct {
  struct jpeg_destination_mgr base;
  uint8_t *out;
  size_t bytes;
} memory_target;

static void fail_with(j_common_ptr info, int32_t code) {
  error_manager *errors = (error_manager *)info->err;
  errors->code = code;
  longjmp(errors->back, 1);
}

static void fail(j_common_ptr info) { fail_with(info, ILH_ENCODE_LIBRARY); }

static void say_nothing(j_common_ptr info) { (void)info; }

static void begin(j_compress_ptr encoder) {
  memory_target *target = (memory_target *)encoder->dest;
  target->base.next_output_byte = target->out;
  target->base.free_in_buffer = target->bytes;
}

static boolean overflow(j_compress_ptr encoder) {
  fail_with((j_common_ptr)encoder, ILH_ENCODE_ROOM);
  return FALSE;
}

static void end(j_compress_ptr encoder) { (void)encoder; }

static int known_size(uint32_t width, uint32_t height, uint32_t channels) {
  return width >= 1 && height >= 1 && width <= JPEG_MAX_DIMENSION && height <= JPEG_MAX_DIMENSION &&
         (channels == 1 || channels == 3);
}

uint64_t ilh_jpeg_bound(uint32_t width, uint32_t height, uint32_t channels) {
  if (!known_size(width, height, channels)) return 0;
  const uint64_t across = (width + BLOCK - 1) / BLOCK;
  const uint64_t down = (height + BLOCK - 1) / BLOCK;
  return HEADER_BYTES + across * down * channels * BLOCK_BYTES;
}

int32_t ilh_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int32_t quality,
                        uint8_t *out, uint64_t out_bytes, uint64_t *packed) {
  if (pixels == NULL || out == NULL || packed == NULL || !known_size(width, height, channels) || quality < 1 ||
      quality > 100 || out_bytes > SIZE_MAX) {
    return ILH_ENCODE_ARGUMENT;
  }
  struct jpeg_compress_struct encoder;
  error_manager errors = {.code = ILH_ENCODE_OK};
  memory_target target = {
      .base = {.init_destination = begin, .empty_output_buffer = overflow, .term_destination = end},
      .out = out,
      .bytes = (size_t)out_bytes,
  };
  encoder.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = fail;
  errors.base.output_message = say_nothing;
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_compress(&encoder);
    return errors.code;
  }
  jpeg_create_compress(&encoder);
  encoder.dest = &target.base;
  encoder.image_width = width;
  encoder.image_height = height;
  encoder.input_components = (int)channels;
  encoder.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, quality, TRUE);
  for (int i = 0; i < encoder.num_components; i++) {
    encoder.comp_info[i].h_samp_factor = 1;
    encoder.comp_info[i].v_samp_factor = 1;
  }
  jpeg_start_compress(&encoder, TRUE);
  const size_t row_bytes = (size_t)width * channels;
  while (encoder.next_scanline < encoder.image_height) {
    // libjpeg does not change what it reads, but its type says so.
    JSAMPROW row = (JSAMPROW)(pixels + row_bytes * encoder.next_scanline);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  *packed = target.bytes - target.base.free_in_buffer;
  jpeg_destroy_compress(&encoder);
  return ILH_ENCODE_OK;
}
