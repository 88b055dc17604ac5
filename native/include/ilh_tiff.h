// TIFF files through libtiff: plain functions, because most of libtiff's own are variadic or take a `va_list`.
//
// A file is read and written through a handle. One call per handle at a time, from any thread; different handles do not
// know each other. Nothing is printed: what libtiff says is kept in the handle (`ilh_tiff_message`).
// Definition: TIFF 6.0, BigTIFF; which files are refused is said at `ilh_tiff_info.element`.
#ifndef ILH_TIFF_H
#define ILH_TIFF_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_tiff_error {
  ILH_TIFF_OK = 0,
  ILH_TIFF_ARGUMENT = 1,    // null pointer, position outside the image, buffer of another size
  ILH_TIFF_MEMORY = 2,      // no memory
  ILH_TIFF_LIBRARY = 3,     // libtiff failed; its words are in the message
  ILH_TIFF_LIMIT = 4,       // a size that the file cannot hold
  ILH_TIFF_UNSUPPORTED = 5, // pixels that are not read (`element` is 0)
};

// Elements that pixels are read into.
enum ilh_tiff_element {
  ILH_TIFF_NONE = 0,
  ILH_TIFF_U8 = 1,
  ILH_TIFF_U16 = 2,
  ILH_TIFF_U32 = 3,
  ILH_TIFF_U64 = 4,
  ILH_TIFF_I8 = 5,
  ILH_TIFF_I16 = 6,
  ILH_TIFF_I32 = 7,
  ILH_TIFF_I64 = 8,
  ILH_TIFF_F16 = 9,
  ILH_TIFF_F32 = 10,
  ILH_TIFF_F64 = 11,
};

typedef struct ilh_tiff ilh_tiff;

// One directory (page). Layout for callers without a C compiler: 160 bytes, no padding, at the offsets in brackets.
typedef struct {
  uint64_t offset;               // [0] position of the directory in the file
  uint64_t first_data;           // [8] position of the first strip or tile
  uint64_t stored_bytes;         // [16] sum over all strips or tiles
  uint64_t description_bytes;    // [24] length of ImageDescription, 0 if absent
  uint64_t software_bytes;       // [32] length of Software, 0 if absent
  uint32_t width;                // [40]
  uint32_t height;               // [44]
  uint32_t samples;              // [48] per pixel
  uint32_t extra_samples;        // [52] how many of them are extra (alpha and others)
  uint32_t first_extra;          // [56] kind of the first: 0 unspecified, 1 associated alpha, 2 unassociated alpha
  uint32_t bits;                 // [60] per sample, as stored
  uint32_t sample_format;        // [64] 1 unsigned, 2 signed, 3 floating point, 4 undefined
  uint32_t planar;               // [68] 1 samples of a pixel lie together, 2 one plane per sample
  uint32_t photometric;          // [72] 0 min-is-white, 1 min-is-black, 2 RGB, 3 palette, 6 YCbCr (read as RGB), ...
  uint32_t compression;          // [76]
  uint32_t codec;                // [80] 1 if the compression is built in
  uint32_t predictor;            // [84]
  uint32_t tiled;                // [88] 1 tiles, 0 strips
  uint32_t block_width;          // [92] of a tile; of a strip the width of the image
  uint32_t block_height;         // [96] of a tile; of a strip its rows
  uint32_t blocks;               // [100] number of strips or tiles
  uint32_t contiguous;           // [104] 1 if uncompressed and all strips follow each other without gaps
  uint32_t orientation;          // [108] 1 first row at the top, first column at the left, ...
  uint32_t resolution_unit;      // [112] 1 none, 2 inch, 3 cm
  uint32_t x_resolution[2];      // [116] numerator and denominator as stored; 0 0 if absent
  uint32_t y_resolution[2];      // [124]
  uint32_t sub_file_type;        // [132] bit 0: reduced image
  uint32_t sub_directories;      // [136] number of directories below this one
  uint32_t big_endian;           // [140] of the file
  uint32_t big_tiff;             // [144] of the file
  uint32_t element;              // [148] what pixels are read into; 0 if they are not read: complex numbers, odd sizes of
                                 // signed or floating point samples, sub-sampled YCbCr but JPEG, old-style JPEG, LogLuv, volumes
  uint32_t depth;                // [152] ImageDepth, nearly always 1
  uint32_t reserved;             // [156] 0
} ilh_tiff_info;

