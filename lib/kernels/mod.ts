/**
 * Typed wrappers over the C kernels: blocks in, blocks out. The only room that opens the kernel library.
 *
 * @module
 */
export * from "./feature_list.ts";
export * from "./forest.ts";
export * from "./pixel.ts";
export * from "./train.ts";
export * from "./variable_importance.ts";
