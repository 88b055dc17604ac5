// PNG's filters, and packing by zlib. Lives beside the TIFF functions because zlib is linked into this library already.
#include "ilh_png.h"

#include <libdeflate.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ilh_encode.h"

enum {
  NONE = 0,
  SUB = 1,
  UP = 2,
  CHUNK_HEAD = 8,    // length and type
  CHUNK_TAIL = 4,    // check value
  RAW = -15,         // a deflated stream without header, largest window
  MEMORY_LEVEL = 8,  // zlib's usual one
  PACKED_LEVEL = 6,  // zlib's usual one
  // Bytes that are tried both ways: a part of the band, at most twice the window.
  SAMPLE_PART = 16,
  LEAST_SAMPLE = 1 << 12,
  MOST_SAMPLE = 1 << 16,
  SMALL_PART = 8,    // bands that get that many times smaller are also tried without filters
  MOST_BAND = 1 << 30,
};

static int known(const ilh_png_layout *l) {
  return l != NULL && l->rows >= 1 && l->pixel_bytes >= 1 && l->line_bytes >= l->pixel_bytes &&
         (l->sample_bytes == 1 || l->sample_bytes == 2) && l->pixel_bytes % l->sample_bytes == 0 &&
         l->line_bytes % l->pixel_bytes == 0 && l->line_bytes < MOST_BAND && (l->line_bytes + 1) * l->rows < MOST_BAND;
}

// Room for bytes that do not get smaller, whichever way they are packed, and the flush behind them.
static uint64_t deflate_room(uint64_t length) { return length + length / 8 + length / 64 + 64; }

uint64_t ilh_png_bound(const ilh_png_layout *layout) {
  if (!known(layout)) return 0;
  return CHUNK_HEAD + deflate_room((layout->line_bytes + 1) * layout->rows) + CHUNK_TAIL;
}

// Distance from 0 of a difference modulo 256.
static uint32_t residue(int difference) {
  const int8_t d = (int8_t)difference;
  return (uint32_t)(d < 0 ? -d : d);
}

// Writes the filter's number and the filtered row: of no filter, left and above the one with the smallest residues.
static void filter_row(const uint8_t *restrict row, const uint8_t *restrict above, size_t bytes, size_t pixel,
                       uint8_t *restrict out) {
  uint64_t none = 0, sub = 0, up = 0;
  for (size_t i = 0; i < bytes; i++) {
    none += residue(row[i]);
    up += residue(row[i] - above[i]);
  }
  for (size_t i = 0; i < pixel; i++) sub += residue(row[i]);
  for (size_t i = pixel; i < bytes; i++) sub += residue(row[i] - row[i - pixel]);
  if (none <= sub && none <= up) {
    out[0] = NONE;
    memcpy(out + 1, row, bytes);
  } else if (sub < up) {
    out[0] = SUB;
    memcpy(out + 1, row, pixel);
    for (size_t i = pixel; i < bytes; i++) out[1 + i] = (uint8_t)(row[i] - row[i - pixel]);
  } else {
    out[0] = UP;
    for (size_t i = 0; i < bytes; i++) out[1 + i] = (uint8_t)(row[i] - above[i]);
  }
}

// Rows as the file has them: 16-bit samples with the higher byte first.
static void to_file(const uint8_t *restrict row, size_t bytes, uint32_t sample_bytes, uint8_t *restrict out) {
  if (sample_bytes == 1) {
    memcpy(out, row, bytes);
    return;
  }
  for (size_t i = 0; i < bytes; i += 2) {
    out[i] = row[i + 1];
    out[i + 1] = row[i];
  }
}

// `lines` holds two rows.
static void filter_band(const ilh_png_layout *l, const uint8_t *rows, const uint8_t *above, uint8_t *lines,
                        uint8_t *out) {
  const size_t bytes = (size_t)l->line_bytes;
  uint8_t *before = lines, *line = lines + bytes;
  if (above == NULL) {
    memset(before, 0, bytes);
  } else {
    to_file(above, bytes, l->sample_bytes, before);
  }
  for (uint32_t y = 0; y < l->rows; y++) {
    to_file(rows + bytes * y, bytes, l->sample_bytes, line);
    filter_row(line, before, bytes, l->pixel_bytes, out + (bytes + 1) * y);
    uint8_t *const next = before;
    before = line;
    line = next;
  }
}

