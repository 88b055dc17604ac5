/**
 * Versions of the libraries behind the kernels.
 *
 * @module
 */
export { libraryVersion as openBlasVersion } from "../../ffi/openblas.ts";
