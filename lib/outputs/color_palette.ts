/**
 * Few colours for many: median cut (P. Heckbert, 1982).
 *
 * @module
 */

/** Colours, red green blue each, and the colour of every pixel. */
export interface IndexedImage {
  /** Red, green and blue of each entry. */
  readonly colors: Uint8Array<ArrayBuffer>;
  /** Entry of each pixel. */
  readonly indices: Uint8Array<ArrayBuffer>;
}

interface Color {
  readonly rgb: readonly [number, number, number];
  count: number;
}

/** Chooses at most `most` colours for an RGB image; one with no more colours than that stays as it is. */
export function choosePalette(pixels: Uint8Array, most: number): IndexedImage {
  const keys = new Uint32Array(pixels.length / 3);
  const colors = new Map<number, Color>();
  for (let i = 0; i < keys.length; i++) {
    const rgb = [pixels[3 * i] as number, pixels[3 * i + 1] as number, pixels[3 * i + 2] as number] as const;
    const key = rgb[0] * 65536 + rgb[1] * 256 + rgb[2];
    keys[i] = key;
    const known = colors.get(key);
    if (known === undefined) colors.set(key, { rgb, count: 1 });
    else known.count++;
  }
  const boxes = medianCut([...colors.values()], most);
  const palette = new Uint8Array(3 * most);
  const indexOf = new Map<number, number>();
  for (const [index, box] of boxes.entries()) {
    const total = box.reduce((sum, { count }) => sum + count, 0);
    for (let k = 0; k < 3; k++) {
      palette[3 * index + k] = Math.round(
        box.reduce((sum, { rgb, count }) => sum + (rgb[k] as number) * count, 0) / total,
      );
    }
    for (const { rgb } of box) indexOf.set(rgb[0] * 65536 + rgb[1] * 256 + rgb[2], index);
  }
  return { colors: palette, indices: Uint8Array.from(keys, (key) => indexOf.get(key) ?? 0) };
}

/** Splits the box with the longest edge, weighted by its pixels, at its median until there are enough. */
function medianCut(colors: Color[], most: number): Color[][] {
  const boxes = [measure(colors)];
  while (boxes.length < most) {
    const [best] = boxes.filter(({ colors }) => colors.length > 1).toSorted((a, b) => b.weight - a.weight);
    if (best === undefined) break;
    const sorted = best.colors.toSorted((a, b) => (a.rgb[best.axis] as number) - (b.rgb[best.axis] as number));
    let below = 0;
    let cut = 0;
    while (cut < sorted.length - 1 && below < best.pixels / 2) below += sorted[cut++]?.count ?? 0;
    boxes.splice(boxes.indexOf(best), 1, measure(sorted.slice(0, cut)), measure(sorted.slice(cut)));
  }
  return boxes.map((box) => box.colors);
}

interface Box {
  readonly colors: Color[];
  readonly pixels: number;
  /** Colour with the largest range: 0 red, 1 green, 2 blue. */
  readonly axis: number;
  readonly weight: number;
}

function measure(colors: Color[]): Box {
  const pixels = colors.reduce((sum, { count }) => sum + count, 0);
  const ranges = [0, 1, 2].map((k) => {
    let [low, high] = [255, 0];
    for (const { rgb } of colors) {
      low = Math.min(low, rgb[k] as number);
      high = Math.max(high, rgb[k] as number);
    }
    return high - low;
  });
  const longest = Math.max(...ranges);
  return { colors, pixels, axis: ranges.indexOf(longest), weight: longest * pixels };
}
