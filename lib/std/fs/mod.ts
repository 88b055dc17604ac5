/** The few functions of `@std/fs` that the program uses, with the documented names and signatures. */
export { ensureDir } from "./ensure_dir.ts";
export { exists, type ExistsOptions, existsSync } from "./exists.ts";
export { expandGlob, type ExpandGlobOptions } from "./expand_glob.ts";
export { walk, type WalkEntry, type WalkOptions } from "./walk.ts";
