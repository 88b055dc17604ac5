/**
 * Tables of colours: a gray one gives one channel, others three (cli-and-io.md §4.5).
 *
 * @module
 */
import { Damaged } from "./input_error.ts";

/** Red, green and blue of each entry. */
export type Palette = readonly (readonly [red: number, green: number, blue: number])[];

/** Whether every entry is a gray. */
export function isGray(palette: Palette): boolean {
  return palette.every(([red, green, blue]) => red === green && green === blue);
}

/** Channels of an image with this table. */
export function paletteChannels(palette: Palette): number {
  return isGray(palette) ? 1 : 3;
}

/** Looks indices up; one value per index for gray tables, else three. */
export function throughPalette(indices: Uint8Array, palette: Palette): Uint8Array<ArrayBuffer> {
  const channels = paletteChannels(palette);
  const pixels = new Uint8Array(indices.length * channels);
  for (let i = 0; i < indices.length; i++) {
    const color = palette[indices[i] as number];
    if (color === undefined) throw new Damaged("the file is damaged: a pixel has a colour beyond the palette");
    for (let c = 0; c < channels; c++) pixels[i * channels + c] = color[c] as number;
  }
  return pixels;
}
