// @ts-types="./mod.d.ts"
export { unicodeWidth } from "npm:deno-std@1.4.0/cli/mod.js";
