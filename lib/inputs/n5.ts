/**
 * Arrays in N5 folders (cli-and-io.md §4.3). Format: the N5 specification; sizes are written fastest axis first.
 *
 * @module
 */
import { inflate } from "../../ffi/inflate.ts";
import { unpackZstd } from "../../ffi/zstd.ts";
import { type Dtype, elementCount, NUMBER_DTYPES } from "../array/mod.ts";
import { describeAxes } from "./axis_tags.ts";
import { unpackBlosc } from "./blosc.ts";
import { rowMajorStrides } from "./box.ts";
import { elementsFromBytes } from "./bytes.ts";
import { chunkReader, type DecodedChunk } from "./chunked.ts";
import { guarded, inputError } from "./input_error.ts";
import { type KeyStore, openStore, readJson } from "./key_store.ts";
import { checkShape, isInputShape, type Listed, missingInner, onlyOne, type ReadContext } from "./reader.ts";
import type { StoredArray } from "./types.ts";

const ATTRIBUTES = "attributes.json";

interface Dataset {
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly dtype: Dtype;
  readonly compression: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Unpack = (packed: Uint8Array<ArrayBuffer>, bytes: number) => Uint8Array | Promise<Uint8Array>;

/** Codecs by `compression.type`. */
const CODECS: Readonly<Record<string, (settings: Readonly<Record<string, unknown>>) => Unpack>> = {
  raw: () => (packed) => packed,
  gzip: ({ useZlib }) => (packed, bytes) => inflate(useZlib === true ? "zlib" : "gzip", packed, bytes),
  zstd: () => unpackZstd,
  blosc: () => unpackBlosc,
};

/**
 * Opens a dataset; without an inner path the only one of 2 to 5 dimensions.
 *
 * @throws {UserError} kind `input`
 */
export async function openN5(path: string, inner: string, context: ReadContext): Promise<StoredArray> {
  const store = openStore(path);
  const itself = inner === "" ? await readDataset(store, "") : undefined;
  const name = inner !== "" || itself !== undefined ? inner : onlyOne(path, await listN5(path)).path;
  const dataset = itself ?? await readDataset(store, name);
  if (dataset === undefined) throw missingInner(path, inner, await listN5(path));
  return storedArray(store, name, dataset, context);
}

/**
 * The datasets of 2 to 5 dimensions.
 *
 * @throws {UserError} kind `input`
 */
export async function listN5(path: string): Promise<readonly Listed[]> {
  return await listBelow(openStore(path), "", 0);
}

/** Folders below this depth are not searched. */
const DEEPEST = 8;

async function listBelow(store: KeyStore, path: string, depth: number): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  for (const name of depth > DEEPEST ? [] : await store.folders(path) ?? []) {
    const below = path === "" ? name : `${path}/${name}`;
    const dataset = await readDataset(store, below);
    if (dataset === undefined) {
      found.push(...await listBelow(store, below, depth + 1));
    } else if (isInputShape(dataset.shape)) {
      found.push({ path: below, shape: dataset.shape, type: dataset.dtype });
    }
  }
  return found;
}

/** The metadata of a dataset; `undefined` for groups. */
async function readDataset(store: KeyStore, path: string): Promise<Dataset | undefined> {
  const where = path === "" ? store.path : `${store.path}/${path}`;
  const value = await readJson(store, path === "" ? ATTRIBUTES : `${path}/${ATTRIBUTES}`);
  if (typeof value !== "object" || value === null || !("dimensions" in value)) return undefined;
  const attributes = value as Record<string, unknown>;
  const sizes = (name: string): readonly number[] | undefined => {
    const list = attributes[name];
    const good = Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
    return good ? (list as number[]).toReversed() : undefined;
  };
  const shape = sizes("dimensions");
  const chunk = sizes("blockSize");
  if (shape === undefined || chunk?.length !== shape.length) throw inputError(where, "its attributes are damaged");
  const dtype = NUMBER_DTYPES.find((candidate) => candidate === attributes["dataType"]);
  if (dtype === undefined) throw inputError(where, `elements of type \`${attributes["dataType"]}\` are not supported`);
  return { shape, chunk, dtype, compression: compressionOf(attributes), attributes };
}

