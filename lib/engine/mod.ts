/**
 * Walks over lazy arrays block by block: choice of blocks, threads, memory, order. Knows neither files nor workflows.
 *
 * @module
 */
export * from "./blocks.ts";
export * from "./combine.ts";
export * from "./joined.ts";
export * from "./slots.ts";
export * from "./write.ts";
