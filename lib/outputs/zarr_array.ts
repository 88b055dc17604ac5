/**
 * Arrays of Zarr stores, written and read back chunk by chunk.
 * Formats: Zarr specification 2; Zarr core specification 3 with the codecs `bytes`, `blosc` and `sharding_indexed`.
 *
 * @module
 */
import { packBlosc } from "../../ffi/blosc.ts";
import type { Room } from "../../ffi/encode.ts";
import {
  CANONICAL,
  type Dtype,
  dtypeInfo,
  elementCount,
  type Five,
  five,
  type NdArray,
  type Region,
  type TypedArray,
  viewBytes,
} from "../array/mod.ts";
import { chunksOf } from "./chunks.ts";
import { crc32c } from "./crc32c.ts";
import { bytesOf } from "./layout.ts";
import { numpyType } from "./numpy.ts";
import { type PackOptions, packParts } from "./packed_chunks.ts";
import type { FileTree } from "./pending.ts";
import { Rooms } from "./rooms.ts";

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
  /** Writes one unit; `block` has the elements that lie inside the array, with any strides. */
  write(region: Region, block: NdArray): Promise<void>;
  /** Reads one chunk: full size, zeros beyond the array. */
  readChunk(index: Five): Promise<TypedArray>;
}

/** Zstandard, which packs on another thread; ilastik takes lz4, with larger files. */
const BLOSC = { cname: "lz4", clevel: 5, shuffle: 1, blocksize: 0 } as const;

/** A chunk as it is stored, in a room that has to be given back. */
interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly room: Room;
}

/** Packs parts of a block, each a chunk; zeros stand behind what lies beyond the array. */
async function pack(
  { region, block, parts }: Pick<PackOptions, "region" | "block" | "parts">,
  { chunk, dtype }: ZarrSpec,
  rooms: Rooms,
): Promise<Packed[]> {
  const plainRoom = rooms.take();
  const plain = await packParts({ region, block, parts, axes: CANONICAL, chunk, level: undefined }, plainRoom);
  const packed = await Promise.all(plain.map(async ({ bytes }) => {
    const room = rooms.take();
    return { bytes: await packBlosc(dtypeInfo(dtype).bytes, BLOSC.clevel, bytes, room), room };
  }));
  rooms.giveBack(plainRoom);
  return packed;
}

/** The codec, loaded at the first chunk: it is most of the program's text, and few runs need it. */
const blosc = async () => (await import("numcodecs/blosc")).default.fromConfig({ id: "blosc" });

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
  const rooms = new Rooms();
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
    write: async (region, block) => {
      for (const { bytes, room } of await pack({ region, block, parts: [region] }, spec, rooms)) {
        await tree.write(file(positionOf(region, chunk)), bytes);
        rooms.giveBack(room);
      }
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
  const chunks = elementCount(perShard);
  const file = (index: Five) => `${name}/c/${index.join("/")}`;
  const indexBytes = chunks * ENTRY_BYTES + CHECKSUM_BYTES;
  const rooms = new Rooms();

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
              { name: "blosc", configuration: { ...BLOSC, shuffle: "shuffle", typesize: dtypeInfo(dtype).bytes } },
            ],
            index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
            index_location: "end",
          },
        }],
        dimension_names: spec.axes,
        attributes: spec.attributes,
      }),
    write: async (region, block) => {
      const parts = [...chunksOf(region, chunk)];
      const packed = await pack({ region, block, parts }, spec, rooms);
      const index = new BigUint64Array(2 * chunks).fill(ABSENT);
      const content = new Uint8Array(packed.reduce((sum, { bytes }) => sum + bytes.length, indexBytes));
      let at = 0;
      for (const [i, { bytes, room }] of packed.entries()) {
        const number = numberInShard(positionOf(parts[i] as Region, chunk), perShard);
        index.set([BigInt(at), BigInt(bytes.length)], 2 * number);
        content.set(bytes, at);
        at += bytes.length;
        rooms.giveBack(room);
      }
      const table = bytesOf(index);
      content.set(table, at);
      new DataView(content.buffer).setUint32(content.length - CHECKSUM_BYTES, crc32c(table), true);
      await tree.write(file(positionOf(region, shard)), content);
    },
    readChunk: async (index) => {
      const content = await tree.read(file(five((_, i) => Math.floor((index[i] as number) / (perShard[i] as number)))));
      const number = numberInShard(index, perShard);
      const view = new DataView(content.buffer, content.length - indexBytes);
      const from = Number(view.getBigUint64(number * ENTRY_BYTES, true));
      const length = Number(view.getBigUint64(number * ENTRY_BYTES + 8, true));
      return await unpack(dtype, content.slice(from, from + length));
    },
  };
}

/** Place of a chunk in the index of its shard. */
function numberInShard(chunk: Five, perShard: Five): number {
  return chunk.reduce((flat, n, i) => flat * (perShard[i] as number) + n % (perShard[i] as number), 0);
}