// What a new directory is like. Layout for callers without a C compiler: 80 bytes.
typedef struct {
  uint32_t width;             // [0]
  uint32_t height;            // [4]
  uint32_t samples;           // [8]
  uint32_t extra_samples;     // [12] how many of them are extra
  uint32_t extra_kind;        // [16] as `first_extra`, for all of them
  uint32_t bits;              // [20] 8, 16, 32, 64
  uint32_t sample_format;     // [24]
  uint32_t planar;            // [28]
  uint32_t photometric;       // [32]
  uint32_t compression;       // [36] 1 none, 5 LZW, 8 deflate, 50000 zstd, ...
  uint32_t predictor;         // [40] 1 none, 2 horizontal, 3 floating point
  uint32_t tile_width;        // [44] 0: strips
  uint32_t tile_height;       // [48]
  uint32_t rows_per_strip;    // [52] 0: one strip for the whole image
  uint32_t resolution_unit;   // [56] 0: no resolution is written
  uint32_t x_resolution[2];   // [60] numerator and denominator
  uint32_t y_resolution[2];   // [68]
  uint32_t page;              // [76] 1: marked as page of several (NewSubfileType 2)
} ilh_tiff_layout;

// Opens a file for reading; null if that fails, then `message` (at least 1 byte long) says why, in UTF-8 and cut to
// `message_bytes`. `path` is UTF-8 on every system.
ILH_API ilh_tiff *ilh_tiff_open(const char *path, char *message, uint64_t message_bytes);

// Makes a new little-endian file, replacing one that is there; `big`: BigTIFF. Else as `ilh_tiff_open`.
ILH_API ilh_tiff *ilh_tiff_create(const char *path, int32_t big, char *message, uint64_t message_bytes);

// Writes what is left and frees the handle, in any case.
ILH_API int32_t ilh_tiff_close(ilh_tiff *file, char *message, uint64_t message_bytes);

// What libtiff said in the last call (`warnings` 0), or all its warnings since the file was opened (`warnings` 1): a C
// string, lines separated by newlines, cut to `bytes`.
ILH_API int32_t ilh_tiff_message(const ilh_tiff *file, int32_t warnings, char *buffer, uint64_t bytes);

// Number of directories in the main chain; a chain that comes back to itself ends there.
ILH_API int32_t ilh_tiff_count(ilh_tiff *file, uint32_t *count);

// Describes directory `index` of the main chain, or, if `offset` is not 0, the one at this position of the file.
ILH_API int32_t ilh_tiff_describe(ilh_tiff *file, uint32_t index, uint64_t offset, ilh_tiff_info *info);

// Copies ImageDescription (`tag` 270) or Software (305) of a directory into `buffer` of `bytes` bytes, as many as
// `ilh_tiff_describe` said.
ILH_API int32_t ilh_tiff_text(ilh_tiff *file, uint32_t index, uint64_t offset, uint32_t tag, char *buffer,
                              uint64_t bytes);

// Positions of the directories below one, `count` as `ilh_tiff_describe` said.
ILH_API int32_t ilh_tiff_below(ilh_tiff *file, uint32_t index, uint64_t offset, uint64_t *offsets, uint32_t count);

// The 3 * 2^bits values of a palette: all red, all green, all blue, 0 .. 65535. `count` of all three together.
ILH_API int32_t ilh_tiff_palette(ilh_tiff *file, uint32_t index, uint64_t offset, uint16_t *values, uint32_t count);

// Reads rows y0 .. y1, columns x0 .. x1, samples s0 .. s1 (half-open) into `out`, C order y x s whatever the file has,
// in the machine's byte order. Samples of less than 8 bits become bytes, of 9 to 15 bits 16 bits, of 17 to 31 bits 32
// bits, without scaling. Strips and tiles that were never written are zeros. `out_bytes` must be exact.
// Only one decoded strip or tile is kept between calls: read whole rows of them for speed.
ILH_API int32_t ilh_tiff_read(ilh_tiff *file, uint32_t index, uint64_t offset, uint32_t y0, uint32_t y1, uint32_t x0,
                              uint32_t x1, uint32_t s0, uint32_t s1, void *out, uint64_t out_bytes);

// Begins a directory. `description` and `software` may be null; `palette` (3 * 2^bits values) is only for photometric 3.
ILH_API int32_t ilh_tiff_begin(ilh_tiff *file, const ilh_tiff_layout *layout, const char *description,
                               const char *software, const uint16_t *palette);

// Writes strip or tile `block` of the current directory: whole, unpacked, in the machine's byte order; a tile at the edge
// has the full size, the last strip only the rows that are there.
ILH_API int32_t ilh_tiff_write_block(ilh_tiff *file, uint32_t block, const void *data, uint64_t bytes);

// Writes a whole strip or tile that is packed already, in the compression of the directory.
ILH_API int32_t ilh_tiff_write_packed(ilh_tiff *file, uint32_t block, const void *data, uint64_t bytes);

// Writes `rows` rows from `y0` on of a directory with strips; `sample` counts only if planar is 2, else 0. Rows of a
// strip must be written in their order.
ILH_API int32_t ilh_tiff_write_rows(ilh_tiff *file, uint32_t y0, uint32_t rows, uint32_t sample, const void *data,
                                    uint64_t bytes);

// Ends the current directory.
ILH_API int32_t ilh_tiff_end(ilh_tiff *file);

#endif