/** Old files only say `compressionType`. */
function compressionOf(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { compression, compressionType } = attributes;
  return typeof compression === "object" && compression !== null
    ? compression as Record<string, unknown>
    : { type: compressionType ?? "raw" };
}

function storedArray(store: KeyStore, name: string, dataset: Dataset, context: ReadContext): StoredArray {
  const where = name === "" ? store.path : `${store.path}/${name}`;
  const { shape, chunk, dtype, compression, attributes } = dataset;
  checkShape(where, shape);
  const codec = CODECS[String(compression["type"])];
  if (codec === undefined) {
    throw inputError(where, `its chunks are packed with \`${compression["type"]}\`, which is not supported`, {
      hint: "store it with gzip, zstd, blosc or without compression",
    });
  }
  const described = describeAxes({
    axistags: attributes["axistags"],
    axes: attributes["axes"],
    axisUnits: attributes["axis_units"],
    drange: attributes["drange"],
    displayMode: attributes["display_mode"],
    channelNames: attributes["channel_names"],
    classNames: attributes["class_names"],
    classColors: attributes["class_colors"],
  }, shape);
  if (described.problem !== undefined) context.warn(`\`${where}\`: ${described.problem}`);
  const unpack = codec(compression);
  return {
    shape,
    dtype,
    axes: described.axes,
    axesExplicit: described.axesExplicit,
    imageFile: false,
    chunk: chunk.map((size, i) => Math.min(size, shape[i] as number)),
    meta: described.meta,
    read: chunkReader({
      path: where,
      shape,
      chunk,
      dtype,
      decode: async (position, signal) => {
        const block = position.toReversed().join("/");
        const bytes = await store.get(name === "" ? block : `${name}/${block}`, undefined, signal);
        if (bytes === undefined) return undefined;
        return await guarded(
          `${where}, block ${block}`,
          () => decodeBlock(`${where}, block ${block}`, bytes, dataset, position, unpack),
        );
      },
    }),
    close: () => Promise.resolve(),
  };
}

const DEFAULT_MODE = 0;

/** A block: mode, number of axes and sizes as big-endian numbers, then the packed big-endian elements. */
async function decodeBlock(
  where: string,
  bytes: Uint8Array<ArrayBuffer>,
  { shape, chunk, dtype }: Dataset,
  position: readonly number[],
  unpack: Unpack,
): Promise<DecodedChunk> {
  const view = new DataView(bytes.buffer);
  const mode = view.getUint16(0);
  const axes = view.getUint16(2);
  if (mode !== DEFAULT_MODE || axes !== chunk.length) throw inputError(where, "it is damaged or of an unusual kind");
  const own = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i)).reverse();
  if (own.some((size, i) => size > (chunk[i] as number))) {
    throw inputError(where, "it is larger than a block should be");
  }
  const inside = chunk.map((size, i) => Math.min(size, (shape[i] as number) - size * (position[i] as number)));
  if (own.some((size, i) => size < (inside[i] as number))) {
    throw inputError(where, "it is smaller than a block should be");
  }
  const itemBytes = elementsFromBytes(dtype, new Uint8Array(8), true).BYTES_PER_ELEMENT;
  const needed = elementCount(own) * itemBytes;
  let unpacked: Uint8Array;
  try {
    unpacked = await unpack(bytes.subarray(4 + 4 * axes), needed);
  } catch (cause) {
    throw inputError(where, "it is truncated or damaged", { cause });
  }
  if (unpacked.length < needed) throw inputError(where, "it is truncated");
  // The elements are swapped in place, so they must not be somebody else's bytes.
  const data = elementsFromBytes(dtype, new Uint8Array(unpacked.subarray(0, needed)), false);
  return { data, offset: 0, strides: rowMajorStrides(own) };
}
