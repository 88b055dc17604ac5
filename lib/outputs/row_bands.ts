/**
 * Rows, as they come, in bands of the same number of rows.
 *
 * @module
 */

/** Collects rows. */
export class RowBands {
  readonly #bandBytes: number;
  /** Rows that do not fill a band yet. */
  #waiting: Uint8Array<ArrayBuffer>;
  #length = 0;

  /**
   * Nothing is collected yet.
   *
   * @param bandBytes bytes of a whole band
   */
  constructor(bandBytes: number) {
    this.#bandBytes = bandBytes;
    this.#waiting = new Uint8Array(bandBytes);
  }

  /** Takes more rows; gives the bands that are full. They lie in `rows` where possible, and are valid as long as it is. */
  add(rows: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    const bands: Uint8Array<ArrayBuffer>[] = [];
    let at = this.#length === 0 ? 0 : this.#keep(rows.subarray(0, this.#bandBytes - this.#length));
    if (this.#length === this.#bandBytes) {
      bands.push(this.#waiting);
      this.#waiting = new Uint8Array(this.#bandBytes);
      this.#length = 0;
    }
    for (; at + this.#bandBytes <= rows.length; at += this.#bandBytes) {
      bands.push(rows.subarray(at, at + this.#bandBytes));
    }
    this.#keep(rows.subarray(at));
    return bands;
  }

  /** The rows that do not fill a band. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.#waiting.subarray(0, this.#length);
  }

  #keep(rows: Uint8Array<ArrayBuffer>): number {
    this.#waiting.set(rows, this.#length);
    this.#length += rows.length;
    return rows.length;
  }
}
