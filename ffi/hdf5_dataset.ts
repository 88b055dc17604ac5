/**
 * Datasets of HDF5 files.
 *
 * @module
 */
import { attributeNames, readAttribute, writeAttribute } from "./hdf5_attributes.ts";
import { check, clearErrors, DEFAULT, failure, type Hdf5, hsizes, Id, locked } from "./hdf5_library.ts";
import {
  describeSpace,
  describeType,
  type Extent,
  type H5NewValue,
  type H5Type,
  type H5Value,
  makeSpace,
  memoryType,
  typeText,
} from "./hdf5_types.ts";
import { allocateNumbers, asBytes, numberBytes, type Numbers, type NumberType, volume } from "./numbers.ts";

/** A step that packs chunks. */
export interface H5Filter {
  /** Registered number: 1 deflate, 2 shuffle, 3 fletcher32. */
  readonly id: number;
  /** Name for messages. */
  readonly name: string;
  /** Its parameters. */
  readonly values: readonly number[];
  /** Whether this library can undo it. */
  readonly available: boolean;
}

/** All about a dataset but its content. */
export interface H5Info {
  /** Element type. */
  readonly type: H5Type;
  /** Sizes; empty if it is a single value, `undefined` if it holds nothing (null dataspace). */
  readonly shape: readonly number[] | undefined;
  /** How the content is stored. */
  readonly layout: "compact" | "contiguous" | "chunked" | "virtual";
  /** Sizes of a chunk. */
  readonly chunk: readonly number[] | undefined;
  /** In the order in which they packed. */
  readonly filters: readonly H5Filter[];
  /** Position of the content in the file, if it is contiguous and there. */
  readonly offset: number | undefined;
  /** Bytes that the content takes in the file. */
  readonly storedBytes: number;
}

/** A chunk as it lies in the file. */
export interface H5Chunk {
  /** Bit `i` is set if filter `i` was left out for this chunk. */
  readonly filterMask: number;
  /** Packed content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const SELECT = 0;
const LAYOUTS = ["compact", "contiguous", "chunked", "virtual"] as const;
/** `HADDR_UNDEF`: nothing is stored. */
const NOWHERE = 2n ** 64n - 1n;
/** Datasets and chunks of at most this many stored bytes are read without a thread: that would cost more than the reading. */
const SMALL = 2 ** 16;
const FILTER_NAMES: Readonly<Record<number, string>> = {
  1: "deflate",
  2: "shuffle",
  3: "fletcher32",
  4: "szip",
  5: "nbit",
  6: "scaleoffset",
  307: "bzip2",
  32000: "lzf",
  32001: "blosc",
  32004: "lz4",
  32008: "bitshuffle",
  32013: "zfp",
  32015: "zstd",
  32026: "blosc2",
};

/** An open dataset of numbers. Other content is read by {@linkcode H5File.value}. */
export class H5Dataset implements Disposable, AsyncDisposable {
  /** Path as given. */
  readonly path: string;
  /** All about it but its content. */
  readonly info: H5Info;
  readonly #id: bigint;
  readonly #writable: boolean;
  #closed: Promise<void> | undefined;

  /** Made by {@linkcode H5File}. */
  constructor(path: string, id: bigint, info: H5Info, writable: boolean) {
    this.path = path;
    this.info = info;
    this.#id = id;
    this.#writable = writable;
  }

