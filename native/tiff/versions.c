#include "ilh_versions.h"

#include <stddef.h>
#include <stdio.h>

#include <blosc.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <tiffio.h>
#include <zlib.h>
#include <zstd.h>

#include <jpeglib.h>

#define TEXT_OF(value) #value
#define VALUE_OF(macro) TEXT_OF(macro)

int32_t ilh_tiff_versions(char *buffer, uint64_t bytes) {
  if (buffer == NULL || bytes == 0) return 1;
  // The constant of the header: TIFFGetVersion has a copyright text around it.
  snprintf(buffer, (size_t)bytes,
           "libtiff " TIFFLIB_VERSION_STR_MAJ_MIN_MIC "\nlibjpeg-turbo " VALUE_OF(LIBJPEG_TURBO_VERSION)
           "\nzlib %s\nlibdeflate " LIBDEFLATE_VERSION_STRING "\nzstd %s\nliblzma %s\nc-blosc " BLOSC_VERSION_STRING
           "\nlz4 " LZ4_VERSION_STRING "\n",
           zlibVersion(), ZSTD_versionString(), lzma_version_string());
  return 0;
}
