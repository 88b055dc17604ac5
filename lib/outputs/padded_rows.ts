/**
 * Rows of old image formats: padded to whole words, colours in the order blue, green, red.
 *
 * @module
 */

/** How rows are stored. */
export interface RowLayout {
  /** Pixels of a row. */
  readonly width: number;
  /** 1 gray, 3 RGB. */
  readonly channels: number;
  /** Bytes from the begin of a row to that of the next one. */
  readonly stride: number;
  /** Whether the last row comes first. */
  readonly upwards: boolean;
}

/** Rows (`y x c`, C order) as they are stored; a copy. */
export function paddedRows(
  rows: Uint8Array,
  { width, channels, stride, upwards }: RowLayout,
): Uint8Array<ArrayBuffer> {
  const line = width * channels;
  const count = rows.length / line;
  const stored = new Uint8Array(stride * count);
  for (let y = 0; y < count; y++) {
    const to = stride * (upwards ? count - 1 - y : y);
    stored.set(rows.subarray(y * line, (y + 1) * line), to);
    if (channels === 3) swapColors(stored.subarray(to, to + line));
  }
  return stored;
}

/** RGB pixels become BGR. */
function swapColors(pixels: Uint8Array): void {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const red = pixels[i] as number;
    pixels[i] = pixels[i + 2] as number;
    pixels[i + 2] = red;
  }
}
