/**
 * HDF5 files: a thin layer over the C library that knows nothing of images or projects.
 *
 * Every method takes its turn: HDF5 is built without thread safety, so its calls run one after another, large reads and
 * writes on another thread while the event loop goes on. All failures are {@linkcode NativeError}s with HDF5's own words.
 *
 * Paths inside a file may begin with `/` or not. Links inside the file are followed; links to other files only if the
 * file was opened so.
 *
 * @module
 */
import { attributeNames, readAttribute, writeAttribute } from "./hdf5_attributes.ts";
import { datasetExtent, datasetInfo, H5Dataset } from "./hdf5_dataset.ts";
import { allowCutOff, type CutOff, cutOffOf } from "./hdf5_cut_off.ts";
import { check, clearErrors, DEFAULT, failure, type Hdf5, hsizes, Id, locked, nameCallback } from "./hdf5_library.ts";
import {
  type H5NewValue,
  type H5Type,
  type H5Value,
  makeNumberType,
  makeSpace,
  numberLength,
  prepareValue,
  readValue,
} from "./hdf5_types.ts";
import type { NumberType } from "./numbers.ts";
import { cString } from "./text.ts";

export { H5Dataset } from "./hdf5_dataset.ts";
export type { H5Chunk, H5Filter, H5Info } from "./hdf5_dataset.ts";
export { type CutOff, cutOffOf } from "./hdf5_cut_off.ts";
export { libraryVersion, shutdown } from "./hdf5_library.ts";
export { typeText } from "./hdf5_types.ts";
export type { H5NewValue, H5Type, H5Value } from "./hdf5_types.ts";
export type { Numbers as H5Numbers, NumberType as H5Dtype } from "./numbers.ts";
export { NativeError, type NativeErrorLine } from "./native_error.ts";

/** What a name in a file leads to; `broken` is a link that leads nowhere, or to where it may not. */
export type H5Kind = "group" | "dataset" | "type" | "broken";

/** A member of a group. */
export interface H5Member {
  /** Its name in the group. */
  readonly name: string;
  /** What it is. */
  readonly kind: H5Kind;
}

/** A dataset that was found in a file. */
export interface H5Found {
  /** Path from the root, without the first `/`. */
  readonly path: string;
  /** Sizes; `undefined` if it holds nothing (null dataspace). */
  readonly shape: readonly number[] | undefined;
  /** Element type. */
  readonly type: H5Type;
}

/** What a new dataset is like. */
export interface H5NewDataset {
  /** Element type. */
  readonly dtype: NumberType;
  /** Sizes; empty for a single value. */
  readonly shape: readonly number[];
  /** Sizes of a chunk; without it the content is contiguous. */
  readonly chunk?: readonly number[];
  /** Level of deflate, 0…9; needs `chunk`. */
  readonly gzip?: number;
  /** Whether bytes are shuffled before deflate; needs `chunk`. */
  readonly shuffle?: boolean;
  /** Whether space is filled with zeros that are written in any case: `false` leaves it unwritten (default `true`). */
  readonly fill?: boolean;
}

const ACCESS = { read: 0, write: 1, replace: 2 } as const;
const CLOSE_ALL = 3;
const EARLIEST = 0;
const LATEST = 5;
const UTF8 = 1;
const SCOPE_GLOBAL = 1;
const BY_NAME = 0;
const ASCENDING = 0;
const INFO_BASIC = 1;
const KINDS: readonly H5Kind[] = ["group", "dataset", "type"];
/**
 * Whether a file is an HDF5 file at all, judged by its signature.
 *
 * @throws {NativeError} if the file cannot be opened
 */
export function isHdf5(path: string): Promise<boolean> {
  return locked((hdf5) => {
    using access = fileAccess(hdf5, "read");
    return check(hdf5, "H5Fis_accessible", hdf5.c.H5Fis_accessible(cString(path), access.value)) > 0;
  });
}

/** An open HDF5 file. */
export class H5File implements Disposable, AsyncDisposable {
  /** Path as given. */
  readonly path: string;
  /** How much is missing at its end; only after {@linkcode openCutOff}. */
  readonly cutOff: CutOff | undefined;
  readonly #id: bigint;
  readonly #writable: boolean;
  readonly #otherFiles: boolean;
  #closed: Promise<void> | undefined;

  private constructor(path: string, id: bigint, writable: boolean, otherFiles: boolean, cut?: CutOff) {
    this.path = path;
    this.cutOff = cut;
    this.#id = id;
    this.#writable = writable;
    this.#otherFiles = otherFiles;
  }

