/**
 * Memory for the chunks of a file while they are put in order, packed and stored.
 *
 * @module
 */
import { Room } from "../../ffi/encode.ts";

/** Rooms of one file or several, to be used again: the runtime looks for garbage each time some large arrays were made. */
export class Rooms {
  readonly #free: Room[] = [];

  /** A room that nobody else uses until it is given back. */
  take(): Room {
    return this.#free.pop() ?? new Room();
  }

  /** Gives rooms back whose content nobody reads or writes any more. */
  giveBack(...rooms: readonly Room[]): void {
    this.#free.push(...rooms);
  }
}
