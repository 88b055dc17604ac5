/**
 * Input files as lazy arrays: finds files, chooses readers, stacks slices, decides what axes mean.
 *
 * @module
 */
export * from "./choose_axes.ts";
export { defaultAxes } from "./default_axes.ts";
export { FORMATS as INPUT_FORMATS } from "./formats.ts";
export * from "./interpret_axes.ts";
export { NpyStream } from "./npy_stream.ts";
export { findInputs, openInput } from "./open.ts";
export { joinTiles, type Tile } from "./tiles.ts";
export * from "./types.ts";
export { tiffVersions } from "../../ffi/tiff_versions.ts";
