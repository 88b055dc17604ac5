/**
 * Rows of an image, as they come, packed in bands of the same number of rows.
 *
 * @module
 */
import type { Room } from "../../ffi/encode.ts";
import { Rooms } from "./rooms.ts";

/** Bands that are packed at the same time; one after another they would hold up machines with many processors. */
const PACKED_AT_ONCE = 4;

/** For all files: of a sequence, many are open. */
const ROOMS = new Rooms();

/** How bands are packed and stored. */
export interface BandFormat<Packed> {
  /** Bytes of a whole band. */
  readonly bandBytes: number;
  /** Bytes of all rows. */
  readonly imageBytes: number;
  /** Packs a band. Called in the order of the bands, but not one call after another. The result may lie in `room`. */
  readonly pack: (rows: Uint8Array<ArrayBuffer>, room: Room, isLast: boolean) => Promise<Packed>;
  /** Stores a packed band; they come one after another, in their order. */
  readonly store: (packed: Packed) => Promise<void>;
}

/** Collects rows, packs bands when they are full, and the last one when no row is missing. */
export class PackedBands<Packed> {
  readonly #format: BandFormat<Packed>;
  /** Holds rows that do not fill a band yet. */
  #room: Room | undefined;
  /** How many bytes wait there. */
  #waiting = 0;
  /** Bytes that are still to come. */
  #missing: number;

  /** Nothing is collected yet. */
  constructor(format: BandFormat<Packed>) {
    this.#format = format;
    this.#missing = format.imageBytes;
  }

  /** Takes the next rows. They may change when the promise is settled. */
  async add(rows: Uint8Array<ArrayBuffer>): Promise<void> {
    const { bandBytes } = this.#format;
    const taken = this.#waiting === 0 ? 0 : this.#keep(rows.subarray(0, bandBytes - this.#waiting));
    this.#missing -= rows.length;
    const isEnd = this.#missing === 0;
    const bands: Uint8Array<ArrayBuffer>[] = [];
    if (this.#waiting === bandBytes || isEnd && this.#waiting > 0) {
      bands.push(this.#kept().subarray(0, this.#waiting));
      this.#waiting = 0;
    }
    const whole = isEnd ? rows.length : rows.length - (rows.length - taken) % bandBytes;
    for (let at = taken; at < whole; at += bandBytes) bands.push(rows.subarray(at, Math.min(at + bandBytes, whole)));
    await this.#store(bands, isEnd);
    if (whole < rows.length) this.#keep(rows.subarray(whole));
    if (isEnd && this.#room !== undefined) ROOMS.giveBack(this.#room);
  }

  async #store(bands: readonly Uint8Array<ArrayBuffer>[], isEnd: boolean): Promise<void> {
    const { pack, store } = this.#format;
    const rooms = bands.slice(0, PACKED_AT_ONCE).map(() => ROOMS.take());
    const last = isEnd ? bands.at(-1) : undefined;
    for (let i = 0; i < bands.length; i += PACKED_AT_ONCE) {
      const some = bands.slice(i, i + PACKED_AT_ONCE);
      const packed = await Promise.all(some.map((rows, k) => pack(rows, rooms[k] as Room, rows === last)));
      for (const band of packed) await store(band);
    }
    ROOMS.giveBack(...rooms);
  }

  #kept(): Uint8Array<ArrayBuffer> {
    this.#room ??= ROOMS.take();
    return this.#room.take(this.#format.bandBytes);
  }

  #keep(rows: Uint8Array<ArrayBuffer>): number {
    this.#kept().set(rows, this.#waiting);
    this.#waiting += rows.length;
    return rows.length;
  }
}
