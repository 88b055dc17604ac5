/**
 * `--tile`: how a region is cut into equal tiles, one per job of a cluster.
 *
 * @module
 */
import { along, type AxisKey, type Five, type Region, regionShape, UserError, volume, withAxis } from "../array/mod.ts";

/** One tile out of several. */
export interface TileRequest {
  /** Number of the tile, from 1: Grid Engine has no task 0. */
  readonly index: number;
  /** Number of tiles. */
  readonly count: number;
}

const OPTION = "--tile";
/** How much larger than the mean a tile may be so that its faces lie on faces of chunks. */
const TOLERANCE = 0.05;

/**
 * Reads `3/16`.
 *
 * @throws {UserError} kind `usage`
 */
export function parseTile(text: string): TileRequest {
  const { index: first, count: second } = /^\s*(?<index>\d+)\s*\/\s*(?<count>\d+)\s*$/.exec(text)?.groups ?? {};
  const [index, count] = [Number(first), Number(second)];
  const hint = "for an array of 16 jobs give --tile=1/16 to --tile=16/16";
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count)) {
    throw new UserError("usage", `${OPTION}: cannot read \`${text}\``, { hint });
  }
  if (index < 1 || index > count) {
    throw new UserError("usage", `${OPTION}=${text}: there is no tile ${index} of ${count}, tiles are counted from 1`, {
      hint,
    });
  }
  return { index, count };
}

/** What names of files get in front of their extension; of equal length for all tiles. */
export function tileSuffix({ index, count }: TileRequest): string {
  return `_tile-${String(index).padStart(String(count).length, "0")}-of-${count}`;
}

/** How many tiles hold something: the first ones. No tile is smaller than a pixel with all its channels. */
export function filledTiles(region: Region, count: number): number {
  return Math.min(count, positions(region));
}

/**
 * The region of a tile. All tiles together are the region, each pixel in one of them; channels stay together. Depends
 * on nothing but the arguments.
 *
 * The region is halved again and again: first in time, which needs no pixels of neighbours, then across the longest
 * edge, so that tiles are compact. Cuts lie between chunks where the largest tile is then at most about 5 % above the mean.
 *
 * @param chunk edges of the chunks of the whole, counted from its first pixel
 * @returns the region, `undefined` when the tile is empty
 */
export function tileRegion(region: Region, { index, count }: TileRequest, chunk: Five): Region | undefined {
  let tiles = filledTiles(region, count);
  if (index > tiles) return undefined;
  const tolerance = TOLERANCE / Math.max(1, Math.ceil(Math.log2(tiles)));
  let before = index - 1;
  let part = region;
  while (tiles > 1) {
    const { axis, at, first } = bestCut(part, tiles, region.start, chunk, tolerance);
    if (before < first) {
      part = withAxis(part, axis, along(part.start, axis), at);
      tiles = first;
    } else {
      part = withAxis(part, axis, at, along(part.stop, axis));
      tiles -= first;
      before -= first;
    }
  }
  return part;
}

interface Cut {
  readonly axis: AxisKey;
  /** First position behind the cut. */
  readonly at: number;
  /** Number of tiles in front of it. */
  readonly first: number;
}

/** The first cut that is even enough, else the most even one. */
function bestCut(part: Region, tiles: number, origin: Five, chunk: Five, tolerance: number): Cut {
  let best: { cut: Cut; unevenness: number } | undefined;
  for (const cut of cuts(part, tiles, origin, chunk)) {
    const unevenness = unevennessOf(cut, part, tiles);
    if (unevenness <= tolerance) return cut;
    if (best === undefined || unevenness < best.unevenness) best = { cut, unevenness };
  }
  if (best === undefined || best.unevenness === Infinity) return halves(part, tiles);
  return best.cut;
}

/** Possible cuts, the best ones first. */
function* cuts(part: Region, tiles: number, origin: Five, chunk: Five): Generator<Cut> {
  for (const axis of axesToCut(part)) {
    const [start, stop] = [along(part.start, axis), along(part.stop, axis)];
    // Every number of tiles, or every position when there are fewer of them.
    const steps = Math.min(tiles, stop - start);
    for (let step = Math.floor(steps / 2); step >= steps / 4; step--) {
      const first = Math.round(tiles * step / steps);
      const even = start + (stop - start) * first / tiles;
      const edge = along(chunk, axis);
      const between = along(origin, axis) + Math.round((even - along(origin, axis)) / edge) * edge;
      for (const at of [between, Math.round(even)]) {
        if (start < at && at < stop) yield { axis, at, first };
      }
    }
  }
}

/** Time, then the longest edge. */
function axesToCut(part: Region): readonly AxisKey[] {
  const shape = regionShape(part);
  const space = (["z", "y", "x"] as const).toSorted((a, b) => along(shape, b) - along(shape, a));
  return (["t", ...space] as const).filter((axis) => along(shape, axis) > 1);
}

/** How much larger than the mean the tiles on one side become; infinite where there are not enough pixels for all. */
function unevennessOf({ axis, at, first }: Cut, part: Region, tiles: number): number {
  const sides = [
    [positions(withAxis(part, axis, along(part.start, axis), at)), first],
    [positions(withAxis(part, axis, at, along(part.stop, axis))), tiles - first],
  ] as const;
  if (sides.some(([pixels, share]) => pixels < share)) return Infinity;
  return Math.max(...sides.map(([pixels, share]) => pixels / share)) * tiles / positions(part) - 1;
}

/** For tiles of a pixel or two: as many on each side as there is room for. */
function halves(part: Region, tiles: number): Cut {
  const [axis = "x"] = axesToCut(part).toSorted((a, b) => edgeOf(part, b) - edgeOf(part, a));
  const at = along(part.start, axis) + Math.floor(edgeOf(part, axis) / 2);
  const left = positions(withAxis(part, axis, along(part.start, axis), at));
  const first = Math.max(tiles - (positions(part) - left), Math.min(left, Math.floor(tiles / 2)));
  return { axis, at, first };
}

function edgeOf(part: Region, axis: AxisKey): number {
  return along(regionShape(part), axis);
}

/** Pixels of a region, however many channels they have. */
function positions(region: Region): number {
  return volume(regionShape(withAxis(region, "c", 0, 1)));
}
