/**
 * Arrays of Zarr stores, written and read back chunk by chunk.
 * Formats: Zarr specification 2; Zarr core specification 3 with the codecs `bytes`, `blosc` and `sharding_indexed`.
 *
 * @module
 */
import {
  type Dtype,
  dtypeInfo,
  type Five,
  five,
  intersect,
  type Region,
  regionShape,
  type TypedArray,
  viewBytes,
  wholeRegion,
} from "../array/mod.ts";
import { paddedBlock } from "./chunks.ts";
import { crc32c } from "./crc32c.ts";
import { bytesOf } from "./layout.ts";
import { numpyType } from "./numpy.ts";
import type { FileTree } from "./pending.ts";

/** An array of five axes; sizes and positions are in the order of the store. */
export interface ZarrSpec {
  /** Path inside the store. */
  readonly name: string;
  /** Sizes, canonical order. */
  readonly shape: Five;
  /** Unit of reading: what is packed together. */
  readonly chunk: Five;
  /** Element type. */
  readonly dtype: Dtype;
  /** Attributes of the array. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Names of the axes, for Zarr 3. */
  readonly axes: readonly string[];
}

/** Writes and reads an array. */
export interface ZarrArray {
  /** What the array is like. */
  readonly spec: ZarrSpec;
  /** Unit of writing: a chunk, or a shard of several. */
  readonly unit: Five;
  /** Writes the metadata. */
  create(): Promise<void>;
  /** Writes one unit; `data` has the elements that lie inside the array, C order. */
  write(region: Region, data: TypedArray): Promise<void>;
  /** Reads one chunk: full size, zeros beyond the array. */
  readChunk(index: Five): Promise<TypedArray>;
}

const BLOSC = { cname: "lz4", clevel: 5, shuffle: 1, blocksize: 0 } as const;
/** The codec, loaded at the first chunk: it is most of the program's text, and few runs need it. */
const blosc = async () => (await import("numcodecs/blosc")).default.fromConfig({ id: "blosc", ...BLOSC });
/** The element size that the packer assumes; only for the metadata of Zarr 3. */
const TYPE_SIZE = 4;

async function pack(data: TypedArray): Promise<Uint8Array<ArrayBuffer>> {
  return await (await blosc()).encode(bytesOf(data)) as Uint8Array<ArrayBuffer>;
}

async function unpack(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): Promise<TypedArray> {
  const plain = (await (await blosc()).decode(bytes)).slice() as Uint8Array<ArrayBuffer>;
  return viewBytes(dtype, plain.buffer, 0, plain.length / dtypeInfo(dtype).bytes);
}

function positionOf(region: Region, unit: Five): Five {
  return five((_, i) => (region.start[i] as number) / (unit[i] as number));
}

/** An array of a Zarr 2 store: one file per chunk. */
export function zarr2Array(tree: FileTree, spec: ZarrSpec): ZarrArray {
  const { name, shape, chunk, dtype } = spec;
  const file = (index: Five) => `${name}/${index.join("/")}`;
  return {
    spec,
    unit: chunk,
    create: async () => {
      await tree.writeJson(`${name}/.zarray`, {
        zarr_format: 2,
        shape,
        chunks: chunk,
        dtype: numpyType(dtype),
        compressor: { id: "blosc", ...BLOSC },
        fill_value: dtype === "bool" ? false : 0,
        order: "C",
        filters: null,
        dimension_separator: "/",
      });
      await tree.writeJson(`${name}/.zattrs`, spec.attributes);
    },
    write: async (region, data) => {
      const padded = paddedBlock(data, dtype, regionShape(region), chunk);
      await tree.write(file(positionOf(region, chunk)), await pack(padded));
    },
    readChunk: async (index) => await unpack(dtype, await tree.read(file(index))),
  };
}

/** Chunks of a shard along each axis of space, so that a shard stays a few megabytes. */
const CHUNKS_PER_SHARD = 2;
const ABSENT = 2n ** 64n - 1n;
const ENTRY_BYTES = 16;
const CHECKSUM_BYTES = 4;

