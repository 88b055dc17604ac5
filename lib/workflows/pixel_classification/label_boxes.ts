/**
 * Boxes around labelled pixels, in which their features are computed.
 *
 * @module
 */
import { type Five, type Region, regionShape } from "../../array/mod.ts";
import type { LabelledPixels } from "./labels.ts";

/** A box and what lies in it. */
export interface LabelBox {
  /** Canonical; all `columns` of the features. */
  readonly region: Region;
  /** Indices of the labelled pixels inside. */
  readonly members: readonly number[];
}

/** Boxes have at most this size, canonical order: labels are lines and dots with much space between them. */
const TILE: Five = [1, 64, 256, 256, 1];

/**
 * Boxes that hold each labelled pixel once.
 *
 * @param columns number of features
 * @param fits whether a box is small enough; one pixel is in any case
 */
export function labelBoxes(lane: LabelledPixels, columns: number, fits: (region: Region) => boolean): LabelBox[] {
  const boxes: LabelBox[] = [];
  const waiting = [...tilesOf(lane).values()];
  for (let members = waiting.pop(); members !== undefined; members = waiting.pop()) {
    const region = boundingBox(lane, members, columns);
    const longest = longestAxis(region);
    if (longest === undefined || fits(region)) {
      boxes.push({ region, members });
      continue;
    }
    const middle = ((region.start[longest] as number) + (region.stop[longest] as number)) / 2;
    const isLow = (i: number) => (lane.positions[i]?.[longest] ?? 0) < middle;
    waiting.push(members.filter(isLow), members.filter((i) => !isLow(i)));
  }
  return boxes;
}

/** Indices of labelled pixels by tile. */
function tilesOf(lane: LabelledPixels): ReadonlyMap<string, readonly number[]> {
  const tiles = new Map<string, number[]>();
  lane.positions.forEach((position, i) => {
    const key = position.map((value, axis) => Math.floor(value / (TILE[axis] as number))).join();
    const members = tiles.get(key);
    if (members === undefined) tiles.set(key, [i]);
    else members.push(i);
  });
  return tiles;
}

function boundingBox(lane: LabelledPixels, members: readonly number[], columns: number): Region {
  const low = [Infinity, Infinity, Infinity, Infinity];
  const high = [0, 0, 0, 0];
  for (const i of members) {
    lane.positions[i]?.forEach((value, axis) => {
      low[axis] = Math.min(low[axis] as number, value);
      high[axis] = Math.max(high[axis] as number, value + 1);
    });
  }
  const corner = ([t = 0, z = 0, y = 0, x = 0]: readonly number[], c: number): Five => [t, z, y, x, c];
  return { start: corner(low, 0), stop: corner(high, columns) };
}

/** The longest of z, y and x; `undefined` for a single pixel. Both of its ends hold labelled pixels. */
function longestAxis(region: Region): 1 | 2 | 3 | undefined {
  const shape = regionShape(region);
  const axis = ([1, 2, 3] as const).reduce((longest, i) => shape[i] > shape[longest] ? i : longest);
  return shape[axis] > 1 ? axis : undefined;
}
