// Which libraries are linked into the TIFF library.
#ifndef ILH_VERSIONS_H
#define ILH_VERSIONS_H

#include <stdint.h>

#include "ilh_api.h"

// Writes one line `name version` per library into `buffer` of `bytes` bytes, with a zero at the end. Lines that do not
// fit are cut. Returns 0, or 1 when there is no buffer.
ILH_API int32_t ilh_tiff_versions(char *buffer, uint64_t bytes);

#endif
