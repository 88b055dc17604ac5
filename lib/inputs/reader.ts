/**
 * What the readers of the formats have in common.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { inputError } from "./input_error.ts";
import type { StoredArray } from "./types.ts";

/** What a reader may need to know beside the path. */
export interface ReadContext {
  /** `--scale`: key or index of a resolution level. */
  readonly scale?: string;
  /** Reproduce the original's odd choices (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
  /** Receives lines about what was chosen. */
  readonly info: (message: string) => void;
}

/**
 * Opens one array.
 *
 * @param path the file or folder, absolute
 * @param inner path inside of it, without leading slash; empty when none was given
 * @throws {UserError} kind `input`, or `usage` when a choice is missing
 */
export type OpenArray = (path: string, inner: string, context: ReadContext) => Promise<StoredArray>;

/** Numbers of dimensions that an input can have. */
const FEWEST = 2;
const MOST = 5;

/** Whether an array of this shape can be an input. */
export function isInputShape(shape: readonly number[]): boolean {
  return shape.length >= FEWEST && shape.length <= MOST;
}

/**
 * Refuses what no workflow can work on: wrong number of dimensions, nothing inside.
 *
 * @throws {UserError} kind `input`
 */
export function checkShape(path: string, shape: readonly number[]): void {
  if (!isInputShape(shape)) {
    throw inputError(
      path,
      `it has ${shape.length} dimensions (${shapeText(shape)}), ${FEWEST} to ${MOST} are possible`,
    );
  }
  if (shape.includes(0)) throw inputError(path, `it is empty: its shape is ${shapeText(shape)}`);
}

/** A shape for people: `30×2048×2048`. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single value" : shape.join("×");
}

/** An array inside a file, for messages. */
export interface Listed {
  /** Path as given. */
  readonly path: string;
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
  /** Element type, in words. */
  readonly type: string;
}

/** How many arrays a message names. */
const LISTED = 12;

/** Arrays of a file in one line: `a (20×30 uint8), b/c (5×6 float32)`. */
export function listText(listed: readonly Listed[]): string {
  const names = listed.slice(0, LISTED).map(({ path, shape, type }) => `\`${path}\` (${shapeText(shape)} ${type})`);
  if (listed.length > LISTED) names.push(`${listed.length - LISTED} more`);
  return names.join(", ");
}

/**
 * The array that is meant when no inner path was given.
 *
 * @param path the file
 * @param candidates arrays of 2 to 5 dimensions in it
 * @throws {UserError} kind `input` when there is none or more than one
 */
export function onlyOne(path: string, candidates: readonly Listed[]): Listed {
  const [first, second] = candidates;
  if (first === undefined) throw inputError(path, "it contains no arrays of 2 to 5 dimensions");
  if (second === undefined) return first;
  throw new UserError("input", `\`${path}\` holds several arrays: ${listText(candidates)}`, {
    hint: `add the inner path, for example \`${path}/${first.path}\``,
  });
}

/**
 * The error for an inner path that leads nowhere.
 *
 * @param found all arrays of the file
 */
export function missingInner(path: string, inner: string, found: readonly Listed[]): UserError {
  const has = found.length === 0 ? "it contains no arrays" : `it has: ${listText(found)}`;
  return new UserError("input", `\`${path}\` has no array \`${inner}\`; ${has}`);
}

/** The error for an inner path of what is a single array. */
export function noInner(path: string, inner: string): UserError {
  return inputError(path, `it is one array, there is no \`${inner}\` inside`, { hint: `leave \`/${inner}\` away` });
}
