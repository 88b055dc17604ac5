/**
 * Finds and opens the native libraries, from source and inside the packed executable.
 *
 * From source they lie in `native/dist/<target>`. In the packed executable they are files of its virtual file system and
 * have to become visible to the system's loader. The ways, first that works (packaging.md §5.3): an anonymous file in
 * memory (Linux), a private folder in the user's cache, a temporary folder.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { join } from "@std/path";
import { holdingArguments } from "./hold.ts";
import { hostTarget, libraryFile, type LibraryName } from "./target.ts";
import { inCacheFolder, inMemory, inTemporaryFolder } from "./unpack.ts";

export type { LibraryName } from "./target.ts";

/** Environment variable that names another file for a library. */
const OVERRIDE: Readonly<Record<LibraryName, string>> = {
  hdf5: "ILASTIK_HEADLESS_HDF5_PATH",
  ilh_tiff: "ILASTIK_HEADLESS_TIFF_PATH",
  ilh_kernels: "ILASTIK_HEADLESS_KERNELS_PATH",
  scipy_openblas: "ILASTIK_HEADLESS_OPENBLAS_PATH",
};

/** Ways to make packed bytes loadable, best first. */
const WAYS = [inMemory, inCacheFolder, inTemporaryFolder] as const;

/** Paths that were handed to the loader. The same text twice is the same library, whatever became of the file. */
const loadable = new Map<LibraryName, string>();

/** A native library could not be opened; the message is one line, the hint says what helps. */
export class LibraryError extends Error {
  /** Name of the class. */
  override readonly name = "LibraryError";
  /** What the user can do about it, one line. */
  readonly hint: string;

  /**
   * Made where opening fails.
   *
   * @param message what failed, one line
   * @param hint what helps
   * @param cause the error underneath
   */
  constructor(message: string, hint: string, cause: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** A library's bytes in the executable; big and rarely needed ones are stored compressed. */
function packedBytes(name: LibraryName, path: string): Uint8Array<ArrayBuffer> {
  return name === "scipy_openblas"
    ? new Uint8Array(gunzipSync(Deno.readFileSync(`${path}.gz`)))
    : Deno.readFileSync(path);
}

/** Tries every way to open a packed library; the first that works wins. */
function openPacked<S extends Deno.ForeignLibraryInterface>(
  name: LibraryName,
  packed: string,
  symbols: S,
): Deno.DynamicLibrary<S> {
  const bytes = packedBytes(name, packed);
  const failures: string[] = [];
  for (const way of WAYS) {
    try {
      const path = way(libraryFile(name, hostTarget()), bytes);
      const library = Deno.dlopen(path, symbols);
      loadable.set(name, path);
      return library;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new LibraryError(
    `cannot unpack the native library ${name}: ${failures.join("; ")}`,
    `set XDG_CACHE_HOME or TMPDIR to a folder that is writable and not mounted noexec, or ${
      OVERRIDE[name]
    } to the library's file`,
    new Error(failures.join("\n")),
  );
}

/** Opens a library from a file on disk. */
function openFile<S extends Deno.ForeignLibraryInterface>(
  name: LibraryName,
  path: string,
  symbols: S,
  hint: string,
): Deno.DynamicLibrary<S> {
  try {
    return Deno.dlopen(path, symbols);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LibraryError(
      `cannot open the native library ${name}: ${
        reason.replaceAll("\n", " ").replace(/^(Could not open library: )+/, "")
      }`,
      hint,
      error,
    );
  }
}

/**
 * Opens a native library. Opening one twice gives the same library (one set of globals) with other symbols.
 *
 * @param name which library
 * @param symbols its functions, as for `Deno.dlopen`
 * @returns the open library; it stays loaded until the process ends
 * @throws {LibraryError} if its file is missing, damaged, lacks a symbol, or cannot be unpacked
 */
export function openLibrary<const S extends Deno.ForeignLibraryInterface>(
  name: LibraryName,
  symbols: S,
): Deno.DynamicLibrary<S> {
  return holdingArguments(findLibrary(name, symbols), symbols);
}

/**
 * A native library that is opened at its first use.
 *
 * @param name which library
 * @param symbols its functions, as for `Deno.dlopen`
 * @returns gives the functions; throws as {@linkcode openLibrary} does
 */
export function lazyLibrary<const S extends Deno.ForeignLibraryInterface>(
  name: LibraryName,
  symbols: S,
): () => Deno.DynamicLibrary<S>["symbols"] {
  let opened: Deno.DynamicLibrary<S> | undefined;
  return () => (opened ??= openLibrary(name, symbols)).symbols;
}

function findLibrary<S extends Deno.ForeignLibraryInterface>(name: LibraryName, symbols: S): Deno.DynamicLibrary<S> {
  const override = Deno.env.get(OVERRIDE[name]);
  if (override) return openFile(name, override, symbols, `${OVERRIDE[name]} names this file`);
  const known = loadable.get(name);
  if (known !== undefined) return openFile(name, known, symbols, "report this as a bug");
  const target = hostTarget();
  // Without `..`: files inside the packed executable are only found by their plain path.
  const path = join(import.meta.dirname ?? ".", "..", "native", "dist", target, libraryFile(name, target));
  if (Deno.build.standalone) return openPacked(name, path, symbols);
  return openFile(name, path, symbols, "run `scripts/build`");
}
