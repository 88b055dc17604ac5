// JPEG row by row. Lives beside the TIFF functions because libjpeg-turbo is linked into this library already.
#include "ilh_jpeg_writer.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

// Room for the first bytes of a file; it is doubled as often as needed.
enum { FIRST_ROOM = 65536 };

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf back;
  int32_t code;
} error_manager;

// Bytes that were not taken yet: all of the room but what is free.
typedef struct {
  struct jpeg_destination_mgr base;
  uint8_t *bytes;
  size_t room;
} target;

struct ilh_jpeg_writer {
  struct jpeg_compress_struct encoder;
  error_manager errors;
  target target;
  int begun, ended;
};

static void fail_with(j_common_ptr info, int32_t code) {
  error_manager *errors = (error_manager *)info->err;
  errors->code = code;
  longjmp(errors->back, 1);
}

static void fail(j_common_ptr info) {
  fail_with(info, info->err->msg_code == JERR_OUT_OF_MEMORY ? ILH_JPEG_WRITER_MEMORY : ILH_JPEG_WRITER_LIBRARY);
}

static void say_nothing(j_common_ptr info) { (void)info; }

static void begin(j_compress_ptr encoder) { (void)encoder; }

// The room is full: `free_in_buffer` says otherwise, libjpeg only keeps its own copy up to date.
static boolean grow(j_compress_ptr encoder) {
  target *t = (target *)encoder->dest;
  uint8_t *larger = t->room > SIZE_MAX / 2 ? NULL : realloc(t->bytes, 2 * t->room);
  if (larger == NULL) fail_with((j_common_ptr)encoder, ILH_JPEG_WRITER_MEMORY);
  t->bytes = larger;
  t->base.next_output_byte = larger + t->room;
  t->base.free_in_buffer = t->room;
  t->room *= 2;
  return TRUE;
}

static void end(j_compress_ptr encoder) { (void)encoder; }

static void forget_bytes(target *t) {
  t->base.next_output_byte = t->bytes;
  t->base.free_in_buffer = t->room;
}

static uint64_t waiting_bytes(const target *t) { return t->room - t->base.free_in_buffer; }

ilh_jpeg_writer *ilh_jpeg_begin(uint32_t width, uint32_t height, uint32_t channels, int32_t quality) {
  if (width < 1 || height < 1 || width > JPEG_MAX_DIMENSION || height > JPEG_MAX_DIMENSION ||
      (channels != 1 && channels != 3) || quality < 1 || quality > 100) {
    return NULL;
  }
  ilh_jpeg_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL) return NULL;
  struct jpeg_compress_struct *encoder = &writer->encoder;
  encoder->err = jpeg_std_error(&writer->errors.base);
  writer->errors.base.error_exit = fail;
  writer->errors.base.output_message = say_nothing;
  writer->target.base = (struct jpeg_destination_mgr){
      .init_destination = begin, .empty_output_buffer = grow, .term_destination = end};
  writer->target.bytes = malloc(FIRST_ROOM);
  writer->target.room = FIRST_ROOM;
  if (writer->target.bytes == NULL) {
    ilh_jpeg_free(writer);
    return NULL;
  }
  forget_bytes(&writer->target);
  if (setjmp(writer->errors.back) != 0) {
    ilh_jpeg_free(writer);
    return NULL;
  }
  jpeg_create_compress(encoder);
  encoder->dest = &writer->target.base;
  encoder->image_width = width;
  encoder->image_height = height;
  encoder->input_components = (int)channels;
  encoder->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(encoder);
  jpeg_set_quality(encoder, quality, TRUE);
  for (int i = 0; i < encoder->num_components; i++) {
    encoder->comp_info[i].h_samp_factor = 1;
    encoder->comp_info[i].v_samp_factor = 1;
  }
  return writer;
}

// Whether a call may go on: none may after the end or after an error.
static int usable(const ilh_jpeg_writer *writer) {
  return writer != NULL && !writer->ended && writer->errors.code == ILH_JPEG_WRITER_OK;
}

int32_t ilh_jpeg_rows(ilh_jpeg_writer *writer, const uint8_t *pixels, uint64_t bytes, uint64_t *waiting) {
  if (!usable(writer) || pixels == NULL || waiting == NULL) return ILH_JPEG_WRITER_ARGUMENT;
  struct jpeg_compress_struct *encoder = &writer->encoder;
  const uint64_t row_bytes = (uint64_t)encoder->image_width * (uint64_t)encoder->input_components;
  const uint64_t rows = bytes / row_bytes;
  if (bytes % row_bytes != 0 || rows > encoder->image_height - encoder->next_scanline) return ILH_JPEG_WRITER_ARGUMENT;
  if (setjmp(writer->errors.back) != 0) return writer->errors.code;
  if (!writer->begun) jpeg_start_compress(encoder, TRUE);
  writer->begun = 1;
  for (uint64_t y = 0; y < rows; y++) {
    // libjpeg does not change what it reads, but its type says so.
    JSAMPROW row = (JSAMPROW)(pixels + row_bytes * y);
    jpeg_write_scanlines(encoder, &row, 1);
  }
  *waiting = waiting_bytes(&writer->target);
  return ILH_JPEG_WRITER_OK;
}

int32_t ilh_jpeg_finish(ilh_jpeg_writer *writer, uint64_t *waiting) {
  if (!usable(writer) || !writer->begun || waiting == NULL ||
      writer->encoder.next_scanline < writer->encoder.image_height) {
    return ILH_JPEG_WRITER_ARGUMENT;
  }
  if (setjmp(writer->errors.back) != 0) return writer->errors.code;
  jpeg_finish_compress(&writer->encoder);
  writer->ended = 1;
  *waiting = waiting_bytes(&writer->target);
  return ILH_JPEG_WRITER_OK;
}

int32_t ilh_jpeg_take(ilh_jpeg_writer *writer, uint8_t *out, uint64_t bytes) {
  if (writer == NULL || bytes != waiting_bytes(&writer->target)) return ILH_JPEG_WRITER_ARGUMENT;
  if (bytes == 0) return ILH_JPEG_WRITER_OK;
  if (out == NULL) return ILH_JPEG_WRITER_ARGUMENT;
  memcpy(out, writer->target.bytes, (size_t)bytes);
  forget_bytes(&writer->target);
  return ILH_JPEG_WRITER_OK;
}

void ilh_jpeg_free(ilh_jpeg_writer *writer) {
  if (writer == NULL) return;
  jpeg_destroy_compress(&writer->encoder);
  free(writer->target.bytes);
  free(writer);
}
