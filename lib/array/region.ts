/**
 * Boxes of a canonical `tzyxc` array, half-open.
 *
 * @module
 */
import { type AxisKey, type Five, five, volume } from "./axes.ts";

/** A box: `start` inclusive, `stop` exclusive, both in canonical order. */
export interface Region {
  /** First corner, inclusive. */
  readonly start: Five;
  /** Last corner, exclusive. */
  readonly stop: Five;
}

/** The region of a whole array. */
export function wholeRegion(shape: Five): Region {
  return { start: [0, 0, 0, 0, 0], stop: shape };
}

/** Edge lengths of a region. */
export function regionShape(region: Region): Five {
  return five((_, i) => at(region.stop, i) - at(region.start, i));
}

/** Number of elements of a region. */
export function regionVolume(region: Region): number {
  return volume(regionShape(region));
}

/** Whether the region holds nothing. */
export function isEmptyRegion(region: Region): boolean {
  return region.start.some((start, i) => at(region.stop, i) <= start);
}

/** The part that two regions share (possibly empty: stop is never before start). */
export function intersect(a: Region, b: Region): Region {
  const start = five((_, i) => Math.max(at(a.start, i), at(b.start, i)));
  return { start, stop: five((_, i) => Math.max(at(start, i), Math.min(at(a.stop, i), at(b.stop, i)))) };
}

/** Whether `outer` holds all of `inner`. */
export function containsRegion(outer: Region, inner: Region): boolean {
  return inner.start.every((start, i) => at(outer.start, i) <= start && at(inner.stop, i) <= at(outer.stop, i));
}

/** Grows a region by a halo on both sides of each axis, clipped at `shape`. */
export function grow(region: Region, halo: Five, shape: Five): Region {
  return {
    start: five((_, i) => Math.max(0, at(region.start, i) - at(halo, i))),
    stop: five((_, i) => Math.min(at(shape, i), at(region.stop, i) + at(halo, i))),
  };
}

/** Moves a region by five offsets. */
export function shift(region: Region, by: Five): Region {
  return {
    start: five((_, i) => at(region.start, i) + at(by, i)),
    stop: five((_, i) => at(region.stop, i) + at(by, i)),
  };
}

/** A region with other bounds along one axis. */
export function withAxis(region: Region, axis: AxisKey, start: number, stop: number): Region {
  return {
    start: five((a, i) => a === axis ? start : at(region.start, i)),
    stop: five((a, i) => a === axis ? stop : at(region.stop, i)),
  };
}

/**
 * Cuts a region into blocks of at most `block`, in C order (`c` fastest). Blocks start at `region.start`.
 */
export function* blocksOf(region: Region, block: Five): Generator<Region> {
  const counts = five((_, i) => Math.ceil((at(region.stop, i) - at(region.start, i)) / at(block, i)));
  const total = volume(counts);
  for (let flat = 0; flat < total; flat++) {
    let rest = flat;
    const index = [0, 0, 0, 0, 0];
    for (let i = 4; i >= 0; i--) {
      index[i] = rest % at(counts, i);
      rest = Math.floor(rest / at(counts, i));
    }
    const start = five((_, i) => at(region.start, i) + (index[i] ?? 0) * at(block, i));
    yield { start, stop: five((_, i) => Math.min(at(region.stop, i), at(start, i) + at(block, i))) };
  }
}

function at(values: Five, index: number): number {
  return values[index] as number;
}
