/**
 * Zarr 2 and 3, plain or as OME-Zarr 0.1 to 0.5 (cli-and-io.md §4.8). Codecs and shards are zarrita's.
 *
 * @module
 */
import * as zarr from "zarrita";
import { type Dtype, elementCount, isDtype, type TypedArray, UserError } from "../../array/mod.ts";
import { describeAxes } from "../axis_tags.ts";

import { chunkReader } from "../chunked.ts";
import { inputError } from "../input_error.ts";
import { type KeyStore, openStore } from "../key_store.ts";
import { checkShape, isInputShape, type Listed, missingInner, noInner, onlyOne, type ReadContext } from "../reader.ts";
import type { StoredArray } from "../types.ts";
import { checkCodecs, shardsBeginWithIndex } from "./codecs.ts";
import { chooseScale } from "./choose_scale.ts";
import { type Multiscale, multiscaleMeta, readMultiscales, subPaths } from "./ome.ts";
import { indexFirst, type ZarrArray, type ZarrNode, zarrStore } from "./store.ts";
import { registerCodecs } from "./own_codecs.ts";

registerCodecs();

/**
 * Opens an array of a store. A group with scales gives the one that `--scale` names, or its only one; any other group
 * gives its only array.
 *
 * @throws {UserError} kind `input`; `usage` when a scale must be chosen
 */
export async function openZarr(path: string, inner: string, context: ReadContext): Promise<StoredArray> {
  const store = openStore(path);
  const node = await openNode(store, inner);
  if (node === undefined) throw await notThere(store, inner);
  if (node.kind === "array") {
    warnOfScale(path, inner, context);
    return storedArray(store, inner, node, await parentScales(store, inner, context.warn), context);
  }
  const [multiscale, second] = readMultiscales(node.attrs);
  if (multiscale !== undefined) {
    if (second !== undefined) context.warn(`\`${path}\` holds several multi-scale images, the first one is read`);
    return await openScale(store, inner, multiscale, context);
  }
  const below = subPaths(node.attrs);
  if (below.length > 0) {
    throw new UserError("input", `\`${path}\` is a collection of images: \`${below.slice(0, 12).join("`, `")}\``, {
      hint: `add one of them to the path, for example \`${path}/${below[0]}\``,
    });
  }
  const only = onlyOne(path, (await listBelow(store, inner)).filter(({ shape }) => isInputShape(shape)));
  const array = await openNode(store, only.path);
  if (array?.kind !== "array") throw missingInner(path, only.path, []);
  warnOfScale(path, only.path, context);
  return storedArray(store, only.path, array, undefined, context);
}

function warnOfScale(path: string, inner: string, { scale, warn }: ReadContext): void {
  const where = inner === "" ? path : `${path}/${inner}`;
  if (scale !== undefined) warn(`\`${where}\` is one array: \`--scale\` has no effect on it`);
}

async function notThere(store: KeyStore, inner: string): Promise<UserError> {
  if (inner === "") return inputError(store.path, "it holds no metadata of Zarr (`zarr.json`, `.zarray` or `.zgroup`)");
  const root = await openNode(store, "");
  return root?.kind === "array"
    ? noInner(store.path, inner)
    : missingInner(store.path, inner, await listZarr(store.path));
}

/**
 * The arrays of a store that can be inputs; nothing for stores that cannot be listed.
 *
 * @throws {UserError} kind `input`
 */
export async function listZarr(path: string): Promise<readonly Listed[]> {
  return (await listBelow(openStore(path), "")).filter(({ shape }) => isInputShape(shape));
}

async function openNode(store: KeyStore, path: string): Promise<ZarrNode | undefined> {
  try {
    const node = await zarr.open(zarr.root(zarrStore(store)).resolve(path));
    if (node.kind === "array" && !hasGrid(node)) throw inputError(`${store.path}/${path}`, "its metadata are damaged");
    return node;
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    if (zarr.isZarritaError(thrown, "NotFoundError")) return undefined;
    throw foreign(`${store.path}/${path}`, thrown);
  }
}

/** Whether shape and chunks are what they should be; zarrita takes them from the file as they are. */
function hasGrid({ shape, chunks }: ZarrArray): boolean {
  const areSizes = (sizes: unknown): sizes is number[] =>
    Array.isArray(sizes) && sizes.every((size) => Number.isSafeInteger(size) && size >= 0);
  return areSizes(shape) && areSizes(chunks) && shape.length === chunks.length;
}

/** What zarrita throws on damaged metadata or chunks is of many kinds; all of them are about the file. */
function foreign(path: string, thrown: unknown): unknown {
  if (thrown instanceof UserError || !(thrown instanceof Error) || thrown.name === "AbortError") return thrown;
  return inputError(path, thrown.message, { cause: thrown });
}

/** Folders below this depth are not searched. */
const DEEPEST = 6;

