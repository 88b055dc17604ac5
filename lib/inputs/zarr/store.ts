/**
 * Our stores in zarrita's words.
 *
 * @module
 */
import type { Array as Node, AsyncReadable, DataType, Group } from "zarrita";
import type { KeyStore } from "../key_store.ts";

/** An array of a store. */
export type ZarrArray = Node<DataType, AsyncReadable>;
/** An array or a group of a store. */
export type ZarrNode = ZarrArray | Group<AsyncReadable>;

/** A store whose ends are its beginnings: only the index of a shard is asked for by its distance from the end. */
export function indexFirst(store: KeyStore): KeyStore {
  return {
    ...store,
    get: (key, range, signal) =>
      store.get(
        key,
        range !== undefined && "suffixLength" in range ? { offset: 0, length: range.suffixLength } : range,
        signal,
      ),
  };
}

/** A store that zarrita reads from; its keys begin with `/`. */
export function zarrStore(store: KeyStore): AsyncReadable {
  return {
    get: (key, options) => store.get(key.slice(1), undefined, options?.signal),
    getRange: (key, range, options) => store.get(key.slice(1), range, options?.signal),
  };
}
