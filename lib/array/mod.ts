/**
 * Axes, shapes, regions, element types, blocks of pixels and lazy arrays: the words that all rooms speak.
 * Pure TypeScript; no files, no native code, no imports from other rooms.
 *
 * @module
 */
export * from "./axes.ts";
export * from "./borrowed.ts";
export * from "./cast.ts";
export * from "./dtype.ts";
export * from "./errors.ts";
export * from "./nd_array.ts";
export * from "./region.ts";
export * from "./source.ts";
export * from "./until_stopped.ts";
