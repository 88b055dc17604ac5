/**
 * Rows in pieces.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";

/** Bytes of a piece, about: copies of one cost little memory, and the main thread is held up for milliseconds only. */
const PIECE_BYTES = 2 ** 22;

/** Number of rows of a piece; at least one. */
export function rowsOfPiece(rowLength: number, elementBytes: number): number {
  return Math.max(1, Math.floor(PIECE_BYTES / (rowLength * elementBytes)));
}

/**
 * Rows, a piece at a time; not copied.
 *
 * @param rows whole rows
 * @param rowLength elements of a row
 */
export function* rowPieces(rows: TypedArray, rowLength: number): Generator<TypedArray> {
  const length = rowLength * rowsOfPiece(rowLength, rows.BYTES_PER_ELEMENT);
  for (let at = 0; at < rows.length; at += length) yield rows.subarray(at, at + length);
}