  /**
   * Opens a file. For reading it is not locked, unless the environment variable `HDF5_USE_FILE_LOCKING` (which HDF5 reads)
   * says so: cluster file systems often cannot.
   *
   * @param path the file
   * @param options.write whether it will be changed
   * @param options.noWriter whether nobody else may have it open for writing; where locks are known
   * @param options.otherFiles whether links, external storage and virtual datasets may lead to other files; default no
   * @throws {NativeError} if there is no such file, or it is damaged or no HDF5 file
   */
  static open(
    path: string,
    options: { write?: boolean; noWriter?: boolean; otherFiles?: boolean } = {},
  ): Promise<H5File> {
    const { write = false, noWriter = false, otherFiles = false } = options;
    return locked((hdf5) => {
      using access = fileAccess(hdf5, write ? "write" : noWriter ? "locked read" : "read");
      const id = hdf5.c.H5Fopen(cString(path), write ? ACCESS.write : ACCESS.read, access.value);
      return new H5File(path, check(hdf5, "H5Fopen", id), write, otherFiles);
    });
  }

  /**
   * Opens a file for reading that may be cut off. Of one that is, everything that needs the missing bytes fails, and
   * nothing is written or kept elsewhere.
   *
   * @throws {NativeError} as {@linkcode open}, also when too little of the file is there
   */
  static async openCutOff(path: string): Promise<H5File> {
    try {
      return await H5File.open(path);
    } catch (error) {
      const cut = cutOffOf(error);
      if (cut === undefined) throw error;
      return await locked((hdf5) => {
        using access = fileAccess(hdf5, "read");
        allowCutOff(hdf5, access.value);
        const id = hdf5.c.H5Fopen(cString(path), ACCESS.read, access.value);
        if (id >= 0) return new H5File(path, id, false, false, cut);
        clearErrors(hdf5);
        throw error;
      });
    }
  }

  /**
   * Makes a new file in the oldest format that can hold its content; replaces one that is there.
   *
   * @throws {NativeError} if it cannot be written
   */
  static create(path: string): Promise<H5File> {
    return locked((hdf5) => {
      using access = fileAccess(hdf5, "write");
      const id = hdf5.c.H5Fcreate(cString(path), ACCESS.replace, DEFAULT, access.value);
      return new H5File(path, check(hdf5, "H5Fcreate", id), true, false);
    });
  }

  /** Members of a group, in the order of their names. */
  members(path: string): Promise<readonly H5Member[]> {
    return locked((hdf5) => {
      using group = this.#open(hdf5, path);
      return this.#members(hdf5, group.value);
    });
  }

