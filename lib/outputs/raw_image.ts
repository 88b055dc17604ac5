/**
 * Image files whose rows have their places before the first one comes: a header, then the pixels as they are.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import type { ImageCodec, ImageHeader } from "./image_format.ts";
import { RegionFile } from "./region_file.ts";
import { rowPieces } from "./row_pieces.ts";

/** Bytes and their place in the file. */
export interface PlacedBytes {
  /** Position of the first one. */
  readonly position: number;
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where the parts of a file lie. */
export interface RawLayout {
  /** Everything in front of the pixels. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The bytes of some rows (`y x c`, C order, in the header's dtype), the first of which is row `y`. */
  readonly place: (rows: TypedArray, y: number) => readonly PlacedBytes[];
}

/** An encoder that keeps nothing: each row is written where it belongs when it comes. */
export function rawImage(layout: (header: ImageHeader) => RawLayout): ImageCodec["create"] {
  return async (path, header) => {
    const { head, place } = layout(header);
    const line = header.width * header.channels;
    const file = await RegionFile.create(path);
    await file.append(head).catch(async (error) => {
      await file.close();
      throw error;
    });
    let y = 0;
    return {
      writeRows: async (rows) => {
        for (const piece of rowPieces(rows, line)) {
          for (const { position, bytes } of place(piece, y)) await file.write(position, bytes);
          y += piece.length / line;
        }
      },
      finish: () => file.close(),
      // The file is removed; what closing has to say no longer matters.
      cancel: () => file.close().catch(() => {}),
    };
  };
}
