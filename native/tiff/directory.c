// Directories: finding them, and what their tags say.
#include "directory.h"

#include <stdlib.h>
#include <string.h>

// A block may take this many times more memory than bytes in the file; above a size that does not matter. The best
// that the compressions do for a blank image is about a thousandth (deflate, LZW) to a ten-thousandth (zstd, LZMA).
#define MAX_RATIO 65536
#define ALWAYS_ALLOWED ((uint64_t)64 << 20)

static uint32_t short_tag(TIFF *tiff, uint32_t tag, uint16_t missing) {
  uint16_t value = missing;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

static uint32_t long_tag(TIFF *tiff, uint32_t tag, uint32_t missing) {
  uint32_t value = missing;
  TIFFGetField(tiff, tag, &value);
  return value;
}

static uint64_t text_bytes(TIFF *tiff, uint32_t tag) {
  const char *text = NULL;
  return TIFFGetField(tiff, tag, &text) && text != NULL ? strlen(text) : 0;
}

int ilh_tiff_bytes_at(ilh_tiff *file, uint64_t offset, void *to, uint64_t bytes) {
  if (offset > file->file_bytes || bytes > file->file_bytes - offset) return 0;
  if (TIFFGetSeekProc(file->tiff)(TIFFClientdata(file->tiff), offset, SEEK_SET) != offset) return 0;
  return TIFFGetReadProc(file->tiff)(TIFFClientdata(file->tiff), to, (tmsize_t)bytes) == (tmsize_t)bytes;
}

static uint64_t number_at(const uint8_t *bytes, int count, int big_endian) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) value = value << 8 | bytes[big_endian ? i : count - 1 - i];
  return value;
}

// Numerator and denominator of a tag, exactly as stored: libtiff only gives the quotient, as float.
static void rational_tag(ilh_tiff *file, uint32_t tag, uint32_t value[2]) {
  TIFF *tiff = file->tiff;
  const int big_tiff = TIFFIsBigTIFF(tiff), big_endian = TIFFIsBigEndian(tiff);
  const int count_size = big_tiff ? 8 : 2, entry_size = big_tiff ? 20 : 12, place_size = big_tiff ? 8 : 4;
  const uint64_t start = TIFFCurrentDirOffset(tiff);
  uint8_t bytes[20];
  value[0] = value[1] = 0;
  if (!ilh_tiff_bytes_at(file, start, bytes, (uint64_t)count_size)) return;
  const uint64_t count = number_at(bytes, count_size, big_endian);
  for (uint64_t i = 0; i < count && i < 4096; i++) {
    const uint64_t at = start + (uint64_t)count_size + i * (uint64_t)entry_size;
    if (!ilh_tiff_bytes_at(file, at, bytes, (uint64_t)entry_size)) return;
    if (number_at(bytes, 2, big_endian) != tag) continue;
    if (number_at(bytes + 2, 2, big_endian) != TIFF_RATIONAL || number_at(bytes + 4, place_size, big_endian) != 1) return;
    // A rational has 8 bytes, which fit into the entry itself only in BigTIFF.
    if (!big_tiff && !ilh_tiff_bytes_at(file, number_at(bytes + 8, 4, big_endian), bytes + 12, 8)) return;
    value[0] = (uint32_t)number_at(bytes + 12, 4, big_endian);
    value[1] = (uint32_t)number_at(bytes + 16, 4, big_endian);
    return;
  }
}

int32_t ilh_tiff_select(ilh_tiff *file, uint32_t index, uint64_t offset) {
  if (file->selected && file->at_offset == offset && (offset != 0 || file->at_index == index)) return ILH_TIFF_OK;
  file->selected = 0;
  file->block_number = UINT64_MAX;
  const int there = offset != 0 ? TIFFSetSubDirectory(file->tiff, offset) : TIFFSetDirectory(file->tiff, index);
  if (!there) return ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "there is no such page");
  // JPEG stores colours as YCbCr; what the file means is RGB. Sets sizes of blocks too, so before anything is asked.
  if (short_tag(file->tiff, TIFFTAG_COMPRESSION, 1) == COMPRESSION_JPEG &&
      short_tag(file->tiff, TIFFTAG_PHOTOMETRIC, 1) == PHOTOMETRIC_YCBCR) {
    TIFFSetField(file->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  file->selected = 1;
  file->at_index = index;
  file->at_offset = offset;
  return ILH_TIFF_OK;
}

// Whole bytes per element, and its kind; 0 for samples that are not read.
static uint32_t element_of(uint32_t bits, uint32_t format) {
  if (format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID) {
    if (bits == 64) return ILH_TIFF_U64;
    if (bits == 0 || bits > 32) return ILH_TIFF_NONE;
    return bits <= 8 ? ILH_TIFF_U8 : bits <= 16 ? ILH_TIFF_U16 : ILH_TIFF_U32;
  }
  static const struct {
    uint32_t format, bits, element;
  } table[] = {
      {SAMPLEFORMAT_INT, 8, ILH_TIFF_I8},     {SAMPLEFORMAT_INT, 16, ILH_TIFF_I16},
      {SAMPLEFORMAT_INT, 32, ILH_TIFF_I32},   {SAMPLEFORMAT_INT, 64, ILH_TIFF_I64},
      {SAMPLEFORMAT_IEEEFP, 16, ILH_TIFF_F16}, {SAMPLEFORMAT_IEEEFP, 32, ILH_TIFF_F32},
      {SAMPLEFORMAT_IEEEFP, 64, ILH_TIFF_F64},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].format == format && table[i].bits == bits) return table[i].element;
  }
  return ILH_TIFF_NONE;
}

