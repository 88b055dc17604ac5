/**
 * Few colours for many: median cut (P. Heckbert, 1982).
 *
 * @module
 */

/** Number of RGB colours; one is `65536 · red + 256 · green + blue`. */
const ALL_COLORS = 2 ** 24;

/** Chosen colours. */
export interface Palette {
  /** Red, green and blue of each entry. */
  readonly colors: Uint8Array<ArrayBuffer>;
  /** Entry of each pixel of an RGB image. */
  readonly indicesOf: (pixels: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/**
 * The colours of an RGB image of less than 2³² pixels, counted piece by piece. Takes up to 200 MB, however large the image
 * is.
 */
export class ColorCounts {
  readonly #counts = new Uint32Array(ALL_COLORS);
  /** Colours in the order in which they came. */
  #colors = new Uint32Array(1024);
  #length = 0;

  /** Counts the pixels of some rows. */
  add(pixels: Uint8Array): void {
    for (let i = 0; i < pixels.length; i += 3) {
      const color = colorAt(pixels, i);
      const count = this.#counts[color] as number;
      this.#counts[color] = count + 1;
      if (count > 0) continue;
      if (this.#length === this.#colors.length) this.#grow();
      this.#colors[this.#length++] = color;
    }
  }

  /** Chooses at most `most` colours (up to 256); an image with no more colours than that stays as it is. */
  palette(most: number): Palette {
    const all = this.#colors.subarray(0, this.#length);
    const colors = new Uint8Array(3 * most);
    const entries = new Uint8Array(ALL_COLORS);
    for (const [index, box] of medianCut(all, this.#counts, most).entries()) {
      colors.set(this.#mean(box), 3 * index);
      for (const color of box) entries[color] = index;
    }
    return {
      colors,
      indicesOf: (pixels) => {
        const indices = new Uint8Array(pixels.length / 3);
        for (let i = 0; i < indices.length; i++) indices[i] = entries[colorAt(pixels, 3 * i)] as number;
        return indices;
      },
    };
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#colors.length);
    larger.set(this.#colors);
    this.#colors = larger;
  }

  /** Mean colour of the pixels of a box. */
  #mean(box: Uint32Array): number[] {
    const sums = [0, 0, 0];
    let pixels = 0;
    for (const color of box) {
      const count = this.#counts[color] as number;
      for (let k = 0; k < 3; k++) sums[k] = (sums[k] as number) + part(color, k) * count;
      pixels += count;
    }
    return sums.map((sum) => Math.round(sum / pixels));
  }
}

function colorAt(pixels: Uint8Array, i: number): number {
  return (pixels[i] as number) * 65536 + (pixels[i + 1] as number) * 256 + (pixels[i + 2] as number);
}

/** Red, green or blue (`k` 0, 1, 2) of a colour. */
function part(color: number, k: number): number {
  return (color >>> (16 - 8 * k)) & 255;
}

/** Splits the box with the longest edge, weighted by its pixels, at its median until there are enough. */
function medianCut(colors: Uint32Array, counts: Uint32Array, most: number): Uint32Array[] {
  const boxes = [measure(colors, counts)];
  while (boxes.length < most) {
    const [best] = boxes.filter(({ colors }) => colors.length > 1).toSorted((a, b) => b.weight - a.weight);
    if (best === undefined) break;
    sortBy(best.colors, best.axis);
    const last = best.colors.length - 1;
    let below = 0;
    let cut = 0;
    while (cut < last && below < best.pixels / 2) below += counts[best.colors[cut++] as number] as number;
    const halves = [best.colors.subarray(0, cut), best.colors.subarray(cut)];
    boxes.splice(boxes.indexOf(best), 1, ...halves.map((half) => measure(half, counts)));
  }
  return boxes.map((box) => box.colors);
}

/** Sorts colours by one of their parts, in place; colours with the same part stay in their order. */
function sortBy(colors: Uint32Array, axis: number): void {
  const next = new Uint32Array(256);
  for (const color of colors) {
    const value = part(color, axis);
    next[value] = (next[value] as number) + 1;
  }
  let begin = 0;
  for (let value = 0; value < next.length; value++) {
    const count = next[value] as number;
    next[value] = begin;
    begin += count;
  }
  for (const color of colors.slice()) {
    const value = part(color, axis);
    const at = next[value] as number;
    next[value] = at + 1;
    colors[at] = color;
  }
}

interface Box {
  readonly colors: Uint32Array;
  readonly pixels: number;
  /** Part with the largest range: 0 red, 1 green, 2 blue. */
  readonly axis: number;
  readonly weight: number;
}

function measure(colors: Uint32Array, counts: Uint32Array): Box {
  const low = [255, 255, 255];
  const high = [0, 0, 0];
  let pixels = 0;
  for (const color of colors) {
    pixels += counts[color] as number;
    for (let k = 0; k < 3; k++) {
      const value = part(color, k);
      if (value < (low[k] as number)) low[k] = value;
      if (value > (high[k] as number)) high[k] = value;
    }
  }
  const ranges = high.map((value, k) => value - (low[k] as number));
  const longest = Math.max(...ranges);
  return { colors, pixels, axis: ranges.indexOf(longest), weight: longest * pixels };
}
