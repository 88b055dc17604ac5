/**
 * Reading HDF5 files whose end is missing.
 *
 * A file says in its superblock how long it is, and HDF5 refuses one that is shorter. Here it is opened nevertheless,
 * through a file driver that knows the real length: a read that reaches beyond it fails, and with it the call that needed
 * these bytes. HDF5's own drivers would give zeros, which look like content.
 *
 * @module
 */
import { check, type Hdf5 } from "./hdf5_library.ts";
import { openLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { cString, textAt } from "./text.ts";

/** How much of a file is there. */
export interface CutOff {
  /** Bytes that are there. */
  readonly length: number;
  /** Bytes that there should be. */
  readonly needed: number;
}

/** How much of a file is there, if opening it failed because its end is missing; else `undefined`. */
export function cutOffOf(error: unknown): CutOff | undefined {
  if (!(error instanceof NativeError)) return undefined;
  const found = /^truncated file: eof = (\d+), sblock->base_addr = (\d+), stored_eof = (\d+)$/.exec(error.reason);
  if (found === null) return undefined;
  const [, length = "", base = "", needed = ""] = found;
  return { length: Number(length) + Number(base), needed: Number(needed) };
}

/** Makes a file access list open files that are cut off. Only for reading. */
export function allowCutOff(hdf5: Hdf5, access: bigint): void {
  const { c } = hdf5;
  check(hdf5, "H5Pset_driver", c.H5Pset_driver(access, driver(hdf5), null));
  check(hdf5, "H5Pset", c.H5Pset(access, cString("skip_eof_check"), Uint8Array.of(1)));
}

/** The function that makes a driver known; `H5FDdevelop.h` declares it. */
export const DRIVER_FUNCTIONS = {
  // hid_t H5FDregister(const H5FD_class_t *cls)
  H5FDregister: { parameters: ["buffer"], result: "i64" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Fields of `H5FD_class_t` up to the list of free-list types, which are all 0; `number` takes 4 bytes, others 8. */
export const DRIVER_FIELDS = [
  ["version", "number"],
  ["value", "number"],
  ["name", "pointer"],
  ["maxaddr", "size"],
  ["fc_degree", "number"],
  ["terminate", "pointer"],
  ["sb_size", "pointer"],
  ["sb_encode", "pointer"],
  ["sb_decode", "pointer"],
  ["fapl_size", "size"],
  ["fapl_get", "pointer"],
  ["fapl_copy", "pointer"],
  ["fapl_free", "pointer"],
  ["dxpl_size", "size"],
  ["dxpl_copy", "pointer"],
  ["dxpl_free", "pointer"],
  ["open", "pointer"],
  ["close", "pointer"],
  ["cmp", "pointer"],
  ["query", "pointer"],
  ["get_type_map", "pointer"],
  ["alloc", "pointer"],
  ["free", "pointer"],
  ["get_eoa", "pointer"],
  ["set_eoa", "pointer"],
  ["get_eof", "pointer"],
  ["get_handle", "pointer"],
  ["read", "pointer"],
  ["write", "pointer"],
  ["read_vector", "pointer"],
  ["write_vector", "pointer"],
  ["read_selection", "pointer"],
  ["write_selection", "pointer"],
  ["flush", "pointer"],
  ["truncate", "pointer"],
  ["lock", "pointer"],
  ["unlock", "pointer"],
  ["del", "pointer"],
  ["ctl", "pointer"],
] as const;

type DriverField = typeof DRIVER_FIELDS[number][0];

/** An open file. HDF5 knows it by the address of `handle`, whose fields (`H5FD_t`, 80 bytes) it fills itself. */
interface OpenFile {
  readonly handle: Uint8Array<ArrayBuffer>;
  readonly file: Deno.FsFile;
  readonly length: number;
  /** End of what HDF5 takes for its own. */
  end: bigint;
}

const CLASS_VERSION = 1;
/** Numbers 256…511 are for drivers that are not registered with the makers of HDF5. */
const CLASS_VALUE = 500;
const CLASS_BYTES = 336;
const CLOSE_ALL = 3;
const LARGEST = 2n ** 63n - 1n;
const UNDEFINED = 2n ** 64n - 1n;
const HANDLE_BYTES = 128;
const [OK, FAILED] = [0, -1];

/** The driver of the library that is open, and what must live as long as it. */
let known: { readonly hdf5: Hdf5; readonly id: bigint; readonly kept: readonly unknown[] } | undefined;

function driver(hdf5: Hdf5): bigint {
  if (known?.hdf5 !== hdf5) {
    const { H5FDregister } = openLibrary("hdf5", DRIVER_FUNCTIONS).symbols;
    const name = cString("ilastik_headless_cut_off");
    const functions = driverFunctions();
    const id = check(hdf5, "H5FDregister", H5FDregister(driverClass(name, functions)));
    known = { hdf5, id, kept: [name, functions] };
  }
  return known.id;
}

/** The structure `H5FD_class_t`. HDF5 copies it. */
function driverClass(
  name: Uint8Array<ArrayBuffer>,
  functions: ReturnType<typeof driverFunctions>,
): Uint8Array<ArrayBuffer> {
  const address = (pointer: Deno.PointerValue) => BigInt(Deno.UnsafePointer.value(pointer));
  const values: Partial<Record<DriverField, bigint>> = {
    version: BigInt(CLASS_VERSION),
    value: BigInt(CLASS_VALUE),
    name: address(Deno.UnsafePointer.of(name)),
    maxaddr: LARGEST,
    fc_degree: BigInt(CLOSE_ALL),
    ...Object.fromEntries(Object.entries(functions).map(([field, { pointer }]) => [field, address(pointer)])),
  };
  const view = new DataView(new ArrayBuffer(CLASS_BYTES));
  let offset = 0;
  for (const [field, kind] of DRIVER_FIELDS) {
    const value = values[field] ?? 0n;
    if (kind === "number") {
      view.setInt32(offset, Number(value), true);
      offset += 4;
    } else {
      offset = Math.ceil(offset / 8) * 8;
      view.setBigUint64(offset, value, true);
      offset += 8;
    }
  }
  return new Uint8Array(view.buffer);
}

/** What the driver does, as C functions. They are never closed and never throw: HDF5 may call them until it ends. */
function driverFunctions() {
  const files = new Map<bigint, OpenFile>();
  const addressOf = (pointer: Deno.PointerValue) => BigInt(Deno.UnsafePointer.value(pointer));
  const find = (pointer: Deno.PointerValue) => files.get(addressOf(pointer));
  return {
    open: new Deno.UnsafeCallback(
      // H5FD_t *(*)(const char *name, unsigned flags, hid_t fapl, haddr_t maxaddr)
      { parameters: ["pointer", "u32", "i64", "u64"], result: "pointer" },
      (name) => {
        try {
          const file = Deno.openSync(name === null ? "" : textAt(name));
          const handle = new Uint8Array(HANDLE_BYTES);
          const pointer = Deno.UnsafePointer.of(handle);
          files.set(addressOf(pointer), { handle, file, length: file.statSync().size, end: 0n });
          return pointer;
        } catch {
          return null; // HDF5 says that it cannot be opened
        }
      },
    ),
    close: new Deno.UnsafeCallback(
      // herr_t (*)(H5FD_t *file)
      { parameters: ["pointer"], result: "i32" },
      (pointer) => {
        find(pointer)?.file.close();
        files.delete(addressOf(pointer));
        return OK;
      },
    ),
    get_eoa: new Deno.UnsafeCallback(
      // haddr_t (*)(const H5FD_t *file, H5FD_mem_t type)
      { parameters: ["pointer", "i32"], result: "u64" },
      (pointer) => find(pointer)?.end ?? UNDEFINED,
    ),
    set_eoa: new Deno.UnsafeCallback(
      // herr_t (*)(H5FD_t *file, H5FD_mem_t type, haddr_t addr)
      { parameters: ["pointer", "i32", "u64"], result: "i32" },
      (pointer, _type, end) => {
        const open = find(pointer);
        if (open === undefined) return FAILED;
        open.end = end;
        return OK;
      },
    ),
    get_eof: new Deno.UnsafeCallback(
      // haddr_t (*)(const H5FD_t *file, H5FD_mem_t type)
      { parameters: ["pointer", "i32"], result: "u64" },
      (pointer) => {
        const length = find(pointer)?.length;
        return length === undefined ? UNDEFINED : BigInt(length);
      },
    ),
    read: new Deno.UnsafeCallback(
      // herr_t (*)(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t addr, size_t size, void *buffer)
      { parameters: ["pointer", "i32", "i64", "u64", "usize", "pointer"], result: "i32" },
      (pointer, _type, _transfer, from, size, buffer) => {
        const open = find(pointer);
        if (open === undefined || buffer === null || from + size > BigInt(open.length)) return FAILED;
        return readFully(open.file, Number(from), buffer, Number(size)) ? OK : FAILED;
      },
    ),
    write: new Deno.UnsafeCallback(
      // herr_t (*)(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t addr, size_t size, const void *buffer)
      { parameters: ["pointer", "i32", "i64", "u64", "usize", "pointer"], result: "i32" },
      () => FAILED,
    ),
  } satisfies Partial<Record<DriverField, unknown>>;
}

function readFully(file: Deno.FsFile, from: number, buffer: Deno.PointerObject, size: number): boolean {
  try {
    let rest = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(buffer, size));
    file.seekSync(from, Deno.SeekMode.Start);
    while (rest.length > 0) {
      const got = file.readSync(rest);
      if (got === null) return false;
      rest = rest.subarray(got);
    }
    return true;
  } catch {
    return false; // HDF5 says that it cannot be read
  }
}
