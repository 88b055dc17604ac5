/**
 * Versions of the libraries that are linked into the TIFF library. Declaration: `native/include/ilh_versions.h`.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { decodeText } from "./text.ts";

/** The function. */
export const VERSION_SYMBOLS = {
  // int32_t ilh_tiff_versions(char *buffer, uint64_t bytes)
  ilh_tiff_versions: { parameters: ["buffer", "u64"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const MOST_BYTES = 1024;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", VERSION_SYMBOLS);

/** Names and versions, for example `["libtiff", "4.7.0"]`. */
export function tiffVersions(): readonly (readonly [string, string])[] {
  const buffer = new Uint8Array(MOST_BYTES);
  library().ilh_tiff_versions(buffer, BigInt(buffer.length));
  const text = decodeText(buffer.subarray(0, buffer.indexOf(0)));
  return text.trim().split("\n").map((line) => {
    const space = line.indexOf(" ");
    return [line.slice(0, space), line.slice(space + 1)] as const;
  });
}
