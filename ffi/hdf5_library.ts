/**
 * The HDF5 library itself: opened at first use, one call at a time, errors with its own words, one shutdown.
 *
 * @module
 */
import { CONSTANTS, FUNCTIONS } from "./hdf5_symbols.ts";
import { openLibrary } from "./library.ts";
import { textAt } from "./text.ts";
import { NativeError, type NativeErrorLine } from "./native_error.ts";

/** The open library. Use it only inside {@linkcode locked}. */
export interface Hdf5 {
  /** Its functions. */
  readonly c: Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];
  /** Its identifiers. */
  readonly id: Readonly<Record<keyof typeof CONSTANTS, bigint>>;
  /** Link access property list that refuses links to other files. */
  readonly insideOnly: bigint;
  /** Called by HDF5 when it meets a link to another file; refuses. */
  readonly refuseLink: Deno.PointerObject;
}

/** Default property list, default dataspace (all of it), default error stack. */
export const DEFAULT = 0n;

const DIRECTION_DOWN = 1;

let opened: Hdf5 | undefined;
let ended = false;
let last: Promise<unknown> = Promise.resolve();
/** File that a refused link points to, since the last error. */
let refused: string | undefined;

/**
 * Runs `work` when every earlier piece of work is done. HDF5 is built without thread safety: all its calls happen in
 * here. A call of `locked` inside `work` would wait for itself.
 *
 * @param work gets the open library
 * @returns what `work` returns
 */
export function locked<T>(work: (hdf5: Hdf5) => T | Promise<T>): Promise<T> {
  const run = last.then(() => work(opened ??= open()));
  last = run.then(() => {}, () => {});
  return run;
}

/**
 * Closes every file and ends the library. Without it, files that were written stay truncated: HDF5's own exit handler
 * is switched off. Waits for work that was begun; afterwards no file can be opened. Does nothing if HDF5 never ran.
 *
 * @throws {NativeError} if something could not be written
 */
export function shutdown(): Promise<void> {
  const run = last.then(() => {
    ended = true;
    const hdf5 = opened;
    opened = undefined;
    if (hdf5 !== undefined) check(hdf5, "H5close", hdf5.c.H5close());
  });
  last = run.catch(() => {});
  return run;
}

/** The library's version, for example `1.14.5`. */
export function libraryVersion(): Promise<string> {
  return locked((hdf5) => {
    const parts = [new Uint32Array(1), new Uint32Array(1), new Uint32Array(1)] as const;
    check(hdf5, "H5get_libversion", hdf5.c.H5get_libversion(...parts));
    return parts.map(([part]) => part).join(".");
  });
}

/**
 * The one place that turns a result into an error.
 *
 * @param hdf5 the library
 * @param call name of the function that was called
 * @param result what it returned; negative means failure
 * @returns the result
 * @throws {NativeError} with HDF5's own error stack
 */
export function check<R extends number | bigint>(hdf5: Hdf5, call: string, result: R): R {
  if (result >= 0) return result;
  const lines = errorStack(hdf5.c);
  if (refused !== undefined) {
    lines.push({ function: call, text: `the link to another file, ${refused}, is not followed` });
    refused = undefined;
  }
  throw new NativeError("HDF5", call, Number(result), lines);
}

/** An error that we find before HDF5 does. */
export function failure(call: string, text: string): NativeError {
  return new NativeError("HDF5", call, -1, [{ function: call, text }]);
}

/** Forgets an error that was expected. */
export function clearErrors(hdf5: Hdf5): void {
  refused = undefined;
  hdf5.c.H5Eclear2(DEFAULT);
}

/** An HDF5 identifier that is closed at the end of its block. */
export class Id implements Disposable {
  /** The `hid_t`. */
  readonly value: bigint;
  readonly #close: () => void;

