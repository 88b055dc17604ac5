// PNG bands under the sanitizers: any layout, buffers that are just as large as they must be, and what zlib unpacks and the
// filters give back.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common.h"
#include "ilh_encode.h"
#include "ilh_png.h"

enum { IMAGES = 300, MOST_ROWS = 60, CHUNK_HEAD = 8, CHUNK_TAIL = 4 };

// One byte of the file; those of 16-bit samples change places.
static uint8_t in_file(const ilh_png_layout *l, const uint8_t *rows, uint32_t y, uint64_t i) {
  return rows[l->line_bytes * y + (l->sample_bytes == 2 ? i ^ 1 : i)];
}

static void check_rows(const ilh_png_layout *l, const uint8_t *rows, const uint8_t *filtered, uint32_t height) {
  for (uint32_t y = 0; y < height; y++) {
    const uint8_t *line = filtered + (l->line_bytes + 1) * y;
    for (uint64_t i = 0; i < l->line_bytes; i++) {
      const uint8_t left = i < l->pixel_bytes ? 0 : in_file(l, rows, y, i - l->pixel_bytes);
      const uint8_t above = y == 0 ? 0 : in_file(l, rows, y - 1, i);
      const uint8_t predicted = line[0] == 1 ? left : line[0] == 2 ? above : 0;
      if ((uint8_t)(line[1 + i] + predicted) != in_file(l, rows, y, i)) fail("other pixels");
    }
  }
}

static void write_image(int kind) {
  const uint32_t height = 1 + below(3 * MOST_ROWS), width = 1 + below(kind == 2 ? 3000 : 200);
  ilh_png_layout l = {.sample_bytes = 1 + below(2)};
  l.pixel_bytes = l.sample_bytes * (1 + below(4));
  l.line_bytes = (uint64_t)l.pixel_bytes * width;
  const uint64_t bytes = l.line_bytes * height, filtered_bytes = (l.line_bytes + 1) * height;
  uint8_t *rows = malloc(bytes), *filtered = malloc(filtered_bytes);
  if (rows == NULL || filtered == NULL) fail("no memory");
  for (uint64_t i = 0; i < bytes; i++) rows[i] = (uint8_t)(kind == 0 ? below(256) : kind == 1 ? 7 : i % 97 * 5);
  z_stream stream = {.next_out = filtered, .avail_out = (uInt)filtered_bytes};
  if (inflateInit2(&stream, -15) != Z_OK) fail("no memory");
  uint32_t adler = 1;
  int end = Z_OK;
  for (uint32_t y = 0; y < height; y += l.rows) {
    l.rows = 1 + below(MOST_ROWS);
    if (l.rows > height - y) l.rows = height - y;
    l.last = y + l.rows == height;
    const uint64_t room = ilh_png_bound(&l);
    uint8_t *band = malloc(l.line_bytes * l.rows), *chunk = malloc(room), *above = malloc(l.line_bytes);
    if (band == NULL || chunk == NULL || above == NULL) fail("no memory");
    memcpy(band, rows + l.line_bytes * y, l.line_bytes * l.rows);
    if (y > 0) memcpy(above, rows + l.line_bytes * (y - 1), l.line_bytes);
    uint64_t packed = 0;
    uint32_t part = 0;
    if (ilh_png_band(&l, band, y > 0 ? above : NULL, chunk, room, &packed, &part) != ILH_ENCODE_OK) fail("band failed");
    if (ilh_png_band(&l, band, NULL, chunk, room - 1, &packed, &part) != ILH_ENCODE_ROOM) fail("too little room is taken");
    adler = ilh_png_adler(adler, part, (l.line_bytes + 1) * l.rows);
    stream.next_in = chunk + CHUNK_HEAD;
    stream.avail_in = (uInt)(packed - CHUNK_HEAD - CHUNK_TAIL);
    end = inflate(&stream, Z_SYNC_FLUSH);
    if (stream.avail_in != 0) fail("zlib leaves bytes over");
    free(band);
    free(chunk);
    free(above);
  }
  if (end != Z_STREAM_END || stream.avail_out != 0) fail("the stream has no end");
  if (adler != adler32(1, filtered, (uInt)filtered_bytes)) fail("another check value");
  check_rows(&l, rows, filtered, height);
  inflateEnd(&stream);
  free(rows);
  free(filtered);
}

int main(void) {
  for (int i = 0; i < IMAGES; i++) write_image(i % 3);
  const ilh_png_layout impossible[] = {
      {0, 1, 1, 1, 0},
      {4, 1, 1, 0, 0},
      {4, 3, 1, 1, 0},
      {4, 1, 2, 1, 0},
      {1 << 20, 1, 1, 1 << 20, 0},
      {1, 1, 1, 1u << 31, 0},
      {UINT64_MAX, 1, 1, 1, 0},
  };
  for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
    if (ilh_png_bound(&impossible[i]) != 0) fail("an impossible band has a size");
  }
  return 0;
}
