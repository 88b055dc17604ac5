/**
 * The systems that the program is built for, and what their native libraries are called.
 *
 * @module
 */

/** A system and CPU that the program is built for. */
export type Target = "linux-x64" | "linux-arm64" | "windows-x64" | "macos-x64" | "macos-arm64";

/** The native libraries; each is one file. */
export type LibraryName = "hdf5" | "ilh_tiff" | "ilh_kernels" | "scipy_openblas";

/** Deno's words for system and CPU, to ours. */
const TARGET_OF: Readonly<Record<string, Target>> = {
  "linux-x86_64": "linux-x64",
  "linux-aarch64": "linux-arm64",
  "windows-x86_64": "windows-x64",
  "darwin-x86_64": "macos-x64",
  "darwin-aarch64": "macos-arm64",
};

/** What a library's file name ends in. */
const SUFFIX: Readonly<Record<Target, string>> = {
  "linux-x64": ".so",
  "linux-arm64": ".so",
  "windows-x64": ".dll",
  "macos-x64": ".dylib",
  "macos-arm64": ".dylib",
};

/**
 * The target that this process runs on.
 *
 * @returns the target
 * @throws {Error} on a system that the program is not built for
 */
export function hostTarget(): Target {
  const host = `${Deno.build.os}-${Deno.build.arch}`;
  const target = TARGET_OF[host];
  if (target === undefined) throw new Error(`No native libraries for ${host}`);
  return target;
}

/**
 * File name of a library.
 *
 * @param name the library
 * @param target the system it is for
 * @returns e.g. `libhdf5.so`
 */
export function libraryFile(name: LibraryName, target: Target): string {
  return `lib${name}${SUFFIX[target]}`;
}
