import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Five, type Region, regionShape, UserError, volume } from "../../lib/array/mod.ts";
import { filledTiles, parseTile, tileRegion, tileSuffix } from "../../lib/outputs/tile_cut.ts";

const ONES: Five = [1, 1, 1, 1, 1];

function regions(whole: Region, count: number, chunk: Five = ONES): Region[] {
  return Array.from({ length: count }, (_, i) => tileRegion(whole, { index: i + 1, count }, chunk))
    .filter((region) => region !== undefined);
}

function from(start: Five, shape: Five): Region {
  return { start, stop: start.map((first, i) => first + (shape[i] as number)) as unknown as Five };
}

/** Pixels of a region, however many channels. */
function pixels(region: Region): number {
  return volume(regionShape(region)) / regionShape(region)[4];
}

const REGIONS: readonly Region[] = [
  from([0, 0, 0, 0, 0], [1, 1, 7, 5, 3]),
  from([2, 1, 3, 4, 1], [3, 4, 5, 6, 2]),
  from([0, 0, 0, 0, 0], [5, 1, 2, 3, 1]),
  from([0, 0, 9, 0, 0], [1, 1, 1, 1, 4]),
  from([0, 5, 0, 0, 0], [1, 13, 1, 1, 1]),
];

Deno.test("tiles cover the region, each pixel once, for every number of them", () => {
  for (const whole of REGIONS) {
    for (let count = 1; count <= 60; count++) {
      const seen = new Map<string, number>();
      const tiles = regions(whole, count, [1, 2, 3, 2, 1]);
      assertEquals(tiles.length, Math.min(count, pixels(whole)));
      assertEquals(tiles.length, filledTiles(whole, count));
      for (const { start, stop } of tiles) {
        assertEquals([start[4], stop[4]], [whole.start[4], whole.stop[4]]);
        for (let t = start[0]; t < stop[0]; t++) {
          for (let z = start[1]; z < stop[1]; z++) {
            for (let y = start[2]; y < stop[2]; y++) {
              for (let x = start[3]; x < stop[3]; x++) {
                const key = [t, z, y, x].join();
                seen.set(key, (seen.get(key) ?? 0) + 1);
              }
            }
          }
        }
      }
      assertEquals(seen.size, pixels(whole));
      assert([...seen.values()].every((times) => times === 1));
      const inside = (region: Region) =>
        region.start.every((first, i) => first >= (whole.start[i] as number)) &&
        region.stop.every((end, i) => end <= (whole.stop[i] as number));
      assert(tiles.every(inside));
    }
  }
});

Deno.test("tiles of images and volumes are of nearly equal size and compact, whatever their number", () => {
  const chunks: Five = [1, 50, 51, 50, 1];
  for (const shape of [[1, 1, 20_000, 20_000, 3], [1, 2048, 2048, 2048, 2], [1, 200, 2048, 1024, 1]] as Five[]) {
    for (const count of [2, 3, 7, 16, 25, 64, 97]) {
      const tiles = regions(from([0, 0, 0, 0, 0], shape), count, chunks);
      const mean = volume(shape) / shape[4] / count;
      for (const tile of tiles) {
        assert(pixels(tile) < 1.06 * mean && pixels(tile) > 0.85 * mean, `${shape} ${count}: ${pixels(tile) / mean}`);
        const edges = regionShape(tile).slice(1, 4).filter((edge, i) => edge < (shape[i + 1] as number) || edge > 1);
        assert(Math.max(...edges) < 12 * Math.min(...edges), `${shape} ${count}: ${edges}`);
      }
    }
  }
});

Deno.test("cuts lie between chunks where that leaves tiles nearly equal, counted from the region's first pixel", () => {
  const tiles = regions(from([0, 0, 7, 9, 0], [1, 1, 20_000, 20_000, 1]), 16, [1, 1, 358, 358, 1]);
  for (const { start } of tiles) assertEquals([(start[2] - 7) % 358, (start[3] - 9) % 358], [0, 0]);
  // Two chunks of 358 pixels are no halves of 500.
  assertEquals(regions(from([0, 0, 0, 0, 0], [1, 1, 500, 4, 1]), 2, [1, 1, 358, 4, 1]).map((r) => r.stop[2]), [
    250,
    500,
  ]);
});

Deno.test("time is cut first: its tiles need no pixels of neighbours", () => {
  const tiles = regions(from([0, 0, 0, 0, 0], [12, 1, 500, 900, 2]), 6);
  assertEquals(tiles.map(({ start, stop }) => [start[0], stop[0]]), [[0, 2], [2, 4], [4, 6], [6, 8], [8, 10], [
    10,
    12,
  ]]);
  // Three steps do not fit four tiles evenly, so each has all of them.
  const uneven = regions(from([0, 0, 0, 0, 0], [3, 1, 400, 400, 2]), 4);
  assertEquals(uneven.map((tile) => regionShape(tile).join()), Array.from({ length: 4 }, () => "3,1,200,200,2"));
});

Deno.test("absurd numbers of tiles are cut, too", () => {
  const whole = from([0, 0, 0, 0, 0], [7, 11, 30_011, 20_011, 1]);
  const count = 10 ** 9;
  for (const index of [1, 2, 123_456_789, count]) {
    const tile = tileRegion(whole, { index, count }, ONES);
    assert(tile !== undefined && pixels(tile) > 40 && pixels(tile) < 60); // of 46 on average
  }
});

Deno.test("--tile is read, with blanks, and counts from 1", () => {
  assertEquals(parseTile("3/16"), { index: 3, count: 16 });
  assertEquals(parseTile(" 1 / 1 "), { index: 1, count: 1 });
  for (const text of ["", "3", "/16", "3/", "a/b", "-1/4", "1.5/4", "3of16", "1/2/3"]) {
    assertEquals(assertThrows(() => parseTile(text), UserError, "cannot read").kind, "usage", text);
  }
  for (const text of ["0/16", "17/16", "1/0", "0/0"]) {
    assertEquals(assertThrows(() => parseTile(text), UserError, "tiles are counted from 1").kind, "usage", text);
  }
});

Deno.test("names of tiles sort as the tiles do", () => {
  const names = Array.from({ length: 120 }, (_, i) => tileSuffix({ index: i + 1, count: 120 }));
  assertEquals([names[0], names[119]], ["_tile-001-of-120", "_tile-120-of-120"]);
  assertEquals(names.toSorted(), names);
});
