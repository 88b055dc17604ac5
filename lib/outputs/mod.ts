/**
 * Writing results into files: formats, names, sub-regions, ranges.
 *
 * @module
 */
export * from "./export.ts";
export { EXTENSIONS, findFormat, FORMATS } from "./formats.ts";
export { checkCollisions, type OutputClaim } from "./names.ts";
export { numpyStream, ReaderGone } from "./numpy_stream.ts";
export { bindRegion, type Bound, parseRegion, type RegionRequest } from "./region.ts";
export * from "./settings.ts";
export { splitChannels } from "./split_channels.ts";
export { parseTile, type TileRequest } from "./tile_cut.ts";
export { parseTileRecord, type TiledWhole, type TileRecord } from "./tile_record.ts";
export type * from "./types.ts";