async function listBelow(store: KeyStore, path: string, depth = 0): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  for (const name of depth > DEEPEST ? [] : await store.folders(path) ?? []) {
    const below = path === "" ? name : `${path}/${name}`;
    const node = await openNode(store, below);
    if (node?.kind === "array") found.push({ path: below, shape: node.shape, type: node.dtype });
    if (node?.kind === "group") found.push(...await listBelow(store, below, depth + 1));
  }
  return found;
}

interface Scale {
  readonly multiscale: Multiscale;
  /** Path of the level in the multiscale. */
  readonly key: string;
}

/** The scale that an array is, when a group above says so. */
async function parentScales(
  store: KeyStore,
  inner: string,
  warn: (message: string) => void,
): Promise<Scale | undefined> {
  const parts = inner.split("/");
  for (let i = parts.length - 1; i >= 0; i--) {
    const group = await openNode(store, parts.slice(0, i).join("/"));
    const key = parts.slice(i).join("/");
    const all = group?.kind === "group" ? readMultiscales(group.attrs) : [];
    const multiscale = all.find(({ levels }) => levels.some((level) => level.path === key));
    if (multiscale === undefined) continue;
    if (all.length > 1) warn(`\`${store.path}\` holds several multi-scale images, the one with \`${key}\` is read`);
    return { multiscale, key };
  }
  return undefined;
}

async function openScale(
  store: KeyStore,
  inner: string,
  multiscale: Multiscale,
  context: ReadContext,
): Promise<StoredArray> {
  const at = (key: string) => inner === "" ? key : `${inner}/${key}`;
  const levels = await Promise.all(multiscale.levels.map(async ({ path: key }) => {
    const node = await openNode(store, at(key));
    if (node?.kind !== "array") throw inputError(`${store.path}/${at(key)}`, "the array of this scale is missing");
    return { key, node };
  }));
  const chosen = chooseScale(store.path, levels.map(({ key, node }) => ({ key, shape: node.shape })), context);
  const { key, node } = levels[chosen] as (typeof levels)[number];
  return storedArray(store, at(key), node, { multiscale, key }, context);
}

async function storedArray(
  store: KeyStore,
  inner: string,
  node: ZarrArray,
  scale: Scale | undefined,
  context: ReadContext,
): Promise<StoredArray> {
  const where = inner === "" ? store.path : `${store.path}/${inner}`;
  const { shape, dtype } = node;
  if (!isDtype(dtype)) throw inputError(where, `it holds no numbers but ${dtype}`);
  checkShape(where, shape);
  await checkCodecs(store, inner);
  const array = await shardsBeginWithIndex(store, inner) ? await openNode(indexFirst(store), inner) : node;
  if (array?.kind !== "array") throw inputError(where, "the array is gone");
  const attrs: zarr.Attributes = node.attrs ?? {};
  const described = describeAxes({
    axistags: attrs["axistags"],
    axes: attrs["axes"],
    dimensionNames: attrs["_ARRAY_DIMENSIONS"] ?? node.dimensionNames,
    axisUnits: attrs["axis_units"],
    drange: attrs["drange"],
    displayMode: attrs["display_mode"],
  }, shape);
  if (scale === undefined && described.problem !== undefined) context.warn(`\`${where}\`: ${described.problem}`);
  const ome = scale === undefined ? undefined : multiscaleMeta(where, scale.multiscale, scale.key, shape);
  const chunk = node.chunks.map((size, i) => Math.min(size, shape[i] as number));
  return {
    shape,
    dtype,
    axes: ome?.axes ?? described.axes,
    axesExplicit: ome !== undefined || described.axesExplicit,
    imageFile: false,
    chunk,
    meta: { ...described.meta, ...ome?.meta },
    read: chunkReader({
      path: where,
      shape,
      chunk: node.chunks,
      dtype,
      decode: (position, signal) => decodeChunk(where, array, dtype, position, signal),
    }),
    close: () => Promise.resolve(),
  };
}

async function decodeChunk(
  where: string,
  node: ZarrArray,
  dtype: Dtype,
  position: readonly number[],
  signal: AbortSignal | undefined,
): Promise<{ data: TypedArray; offset: number; strides: readonly number[] }> {
  try {
    const { data, stride, shape } = await node.getChunk([...position], signal === undefined ? {} : { signal });
    if (shape.some((size, i) => size !== node.chunks[i])) throw new RangeError("a chunk has another shape");
    const numbers = plainNumbers(data, dtype);
    if (numbers.length !== elementCount(shape)) throw new RangeError("the chunk is truncated or damaged");
    return { data: numbers, offset: 0, strides: stride };
  } catch (thrown) {
    throw foreign(`${where}, chunk ${position.join("/")}`, thrown);
  }
}

/** Booleans come in a class of their own over the bytes. */
function plainNumbers(data: unknown, dtype: Dtype): TypedArray {
  if (dtype !== "bool") return data as TypedArray;
  const { buffer, byteOffset, length } = data as Uint8Array<ArrayBuffer>;
  return new Uint8Array(buffer, byteOffset, length);
}