// Rows without filters.
static void copy_band(const ilh_png_layout *l, const uint8_t *rows, uint8_t *out) {
  const size_t bytes = (size_t)l->line_bytes;
  for (uint32_t y = 0; y < l->rows; y++) {
    out[(bytes + 1) * y] = NONE;
    to_file(rows + bytes * y, bytes, l->sample_bytes, out + (bytes + 1) * y + 1);
  }
}

// Packs bytes; gives the length of the result, 0 without memory. Without `last` the stream ends on a whole byte and can
// be continued by another one.
static size_t deflate_bytes(const uint8_t *bytes, size_t length, int strategy, int last, uint8_t *out, size_t room) {
  z_stream stream = {0};
  if (deflateInit2(&stream, PACKED_LEVEL, Z_DEFLATED, RAW, MEMORY_LEVEL, strategy) != Z_OK) return 0;
  stream.next_in = (Bytef *)bytes; // zlib only reads it
  stream.avail_in = (uInt)length;
  stream.next_out = out;
  stream.avail_out = (uInt)room;
  const int code = deflate(&stream, last ? Z_FINISH : Z_SYNC_FLUSH);
  const size_t packed = stream.avail_out == 0 || code != (last ? Z_STREAM_END : Z_OK) ? 0 : room - stream.avail_out;
  deflateEnd(&stream);
  return packed;
}

// What packs a band best: looking for repeated strings takes six times as long as looking for runs. It makes measured or
// computed values no smaller, but drawings and labels. Some bytes in the middle of the band tell.
static int strategy_for(const uint8_t *bytes, size_t length, uint8_t *out, size_t room) {
  size_t sample = length / SAMPLE_PART;
  if (sample < LEAST_SAMPLE) sample = length < LEAST_SAMPLE ? length : LEAST_SAMPLE;
  if (sample > MOST_SAMPLE) sample = MOST_SAMPLE;
  const uint8_t *from = bytes + (length - sample) / 2;
  const size_t runs = deflate_bytes(from, sample, Z_RLE, 1, out, room);
  const size_t strings = deflate_bytes(from, sample, Z_DEFAULT_STRATEGY, 1, out, room);
  return 100 * strings < 98 * runs ? Z_DEFAULT_STRATEGY : Z_RLE;
}

static void put_uint32(uint8_t *out, uint32_t value) {
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

int32_t ilh_png_band(const ilh_png_layout *layout, const uint8_t *rows, const uint8_t *above, uint8_t *out,
                     uint64_t out_bytes, uint64_t *packed, uint32_t *adler) {
  if (!known(layout) || rows == NULL || out == NULL || packed == NULL || adler == NULL) return ILH_ENCODE_ARGUMENT;
  if (out_bytes < ilh_png_bound(layout)) return ILH_ENCODE_ROOM;
  const size_t length = (size_t)(layout->line_bytes + 1) * layout->rows;
  const size_t room = (size_t)deflate_room(length);
  const int last = layout->last != 0;
  uint8_t *filtered = malloc(length + 2 * (size_t)layout->line_bytes);
  if (filtered == NULL) return ILH_ENCODE_MEMORY;
  filter_band(layout, rows, above, filtered + length, filtered);
  uint8_t *const content = out + CHUNK_HEAD;
  size_t size = deflate_bytes(filtered, length, strategy_for(filtered, length, content, room), last, content, room);
  *adler = libdeflate_adler32(1, filtered, length);
  if (size > 0 && size < length / SMALL_PART) {
    // Labels: filters tear strings apart that go on in the next row.
    copy_band(layout, rows, filtered);
    const size_t other = deflate_bytes(filtered, length, Z_DEFAULT_STRATEGY, last, content + size, room - size);
    if (other > 0 && other < size) {
      memmove(content, content + size, other);
      size = other;
      *adler = libdeflate_adler32(1, filtered, length);
    }
  }
  free(filtered);
  if (size == 0) return ILH_ENCODE_MEMORY;
  put_uint32(out, (uint32_t)size);
  memcpy(out + CHUNK_HEAD / 2, "IDAT", CHUNK_HEAD / 2);
  put_uint32(content + size, libdeflate_crc32(0, out + CHUNK_HEAD / 2, CHUNK_HEAD / 2 + size));
  *packed = CHUNK_HEAD + size + CHUNK_TAIL;
  return ILH_ENCODE_OK;
}

uint32_t ilh_png_adler(uint32_t first, uint32_t second, uint64_t length) {
  return (uint32_t)adler32_combine(first, second, (z_off_t)length);
}