  /**
   * Reads a box of numbers.
   *
   * @param start first position along each axis; empty for a single value
   * @param count how many along each axis
   * @returns the numbers in C order, in the machine's byte order
   * @throws {NativeError} if they cannot be read, or are no numbers, or the box is not inside
   */
  read(start: readonly number[], count: readonly number[]): Promise<Numbers> {
    const dtype = this.#dtype();
    return locked(async (hdf5) => {
      const data = allocateNumbers(dtype, volume(count));
      if (data.length === 0) return data;
      const { c } = hdf5;
      using space = this.#select(hdf5, start, count);
      using memory = makeSpace(hdf5, count);
      const run = this.#writable || this.info.storedBytes > SMALL ? c.H5Dread_async : c.H5Dread;
      const type = memoryType(hdf5, dtype);
      const result = await run(this.#id, type, memory.value, space.value, DEFAULT, asBytes(data));
      if (result < 0) this.#nameFilter(hdf5);
      check(hdf5, "H5Dread", result);
      return data;
    });
  }

  /**
   * Reads a chunk as it lies in the file, packed.
   *
   * @param offset position of its first element
   * @returns its bytes, or `undefined` if it was never written
   */
  readChunk(offset: readonly number[]): Promise<H5Chunk | undefined> {
    return locked(async (hdf5) => {
      const { c } = hdf5;
      const position = hsizes(offset);
      const mask = new Uint32Array(1);
      const place = new BigUint64Array(1);
      const size = new BigUint64Array(1);
      // Looks the chunk up. For one that was never written that fails; only then it is worth going through all chunks.
      if (c.H5Dget_chunk_storage_size(this.#id, position, size) < 0 || size[0] === 0n) {
        clearErrors(hdf5);
        const got = c.H5Dget_chunk_info_by_coord(this.#id, position, mask, place, size);
        check(hdf5, "H5Dget_chunk_info_by_coord", got);
        if (place[0] === NOWHERE) return undefined;
      }
      const bytes = new Uint8Array(this.#chunkBytes(Number(size[0])));
      const run = bytes.length > SMALL ? c.H5Dread_chunk2_async : c.H5Dread_chunk2;
      const read = await run(this.#id, DEFAULT, position, mask, bytes, size);
      check(hdf5, "H5Dread_chunk2", read);
      return { filterMask: mask[0] as number, bytes };
    });
  }

  /**
   * Writes a box of numbers.
   *
   * @param start first position along each axis; empty for a single value
   * @param count how many along each axis
   * @param data the numbers in C order, of the dataset's dtype; must not change before the promise is settled
   */
  write(start: readonly number[], count: readonly number[], data: Numbers): Promise<void> {
    const dtype = this.#dtype();
    const needed = volume(count) * numberBytes(dtype);
    if (data.byteLength !== needed) throw new RangeError(`${data.byteLength} bytes given, ${needed} needed`);
    return locked(async (hdf5) => {
      if (needed === 0) return;
      using space = this.#select(hdf5, start, count);
      using memory = makeSpace(hdf5, count);
      // The type in the file may be big-endian; booleans are an enum that plain numbers are not converted to.
      using own = new Id(hdf5, "H5Dget_type", hdf5.c.H5Dget_type(this.#id), "H5Tclose");
      const type = dtype === "bool" ? own.value : memoryType(hdf5, dtype);
      const written = await hdf5.c.H5Dwrite(this.#id, type, memory.value, space.value, DEFAULT, asBytes(data));
      check(hdf5, "H5Dwrite", written);
    });
  }

  /**
   * Writes a chunk that was packed by its filters already.
   *
   * @param offset position of its first element
   * @param bytes must not change before the promise is settled
   * @param filterMask bit `i` is set if filter `i` was left out
   */
  writeChunk(offset: readonly number[], bytes: Uint8Array<ArrayBuffer>, filterMask = 0): Promise<void> {
    return locked(async (hdf5) => {
      const size = BigInt(bytes.length);
      const written = await hdf5.c.H5Dwrite_chunk(this.#id, DEFAULT, filterMask, hsizes(offset), size, bytes);
      check(hdf5, "H5Dwrite_chunk", written);
    });
  }

  /** Names of the attributes, in their order. */
  attributeNames(): Promise<readonly string[]> {
    return locked((hdf5) => attributeNames(hdf5, this.#id));
  }

  /** An attribute; `undefined` if there is none of this name. */
  attribute(name: string): Promise<H5Value | undefined> {
    return locked((hdf5) => readAttribute(hdf5, this.#id, name));
  }

  /** Sets an attribute; replaces one that is there. */
  writeAttribute(name: string, value: H5NewValue): Promise<void> {
    return locked((hdf5) => writeAttribute(hdf5, this.#id, name, value));
  }

  /** Closes the dataset; what was written goes to the file. A second call does nothing. */
  close(): Promise<void> {
    return this.#closed ??= locked(async (hdf5) => {
      const { c } = hdf5;
      check(hdf5, "H5Dclose", this.#writable ? await c.H5Dclose_async(this.#id) : c.H5Dclose(this.#id));
    });
  }

  /** Closes the dataset as soon as the calls before are done. */
  [Symbol.dispose](): void {
    void this.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #dtype(): NumberType {
    const { type } = this.info;
    if (type.kind !== "number") throw failure("H5Dread", `${this.path} holds no numbers but ${typeText(type)}`);
    return type.dtype;
  }

  #select(hdf5: Hdf5, start: readonly number[], count: readonly number[]): Id {
    const { c } = hdf5;
    const space = new Id(hdf5, "H5Dget_space", c.H5Dget_space(this.#id), "H5Sclose");
    if (start.length > 0) {
      const selected = c.H5Sselect_hyperslab(space.value, SELECT, hsizes(start), null, hsizes(count), null);
      check(hdf5, "H5Sselect_hyperslab", selected);
    }
    return space;
  }

  /** The size of a packed chunk, if it can be true. Packing may make a chunk a little longer, never much. */
  #chunkBytes(claimed: number): number {
    const { type, chunk } = this.info;
    const plain = volume(chunk ?? []) * (type.kind === "number" ? numberBytes(type.dtype) : 1);
    if (claimed <= 2 * plain + 1024) return claimed;
    throw failure("H5Dget_chunk_storage_size", `a chunk of ${plain} bytes claims to take ${claimed} bytes`);
  }

  /** A filter that is not there is a better reason than any that HDF5 gives. */
  #nameFilter(hdf5: Hdf5): void {
    const missing = this.info.filters.find(({ available }) => !available);
    if (missing === undefined) return;
    clearErrors(hdf5);
    throw failure("H5Dread", `it is packed by the filter ${missing.name} (${missing.id}), which is not built in`);
  }
}

/** Type and shape of a dataset. */
export function datasetExtent(hdf5: Hdf5, dataset: bigint): Extent {
  const { c } = hdf5;
  using type = new Id(hdf5, "H5Dget_type", c.H5Dget_type(dataset), "H5Tclose");
  using space = new Id(hdf5, "H5Dget_space", c.H5Dget_space(dataset), "H5Sclose");
  return { type: describeType(hdf5, type.value), shape: describeSpace(hdf5, space.value) };
}

/** All about a dataset but its content. */
export function datasetInfo(hdf5: Hdf5, dataset: bigint): H5Info {
  const { c } = hdf5;
  const { type, shape } = datasetExtent(hdf5, dataset);
  using creation = new Id(hdf5, "H5Dget_create_plist", c.H5Dget_create_plist(dataset), "H5Pclose");
  const layout = LAYOUTS[check(hdf5, "H5Pget_layout", c.H5Pget_layout(creation.value))];
  if (layout === undefined) throw failure("H5Pget_layout", "unknown layout of a dataset");
  const chunk = new BigUint64Array(shape?.length ?? 0);
  if (layout === "chunked") check(hdf5, "H5Pget_chunk", c.H5Pget_chunk(creation.value, chunk.length, chunk));
  const place = layout === "contiguous" ? c.H5Dget_offset(dataset) : NOWHERE;
  clearErrors(hdf5);
  return {
    type,
    shape,
    layout,
    chunk: layout === "chunked" ? Array.from(chunk, Number) : undefined,
    filters: filters(hdf5, creation.value),
    offset: place === NOWHERE ? undefined : Number(place),
    storedBytes: Number(c.H5Dget_storage_size(dataset)),
  };
}

function filters(hdf5: Hdf5, creation: bigint): H5Filter[] {
  const { c } = hdf5;
  const count = check(hdf5, "H5Pget_nfilters", c.H5Pget_nfilters(creation));
  return Array.from({ length: count }, (_, i) => {
    const values = new Uint32Array(32);
    const length = BigUint64Array.of(BigInt(values.length));
    const id = c.H5Pget_filter2(creation, i, new Uint32Array(1), length, values, 0n, null, new Uint32Array(1));
    check(hdf5, "H5Pget_filter2", id);
    return {
      id,
      name: FILTER_NAMES[id] ?? "of unknown name",
      values: [...values.subarray(0, Number(length[0]))],
      available: check(hdf5, "H5Zfilter_avail", c.H5Zfilter_avail(id)) > 0,
    };
  });
}
