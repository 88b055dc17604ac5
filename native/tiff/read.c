// Pixels of a region.
#include "directory.h"

#include <stdlib.h>
#include <string.h>

// Uncompressed strips may be as large as the file; of these only the rows that are asked for are read, this many bytes
// at a time.
#define PIECE_BYTES ((uint64_t)4 << 20)

// Half-open box of pixels and samples, and where it goes.
typedef struct {
  uint32_t y0, y1, x0, x1, s0, s1;
  uint8_t *out;
  uint64_t row_bytes; // of `out`
} box;

static int32_t reserve(ilh_tiff *file, uint64_t bytes) {
  if (bytes <= file->block_bytes) return ILH_TIFF_OK;
  file->block_number = UINT64_MAX;
  free(file->block);
  file->block_bytes = 0;
  file->block = bytes > SIZE_MAX ? NULL : malloc((size_t)bytes);
  if (file->block == NULL) return ilh_tiff_fail(file, ILH_TIFF_MEMORY, "no memory for a strip or tile");
  file->block_bytes = (size_t)bytes;
  return ILH_TIFF_OK;
}

// Decodes a strip or tile into the handle's buffer, unless it is there already.
static int32_t decode(ilh_tiff *file, const ilh_tiff_pixels *p, uint32_t number, uint32_t rows) {
  if (file->block_number == number) return ILH_TIFF_OK;
  const int32_t code = reserve(file, p->block_bytes);
  if (code != ILH_TIFF_OK) return code;
  const tmsize_t bytes = (tmsize_t)(p->row_bytes * rows);
  file->block_number = UINT64_MAX;
  if (TIFFGetStrileOffset(file->tiff, number) == 0 && TIFFGetStrileByteCount(file->tiff, number) == 0) {
    memset(file->block, 0, (size_t)bytes);
  } else {
    const tmsize_t got = p->tiled ? TIFFReadEncodedTile(file->tiff, number, file->block, bytes)
                                  : TIFFReadEncodedStrip(file->tiff, number, file->block, bytes);
    if (got != bytes || file->message[0] != 0) {
      return ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "a strip or tile is damaged");
    }
  }
  file->block_number = number;
  return ILH_TIFF_OK;
}

// Sample number `i` of packed samples of any size up to 32 bits, most significant bit first; but three whole bytes are in
// the machine's order by now, which is little-endian on every target.
static uint32_t packed(const uint8_t *row, uint64_t i, uint32_t bits) {
  if (bits == 24) return row[3 * i] | (uint32_t)row[3 * i + 1] << 8 | (uint32_t)row[3 * i + 2] << 16;
  const uint64_t first = i * bits, last = first + bits - 1;
  uint64_t value = 0;
  for (uint64_t byte = first / 8; byte <= last / 8; byte++) value = value << 8 | row[byte];
  return (uint32_t)(value >> (7 - last % 8) & ((UINT64_C(1) << bits) - 1));
}

// Copies the columns `from` .. `from + count` (counted in the block) of one row, samples s0 .. s1 of the block.
static void copy_row(const ilh_tiff_pixels *p, const uint8_t *row, uint32_t from, uint32_t count, uint32_t s0, uint32_t s1,
                     uint8_t *out, uint64_t pixel_bytes) {
  const uint32_t size = p->element_size;
  const uint32_t take = s1 - s0;
  if (p->bits == 8 * size) {
    if (take == p->chunky && pixel_bytes == (uint64_t)take * size) {
      memcpy(out, row + (uint64_t)from * take * size, (size_t)count * take * size);
      return;
    }
    for (uint32_t x = 0; x < count; x++) {
      memcpy(out + x * pixel_bytes, row + ((uint64_t)(from + x) * p->chunky + s0) * size, (size_t)take * size);
    }
    return;
  }
  for (uint32_t x = 0; x < count; x++) {
    for (uint32_t s = 0; s < take; s++) {
      const uint32_t value = packed(row, (uint64_t)(from + x) * p->chunky + s0 + s, p->bits);
      uint8_t *to = out + x * pixel_bytes + (uint64_t)s * size;
      if (size == 1) {
        *to = (uint8_t)value;
      } else if (size == 2) {
        const uint16_t narrow = (uint16_t)value;
        memcpy(to, &narrow, sizeof narrow);
      } else {
        memcpy(to, &value, sizeof value);
      }
    }
  }
}

static void swap_bytes(uint8_t *data, uint64_t bytes, uint32_t bits) {
  if (bits == 16) TIFFSwabArrayOfShort((uint16_t *)(void *)data, (tmsize_t)(bytes / 2));
  if (bits == 24) TIFFSwabArrayOfTriples(data, (tmsize_t)(bytes / 3));
  if (bits == 32) TIFFSwabArrayOfLong((uint32_t *)(void *)data, (tmsize_t)(bytes / 4));
  if (bits == 64) TIFFSwabArrayOfLong8((uint64_t *)(void *)data, (tmsize_t)(bytes / 8));
}

