/**
 * The pixels of PNG files: bands of rows filtered and packed by zlib, which is linked into the library of TIFF files. Bands
 * are packed on other threads and do not wait for each other.
 *
 * @module
 */
import { checkEncoded, type Room } from "./encode.ts";
import { lazyLibrary } from "./library.ts";

/** Functions, each under its C declaration in `native/include/ilh_png.h`. */
export const FUNCTIONS = {
  // uint64_t ilh_png_bound(const ilh_png_layout *layout)
  ilh_png_bound: { parameters: ["buffer"], result: "u64" },
  // int32_t ilh_png_band(const ilh_png_layout *layout, const uint8_t *rows, const uint8_t *above, uint8_t *out,
  //                      uint64_t out_bytes, uint64_t *packed, uint32_t *adler)
  ilh_png_band: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "u64", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // uint32_t ilh_png_adler(uint32_t first, uint32_t second, uint64_t length)
  ilh_png_adler: { parameters: ["u32", "u32", "u64"], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/** Rows of an image. */
export interface PngBand {
  /** Bytes of all channels of a pixel. */
  readonly pixelBytes: number;
  /** Bytes of a value: 1 or 2, in the machine's order. */
  readonly sampleBytes: number;
  /** Bytes of a row. */
  readonly lineBytes: number;
  /** Whole rows, C order y x channel. Must not change before the promise is settled. */
  readonly rows: Uint8Array<ArrayBuffer>;
  /** The row in front of them; absent at the top of the image. */
  readonly above: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the image ends with them. */
  readonly last: boolean;
}

/** A packed band. */
export interface PackedBand {
  /** A complete IDAT chunk with a part of the zlib stream: without header and check value. In the room that was given. */
  readonly chunk: Uint8Array<ArrayBuffer>;
  /** Check value (Adler-32) of the unpacked bytes. */
  readonly adler: number;
  /** Number of the unpacked bytes. */
  readonly length: number;
}

/**
 * Filters and packs a band.
 *
 * @param room memory for the result
 */
export async function packPngBand(band: PngBand, room: Room): Promise<PackedBand> {
  const { ilh_png_bound, ilh_png_band } = library();
  const { lineBytes, rows, above = null } = band;
  const count = rows.length / lineBytes;
  const layout = new BigUint64Array(3);
  layout[0] = BigInt(lineBytes);
  new Uint32Array(layout.buffer).set([band.pixelBytes, band.sampleBytes, count, band.last ? 1 : 0], 2);
  const out = room.take(Number(ilh_png_bound(layout)));
  const packed = new BigUint64Array(1);
  const adler = new Uint32Array(1);
  const code = await ilh_png_band(layout, rows, above, out, BigInt(out.length), packed, adler);
  checkEncoded("ilh_png_band", code);
  return { chunk: out.subarray(0, Number(packed[0])), adler: adler[0] ?? 0, length: rows.length + count };
}

/** Check value of bytes with the value `before` and a band behind them; 1 is the value of no bytes. */
export function adlerWith(before: number, { adler, length }: PackedBand): number {
  return library().ilh_png_adler(before, adler, BigInt(length));
}
