import { assertEquals } from "@std/assert";
import { GifLzw } from "../../lib/outputs/gif_lzw.ts";

const [CLEAR, END, MOST_CODES] = [256, 257, 4096];

/** Indices without any pair twice, so that each makes a code of its own. */
function differentPairs(length: number): Uint8Array<ArrayBuffer> {
  const indices: number[] = [0];
  for (let a = 0; indices.length < length; a++) {
    indices.push(a);
    for (let b = a + 1; b < 256; b++) indices.push(a, b);
  }
  return Uint8Array.from(indices.slice(0, length));
}

/** Content of the sub-blocks, which must end with an empty one. */
function joinedBlocks(bytes: Uint8Array): Uint8Array {
  const content: number[] = [];
  let at = 0;
  for (; bytes[at] !== 0; at += 1 + (bytes[at] as number)) {
    content.push(...bytes.subarray(at + 1, at + 1 + (bytes[at] as number)));
  }
  assertEquals(at, bytes.length - 1);
  return Uint8Array.from(content);
}

/** Reads codes as GIF89a, appendix F, says, up to the end code, which must be there. */
function unpacked(packed: Uint8Array): number[] {
  const pixels: number[] = [];
  let table: number[][] = [];
  let width = 9;
  let before: number[] | undefined;
  for (let bit = 0; bit + width <= 8 * packed.length;) {
    let code = 0;
    for (let i = 0; i < width; i++, bit++) code |= (packed[bit >> 3] as number >> (bit & 7) & 1) << i;
    if (code === END) return pixels;
    if (code === CLEAR) {
      table = Array.from({ length: END + 1 }, (_, i) => [i]);
      [width, before] = [9, undefined];
      continue;
    }
    const string = table[code] ?? [...before ?? [], before?.[0] ?? NaN];
    if (before !== undefined && table.length < MOST_CODES) table.push([...before, string[0] as number]);
    if (table.length === 2 ** width && width < 12) width++;
    pixels.push(...string);
    before = string;
  }
  throw new Error("no end code");
}

Deno.test("GIF codes are read back up to the end code, wherever the image ends", () => {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  // The width grows after 255, 767 and 1791 codes, and 3839 fill a table. In the third table the end code of 11 bits
  // needs a byte that one of 10 bits does not.
  const full = 3839;
  const grown = [255, 767, 1791, full, full + 255, 2 * full + 767].flatMap((codes) => range(codes - 4, codes + 6));
  const lengths = [...range(1, 9), ...grown];
  for (const length of lengths) {
    const indices = differentPairs(length);
    const lzw = new GifLzw();
    const cut = Math.floor(length / 3);
    const parts = [indices.subarray(0, cut), indices.subarray(cut)].map((part) => lzw.add(part).slice());
    const packed = joinedBlocks(Uint8Array.from([...parts.flatMap((part) => [...part]), ...lzw.end()]));
    assertEquals(unpacked(packed), [...indices], `${length} indices`);
  }
});
