/**
 * Folders of chunked formats as keys and bytes, on disk or behind an http(s) address.
 *
 * @module
 */
import { join } from "@std/path";
import { openBytes } from "./bytes.ts";
import { inputError } from "./input_error.ts";

/** A part of a value. */
export type ByteRange = { readonly offset: number; readonly length: number } | { readonly suffixLength: number };

/** Values by key; keys have `/` between the parts and none in front. */
export interface KeyStore {
  /** Path or address, for messages. */
  readonly path: string;
  /**
   * A value, or a part of it; `undefined` when there is none of this key.
   *
   * @throws {UserError} kind `input` when it is there and cannot be read
   */
  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Names of the folders below a key; `undefined` when the store cannot tell. */
  folders(key: string): Promise<readonly string[] | undefined>;
}

/** Whether an input is an address and not a path. */
export function isUrl(path: string): boolean {
  return /^https?:\/\//.test(path);
}

/** A server that has not begun to answer after this many milliseconds is given up. */
const PATIENCE = 20_000;

/**
 * The store of a path or address.
 *
 * @param patience how long a server may take until it begins to answer, in milliseconds
 */
export function openStore(path: string, patience = PATIENCE): KeyStore {
  return isUrl(path) ? webStore(path.replace(/\/+$/, ""), patience) : folderStore(path);
}

/**
 * A JSON value of a store; `undefined` when there is none of this key.
 *
 * @throws {UserError} kind `input` when it is no JSON
 */
export async function readJson(store: KeyStore, key: string): Promise<unknown> {
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw inputError(`${store.path}/${key}`, "it is damaged: no JSON", { cause });
  }
}

function folderStore(path: string): KeyStore {
  return {
    path,
    async get(key, range, signal) {
      signal?.throwIfAborted();
      const file = join(path, key);
      try {
        if (range === undefined) return await Deno.readFile(file);
      } catch (error) {
        if (ABSENT.some((type) => error instanceof type)) return undefined;
        const denied = error instanceof Deno.errors.PermissionDenied;
        const reason = error instanceof Error ? error.message : String(error);
        throw inputError(file, denied ? "permission denied" : reason, { cause: error });
      }
      return isFile(file) ? await readRange(file, range) : undefined;
    },
    async folders(key) {
      const names: string[] = [];
      for await (const entry of Deno.readDir(join(path, key))) if (entry.isDirectory) names.push(entry.name);
      return names.sort();
    },
  };
}

const ABSENT = [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.IsADirectory];

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function readRange(path: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openBytes(path);
  try {
    const length = "length" in range ? range.length : Math.min(range.suffixLength, file.size);
    return await file.read("length" in range ? range.offset : file.size - length, length);
  } finally {
    await file.close();
  }
}

function webStore(path: string, patience: number): KeyStore {
  return {
    path,
    async get(key, range, signal) {
      const address = `${path}/${key}`;
      const response = await attempt(address, range, patience, signal);
      if (response.status === 404 || response.status === 403) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw inputError(address, `the server answers ${response.status} ${response.statusText}`);
      }
      const bytes = new Uint8Array(await answered(address, () => response.arrayBuffer(), signal));
      // A server that does not know ranges sends everything.
      return range === undefined || response.status === 206 ? bytes : cut(bytes, range);
    },
    folders: () => Promise.resolve(undefined),
  };
}

function cut(bytes: Uint8Array<ArrayBuffer>, range: ByteRange): Uint8Array<ArrayBuffer> {
  return "length" in range
    ? bytes.slice(range.offset, range.offset + range.length)
    : bytes.slice(Math.max(0, bytes.length - range.suffixLength));
}

async function attempt(
  address: string,
  range: ByteRange | undefined,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const wanted = range === undefined
    ? undefined
    : "length" in range
    ? `bytes=${range.offset}-${range.offset + range.length - 1}`
    : `bytes=-${range.suffixLength}`;
  const silence = new AbortController();
  const waiting = setTimeout(() => silence.abort(new Error("the server does not answer")), patience);
  const init = {
    ...(wanted === undefined ? {} : { headers: { range: wanted } }),
    signal: signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]),
  };
  try {
    return await answered(address, () => fetch(address, init), signal);
  } finally {
    clearTimeout(waiting);
  }
}

/** What a server answers; a connection that fails or breaks off is an error of the input. */
async function answered<T>(address: string, ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw inputError(address, cause instanceof Error ? connectionText(cause.message) : String(cause), { cause });
  }
}

/** What fetch says, without the address and the layers of the network that pass it on. */
function connectionText(message: string): string {
  const [, step, reason] = /client error \((\w+)\): (?:tcp connect error: |dns error: )?(.*?)(?: \(os error \d+\))?$/
    .exec(message) ?? [];
  if (reason === undefined) return message;
  return `${step === "Connect" ? "the server cannot be reached" : "the connection broke off"}: ${reason}`;
}
