/**
 * Writing of JPEG images through libjpeg-turbo, row by row; it is linked into the library of TIFF files. Encoding runs on
 * another thread.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";

/** Functions, each under its C declaration in `native/include/ilh_jpeg_writer.h`. */
export const FUNCTIONS = {
  // ilh_jpeg_writer *ilh_jpeg_begin(uint32_t width, uint32_t height, uint32_t channels, int32_t quality)
  ilh_jpeg_begin: { parameters: ["u32", "u32", "u32", "i32"], result: "pointer" },
  // int32_t ilh_jpeg_rows(ilh_jpeg_writer *writer, const uint8_t *pixels, uint64_t bytes, uint64_t *waiting)
  ilh_jpeg_rows: { parameters: ["pointer", "buffer", "u64", "buffer"], result: "i32", nonblocking: true },
  // int32_t ilh_jpeg_finish(ilh_jpeg_writer *writer, uint64_t *waiting)
  ilh_jpeg_finish: { parameters: ["pointer", "buffer"], result: "i32", nonblocking: true },
  // int32_t ilh_jpeg_take(ilh_jpeg_writer *writer, uint8_t *out, uint64_t bytes)
  ilh_jpeg_take: { parameters: ["pointer", "buffer", "u64"], result: "i32" },
  // void ilh_jpeg_free(ilh_jpeg_writer *writer)
  ilh_jpeg_free: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Codes of `ilh_jpeg_writer_error` in words. */
const ERRORS: readonly string[] = ["", "impossible arguments", "no memory", "libjpeg failed"];

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/** Sizes of an image of 8-bit samples. */
export interface JpegSize {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 1 gray, 3 RGB. */
  readonly channels: number;
}

/** A JFIF file with full colour resolution, made row by row. Calls take their turn. */
export class JpegWriter {
  #handle: Deno.PointerObject | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(handle: Deno.PointerObject) {
    this.#handle = handle;
  }

  /**
   * Begins an image.
   *
   * @param quality 1…100
   * @throws {NativeError} for a size that JPEG does not know
   */
  static begin({ width, height, channels }: JpegSize, quality: number): JpegWriter {
    const handle = library().ilh_jpeg_begin(width, height, channels, quality);
    if (handle === null) throw failure("ilh_jpeg_begin", 1);
    return new JpegWriter(handle);
  }

  /**
   * Encodes whole rows.
   *
   * @param pixels C order y x channel; must not change before the promise is settled
   * @returns the next bytes of the file, often none
   * @throws {NativeError} when there are more rows than the image has
   */
  rows(pixels: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#turn(
      "ilh_jpeg_rows",
      (handle, waiting) => library().ilh_jpeg_rows(handle, pixels, BigInt(pixels.length), waiting),
    );
  }

  /**
   * Ends the file.
   *
   * @returns its last bytes
   * @throws {NativeError} when rows are missing
   */
  finish(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#turn("ilh_jpeg_finish", (handle, waiting) => library().ilh_jpeg_finish(handle, waiting));
  }

  /** Gives everything back, when the running call has ended. A second call does nothing. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await this.#last;
    if (handle !== undefined) library().ilh_jpeg_free(handle);
  }

  #turn(
    call: string,
    work: (handle: Deno.PointerObject, waiting: BigUint64Array<ArrayBuffer>) => Promise<number>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const run = this.#last.then(async () => {
      const handle = this.#handle;
      if (handle === undefined) throw new Error(`${call} after the end`);
      const waiting = new BigUint64Array(1);
      check(call, await work(handle, waiting));
      const out = new Uint8Array(Number(waiting[0]));
      check("ilh_jpeg_take", library().ilh_jpeg_take(handle, out, BigInt(out.length)));
      return out;
    });
    this.#last = run.catch(() => {});
    return run;
  }
}

function check(call: string, code: number): void {
  if (code !== 0) throw failure(call, code);
}

function failure(call: string, code: number): NativeError {
  return new NativeError("libjpeg-turbo", call, code, [{ function: call, text: ERRORS[code] ?? `error ${code}` }]);
}
