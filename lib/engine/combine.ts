/**
 * Pure combinators: lazy sources out of lazy sources.
 *
 * @module
 */
import {
  type ArraySource,
  blocksOf,
  copyArray,
  createArray,
  dtypeInfo,
  type Five,
  five,
  intersect,
  isEmptyRegion,
  type NdArray,
  type Region,
  regionShape,
  regionVolume,
  shift,
  type SourceCost,
  subArray,
  volume,
  withAxis,
} from "../array/mod.ts";
import { Slots } from "./slots.ts";

/**
 * The channels of several sources one after another.
 *
 * @param sources equal in sizes (but channels) and element type
 * @param meta of the whole; that of the first source by default
 */
export function stackChannels(sources: readonly ArraySource[], meta = (sources[0] as ArraySource).meta): ArraySource {
  const [first] = sources;
  if (first === undefined) throw new RangeError("no sources to stack");
  const starts = sources.map((_, i) => sources.slice(0, i).reduce((sum, source) => sum + source.shape[4], 0));
  const [t, z, y, x] = first.shape;
  const shape: Five = [t, z, y, x, sources.reduce((sum, source) => sum + source.shape[4], 0)];
  return {
    shape,
    axes: first.axes.includes("c") ? first.axes : [...first.axes, "c"],
    dtype: first.dtype,
    chunk: first.chunk,
    meta,
    cost: {
      bytes: (region) =>
        regionVolume(withAxis(region, "c", 0, shape[4])) * dtypeInfo(first.dtype).bytes * 2 +
        Math.max(...sources.map((source) => source.cost?.bytes(withAxis(region, "c", 0, source.shape[4])) ?? 0)),
      work: (region) =>
        sources.reduce((sum, source) => sum + (source.cost?.work(withAxis(region, "c", 0, source.shape[4])) ?? 0), 0),
    },
    async read(region: Region, signal?: AbortSignal): Promise<NdArray> {
      const whole = planarArray(first.dtype, regionShape(region));
      for (const [i, source] of sources.entries()) {
        const start = Math.max(0, region.start[4] - (starts[i] as number));
        const stop = Math.min(source.shape[4], region.stop[4] - (starts[i] as number));
        if (stop <= start) continue;
        const part = await source.read(withAxis(region, "c", start, stop), signal);
        for (let c = start; c < stop; c++) {
          const target = (starts[i] as number) + c - region.start[4];
          copyArray(channel(part, c - start), channel(whole, target));
        }
      }
      return whole;
    },
  };
}

/**
 * Some channels of a source, in any order.
 *
 * @param channels indices of channels of `source`
 */
export function selectChannels(source: ArraySource, channels: readonly number[]): ArraySource {
  const [t, z, y, x] = source.shape;
  const { channelNames, classColors } = source.meta;
  const names = channelNames && channels.map((channel) => channelNames[channel] ?? "");
  const colors = classColors && channels.flatMap((channel) => classColors.slice(channel, channel + 1));
  /** What is read: all channels from the first that is wanted to the last. */
  const span = (region: Region): Region => {
    const wanted = channels.slice(region.start[4], region.stop[4]);
    return withAxis(region, "c", Math.min(...wanted), Math.max(...wanted) + 1);
  };
  return {
    ...source,
    shape: [t, z, y, x, channels.length],
    meta: {
      ...source.meta,
      ...(names === undefined ? {} : { channelNames: names }),
      ...(colors === undefined ? {} : { classColors: colors }),
    },
    cost: {
      bytes: (region: Region) => {
        const read = span(region);
        return source.cost?.bytes(read) ?? regionVolume(read) * dtypeInfo(source.dtype).bytes;
      },
      work: (region: Region) => source.cost?.work(span(region)) ?? 0,
    },
    async read(region: Region, signal?: AbortSignal): Promise<NdArray> {
      const read = span(region);
      const between = await source.read(read, signal);
      const chosen = planarArray(source.dtype, regionShape(region));
      for (let c = region.start[4]; c < region.stop[4]; c++) {
        copyArray(channel(between, (channels[c] as number) - read.start[4]), channel(chosen, c - region.start[4]));
      }
      return chosen;
    },
  };
}

