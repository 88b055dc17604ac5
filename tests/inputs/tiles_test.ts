import { assert, assertEquals } from "@std/assert";
import { joinTiles, type StoredArray, type Tile } from "../../lib/inputs/mod.ts";

const SHAPE = [5, 6];
const HEADER = {
  shape: SHAPE,
  dtype: "uint8",
  axes: ["y", "x"],
  axesExplicit: true,
  imageFile: false,
  chunk: [2, 2],
  meta: {},
} as const;

/** Boxes that cover 5 x 6, of unequal sizes. */
const BOXES = [[[0, 0], [2, 4]], [[0, 4], [2, 6]], [[2, 0], [5, 1]], [[2, 1], [5, 6]]] as const;

/** Tiles of an array whose values are their positions, `10·y + x`. */
function makeTiles(): { tiles: Tile[]; most: () => number; left: () => number } {
  let [open, most] = [0, 0];
  const tiles = BOXES.map(([start, stop]) => ({
    start,
    stop,
    open: (): Promise<StoredArray> => {
      most = Math.max(most, ++open);
      const size = stop.map((end, i) => end - (start[i] as number));
      return Promise.resolve({
        ...HEADER,
        shape: size,
        read: (from, to) => {
          const width = (to[1] as number) - (from[1] as number);
          const height = (to[0] as number) - (from[0] as number);
          assert(from.every((first, i) => first >= 0 && (to[i] as number) <= (size[i] as number)), "inside the tile");
          const data = Uint8Array.from({ length: width * height }, (_, k) => {
            const y = start[0] + (from[0] as number) + Math.floor(k / width);
            return 10 * y + start[1] + (from[1] as number) + k % width;
          });
          return Promise.resolve({ data, offset: 0, strides: [width, 1] });
        },
        close: () => Promise.resolve(void open--),
      });
    },
  }));
  return { tiles, most: () => most, left: () => open };
}

Deno.test("tiles are read as one array: every box, inside one tile or over several", async () => {
  const { tiles, left } = makeTiles();
  const joined = joinTiles(tiles, HEADER, 2);
  for (let y0 = 0; y0 < 5; y0++) {
    for (let y1 = y0 + 1; y1 <= 5; y1++) {
      for (let x0 = 0; x0 < 6; x0++) {
        for (let x1 = x0 + 1; x1 <= 6; x1++) {
          const { data, offset, strides: [sy = 0, sx = 0] } = await joined.read([y0, x0], [y1, x1]);
          for (let y = y0; y < y1; y++) {
            for (let x = x0; x < x1; x++) assertEquals(data[offset + (y - y0) * sy + (x - x0) * sx], 10 * y + x);
          }
        }
      }
    }
  }
  await joined.close();
  assertEquals(left(), 0);
});

Deno.test("few tiles are open at a time", async () => {
  const { tiles, most, left } = makeTiles();
  const joined = joinTiles(tiles, HEADER, 2);
  await Promise.all(Array.from({ length: 6 }, () => joined.read([0, 0], SHAPE)));
  assert(left() <= 2, `${left()} stay open`);
  await joined.close();
  const one = joinTiles(tiles, HEADER, 1);
  for (let y = 0; y < 5; y++) await one.read([y, 0], [y + 1, 6]);
  assert(left() <= 1 && most() <= BOXES.length);
  await one.close();
});
