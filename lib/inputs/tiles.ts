/**
 * Arrays that lie side by side as one, lazily (`merge`).
 *
 * @module
 */
import { boxShape, copyBlock, createBlock, elementOffset } from "./box.ts";
import type { ArrayHeader } from "./decoded.ts";
import { KeptOpen } from "./kept_open.ts";
import type { StoredArray, StoredBlock } from "./types.ts";

/** A part of a larger array. */
export interface Tile {
  /** First position in the whole, in the order of the file. */
  readonly start: readonly number[];
  /** Behind the last position in the whole. */
  readonly stop: readonly number[];
  /** Opens it; its sizes are those of the box. */
  readonly open: () => Promise<StoredArray>;
}

/**
 * Puts tiles together. They are opened when they are read, a few at a time.
 *
 * @param tiles together exactly the whole
 * @param header of the whole
 * @param mostOpen how many are kept open, beside those in use
 */
export function joinTiles(tiles: readonly Tile[], header: ArrayHeader, mostOpen: number): StoredArray {
  const open = new KeptOpen((index) => (tiles[index] as Tile).open(), mostOpen);
  return {
    ...header,
    async read(start, stop, signal) {
      const parts = tiles.flatMap((tile, index) => {
        const low = start.map((first, i) => Math.max(first, tile.start[i] as number));
        const high = stop.map((end, i) => Math.min(end, tile.stop[i] as number));
        return low.every((first, i) => first < (high[i] as number)) ? [{ index, low, high }] : [];
      });
      const readPart = ({ index, low, high }: typeof parts[number]): Promise<StoredBlock> => {
        const { start: origin } = tiles[index] as Tile;
        return open.use(index, (array) => array.read(minus(low, origin), minus(high, origin), signal));
      };
      const [first, second] = parts;
      if (first !== undefined && second === undefined) return await readPart(first);
      const block = createBlock(header.dtype, boxShape(start, stop));
      for (const part of parts) {
        const offset = elementOffset(0, block.strides, minus(part.low, start));
        copyBlock(header.dtype, boxShape(part.low, part.high), await readPart(part), { ...block, offset });
      }
      return block;
    },
    close: () => open.close(),
  };
}

function minus(values: readonly number[], origin: readonly number[]): number[] {
  return values.map((value, i) => value - (origin[i] as number));
}
