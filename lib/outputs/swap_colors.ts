/**
 * Order of colours.
 *
 * @module
 */

/** RGB pixels as BGR. */
export function swapColors(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const swapped = new Uint8Array(pixels);
  for (let i = 0; i + 2 < swapped.length; i += 3) {
    const red = swapped[i] as number;
    swapped[i] = swapped[i + 2] as number;
    swapped[i + 2] = red;
  }
  return swapped;
}