static uint32_t size_of_element(uint32_t element) {
  static const uint8_t sizes[] = {0, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8};
  return sizes[element];
}

static int is_read(TIFF *tiff, uint32_t compression) {
  if (!TIFFIsCODECConfigured((uint16_t)compression)) return 0;
  if (compression == COMPRESSION_OJPEG || compression == COMPRESSION_SGILOG || compression == COMPRESSION_SGILOG24) {
    return 0;
  }
  if (short_tag(tiff, TIFFTAG_PHOTOMETRIC, 1) != PHOTOMETRIC_YCBCR || compression == COMPRESSION_JPEG) return 1;
  uint16_t across = 2, down = 2;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_YCBCRSUBSAMPLING, &across, &down);
  return across == 1 && down == 1;
}

// The tags alone; sizes of blocks are not yet trusted.
static void read_tags(TIFF *tiff, ilh_tiff_pixels *p) {
  memset(p, 0, sizeof *p);
  p->width = long_tag(tiff, TIFFTAG_IMAGEWIDTH, 0);
  p->height = long_tag(tiff, TIFFTAG_IMAGELENGTH, 0);
  p->samples = short_tag(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  p->bits = short_tag(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  p->planar = short_tag(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  p->compression = short_tag(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  p->tiled = TIFFIsTiled(tiff) ? 1 : 0;
  if (p->tiled) {
    p->block_width = long_tag(tiff, TIFFTAG_TILEWIDTH, 0);
    p->block_height = long_tag(tiff, TIFFTAG_TILELENGTH, 0);
  } else {
    const uint32_t rows = long_tag(tiff, TIFFTAG_ROWSPERSTRIP, UINT32_MAX);
    p->block_width = p->width;
    p->block_height = rows < p->height ? rows : p->height;
  }
  p->chunky = p->planar == PLANARCONFIG_SEPARATE ? 1 : p->samples;
  const int flat = long_tag(tiff, TIFFTAG_IMAGEDEPTH, 1) == 1;
  if (flat && is_read(tiff, p->compression)) p->element = element_of(p->bits, short_tag(tiff, TIFFTAG_SAMPLEFORMAT, 1));
  p->element_size = size_of_element(p->element);
}

int32_t ilh_tiff_layout_of(ilh_tiff *file, ilh_tiff_pixels *p) {
  read_tags(file->tiff, p);
  if (p->element == ILH_TIFF_NONE) return ilh_tiff_fail(file, ILH_TIFF_UNSUPPORTED, "pixels of this kind are not read");
  if (p->width == 0 || p->height == 0 || p->samples == 0 || p->block_width == 0 || p->block_height == 0) {
    return ilh_tiff_fail(file, ILH_TIFF_LIMIT, "an image of no size");
  }
  // No overflow: 2^32 * 2^16 * 2^6 < 2^64.
  p->row_bytes = ((uint64_t)p->block_width * p->chunky * p->bits + 7) / 8;
  if (p->row_bytes > UINT64_MAX / 2 / p->block_height) return ilh_tiff_fail(file, ILH_TIFF_LIMIT, "strips of absurd size");
  p->block_bytes = p->row_bytes * p->block_height;
  const uint64_t known = p->tiled ? TIFFTileSize64(file->tiff) : TIFFVStripSize64(file->tiff, p->block_height);
  if (known != p->block_bytes) return ilh_tiff_fail(file, ILH_TIFF_UNSUPPORTED, "pixels of this layout are not read");
  if (p->block_bytes > ALWAYS_ALLOWED && p->block_bytes / MAX_RATIO > file->file_bytes) {
    return ilh_tiff_fail(file, ILH_TIFF_LIMIT, "strips or tiles that are larger than the file could hold");
  }
  return ILH_TIFF_OK;
}

static uint32_t block_count(TIFF *tiff) { return TIFFIsTiled(tiff) ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff); }

// Sums up where the strips or tiles lie.
static void describe_data(ilh_tiff *file, const ilh_tiff_pixels *p, ilh_tiff_info *info) {
  info->blocks = block_count(file->tiff);
  info->first_data = info->blocks > 0 ? TIFFGetStrileOffset(file->tiff, 0) : 0;
  uint64_t next = info->first_data;
  int contiguous = p->compression == COMPRESSION_NONE && !p->tiled;
  for (uint32_t i = 0; i < info->blocks; i++) {
    const uint64_t bytes = TIFFGetStrileByteCount(file->tiff, i);
    if (TIFFGetStrileOffset(file->tiff, i) != next) contiguous = 0;
    next += bytes;
    info->stored_bytes += bytes;
  }
  info->contiguous = contiguous ? 1 : 0;
}

int32_t ilh_tiff_count(ilh_tiff *file, uint32_t *count) {
  if (file == NULL || count == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  *count = TIFFNumberOfDirectories(file->tiff);
  // It gives what it found before a damaged link; then there are words.
  return file->message[0] == 0 && *count > 0 ? ILH_TIFF_OK : ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "pages cannot be counted");
}

int32_t ilh_tiff_describe(ilh_tiff *file, uint32_t index, uint64_t offset, ilh_tiff_info *info) {
  if (file == NULL || info == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  const int32_t code = ilh_tiff_select(file, index, offset);
  if (code != ILH_TIFF_OK) return code;
  TIFF *tiff = file->tiff;
  ilh_tiff_pixels p;
  read_tags(tiff, &p);
  memset(info, 0, sizeof *info);
  info->offset = TIFFCurrentDirOffset(tiff);
  info->description_bytes = text_bytes(tiff, TIFFTAG_IMAGEDESCRIPTION);
  info->software_bytes = text_bytes(tiff, TIFFTAG_SOFTWARE);
  info->width = p.width;
  info->height = p.height;
  info->samples = p.samples;
  uint16_t extra = 0, *kinds = NULL;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds) && extra > 0 && kinds != NULL) {
    info->extra_samples = extra;
    info->first_extra = kinds[0];
  }
  info->bits = p.bits;
  info->sample_format = short_tag(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  info->planar = p.planar;
  info->photometric = short_tag(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  info->compression = p.compression;
  info->codec = TIFFIsCODECConfigured((uint16_t)p.compression) ? 1 : 0;
  const uint32_t predictor = short_tag(tiff, TIFFTAG_PREDICTOR, PREDICTOR_NONE);
  info->predictor = predictor == 0 ? PREDICTOR_NONE : predictor; // 0: the codec has none
  info->tiled = p.tiled;
  info->block_width = p.block_width;
  info->block_height = p.block_height;
  describe_data(file, &p, info);
  info->orientation = short_tag(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  info->resolution_unit = short_tag(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  rational_tag(file, TIFFTAG_XRESOLUTION, info->x_resolution);
  rational_tag(file, TIFFTAG_YRESOLUTION, info->y_resolution);
  info->sub_file_type = long_tag(tiff, TIFFTAG_SUBFILETYPE, 0);
  uint16_t below = 0;
  uint64_t *offsets = NULL;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &below, &offsets)) info->sub_directories = below;
  info->big_endian = TIFFIsBigEndian(tiff) ? 1 : 0;
  info->big_tiff = TIFFIsBigTIFF(tiff) ? 1 : 0;
  info->element = p.element;
  info->depth = long_tag(tiff, TIFFTAG_IMAGEDEPTH, 1);
  return ILH_TIFF_OK;
}

int32_t ilh_tiff_text(ilh_tiff *file, uint32_t index, uint64_t offset, uint32_t tag, char *buffer, uint64_t bytes) {
  if (file == NULL || buffer == NULL || (tag != TIFFTAG_IMAGEDESCRIPTION && tag != TIFFTAG_SOFTWARE)) {
    return ILH_TIFF_ARGUMENT;
  }
  ilh_tiff_forget(file);
  const int32_t code = ilh_tiff_select(file, index, offset);
  if (code != ILH_TIFF_OK) return code;
  const char *text = NULL;
  if (!TIFFGetField(file->tiff, tag, &text) || text == NULL || strlen(text) != bytes) return ILH_TIFF_ARGUMENT;
  memcpy(buffer, text, (size_t)bytes);
  return ILH_TIFF_OK;
}

int32_t ilh_tiff_below(ilh_tiff *file, uint32_t index, uint64_t offset, uint64_t *offsets, uint32_t count) {
  if (file == NULL || offsets == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  const int32_t code = ilh_tiff_select(file, index, offset);
  if (code != ILH_TIFF_OK) return code;
  uint16_t below = 0;
  uint64_t *found = NULL;
  if (!TIFFGetField(file->tiff, TIFFTAG_SUBIFD, &below, &found) || below != count) return ILH_TIFF_ARGUMENT;
  memcpy(offsets, found, count * sizeof *offsets);
  return ILH_TIFF_OK;
}

int32_t ilh_tiff_palette(ilh_tiff *file, uint32_t index, uint64_t offset, uint16_t *values, uint32_t count) {
  if (file == NULL || values == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  const int32_t code = ilh_tiff_select(file, index, offset);
  if (code != ILH_TIFF_OK) return code;
  const uint32_t bits = short_tag(file->tiff, TIFFTAG_BITSPERSAMPLE, 1);
  uint16_t *colours[3] = {NULL, NULL, NULL};
  if (bits > 16 || count != 3u << bits) return ILH_TIFF_ARGUMENT;
  if (!TIFFGetField(file->tiff, TIFFTAG_COLORMAP, &colours[0], &colours[1], &colours[2])) {
    return ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "the page has no palette");
  }
  for (int i = 0; i < 3; i++) memcpy(values + ((size_t)i << bits), colours[i], sizeof *values << bits);
  return ILH_TIFF_OK;
}
