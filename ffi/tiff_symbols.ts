/**
 * Functions of our wrapper around libtiff, each under its C declaration in `native/include/ilh_tiff.h`, and the layout of
 * its structures. `tests/ffi/symbols_test.ts` compares them with the header.
 *
 * @module
 */

/** Functions. All but the cheapest run on another thread. */
export const FUNCTIONS = {
  // ilh_tiff *ilh_tiff_open(const char *path, char *message, uint64_t message_bytes)
  ilh_tiff_open: { parameters: ["buffer", "buffer", "u64"], result: "pointer", nonblocking: true },
  // ilh_tiff *ilh_tiff_create(const char *path, int32_t big, char *message, uint64_t message_bytes)
  ilh_tiff_create: { parameters: ["buffer", "i32", "buffer", "u64"], result: "pointer", nonblocking: true },
  // int32_t ilh_tiff_close(ilh_tiff *file, char *message, uint64_t message_bytes)
  ilh_tiff_close: { parameters: ["pointer", "buffer", "u64"], result: "i32", nonblocking: true },
  // int32_t ilh_tiff_message(const ilh_tiff *file, int32_t warnings, char *buffer, uint64_t bytes)
  ilh_tiff_message: { parameters: ["pointer", "i32", "buffer", "u64"], result: "i32" },
  // int32_t ilh_tiff_count(ilh_tiff *file, uint32_t *count)
  ilh_tiff_count: { parameters: ["pointer", "buffer"], result: "i32", nonblocking: true },
  // int32_t ilh_tiff_describe(ilh_tiff *file, uint32_t index, uint64_t offset, ilh_tiff_info *info)
  ilh_tiff_describe: { parameters: ["pointer", "u32", "u64", "buffer"], result: "i32", nonblocking: true },
  // int32_t ilh_tiff_text(ilh_tiff *file, uint32_t index, uint64_t offset, uint32_t tag, char *buffer, uint64_t bytes)
  ilh_tiff_text: { parameters: ["pointer", "u32", "u64", "u32", "buffer", "u64"], result: "i32" },
  // int32_t ilh_tiff_below(ilh_tiff *file, uint32_t index, uint64_t offset, uint64_t *offsets, uint32_t count)
  ilh_tiff_below: { parameters: ["pointer", "u32", "u64", "buffer", "u32"], result: "i32" },
  // int32_t ilh_tiff_palette(ilh_tiff *file, uint32_t index, uint64_t offset, uint16_t *values, uint32_t count)
  ilh_tiff_palette: { parameters: ["pointer", "u32", "u64", "buffer", "u32"], result: "i32" },
  // int32_t ilh_tiff_read(ilh_tiff *file, uint32_t index, uint64_t offset, uint32_t y0, uint32_t y1, uint32_t x0,
  //                       uint32_t x1, uint32_t s0, uint32_t s1, void *out, uint64_t out_bytes)
  ilh_tiff_read: {
    parameters: ["pointer", "u32", "u64", "u32", "u32", "u32", "u32", "u32", "u32", "buffer", "u64"],
    result: "i32",
    nonblocking: true,
  },
  // int32_t ilh_tiff_begin(ilh_tiff *file, const ilh_tiff_layout *layout, const char *description,
  //                        const char *software, const uint16_t *palette)
  ilh_tiff_begin: { parameters: ["pointer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  // int32_t ilh_tiff_write_block(ilh_tiff *file, uint32_t block, const void *data, uint64_t bytes)
  ilh_tiff_write_block: { parameters: ["pointer", "u32", "buffer", "u64"], result: "i32", nonblocking: true },
  // int32_t ilh_tiff_write_packed(ilh_tiff *file, uint32_t block, const void *data, uint64_t bytes)
  ilh_tiff_write_packed: { parameters: ["pointer", "u32", "buffer", "u64"], result: "i32", nonblocking: true },
  // int32_t ilh_tiff_write_rows(ilh_tiff *file, uint32_t y0, uint32_t rows, uint32_t sample, const void *data,
  //                             uint64_t bytes)
  ilh_tiff_write_rows: {
    parameters: ["pointer", "u32", "u32", "u32", "buffer", "u64"],
    result: "i32",
    nonblocking: true,
  },
  // int32_t ilh_tiff_end(ilh_tiff *file)
  ilh_tiff_end: { parameters: ["pointer"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** `ilh_tiff_info`: its fields in their order; `u64` five times, then `u32`, `u32x2` are two of them. */
export const INFO = {
  offset: "u64",
  first_data: "u64",
  stored_bytes: "u64",
  description_bytes: "u64",
  software_bytes: "u64",
  width: "u32",
  height: "u32",
  samples: "u32",
  extra_samples: "u32",
  first_extra: "u32",
  bits: "u32",
  sample_format: "u32",
  planar: "u32",
  photometric: "u32",
  compression: "u32",
  codec: "u32",
  predictor: "u32",
  tiled: "u32",
  block_width: "u32",
  block_height: "u32",
  blocks: "u32",
  contiguous: "u32",
  orientation: "u32",
  resolution_unit: "u32",
  x_resolution: "u32x2",
  y_resolution: "u32x2",
  sub_file_type: "u32",
  sub_directories: "u32",
  big_endian: "u32",
  big_tiff: "u32",
  element: "u32",
  depth: "u32",
  reserved: "u32",
} as const;

/** `ilh_tiff_layout`: its fields in their order. */
export const LAYOUT = {
  width: "u32",
  height: "u32",
  samples: "u32",
  extra_samples: "u32",
  extra_kind: "u32",
  bits: "u32",
  sample_format: "u32",
  planar: "u32",
  photometric: "u32",
  compression: "u32",
  predictor: "u32",
  tile_width: "u32",
  tile_height: "u32",
  rows_per_strip: "u32",
  resolution_unit: "u32",
  x_resolution: "u32x2",
  y_resolution: "u32x2",
  page: "u32",
} as const;

/** Elements by their number in `enum ilh_tiff_element`; 0 are pixels that are not read. */
export const ELEMENTS = [
  undefined,
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "float32",
  "float64",
] as const;

/** Meaning of the codes in `enum ilh_tiff_error`. */
export const ERRORS: readonly string[] = [
  "done",
  "a call with wrong arguments",
  "no memory",
  "the file is damaged or cannot be written",
  "a size that the file cannot hold",
  "pixels of this kind are not read",
];