  /**
   * Takes over an identifier.
   *
   * @param hdf5 the library
   * @param call function that made the identifier
   * @param value what it returned
   * @param close function that closes it, for example `H5Sclose`
   * @throws {NativeError} if `value` is negative
   */
  constructor(
    hdf5: Hdf5,
    call: string,
    value: bigint,
    close: "H5Aclose" | "H5Dclose" | "H5Gclose" | "H5Oclose" | "H5Pclose" | "H5Sclose" | "H5Tclose",
  ) {
    this.value = check(hdf5, call, value);
    this.#close = () => check(hdf5, close, hdf5.c[close](value));
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#close();
  }
}

/** Sizes or positions as `hsize_t[]`. */
export function hsizes(values: readonly number[]): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from(values, BigInt);
}

/** A callback that collects names: `herr_t (*)(hid_t location, const char *name, const info *, void *op_data)`. */
export function nameCallback(names: string[]): Disposable & { readonly pointer: Deno.PointerObject } {
  const callback = new Deno.UnsafeCallback(
    { parameters: ["i64", "pointer", "pointer", "pointer"], result: "i32" },
    (_location, name) => {
      if (name !== null) names.push(textAt(name));
      return 0;
    },
  );
  return { pointer: callback.pointer, [Symbol.dispose]: () => callback.close() };
}

/** Opens the library. The order of the calls matters (packaging.md §0.3–0.5, §4.3). */
function open(): Hdf5 {
  if (ended) throw new Error("HDF5 was used after its shutdown");
  const { symbols: c } = openLibrary("hdf5", FUNCTIONS);
  // Negative when it was said before, by another isolate of this process (`deno test` gives each file its own).
  c.H5dont_atexit();
  if (c.H5open() < 0) throw new NativeError("HDF5", "H5open", -1, errorStack(c));
  c.H5Eset_auto2(DEFAULT, null, null);
  if (c.H5PLset_loading_state(0) < 0) throw new NativeError("HDF5", "H5PLset_loading_state", -1, errorStack(c));
  // Statics are read at dlopen and exist only since H5open: open once more for them.
  const { symbols: id } = openLibrary("hdf5", CONSTANTS);
  const refuse = new Deno.UnsafeCallback(
    // herr_t (*)(const char *parent_file, const char *parent_group, const char *child_file, const char *child_object,
    //            unsigned *acc_flags, hid_t fapl_id, void *op_data)
    { parameters: ["pointer", "pointer", "pointer", "pointer", "pointer", "i64", "pointer"], result: "i32" },
    (_parentFile, _parentGroup, file) => {
      refused = file === null ? "" : textAt(file);
      return -1;
    },
  );
  const hdf5 = { c, id, insideOnly: c.H5Pcreate(id.H5P_CLS_LINK_ACCESS_ID_g), refuseLink: refuse.pointer };
  check(hdf5, "H5Pcreate", hdf5.insideOnly);
  check(hdf5, "H5Pset_elink_cb", c.H5Pset_elink_cb(hdf5.insideOnly, refuse.pointer, null));
  return hdf5;
}

/** Reads and clears the error stack. It is one for the whole process, so only within the lock. */
function errorStack(c: Hdf5["c"]): NativeErrorLine[] {
  const lines: NativeErrorLine[] = [];
  const text = (view: Deno.UnsafePointerView, offset: number) => {
    const pointer = view.getPointer(offset);
    return pointer === null ? "" : textAt(pointer);
  };
  const walk = new Deno.UnsafeCallback(
    // herr_t (*)(unsigned n, const H5E_error2_t *err_desc, void *client_data)
    { parameters: ["u32", "pointer", "pointer"], result: "i32" },
    (_n, entry) => {
      if (entry !== null) {
        // {hid_t cls_id, maj_num, min_num; unsigned line; const char *func_name @32, *file_name @40, *desc @48}
        const view = new Deno.UnsafePointerView(entry);
        lines.push({ function: text(view, 32), text: text(view, 48) });
      }
      return 0;
    },
  );
  try {
    c.H5Ewalk2(DEFAULT, DIRECTION_DOWN, walk.pointer, null);
    c.H5Eclear2(DEFAULT);
  } finally {
    walk.close();
  }
  return lines;
}
