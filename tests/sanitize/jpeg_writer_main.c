// The JPEG writer under the sanitizers: images that are ended, given up in the middle, and called in a wrong order.
#include <stdint.h>
#include <stdlib.h>

#include "common.h"
#include "ilh_jpeg.h"
#include "ilh_jpeg_writer.h"

enum { IMAGES = 300, ROOM = 1 << 20, WORDS = 100 };

static void take(ilh_jpeg_writer *writer, uint64_t waiting, uint8_t *file, uint64_t *length) {
  if (*length + waiting > ROOM) fail("more bytes than expected");
  if (ilh_jpeg_take(writer, file + *length, waiting + 1) != ILH_JPEG_WRITER_ARGUMENT) fail("another number is taken");
  if (ilh_jpeg_take(writer, file + *length, waiting) != ILH_JPEG_WRITER_OK) fail("ilh_jpeg_take failed");
  *length += waiting;
}

static void write_image(int complete) {
  const uint32_t width = 1 + below(300), height = 1 + below(200), channels = below(2) ? 3 : 1;
  const uint64_t row_bytes = (uint64_t)width * channels;
  ilh_jpeg_writer *writer = ilh_jpeg_begin(width, height, channels, 1 + (int32_t)below(100));
  uint8_t *file = malloc(ROOM), *rows = malloc(row_bytes * height);
  if (writer == NULL || file == NULL || rows == NULL) fail("no memory");
  for (uint64_t i = 0; i < row_bytes * height; i++) rows[i] = (uint8_t)below(256);
  uint64_t waiting = 0, length = 0;
  const uint32_t last = complete ? height : below(height);
  for (uint32_t y = 0; y < last;) {
    const uint32_t count = 1 + below(last - y);
    if (ilh_jpeg_rows(writer, rows + row_bytes * y, row_bytes * count, &waiting) != ILH_JPEG_WRITER_OK) fail("rows failed");
    // Bytes that are not taken wait for the next time.
    if (below(3) > 0) take(writer, waiting, file, &length);
    y += count;
  }
  if (ilh_jpeg_rows(writer, rows, row_bytes * (height - last + 1), &waiting) != ILH_JPEG_WRITER_ARGUMENT) {
    fail("too many rows are taken");
  }
  if (!complete) {
    if (ilh_jpeg_finish(writer, &waiting) != ILH_JPEG_WRITER_ARGUMENT) fail("half an image is ended");
  } else {
    if (ilh_jpeg_finish(writer, &waiting) != ILH_JPEG_WRITER_OK) fail("finish failed");
    take(writer, waiting, file, &length);
    if (ilh_jpeg_rows(writer, rows, row_bytes, &waiting) != ILH_JPEG_WRITER_ARGUMENT) fail("rows after the end are taken");
    char words[WORDS];
    if (ilh_jpeg_decode(file, length, rows, row_bytes * height, words, WORDS) != ILH_JPEG_OK) fail(words);
  }
  ilh_jpeg_free(writer);
  free(file);
  free(rows);
}

int main(void) {
  for (int i = 0; i < IMAGES; i++) write_image(i % 3 > 0);
  if (ilh_jpeg_begin(0, 1, 1, 75) != NULL || ilh_jpeg_begin(1, 1, 2, 75) != NULL) fail("an impossible image is begun");
  ilh_jpeg_free(NULL);
  return 0;
}