/** Another element type or other values, block by block. */
export function mapBlocks(
  source: ArraySource,
  change: Partial<Pick<ArraySource, "dtype" | "meta">>,
  map: (block: NdArray) => NdArray,
): ArraySource {
  const dtype = change.dtype ?? source.dtype;
  const { cost } = source;
  return {
    ...source,
    ...change,
    ...(cost === undefined ? {} : {
      cost: {
        bytes: (region: Region) => cost.bytes(region) + regionVolume(region) * dtypeInfo(dtype).bytes,
        work: (region: Region) => cost.work(region),
      },
    }),
    read: async (region, signal) => map(await source.read(region, signal)),
  };
}

/**
 * Keeps computed tiles of a source, so that overlapping reads do not compute them again.
 *
 * @param tile edge lengths of the tiles
 * @param bytes how much is kept; the tiles used longest ago go first
 * @param atOnce how many tiles are computed at the same time, for all reads together. Their memory is beside `bytes` and
 *   beside the cost of a read
 */
export function cached(source: ArraySource, tile: Five, bytes: number, atOnce: number): ArraySource {
  const tiles = new Map<string, Promise<NdArray>>();
  const tileBytes = volume(tile) * dtypeInfo(source.dtype).bytes;
  const most = Math.max(1, Math.floor(bytes / tileBytes));
  const places = new Slots(atOnce);

  const tileAt = (region: Region, signal: AbortSignal | undefined): Promise<NdArray> => {
    const key = region.start.join();
    const found = tiles.get(key);
    const read = found ?? places.use(() => source.read(region, signal));
    tiles.delete(key);
    tiles.set(key, read);
    if (found === undefined) read.catch(() => tiles.delete(key));
    for (const oldest of tiles.keys()) {
      if (tiles.size <= most) break;
      tiles.delete(oldest);
    }
    return read;
  };

  const cost: SourceCost | undefined = source.cost === undefined ? undefined : {
    bytes: (region) => regionVolume(region) * dtypeInfo(source.dtype).bytes,
    // What is kept is computed once, whatever the halo.
    work: (region) => source.cost?.work(region) ?? 0,
  };
  return {
    ...source,
    ...(cost === undefined ? {} : { cost }),
    async read(region: Region, signal?: AbortSignal): Promise<NdArray> {
      const whole = createArray(source.dtype, regionShape(region));
      const reads = [...blocksOf(toTiles(region, tile, source.shape), tile)].map(async (part) =>
        copyShared(await tileAt(part, signal), part.start, whole, region)
      );
      await Promise.allSettled(reads);
      await Promise.all(reads);
      return whole;
    },
  };
}

/** The region of all tiles that a region touches. */
function toTiles(region: Region, tile: Five, shape: Five): Region {
  const edge = (i: number): number => tile[i] as number;
  return {
    start: five((_, i) => Math.floor((region.start[i] as number) / edge(i)) * edge(i)),
    stop: five((_, i) => Math.min(shape[i] as number, Math.ceil((region.stop[i] as number) / edge(i)) * edge(i))),
  };
}

/** Copies what a tile at `origin` and the array of `region` share. */
function copyShared(tile: NdArray, origin: Five, target: NdArray, region: Region): void {
  const covered = { start: origin, stop: five((_, i) => (origin[i] as number) + (tile.shape[i] as number)) };
  const shared = intersect(covered, region);
  if (isEmptyRegion(shared)) return;
  copyArray(subArray(tile, shift(shared, negated(origin))), subArray(target, shift(shared, negated(region.start))));
}

function negated(values: Five): Five {
  return five((_, i) => -(values[i] as number));
}

function channel(array: NdArray, c: number): NdArray {
  const [t, z, y, x] = array.shape;
  return subArray(array, { start: [0, 0, 0, 0, c], stop: [t, z, y, x, c + 1] });
}

/** An array whose channels are planes: filling and reading single channels is fast. */
function planarArray(dtype: NdArray["dtype"], shape: Five): NdArray {
  const [, z, y, x, c] = shape;
  return { ...createArray(dtype, shape), strides: [z * y * x * c, y * x, x, 1, z * y * x] };
}
