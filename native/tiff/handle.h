// The handle behind `ilh_tiff`, shared by reading and writing.
#ifndef ILH_TIFF_HANDLE_H
#define ILH_TIFF_HANDLE_H

#include <stddef.h>
#include <tiffio.h>

#include "ilh_tiff.h"

struct ilh_tiff {
  TIFF *tiff;
  uint64_t file_bytes; // size when it was opened; 0 while writing
  // Directory that libtiff stands at: `at_offset` 0 is the main chain. `selected` 0 if it stands nowhere.
  int selected;
  uint32_t at_index;
  uint64_t at_offset;
  // The decoded strip or tile that is kept, of the directory above.
  uint8_t *block;
  size_t block_bytes;
  uint64_t block_number; // UINT64_MAX: none
  char message[1024];
  char warnings[2048];
};

// Forgets the words and the system's reason of the last call. Every function begins with it.
void ilh_tiff_forget(ilh_tiff *file);

// Adds words of ours to the message and returns `code`.
int32_t ilh_tiff_fail(ilh_tiff *file, int32_t code, const char *text);

#endif
