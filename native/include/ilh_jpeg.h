// JPEG images in memory through libjpeg-turbo, with its defaults: slow integer transform, smooth upsampling.
//
// Orientation and colour profiles are left aside; CMYK stays as stored. Nothing is printed and nothing is kept between
// calls; any number of calls at a time. Definition: ITU-T T.81.
#ifndef ILH_JPEG_H
#define ILH_JPEG_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_jpeg_error {
  ILH_JPEG_OK = 0,
  ILH_JPEG_ARGUMENT = 1,    // null pointer, buffer of another size
  ILH_JPEG_LIBRARY = 2,     // libjpeg-turbo failed, or the data end early; its words are in the message
  ILH_JPEG_UNSUPPORTED = 3, // other than 8 bits, or other than 1, 3 or 4 components
};

// Reads the header into `info`: width, height, channels (1 gray, 3 RGB, 4 CMYK). In case of an error `message` (at
// least 1 byte long) says why, cut to `message_bytes`.
ILH_API int32_t ilh_jpeg_info(const uint8_t *bytes, uint64_t length, uint32_t *info, char *message,
                              uint64_t message_bytes);

// Decodes all pixels into `out`, C order y x channel; `out_bytes` must be exactly height * width * channels.
ILH_API int32_t ilh_jpeg_decode(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, char *message,
                                uint64_t message_bytes);

#endif
