/**
 * What the file of a tile says about its place in the whole and about the run, so that `merge` can join the tiles.
 *
 * @module
 */
import { type Axes, type Dtype, DTYPES, type Five, parseAxes, type SourceMeta } from "../array/mod.ts";

/** HDF5 attribute with the record of a tile. */
export const TILE_ATTRIBUTE = "ilastik_headless_tile";

/** The record of a tile; JSON in the file. Fields are only ever added while `schema` is 1. */
export interface TileRecord {
  /** Version of this structure. */
  readonly schema: 1;
  /** Number of the tile, from 1. */
  readonly tile: number;
  /** First pixel of the tile in the whole, in the order of `axes`. */
  readonly offset: readonly number[];
  /** What all tiles of a run have in common. */
  readonly whole: TiledWhole;
}

/** What the tiles are parts of. */
export interface TiledWhole {
  /** Number of tiles that were asked for. */
  readonly tiles: number;
  /** Number of tiles that hold something: the first ones. */
  readonly filled: number;
  /** Axes of the file. */
  readonly axes: Axes;
  /** Sizes of the joined array, in the order of `axes`. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: Dtype;
  /** Format of the tiles. */
  readonly format: string;
  /** Dataset of the joined file, in formats that have datasets. */
  readonly innerPath: string;
  /** `{nickname}`. */
  readonly nickname: string;
  /** The result before it was cut. */
  readonly result: TiledResult;
  /** What decides about the values, by name: version, project, options, input files. */
  readonly facts: Readonly<Record<string, string>>;
}

/** The result of a workflow that tiles were cut from, with the values that are written. */
export interface TiledResult {
  /** `{result_type}`. */
  readonly name: string;
  /** Axes in which the workflow works. */
  readonly axes: Axes;
  /** Axes of the input, `c` appended. */
  readonly inputAxes: Axes;
  /** Sizes, canonical order. */
  readonly shape: Five;
  /** First pixel of the exported region, canonical order. */
  readonly start: Five;
  /** As in `ExportResult`. */
  readonly valueRange?: readonly [number, number];
  /** As in `ExportResult`. */
  readonly continuous: boolean;
  /** What is known of the whole result beside the pixels. */
  readonly meta: SourceMeta;
}

/**
 * Reads a record.
 *
 * @param size sizes of the tile in the order of the file
 * @returns `undefined` when it is damaged or does not fit the tile
 */
export function parseTileRecord(text: string, size: readonly number[]): TileRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(record)) return undefined;
  const { offset, whole: { axes, shape } } = record;
  const fits = [size, offset, shape].every(({ length }) => length === axes.length) &&
    offset.every((first, i) => first + (size[i] ?? 0) <= (shape[i] ?? 0));
  return fits ? record : undefined;
}

/** Whether the parts that places and names are made of are there; the rest is as it was written, or JSON had failed. */
function isRecord(value: unknown): value is TileRecord {
  const { schema, tile, offset, whole } = { ...value as Partial<TileRecord> };
  return schema === 1 && isCount(tile) && tile > 0 && areCounts(offset) && typeof whole === "object" &&
    isCount(whole.tiles) && isCount(whole.filled) && tile <= whole.filled && areCounts(whole.shape) &&
    areAxes(whole.axes) && DTYPES.includes(whole.dtype) && typeof whole.result === "object" &&
    areAxes(whole.result.axes) && areCounts(whole.result.shape) && typeof whole.facts === "object";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}

function areAxes(value: unknown): value is Axes {
  return Array.isArray(value) && parseAxes(value.join("")) !== undefined;
}
