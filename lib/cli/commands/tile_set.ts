/**
 * Files of tiles on the command line -> the tiles of one run, complete and each once.
 *
 * @module
 */
import { elementCount, UserError } from "../../array/mod.ts";
import { findInputs, type OpenedInput, openInput } from "../../inputs/mod.ts";
import { parseTileRecord, type TiledWhole, type TileRecord } from "../../outputs/mod.ts";

/** How files are found and opened. */
export interface TileFiles {
  /** What `~` stands for. */
  readonly homeFolder: string | undefined;
  /** Stops the reading of records. */
  readonly signal: AbortSignal;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/** A tile and its file. */
export interface FoundTile {
  /** What it says of itself. */
  readonly record: TileRecord;
  /** As it was given. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Sizes in the order of the file. */
  readonly size: readonly number[];
  /** Natural block for reading, in the order of the file. */
  readonly chunk: readonly number[];
}

/** Records are read this many at a time. */
const AT_ONCE = 8;
/** Numbers of tiles, or runs of them, that a message lists. */
const LISTED = 12;
/** Longer values are not shown, in letters. */
const LONGEST = 160;

/**
 * Finds the tiles that words stand for and checks that they are all of one run.
 *
 * @param words files, `file.h5/dataset`, quoted patterns
 * @returns the tiles in their order, at least one
 * @throws {UserError} kind `input`
 */
export async function findTiles(
  words: readonly string[],
  files: TileFiles,
): Promise<readonly [FoundTile, ...FoundTile[]]> {
  const names: string[] = [];
  for (const text of words) names.push(...await findInputs(request(text, files)));
  const tiles: FoundTile[] = [];
  for (let i = 0; i < names.length; i += AT_ONCE) {
    files.signal.throwIfAborted();
    tiles.push(...await Promise.all(names.slice(i, i + AT_ONCE).map((name) => readTile(name, files))));
  }
  const [first, ...others] = tiles.toSorted((a, b) => a.record.tile - b.record.tile);
  if (first === undefined) throw new RangeError("no tiles");
  for (const tile of others) checkSameRun(tile, first);
  checkComplete([first, ...others]);
  return [first, ...others];
}

/** Opens the file of a tile. */
export function openTile(name: string, files: TileFiles): Promise<OpenedInput> {
  return openInput({ ...request(name, files), stackAlong: "z" });
}

function request(text: string, { warn, homeFolder }: TileFiles) {
  return { text, naturalSort: false, compat: false, warn, ...(homeFolder === undefined ? {} : { home: homeFolder }) };
}

async function readTile(name: string, files: TileFiles): Promise<FoundTile> {
  const { array, paths: [path = name] } = await openTile(name, files);
  try {
    const text = await array.tileRecord?.();
    if (text === undefined) {
      throw new UserError("input", `\`${name}\` is no tile`, { hint: "give files that were written with --tile" });
    }
    const record = parseTileRecord(text, array.shape);
    if (record?.whole.dtype !== array.dtype) {
      throw new UserError("input", `\`${name}\` is a damaged tile: what it says about its place does not fit it`);
    }
    return { record, name, path, size: array.shape, chunk: array.chunk };
  } finally {
    await array.close();
  }
}

function checkSameRun(tile: FoundTile, first: FoundTile): void {
  const [a, b] = [first.record.whole, tile.record.whole];
  // Causes in front of effects.
  const found = difference(a.facts, b.facts) ?? difference(described(a), described(b));
  if (found === undefined) return;
  throw new UserError("input", `\`${tile.name}\` is of another run than \`${first.name}\`: ${found}`);
}

/** What a run makes of its facts. */
function described({ tiles, axes, shape, dtype, result }: TiledWhole): Readonly<Record<string, string>> {
  return {
    "the number of tiles": String(tiles),
    "the result": result.name,
    "the shape": shape.join(" x "),
    "the order of axes": axes.join(""),
    "the element type": dtype,
    "the place in the result (tzyxc)": result.start.join(", "),
    "the description of the result": JSON.stringify(result),
  };
}

/** The first thing that differs, in words. */
function difference(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string | undefined {
  const key = Object.keys({ ...a, ...b }).find((name) => a[name] !== b[name]);
  if (key === undefined) return undefined;
  const [other, own] = [a, b].map((of) => of[key] ?? "the default") as [string, string];
  return own.length + other.length > LONGEST ? `${key} differs` : `${key} is ${own}, not ${other}`;
}

function checkComplete(tiles: readonly FoundTile[]): void {
  for (const [i, tile] of tiles.entries()) {
    const before = tiles[i - 1];
    if (before?.record.tile === tile.record.tile) {
      throw new UserError("input", `tile ${tile.record.tile} is given twice: \`${before.name}\` and \`${tile.name}\``);
    }
  }
  const [{ record: { whole }, name }] = tiles as [FoundTile];
  const given = new Set(tiles.map(({ record }) => record.tile));
  const missing = Array.from({ length: whole.filled }, (_, i) => i + 1).filter((tile) => !given.has(tile));
  if (missing.length > 0) {
    const [which, verb] = missing.length === 1 ? ["tile", "is"] : ["tiles", "are"];
    throw new UserError("input", `${which} ${numbersText(missing)} of ${whole.tiles} ${verb} missing`, {
      hint: `run what is missing as the others, with --tile=${missing[0]}/${whole.tiles}`,
    });
  }
  const values = tiles.reduce((sum, { size }) => sum + elementCount(size), 0);
  const overlapping = tiles.some((tile, i) => tiles.slice(0, i).some((other) => overlap(tile, other)));
  if (values !== elementCount(whole.shape) || overlapping) {
    throw new UserError("input", `the tiles do not fit together: \`${name}\` or another one is damaged`);
  }
}

function overlap(
  { record: { offset: a }, size: sizeA }: FoundTile,
  { record: { offset: b }, size: sizeB }: FoundTile,
): boolean {
  const at = (values: readonly number[], i: number): number => values[i] as number;
  return a.every((start, i) => start < at(b, i) + at(sizeB, i) && at(b, i) < start + at(sizeA, i));
}

/** `2, 5-7 and 9`. */
function numbersText(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  const texts = runs.slice(0, LISTED).map(([from, to]) => from === to ? String(from) : `${from}-${to}`);
  if (runs.length > LISTED) texts.push("more");
  return texts.length === 1 ? texts.join() : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}
