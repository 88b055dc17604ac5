/**
 * A fixed number of places for work that may run at the same time.
 *
 * @module
 */

/** Lets at most `count` pieces of work run at once; the others wait in order. */
export class Slots {
  /** How many pieces of work may run at once. */
  readonly count: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /**
   * All places are free at first.
   *
   * @param count at least 1
   */
  constructor(count: number) {
    this.count = count;
    this.#free = count;
  }

  /** Runs `work` as soon as a place is free; gives the place back when it ends or fails. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