/** An array of a Zarr 3 store: one file per shard, which begins with the chunks and ends with their places. */
export function zarr3Array(tree: FileTree, spec: ZarrSpec): ZarrArray {
  const { name, shape, chunk, dtype } = spec;
  const perShard = five((_, i) =>
    (chunk[i] as number) > 1 && (chunk[i] as number) < (shape[i] as number) ? CHUNKS_PER_SHARD : 1
  );
  const shard = five((_, i) => (chunk[i] as number) * (perShard[i] as number));
  const chunks = perShard.reduce((product, n) => product * n, 1);
  const file = (index: Five) => `${name}/c/${index.join("/")}`;
  const indexBytes = chunks * ENTRY_BYTES + CHECKSUM_BYTES;

  return {
    spec,
    unit: shard,
    create: () =>
      tree.writeJson(`${name}/zarr.json`, {
        zarr_format: 3,
        node_type: "array",
        shape,
        data_type: dtype,
        chunk_grid: { name: "regular", configuration: { chunk_shape: shard } },
        chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
        fill_value: dtype === "bool" ? false : 0,
        codecs: [{
          name: "sharding_indexed",
          configuration: {
            chunk_shape: chunk,
            codecs: [
              { name: "bytes", configuration: { endian: "little" } },
              { name: "blosc", configuration: { ...BLOSC, shuffle: "shuffle", typesize: TYPE_SIZE } },
            ],
            index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
            index_location: "end",
          },
        }],
        dimension_names: spec.axes,
        attributes: spec.attributes,
      }),
    write: async (region, data) => {
      const size = regionShape(region);
      const index = new BigUint64Array(2 * chunks).fill(ABSENT);
      const parts: Uint8Array<ArrayBuffer>[] = [];
      let position = 0;
      for (let number = 0; number < chunks; number++) {
        const start = cornerOf(number, perShard, chunk);
        const inside = intersect(wholeRegion(size), {
          start,
          stop: five((_, i) => (start[i] as number) + (chunk[i] as number)),
        });
        const count = regionShape(inside);
        if (count.some((n) => n <= 0)) continue;
        const packed = await pack(paddedBlock(cut(data, size, inside), dtype, count, chunk));
        index[2 * number] = BigInt(position);
        index[2 * number + 1] = BigInt(packed.length);
        parts.push(packed);
        position += packed.length;
      }
      const content = new Uint8Array(position + indexBytes);
      let at = 0;
      for (const part of parts) {
        content.set(part, at);
        at += part.length;
      }
      const table = bytesOf(index);
      content.set(table, at);
      new DataView(content.buffer).setUint32(content.length - CHECKSUM_BYTES, crc32c(table), true);
      await tree.write(file(positionOf(region, shard)), content);
    },
    readChunk: async (index) => {
      const content = await tree.read(file(five((_, i) => Math.floor((index[i] as number) / (perShard[i] as number)))));
      const number = five((_, i) => (index[i] as number) % (perShard[i] as number))
        .reduce((flat, n, i) => flat * (perShard[i] as number) + n, 0);
      const view = new DataView(content.buffer, content.length - indexBytes);
      const from = Number(view.getBigUint64(number * ENTRY_BYTES, true));
      const length = Number(view.getBigUint64(number * ENTRY_BYTES + 8, true));
      return await unpack(dtype, content.slice(from, from + length));
    },
  };
}

/** First element of chunk `number` of a shard. */
function cornerOf(number: number, perShard: Five, chunk: Five): Five {
  const index = [0, 0, 0, 0, 0];
  let rest = number;
  for (let i = 4; i >= 0; i--) {
    index[i] = rest % (perShard[i] as number);
    rest = Math.floor(rest / (perShard[i] as number));
  }
  return five((_, i) => (index[i] as number) * (chunk[i] as number));
}

/** A box of a C-order array. */
function cut(data: TypedArray, size: Five, box: Region): TypedArray {
  const [, z, y, x, c] = size;
  const steps: Five = [z * y * x * c, y * x * c, x * c, c, 1];
  const count = regionShape(box);
  const total = count.reduce((product, n) => product * n, 1);
  const out = data.slice(0, total);
  const row = count[4];
  for (let to = 0; to < total; to += row) {
    let rest = to / row;
    let from = box.start[4];
    for (let i = 3; i >= 0; i--) {
      from += ((box.start[i] as number) + rest % (count[i] as number)) * (steps[i] as number);
      rest = Math.floor(rest / (count[i] as number));
    }
    (out as Uint8Array).set(data.subarray(from, from + row) as Uint8Array, to);
  }
  return out;
}