// Rows `row0` .. `row0 + rows` of an uncompressed strip, straight from the file. Its stated length is not looked at:
// files of more than 4 GiB often state it wrong.
static int32_t read_raw(ilh_tiff *file, const ilh_tiff_pixels *p, uint32_t number, uint32_t row0, uint32_t rows) {
  const uint64_t bytes = p->row_bytes * rows;
  const int32_t code = reserve(file, bytes);
  if (code != ILH_TIFF_OK) return code;
  file->block_number = UINT64_MAX;
  const uint64_t start = TIFFGetStrileOffset(file->tiff, number);
  if (start == 0) {
    memset(file->block, 0, (size_t)bytes);
    return ILH_TIFF_OK;
  }
  if (!ilh_tiff_bytes_at(file, start + p->row_bytes * row0, file->block, bytes)) {
    return ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "the file is cut off: pixels are missing");
  }
  uint16_t order = FILLORDER_MSB2LSB;
  TIFFGetFieldDefaulted(file->tiff, TIFFTAG_FILLORDER, &order);
  if (order == FILLORDER_LSB2MSB) TIFFReverseBits(file->block, (tmsize_t)bytes);
  if (TIFFIsByteSwapped(file->tiff)) swap_bytes(file->block, bytes, p->bits);
  return ILH_TIFF_OK;
}

// The part of the box that lies in one block. `plane` is the sample of a separate plane, 0 if they lie together.
static int32_t read_block(ilh_tiff *file, const ilh_tiff_pixels *p, const box *b, uint32_t by, uint32_t bx, uint32_t plane) {
  const uint32_t top = by * p->block_height, left = bx * p->block_width;
  const uint32_t left_rows = p->height - top;
  const uint32_t block_rows = p->tiled || left_rows > p->block_height ? p->block_height : left_rows;
  const uint32_t y0 = b->y0 > top ? b->y0 : top;
  const uint32_t y1 = b->y1 - top < block_rows ? b->y1 : top + block_rows;
  const uint32_t x0 = b->x0 > left ? b->x0 : left;
  const uint32_t x1 = b->x1 - left < p->block_width ? b->x1 : left + p->block_width;
  const uint32_t number = p->tiled ? TIFFComputeTile(file->tiff, left, top, 0, (uint16_t)plane)
                                   : TIFFComputeStrip(file->tiff, top, (uint16_t)plane);
  const int separate = p->planar == PLANARCONFIG_SEPARATE;
  const uint64_t pixel_bytes = (uint64_t)(b->s1 - b->s0) * p->element_size;
  const int raw = p->compression == COMPRESSION_NONE && !p->tiled;
  const uint64_t fit = raw ? PIECE_BYTES / p->row_bytes + 1 : UINT32_MAX;
  for (uint32_t y = y0; y < y1;) {
    const uint32_t rows = y1 - y < fit ? y1 - y : (uint32_t)fit;
    const int32_t code = raw ? read_raw(file, p, number, y - top, rows) : decode(file, p, number, block_rows);
    if (code != ILH_TIFF_OK) return code;
    const uint8_t *data = file->block + (raw ? 0 : p->row_bytes * (y - top));
    for (uint32_t i = 0; i < rows; i++) {
      uint8_t *out = b->out + (uint64_t)(y + i - b->y0) * b->row_bytes + (x0 - b->x0) * pixel_bytes +
                     (separate ? (uint64_t)(plane - b->s0) * p->element_size : 0);
      copy_row(p, data + p->row_bytes * i, x0 - left, x1 - x0, separate ? 0 : b->s0, separate ? 1 : b->s1, out, pixel_bytes);
    }
    y += rows;
  }
  return ILH_TIFF_OK;
}

int32_t ilh_tiff_read(ilh_tiff *file, uint32_t index, uint64_t offset, uint32_t y0, uint32_t y1, uint32_t x0, uint32_t x1,
                      uint32_t s0, uint32_t s1, void *out, uint64_t out_bytes) {
  if (file == NULL || out == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  int32_t code = ilh_tiff_select(file, index, offset);
  if (code != ILH_TIFF_OK) return code;
  ilh_tiff_pixels p;
  code = ilh_tiff_layout_of(file, &p);
  if (code != ILH_TIFF_OK) return code;
  if (y0 >= y1 || y1 > p.height || x0 >= x1 || x1 > p.width || s0 >= s1 || s1 > p.samples) return ILH_TIFF_ARGUMENT;
  const box b = {y0, y1, x0, x1, s0, s1, out, (uint64_t)(x1 - x0) * (s1 - s0) * p.element_size};
  if (b.row_bytes > UINT64_MAX / (y1 - y0) || b.row_bytes * (y1 - y0) != out_bytes) return ILH_TIFF_ARGUMENT;
  const uint32_t planes0 = p.planar == PLANARCONFIG_SEPARATE ? s0 : 0;
  const uint32_t planes1 = p.planar == PLANARCONFIG_SEPARATE ? s1 : 1;
  for (uint32_t plane = planes0; plane < planes1; plane++) {
    for (uint32_t by = y0 / p.block_height; by <= (y1 - 1) / p.block_height; by++) {
      for (uint32_t bx = x0 / p.block_width; bx <= (x1 - 1) / p.block_width; bx++) {
        code = read_block(file, &p, &b, by, bx, plane);
        if (code != ILH_TIFF_OK) return code;
      }
    }
  }
  return ILH_TIFF_OK;
}
