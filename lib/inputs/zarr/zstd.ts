/**
 * Zstandard for chunks: libzstd, because the codec of numcodecs never ends on some damaged data.
 *
 * @module
 */
import { registry } from "zarrita";
import { unpackZstd } from "../../../ffi/zstd.ts";

/** Chunks are never larger than this. */
const MOST_BYTES = 2 ** 31;

/** Makes zarrita use it. */
export function registerZstd(): void {
  const codec = {
    kind: "bytes_to_bytes" as const,
    encode: (): Uint8Array => {
      throw new Error("chunks are only read here");
    },
    decode: (packed: Uint8Array) => unpackZstd(new Uint8Array(packed), MOST_BYTES),
  };
  for (const name of ["zstd", "numcodecs.zstd"]) registry.set(name, () => Promise.resolve({ fromConfig: () => codec }));
}
