// JPEG in memory. Lives beside the TIFF functions because libjpeg-turbo is linked into this library already.
#include "ilh_jpeg.h"

#include <limits.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

// A file of few bytes can claim any number of scans, each of which costs a pass over the image.
enum { MOST_SCANS = 500, JPEG_BITS = 8 };

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf back;
  char *message;
  size_t message_bytes;
} error_manager;

static void say(const error_manager *errors, const char *text) {
  snprintf(errors->message, errors->message_bytes, "%s", text);
}

static void fail(j_common_ptr info) {
  error_manager *errors = (error_manager *)info->err;
  char text[JMSG_LENGTH_MAX];
  errors->base.format_message(info, text);
  say(errors, text);
  longjmp(errors->back, 1);
}

// Warnings are errors when pixels are missing or wrong; the rest is harmless.
static void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
      fail(info);
      break;
    default:
      break;
  }
}

static void print_nothing(j_common_ptr info) { (void)info; }

static void watch_scans(j_common_ptr info) {
  const j_decompress_ptr decoder = (j_decompress_ptr)info;
  if (decoder->input_scan_number <= MOST_SCANS) return;
  error_manager *errors = (error_manager *)info->err;
  say(errors, "too many scans");
  longjmp(errors->back, 1);
}

static int32_t channels_of(J_COLOR_SPACE space) {
  switch (space) {
    case JCS_GRAYSCALE:
      return 1;
    case JCS_RGB:
      return 3;
    case JCS_CMYK:
      return 4;
    default:
      return 0;
  }
}

// Decodes into `out`, or only the header into `info` if `out` is null.
static int32_t run(const uint8_t *bytes, uint64_t length, uint32_t *info, uint8_t *out, uint64_t out_bytes,
                   char *message, uint64_t message_bytes) {
  if (bytes == NULL || message == NULL || message_bytes == 0 || length > ULONG_MAX) return ILH_JPEG_ARGUMENT;
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress = {.progress_monitor = watch_scans};
  error_manager errors = {.message = message, .message_bytes = (size_t)message_bytes};
  message[0] = '\0';
  decoder.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = fail;
  errors.base.emit_message = warn;
  errors.base.output_message = print_nothing;
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_decompress(&decoder);
    return ILH_JPEG_LIBRARY;
  }
  jpeg_create_decompress(&decoder);
  decoder.progress = &progress;
  jpeg_mem_src(&decoder, bytes, (unsigned long)length);
  jpeg_read_header(&decoder, TRUE);
  const uint32_t channels = (uint32_t)channels_of(decoder.out_color_space);
  int32_t code = ILH_JPEG_OK;
  if (channels == 0 || decoder.data_precision != JPEG_BITS) {
    say(&errors, "samples of other than 8 bits, or unusual components");
    code = ILH_JPEG_UNSUPPORTED;
  } else if (out == NULL) {
    info[0] = decoder.image_width;
    info[1] = decoder.image_height;
    info[2] = channels;
  } else if ((uint64_t)decoder.image_width * decoder.image_height * channels != out_bytes) {
    code = ILH_JPEG_ARGUMENT;
  } else {
    jpeg_start_decompress(&decoder);
    const size_t row_bytes = (size_t)decoder.output_width * channels;
    while (decoder.output_scanline < decoder.output_height) {
      JSAMPROW row = out + row_bytes * decoder.output_scanline;
      jpeg_read_scanlines(&decoder, &row, 1);
    }
    jpeg_finish_decompress(&decoder);
  }
  jpeg_destroy_decompress(&decoder);
  return code;
}

int32_t ilh_jpeg_info(const uint8_t *bytes, uint64_t length, uint32_t *info, char *message, uint64_t message_bytes) {
  if (info == NULL) return ILH_JPEG_ARGUMENT;
  return run(bytes, length, info, NULL, 0, message, message_bytes);
}

int32_t ilh_jpeg_decode(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, char *message,
                        uint64_t message_bytes) {
  if (out == NULL) return ILH_JPEG_ARGUMENT;
  return run(bytes, length, NULL, out, out_bytes, message, message_bytes);
}
