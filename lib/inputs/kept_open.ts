/**
 * Many files of which a few are open at a time.
 *
 * @module
 */

/** What is open. */
export interface Closable {
  /** Closes it; using it afterwards is a bug. */
  close(): Promise<void>;
}

/** Files in use together with those kept open for the next read. */
export class KeptOpen<T extends Closable> {
  readonly #openOne: (index: number) => Promise<T>;
  readonly #most: number;
  readonly #open = new Map<number, { readonly file: Promise<T>; users: number }>();

  /**
   * Opens nothing yet.
   *
   * @param openOne opens the file of this number
   * @param most how many are kept open, beside those in use
   */
  constructor(openOne: (index: number) => Promise<T>, most: number) {
    this.#openOne = openOne;
    this.#most = most;
  }

  /** Does something with a file, which stays open meanwhile. */
  async use<R>(index: number, action: (file: T) => Promise<R>): Promise<R> {
    const entry = this.#open.get(index) ?? this.#begin(index);
    this.#open.delete(index);
    this.#open.set(index, entry);
    entry.users++;
    try {
      return await action(await entry.file);
    } finally {
      entry.users--;
      await this.#shrink();
    }
  }

  /** Closes all that are open. */
  async close(): Promise<void> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    for (const { file } of entries) await (await file).close();
  }

  #begin(index: number): { file: Promise<T>; users: number } {
    const entry = { file: this.#openOne(index), users: 0 };
    // A file that did not open is tried again by the next read, and needs no closing.
    entry.file.catch(() => this.#open.delete(index));
    return entry;
  }

  /** Closes the files that were not used for longest. */
  async #shrink(): Promise<void> {
    for (const [index, entry] of [...this.#open]) {
      if (this.#open.size <= this.#most) return;
      if (entry.users > 0) continue;
      this.#open.delete(index);
      await (await entry.file).close();
    }
  }
}
