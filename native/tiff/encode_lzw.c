// LZW by libtiff, which has it only inside of files: each strip goes through a file in memory, so that many can be packed
// at a time.
#include "ilh_encode.h"

#include <stddef.h>
#include <string.h>
#include <tiffio.h>

// A new TIFF file begins with a header of so many bytes; the strip that is written first follows.
enum { HEADER = 8 };

// Room for the codes, at most 12 bits for a byte and one clear code per table, and for what libtiff writes around them.
uint64_t ilh_lzw_bound(uint64_t length) {
  if (length == 0 || length > INT32_MAX) return 0;
  return length + length / 2 + length / 1024 + 4096;
}

// The file in memory.
typedef struct {
  uint8_t *bytes;
  uint64_t room, size, position;
} memory;

static tmsize_t read_memory(thandle_t handle, void *to, tmsize_t count) {
  memory *m = (memory *)handle;
  if (count < 0 || m->position > m->size || (uint64_t)count > m->size - m->position) return 0;
  memcpy(to, m->bytes + m->position, (size_t)count);
  m->position += (uint64_t)count;
  return count;
}

static tmsize_t write_memory(thandle_t handle, void *from, tmsize_t count) {
  memory *m = (memory *)handle;
  if (count < 0 || m->position > m->room || (uint64_t)count > m->room - m->position) return 0;
  memcpy(m->bytes + m->position, from, (size_t)count);
  m->position += (uint64_t)count;
  if (m->position > m->size) m->size = m->position;
  return count;
}

static toff_t seek_memory(thandle_t handle, toff_t offset, int from) {
  memory *m = (memory *)handle;
  m->position = offset + (from == SEEK_CUR ? m->position : from == SEEK_END ? m->size : 0);
  return m->position;
}

static toff_t size_of_memory(thandle_t handle) { return ((memory *)handle)->size; }
static int close_memory(thandle_t handle) { return handle == NULL; }

static int silent(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)user, (void)module, (void)format, (void)arguments;
  return 1;
}

static TIFF *open_memory(memory *m) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, silent, NULL);
  TIFFOpenOptionsSetWarningHandlerExtR(options, silent, NULL);
  TIFF *tiff = TIFFClientOpenExt("strip", "w", (thandle_t)m, read_memory, write_memory, seek_memory, close_memory,
                                 size_of_memory, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

int32_t ilh_lzw(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, uint64_t *packed) {
  if (bytes == NULL || out == NULL || packed == NULL || ilh_lzw_bound(length) == 0) return ILH_ENCODE_ARGUMENT;
  if (out_bytes < ilh_lzw_bound(length)) return ILH_ENCODE_ROOM;
  memory m = {.bytes = out, .room = out_bytes};
  TIFF *tiff = open_memory(&m);
  if (tiff == NULL) return ILH_ENCODE_MEMORY;
  const int set = TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)length) && TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1) &&
                  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8) && TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1) &&
                  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) &&
                  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW) &&
                  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 1);
  // libtiff writes the strip behind the header and only reads `bytes`.
  const int written = set && TIFFWriteEncodedStrip(tiff, 0, (void *)bytes, (tmsize_t)length) == (tmsize_t)length;
  const uint64_t end = m.size;
  TIFFClose(tiff); // writes a directory behind the strip
  if (!written || end <= HEADER) return ILH_ENCODE_MEMORY;
  *packed = end - HEADER;
  memmove(out, out + HEADER, (size_t)*packed);
  return ILH_ENCODE_OK;
}