  /** What a path leads to; `undefined` if there is nothing of this name. */
  kind(path: string): Promise<H5Kind | undefined> {
    return locked((hdf5) => this.#kind(hdf5, path));
  }

  /** All datasets, once each, in the order of their paths; links that lead in circles are harmless. */
  datasets(): Promise<readonly H5Found[]> {
    return locked((hdf5) => {
      const found: H5Found[] = [];
      const seen = new Set<string>();
      // Groups stay open to the end: numbers of other files are only valid while these are open.
      const groups: Id[] = [];
      const visit = (group: Id, prefix: string) => {
        groups.push(group);
        for (const { name, kind } of this.#members(hdf5, group.value)) {
          if (kind !== "group" && kind !== "dataset") continue;
          const member = new Id(hdf5, "H5Oopen", this.#openAt(hdf5, group.value, name), "H5Oclose");
          const identity = objectInfo(hdf5, member.value).identity;
          if (seen.has(identity)) {
            member[Symbol.dispose]();
            continue;
          }
          seen.add(identity);
          if (kind === "group") {
            visit(member, `${prefix}${name}/`);
          } else {
            groups.push(member);
            found.push({ path: `${prefix}${name}`, ...datasetExtent(hdf5, member.value) });
          }
        }
      };
      try {
        const root = this.#open(hdf5, "/");
        seen.add(objectInfo(hdf5, root.value).identity);
        visit(root, "");
      } finally {
        for (const group of groups.reverse()) group[Symbol.dispose]();
      }
      return found;
    });
  }

  /**
   * Opens a dataset.
   *
   * @param path its path
   * @param options.cacheBytes how much of its unpacked chunks HDF5 keeps (default 8 MiB, see HDF5's documentation)
   * @throws {NativeError} if there is none
   */
  dataset(path: string, options: { cacheBytes?: number } = {}): Promise<H5Dataset> {
    return locked((hdf5) => {
      const { c, id } = hdf5;
      using access = new Id(hdf5, "H5Pcreate", c.H5Pcreate(id.H5P_CLS_DATASET_ACCESS_ID_g), "H5Pclose");
      if (!this.#otherFiles) {
        check(hdf5, "H5Pset_elink_cb", c.H5Pset_elink_cb(access.value, hdf5.refuseLink, null));
      }
      if (options.cacheBytes !== undefined) {
        // 12 421 slots: a prime far above the number of chunks in any sensible cache. 0.75: HDF5's default.
        const bytes = BigInt(options.cacheBytes);
        check(hdf5, "H5Pset_chunk_cache", c.H5Pset_chunk_cache(access.value, 12421n, bytes, 0.75));
      }
      const dataset = check(hdf5, "H5Dopen2", c.H5Dopen2(this.#id, cString(path), access.value));
      try {
        if (!this.#otherFiles) refuseOtherFiles(hdf5, dataset);
        return new H5Dataset(path, dataset, datasetInfo(hdf5, dataset), this.#writable);
      } catch (error) {
        c.H5Dclose(dataset);
        throw error;
      }
    });
  }

  /**
   * The whole content of a small dataset; `undefined` if there is no dataset of this name.
   *
   * @param path its path
   * @param maxBytes more content than this is an error, so that a damaged file cannot fill the memory
   */
  value(path: string, maxBytes = 2 ** 28): Promise<H5Value | undefined> {
    return locked((hdf5) => {
      if (this.#kind(hdf5, path) !== "dataset") return undefined;
      using dataset = this.#open(hdf5, path);
      const extent = datasetExtent(hdf5, dataset.value);
      if (numberLength(extent) > maxBytes) {
        throw failure("H5Dread", `${path} claims to hold ${numberLength(extent)} bytes`);
      }
      const { c } = hdf5;
      if (!this.#otherFiles) refuseOtherFiles(hdf5, dataset.value);
      using type = new Id(hdf5, "H5Dget_type", c.H5Dget_type(dataset.value), "H5Tclose");
      using space = new Id(hdf5, "H5Dget_space", c.H5Dget_space(dataset.value), "H5Sclose");
      return readValue(hdf5, type.value, space.value, extent, (memory, buffer) => {
        check(hdf5, "H5Dread", c.H5Dread(dataset.value, memory, DEFAULT, DEFAULT, DEFAULT, buffer));
      });
    });
  }

  /** Names of the attributes of an object, in their order. */
  attributeNames(path: string): Promise<readonly string[]> {
    return locked((hdf5) => {
      using object = this.#open(hdf5, path);
      return attributeNames(hdf5, object.value);
    });
  }

  /** An attribute of an object; `undefined` if it has none of this name. */
  attribute(path: string, name: string): Promise<H5Value | undefined> {
    return locked((hdf5) => {
      using object = this.#open(hdf5, path);
      return readAttribute(hdf5, object.value, name);
    });
  }

  /** Makes a group and those above it; one that is there is left as it is. */
  createGroup(path: string): Promise<void> {
    return locked((hdf5) => {
      if (this.#kind(hdf5, path) === "group") return;
      const { c, id } = hdf5;
      using links = linkCreation(hdf5);
      using creation = new Id(hdf5, "H5Pcreate", c.H5Pcreate(id.H5P_CLS_GROUP_CREATE_ID_g), "H5Pclose");
      check(hdf5, "H5Pset_obj_track_times", c.H5Pset_obj_track_times(creation.value, false));
      const group = c.H5Gcreate2(this.#id, cString(path), links.value, creation.value, DEFAULT);
      new Id(hdf5, "H5Gcreate2", group, "H5Gclose")[Symbol.dispose]();
    });
  }

  /** Makes a dataset and the groups above it. */
  createDataset(path: string, spec: H5NewDataset): Promise<H5Dataset> {
    return locked((hdf5) => {
      using links = linkCreation(hdf5);
      using creation = datasetCreation(hdf5, spec);
      using type = makeNumberType(hdf5, spec.dtype);
      using space = makeSpace(hdf5, spec.shape);
      const dataset = hdf5.c.H5Dcreate2(
        this.#id,
        cString(path),
        type.value,
        space.value,
        links.value,
        creation.value,
        DEFAULT,
      );
      check(hdf5, "H5Dcreate2", dataset);
      return new H5Dataset(path, dataset, datasetInfo(hdf5, dataset), true);
    });
  }

  /** Makes a dataset, and the groups above it, that holds a small value. */
  writeValue(path: string, value: H5NewValue): Promise<void> {
    return locked(async (hdf5) => {
      const { c } = hdf5;
      using links = linkCreation(hdf5);
      using creation = datasetCreation(hdf5, {});
      using content = prepareValue(hdf5, value);
      using space = makeSpace(hdf5, content.shape);
      using dataset = new Id(
        hdf5,
        "H5Dcreate2",
        c.H5Dcreate2(
          this.#id,
          cString(path),
          content.type,
          space.value,
          links.value,
          creation.value,
          DEFAULT,
        ),
        "H5Dclose",
      );
      if (content.buffer.length === 0) return;
      const written = await c.H5Dwrite(dataset.value, content.type, DEFAULT, DEFAULT, DEFAULT, content.buffer);
      check(hdf5, "H5Dwrite", written);
    });
  }

  /** Sets an attribute of an object; replaces one that is there. */
  writeAttribute(path: string, name: string, value: H5NewValue): Promise<void> {
    return locked((hdf5) => {
      using object = this.#open(hdf5, path);
      writeAttribute(hdf5, object.value, name, value);
    });
  }

  /** Removes a name; its space in the file is not given back. */
  unlink(path: string): Promise<void> {
    return locked((hdf5) => {
      check(hdf5, "H5Ldelete", hdf5.c.H5Ldelete(this.#id, cString(path), this.#linkAccess(hdf5)));
    });
  }

  /** Gives an object another name, in the same file. */
  move(from: string, to: string): Promise<void> {
    return locked((hdf5) => {
      using links = linkCreation(hdf5);
      const access = this.#linkAccess(hdf5);
      const moved = hdf5.c.H5Lmove(this.#id, cString(from), this.#id, cString(to), links.value, access);
      check(hdf5, "H5Lmove", moved);
    });
  }

  /** Copies an object with everything below it, also into another file. */
  copy(from: string, target: H5File, to: string): Promise<void> {
    return locked(async (hdf5) => {
      using links = linkCreation(hdf5);
      const copied = await hdf5.c.H5Ocopy(this.#id, cString(from), target.#id, cString(to), DEFAULT, links.value);
      check(hdf5, "H5Ocopy", copied);
    });
  }

  /** Writes everything to disk. */
  flush(): Promise<void> {
    return locked(async (hdf5) => {
      check(hdf5, "H5Fflush", await hdf5.c.H5Fflush(this.#id, SCOPE_GLOBAL));
    });
  }

  /**
   * Closes the file and everything that was opened in it. A second call does nothing.
   *
   * @throws {NativeError} if something could not be written
   */
  close(): Promise<void> {
    return this.#closed ??= locked(async (hdf5) => {
      const { c } = hdf5;
      check(hdf5, "H5Fclose", this.#writable ? await c.H5Fclose_async(this.#id) : c.H5Fclose(this.#id));
    });
  }

  /** Closes the file as soon as the calls before are done. Written files are better closed with `await`. */
  [Symbol.dispose](): void {
    void this.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #linkAccess(hdf5: Hdf5): bigint {
    return this.#otherFiles ? DEFAULT : hdf5.insideOnly;
  }

  #openAt(hdf5: Hdf5, location: bigint, path: string): bigint {
    return hdf5.c.H5Oopen(location, cString(path === "" ? "/" : path), this.#linkAccess(hdf5));
  }

  #open(hdf5: Hdf5, path: string): Id {
    return new Id(hdf5, "H5Oopen", this.#openAt(hdf5, this.#id, path), "H5Oclose");
  }

  /** HDF5 can only be asked whether the last name of a path is there, when all before it are. */
  #kind(hdf5: Hdf5, path: string): H5Kind | undefined {
    const whole = this.#memberKind(hdf5, this.#id, path === "" ? "/" : path);
    if (whole !== "broken") return whole;
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    let prefix = "/";
    let kind: H5Kind = "group";
    for (const name of names) {
      if (kind === "broken") return kind;
      if (kind !== "group") return undefined;
      prefix += prefix === "/" ? name : `/${name}`;
      const there = hdf5.c.H5Lexists(this.#id, cString(prefix), this.#linkAccess(hdf5));
      if (check(hdf5, "H5Lexists", there) === 0) return undefined;
      kind = this.#memberKind(hdf5, this.#id, prefix);
    }
    return kind;
  }

  /** What a name that is there leads to. */
  #memberKind(hdf5: Hdf5, location: bigint, name: string): H5Kind {
    const info = new Uint8Array(INFO_BYTES);
    const got = hdf5.c.H5Oget_info_by_name3(location, cString(name), info, INFO_BASIC, this.#linkAccess(hdf5));
    if (got >= 0) return readInfo(info).kind;
    clearErrors(hdf5);
    return "broken";
  }

  #members(hdf5: Hdf5, group: bigint): H5Member[] {
    const names: string[] = [];
    using each = nameCallback(names);
    const iterated = hdf5.c.H5Literate2(group, BY_NAME, ASCENDING, null, each.pointer, null);
    check(hdf5, "H5Literate2", iterated);
    return names.map((name) => ({ name, kind: this.#memberKind(hdf5, group, name) }));
  }
}

/** Content may be elsewhere by other means than links. */
function refuseOtherFiles(hdf5: Hdf5, dataset: bigint): void {
  const { c } = hdf5;
  using creation = new Id(hdf5, "H5Dget_create_plist", c.H5Dget_create_plist(dataset), "H5Pclose");
  const outside = check(hdf5, "H5Pget_layout", c.H5Pget_layout(creation.value)) === LAYOUT_VIRTUAL ||
    check(hdf5, "H5Pget_external_count", c.H5Pget_external_count(creation.value)) > 0;
  if (outside) throw failure("H5Dopen2", "the content lies in other files, which are not opened");
}

/** How a file is opened: nothing outlives it, and reading needs no lock unless that is asked for. */
function fileAccess(hdf5: Hdf5, mode: "read" | "locked read" | "write"): Id {
  const { c, id } = hdf5;
  const access = new Id(hdf5, "H5Pcreate", c.H5Pcreate(id.H5P_CLS_FILE_ACCESS_ID_g), "H5Pclose");
  check(hdf5, "H5Pset_fclose_degree", c.H5Pset_fclose_degree(access.value, CLOSE_ALL));
  check(hdf5, "H5Pset_libver_bounds", c.H5Pset_libver_bounds(access.value, EARLIEST, LATEST));
  if (mode !== "write") {
    check(hdf5, "H5Pset_file_locking", c.H5Pset_file_locking(access.value, mode === "locked read", true));
  }
  return access;
}

/** How names are made: UTF-8, with the groups above them. */
function linkCreation(hdf5: Hdf5): Id {
  const { c, id } = hdf5;
  const links = new Id(hdf5, "H5Pcreate", c.H5Pcreate(id.H5P_CLS_LINK_CREATE_ID_g), "H5Pclose");
  check(hdf5, "H5Pset_create_intermediate_group", c.H5Pset_create_intermediate_group(links.value, 1));
  check(hdf5, "H5Pset_char_encoding", c.H5Pset_char_encoding(links.value, UTF8));
  return links;
}

/** How a dataset is laid out. No times are stored: the same content gives the same bytes. */
function datasetCreation(hdf5: Hdf5, spec: Partial<H5NewDataset>): Id {
  const { c, id } = hdf5;
  const creation = new Id(hdf5, "H5Pcreate", c.H5Pcreate(id.H5P_CLS_DATASET_CREATE_ID_g), "H5Pclose");
  const set = (call: string, result: number) => check(hdf5, call, result);
  set("H5Pset_obj_track_times", c.H5Pset_obj_track_times(creation.value, false));
  if (spec.chunk !== undefined) {
    set("H5Pset_chunk", c.H5Pset_chunk(creation.value, spec.chunk.length, hsizes(spec.chunk)));
  }
  if (spec.shuffle) set("H5Pset_shuffle", c.H5Pset_shuffle(creation.value));
  if (spec.gzip !== undefined) set("H5Pset_deflate", c.H5Pset_deflate(creation.value, spec.gzip));
  if (spec.fill === false) set("H5Pset_fill_time", c.H5Pset_fill_time(creation.value, FILL_NEVER));
  return creation;
}

const FILL_NEVER = 1;
const LAYOUT_VIRTUAL = 3;

/**
 * Where `H5O_info2_t` has what: `{unsigned long fileno; uint8_t token[16]; int type; unsigned rc; time_t × 4; hsize_t}`.
 * A long of Windows has 4 bytes.
 */
const TYPE_AT = Deno.build.os === "windows" ? 20 : 24;
const INFO_BYTES = 80;

function readInfo(info: Uint8Array<ArrayBuffer>): { kind: H5Kind; identity: string } {
  const kind = KINDS[new DataView(info.buffer).getInt32(TYPE_AT, true)] ?? "broken";
  return { kind, identity: info.subarray(0, TYPE_AT).toHex() };
}

function objectInfo(hdf5: Hdf5, object: bigint): { kind: H5Kind; identity: string } {
  const info = new Uint8Array(INFO_BYTES);
  check(hdf5, "H5Oget_info3", hdf5.c.H5Oget_info3(object, info, INFO_BASIC));
  return readInfo(info);
}
