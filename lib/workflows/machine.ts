/**
 * What the workflows compute with: instruction sets and libraries of this machine, for reports to people.
 *
 * @module
 */
export { instructionSets } from "../kernels/level.ts";
export { openBlasVersion } from "../kernels/libraries.ts";
