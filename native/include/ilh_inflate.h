// Zlib and gzip streams in memory through libdeflate, which libtiff uses. Nothing is printed or kept; any number of calls
// at a time, each on any thread. Definitions: RFC 1950 (zlib), RFC 1952 (gzip).
#ifndef ILH_INFLATE_H
#define ILH_INFLATE_H

#include <stdint.h>

#include "ilh_api.h"

enum ilh_inflate_error {
  ILH_INFLATE_OK = 0,
  ILH_INFLATE_ARGUMENT = 1, // null pointer, unknown form, `item_bytes` that do not divide `out_bytes`
  ILH_INFLATE_MEMORY = 2,   // no memory
  ILH_INFLATE_DAMAGED = 3,  // no such stream, or it unpacks to another length
};

// Unpacks a stream (`form` as in ilh_encode.h) that holds exactly `out_bytes` bytes into `out`. With `item_bytes` > 1 the
// stream holds all first bytes of the items, then all second ones, ... (HDF5's shuffle filter); `out` gets item after
// item.
ILH_API int32_t ilh_inflate(int32_t form, const uint8_t *bytes, uint64_t length, uint32_t item_bytes, uint8_t *out,
                            uint64_t out_bytes);

#endif
