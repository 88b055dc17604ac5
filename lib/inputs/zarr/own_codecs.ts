/**
 * Codecs that are not left to zarrita: Zstandard, because that of numcodecs never ends on some damaged data, and Blosc,
 * because that of numcodecs reads beyond the end of truncated chunks.
 *
 * @module
 */
import { registry } from "zarrita";
import { unpackZstd } from "../../../ffi/zstd.ts";
import { unpackBlosc } from "../blosc.ts";

/** Chunks are never larger than this. */
const MOST_BYTES = 2 ** 31;

const CODECS: Readonly<Record<string, (packed: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>>> = {
  zstd: (packed) => unpackZstd(packed, MOST_BYTES),
  blosc: unpackBlosc,
};

/** Makes zarrita use them. */
export function registerCodecs(): void {
  for (const [name, unpack] of Object.entries(CODECS)) {
    const codec = {
      kind: "bytes_to_bytes" as const,
      encode: (): Uint8Array => {
        throw new Error("chunks are only read here");
      },
      decode: (packed: Uint8Array) => unpack(new Uint8Array(packed)),
    };
    for (const key of [name, `numcodecs.${name}`]) {
      registry.set(key, () => Promise.resolve({ fromConfig: () => codec }));
    }
  }
}
