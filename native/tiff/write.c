// New directories.
#include "handle.h"

#include <stddef.h>

// A field that is written if it is not 0.
typedef struct {
  uint32_t tag;
  size_t at; // in ilh_tiff_layout
  int wide;  // LONG, else SHORT
} field;

#define FIELD(tag, name, wide) {tag, offsetof(ilh_tiff_layout, name), wide}

// Samples per pixel and planar configuration come before what depends on them.
static const field FIELDS[] = {
    FIELD(TIFFTAG_IMAGEWIDTH, width, 1),
    FIELD(TIFFTAG_IMAGELENGTH, height, 1),
    FIELD(TIFFTAG_SAMPLESPERPIXEL, samples, 0),
    FIELD(TIFFTAG_BITSPERSAMPLE, bits, 0),
    FIELD(TIFFTAG_SAMPLEFORMAT, sample_format, 0),
    FIELD(TIFFTAG_PLANARCONFIG, planar, 0),
    FIELD(TIFFTAG_COMPRESSION, compression, 0),
    FIELD(TIFFTAG_TILEWIDTH, tile_width, 1),
    FIELD(TIFFTAG_TILELENGTH, tile_height, 1),
};

static int set_fields(TIFF *tiff, const ilh_tiff_layout *l) {
  for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
    const uint32_t value = *(const uint32_t *)(const void *)((const char *)l + FIELDS[i].at);
    if (value == 0) continue;
    if (!(FIELDS[i].wide ? TIFFSetField(tiff, FIELDS[i].tag, value) : TIFFSetField(tiff, FIELDS[i].tag, (int)value))) {
      return 0;
    }
  }
  if (!TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, (int)l->photometric)) return 0;
  if (!TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT)) return 0;
  // Only after the compression, which defines the tag.
  if (l->predictor > 1 && !TIFFSetField(tiff, TIFFTAG_PREDICTOR, (int)l->predictor)) return 0;
  if (l->tile_width == 0) {
    return TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, l->rows_per_strip == 0 ? l->height : l->rows_per_strip);
  }
  return 1;
}

static int set_rest(TIFF *tiff, const ilh_tiff_layout *l, const char *description, const char *software,
                    const uint16_t *palette) {
  uint16_t kinds[16];
  for (uint32_t i = 0; i < l->extra_samples; i++) kinds[i] = (uint16_t)l->extra_kind;
  if (l->extra_samples > 0 && !TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, (int)l->extra_samples, kinds)) return 0;
  if (l->page && !TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_PAGE)) return 0;
  if (description != NULL && !TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, description)) return 0;
  if (software != NULL && !TIFFSetField(tiff, TIFFTAG_SOFTWARE, software)) return 0;
  if (palette != NULL) {
    const size_t entries = (size_t)1 << l->bits;
    if (!TIFFSetField(tiff, TIFFTAG_COLORMAP, palette, palette + entries, palette + 2 * entries)) return 0;
  }
  if (l->resolution_unit == 0) return 1;
  return TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, (int)l->resolution_unit) &&
         TIFFSetField(tiff, TIFFTAG_XRESOLUTION, (double)l->x_resolution[0] / l->x_resolution[1]) &&
         TIFFSetField(tiff, TIFFTAG_YRESOLUTION, (double)l->y_resolution[0] / l->y_resolution[1]);
}

int32_t ilh_tiff_begin(ilh_tiff *file, const ilh_tiff_layout *layout, const char *description, const char *software,
                       const uint16_t *palette) {
  if (file == NULL || layout == NULL || file->file_bytes != 0) return ILH_TIFF_ARGUMENT;
  const ilh_tiff_layout l = *layout;
  const int whole = l.bits == 8 || l.bits == 16 || l.bits == 32 || l.bits == 64;
  if (!whole || l.width == 0 || l.height == 0 || l.samples == 0 || l.samples > 65535 || l.extra_samples > 16 ||
      l.extra_samples > l.samples || (l.tile_width == 0) != (l.tile_height == 0) || (palette != NULL && l.bits > 16) ||
      (l.resolution_unit != 0 && (l.x_resolution[1] == 0 || l.y_resolution[1] == 0))) {
    return ILH_TIFF_ARGUMENT;
  }
  ilh_tiff_forget(file);
  if (set_fields(file->tiff, &l) && set_rest(file->tiff, &l, description, software, palette)) return ILH_TIFF_OK;
  return ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "the page cannot be begun");
}

int32_t ilh_tiff_write_block(ilh_tiff *file, uint32_t block, const void *data, uint64_t bytes) {
  if (file == NULL || data == NULL || bytes > INT64_MAX) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  // libtiff takes a plain pointer, because it may swap bytes in place; it does not, the file has the machine's order.
  void *content = (void *)(uintptr_t)data;
  const tmsize_t written = TIFFIsTiled(file->tiff) ? TIFFWriteEncodedTile(file->tiff, block, content, (tmsize_t)bytes)
                                                   : TIFFWriteEncodedStrip(file->tiff, block, content, (tmsize_t)bytes);
  return written == (tmsize_t)bytes ? ILH_TIFF_OK : ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "pixels cannot be written");
}

int32_t ilh_tiff_write_packed(ilh_tiff *file, uint32_t block, const void *data, uint64_t bytes) {
  if (file == NULL || data == NULL || bytes > INT64_MAX) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  // A plain pointer as above; packed data is never changed.
  void *content = (void *)(uintptr_t)data;
  const tmsize_t written = TIFFIsTiled(file->tiff) ? TIFFWriteRawTile(file->tiff, block, content, (tmsize_t)bytes)
                                                   : TIFFWriteRawStrip(file->tiff, block, content, (tmsize_t)bytes);
  return written == (tmsize_t)bytes ? ILH_TIFF_OK : ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "pixels cannot be written");
}

int32_t ilh_tiff_write_rows(ilh_tiff *file, uint32_t y0, uint32_t rows, uint32_t sample, const void *data, uint64_t bytes) {
  if (file == NULL || data == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  const uint64_t row = (uint64_t)TIFFScanlineSize64(file->tiff);
  if (row == 0 || bytes / row != rows || bytes % row != 0 || TIFFIsTiled(file->tiff)) return ILH_TIFF_ARGUMENT;
  for (uint32_t i = 0; i < rows; i++) {
    void *content = (void *)((uintptr_t)data + i * row);
    if (TIFFWriteScanline(file->tiff, content, y0 + i, (uint16_t)sample) != 1) {
      return ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "pixels cannot be written");
    }
  }
  return ILH_TIFF_OK;
}

int32_t ilh_tiff_end(ilh_tiff *file) {
  if (file == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  return TIFFWriteDirectory(file->tiff) ? ILH_TIFF_OK
                                        : ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "the page cannot be completed");
}
