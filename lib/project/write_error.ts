/**
 * Failures of writing a project.
 *
 * @module
 */
import { NativeError } from "../../ffi/hdf5.ts";

/** Whether the file system or HDF5 refused something, for example on a full disk; all else that is thrown is a bug. */
export function isWriteError(error: unknown): error is Error {
  if (error instanceof NativeError) return true;
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
