/**
 * Opens an input: finds its files, chooses the reader, stacks, names.
 *
 * @module
 */
import { dirname } from "@std/path";
import type { SourceMeta } from "../array/mod.ts";
import { containerKind } from "./container.ts";
import { chooseFormat } from "./formats.ts";
import { isUrl } from "./key_store.ts";
import { locate, type Location } from "./locate.ts";
import { nickname } from "./names.ts";
import { innerMatcher, isPattern } from "./patterns.ts";
import { missingInner, noInner, type ReadContext } from "./reader.ts";
import { sortSlices } from "./sorting.ts";
import { stackArrays } from "./stack.ts";
import type { InputRequest, OpenedInput, SearchRequest, StoredArray } from "./types.ts";

/** Value range of 8-bit data when the file says nothing else (cli-and-io.md §4.3.3). */
const BYTE_RANGE = [0, 255] as const;

/**
 * Opens an input as it was written on the command line. Only headers are read.
 *
 * @throws {UserError} kind `input` when it cannot be read, `usage` when the word or an option cannot be meant so
 */
export async function openInput(request: InputRequest): Promise<OpenedInput> {
  const warn = onceEach(request.warn);
  const context: ReadContext = {
    compat: request.compat,
    warn,
    info: onceEach(request.info ?? (() => {})),
    ...(request.scale === undefined ? {} : { scale: request.scale }),
  };
  const found = await locate({ ...request, warn });
  const locations = (await Promise.all(found.map((location) => withInnerPattern(location, request, context)))).flat();
  const [first] = locations;
  if (first === undefined) throw new RangeError("an input without files");
  const opened = locations.length === 1 ? await openOne(first, context) : await stackArrays(
    locations.map((location) => ({
      name: location.inner === "" ? location.path : `${location.path}/${location.inner}`,
      open: () => openOne(location, context),
    })),
    request.stackAlong,
    request.compat,
    warn,
  );
  const paths = [...new Set(locations.map(({ path }) => path))];
  const innerPaths = locations.map(({ inner }) => inner).filter((inner) => inner !== "");
  return { array: withRange(opened), paths, innerPaths, ...await namesOf(locations, request.compat) };
}

/**
 * The arrays that a word stands for, sorted, each as a word that stands for it alone: for patterns and lists that are no
 * stacks.
 *
 * @throws {UserError} as {@linkcode openInput}
 */
export async function findInputs(request: SearchRequest): Promise<readonly string[]> {
  const context: ReadContext = { compat: request.compat, warn: request.warn, info: () => {} };
  const found = await locate(request);
  const locations = await Promise.all(found.map((location) => withInnerPattern(location, request, context)));
  return locations.flat().map(({ path, inner }) => inner === "" ? path : `${path}/${inner}`);
}

/** Names of outputs; what lies inside a Zarr store does not count, but in compat mode (cli-and-io.md §2.8). */
async function namesOf(
  locations: readonly Location[],
  compat: boolean,
): Promise<Pick<OpenedInput, "nickname" | "datasetDir">> {
  const first = (locations[0] as Location).path;
  const isZarr = (isUrl(first) || (await Deno.stat(first)).isDirectory) && await containerKind(first) === "zarr";
  const outside = ({ path, inner }: Location) => isZarr && compat && inner !== "" ? `${path}/${inner}` : path;
  const inside = isZarr ? [] : locations.map(({ inner }) => inner).filter((inner) => inner !== "");
  const paths = [...new Set(locations.map(outside))];
  return {
    nickname: nickname(paths, inside),
    datasetDir: isUrl(first) ? Deno.cwd() : dirname(paths[0] as string),
  };
}

async function openOne({ path, inner }: Location, context: ReadContext): Promise<StoredArray> {
  const format = await chooseFormat(path, context.warn);
  if (inner !== "" && format.list === undefined) throw noInner(path, inner);
  if (context.scale !== undefined && format.folder !== "zarr") {
    context.warn(`\`${path}\` is ${format.name} and has no scales: \`--scale\` has no effect on it`);
  }
  return format.open(path, inner, context);
}

/** The arrays of a file whose names match, when the inner path is a pattern and no name of an array. */
async function withInnerPattern(
  location: Location,
  request: SearchRequest,
  context: ReadContext,
): Promise<readonly Location[]> {
  const { path, inner } = location;
  if (inner === "" || !isPattern(inner)) return [location];
  const listed = await (await chooseFormat(path, context.warn)).list?.(path) ?? [];
  if (listed.some((array) => array.path === inner)) return [location];
  const matches = innerMatcher(inner);
  const names = listed.map((array) => array.path).filter(matches);
  if (names.length === 0) throw missingInner(path, inner, listed);
  return sortSlices(names, request.naturalSort, context.warn).map((name) => ({ path, inner: name }));
}

/** The array with the value range that 8-bit data have. */
export function withRange(array: StoredArray): StoredArray {
  if (array.dtype !== "uint8" || array.meta.drange !== undefined) return array;
  const meta: SourceMeta = { ...array.meta, drange: BYTE_RANGE };
  return { ...array, meta };
}

/** Passes each text on once: parts of a stack are opened again and again. */
function onceEach(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    warn(message);
  };
}
