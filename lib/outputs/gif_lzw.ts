/**
 * The LZW codes of GIF images, made as the pixels come. Format: CompuServe's GIF specification, appendix C.
 *
 * @module
 */

/** Bits of a palette index. */
export const INDEX_BITS = 8;

const INDICES = 2 ** INDEX_BITS;
const CLEAR = INDICES;
const END = CLEAR + 1;
const MOST_CODES = 4096;
const LONGEST_BLOCK = 255;
/** Places for strings: twice as many as there are. */
const PLACE_BITS = 13;
const PLACES = 2 ** PLACE_BITS;
/** Spreads strings over the places (D. Knuth's multiplicative hashing: 2³² over the golden ratio). */
const SPREAD = 0x9e3779b1;

/** Packs palette indices into sub-blocks: at most 255 bytes, each behind its length. */
export class GifLzw {
  /** Strings that continue a known one (`256 · its code + index`, and 1), each at its place or behind it; 0 for none. */
  readonly #strings = new Uint32Array(PLACES);
  /** Their codes. */
  readonly #codes = new Uint16Array(PLACES);
  #next = END + 1;
  #width = INDEX_BITS + 1;
  /** Code of the string that the last indices make; −1 before the first one. */
  #prefix = -1;
  /** Bits that do not make a byte yet. */
  #bits = 0;
  #bitCount = 0;
  /** The block that is being filled. */
  readonly #block = new Uint8Array(1 + LONGEST_BLOCK);
  #blockLength = 0;
  #out = new Uint8Array(0);
  #length = 0;

  constructor() {
    this.#put(CLEAR);
  }

  /** Packs more indices; gives the blocks that are full. Valid until the next call. */
  add(indices: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#begin(indices.length);
    let i = 0;
    if (this.#prefix < 0 && indices.length > 0) this.#prefix = indices[i++] as number;
    let prefix = this.#prefix;
    const [strings, codes] = [this.#strings, this.#codes];
    for (; i < indices.length; i++) {
      const index = indices[i] as number;
      const string = prefix * INDICES + index + 1;
      let place = Math.imul(string, SPREAD) >>> (32 - PLACE_BITS);
      let found = strings[place] as number;
      while (found !== string && found !== 0) {
        place = (place + 1) & (PLACES - 1);
        found = strings[place] as number;
      }
      if (found === string) {
        prefix = codes[place] as number;
        continue;
      }
      this.#put(prefix);
      this.#learn(string, place);
      prefix = index;
    }
    this.#prefix = prefix;
    return this.#out.subarray(0, this.#length);
  }

  /** What is left: the last block, and the empty one that ends the image. */
  end(): Uint8Array<ArrayBuffer> {
    this.#begin(2);
    this.#put(this.#prefix);
    // As if a string were learned: a reader now makes its last entry.
    if (this.#next === 2 ** this.#width && this.#next < MOST_CODES) this.#width++;
    this.#put(END);
    if (this.#bitCount > 0) this.#putByte(this.#bits & 255);
    if (this.#blockLength > 0) this.#putBlock();
    this.#putBlock();
    return this.#out.subarray(0, this.#length);
  }

  /** Makes room for what `count` indices can become: a code of 12 bits each, a clear code for each table, lengths. */
  #begin(count: number): void {
    const room = Math.ceil(count * 1.6) + 2 * this.#block.length + 64;
    if (this.#out.length < room) this.#out = new Uint8Array(room);
    this.#length = 0;
  }

  /** Adds a string to the table, at a free place; a full table is cleared instead. */
  #learn(string: number, place: number): void {
    if (this.#next === MOST_CODES) {
      this.#put(CLEAR);
      this.#strings.fill(0);
      this.#next = END + 1;
      this.#width = INDEX_BITS + 1;
      return;
    }
    // A reader makes each entry one code later: the width grows when it needs the wider code.
    if (this.#next === 2 ** this.#width) this.#width++;
    this.#strings[place] = string;
    this.#codes[place] = this.#next++;
  }

  #put(code: number): void {
    this.#bits |= code << this.#bitCount;
    for (this.#bitCount += this.#width; this.#bitCount >= 8; this.#bitCount -= 8) {
      this.#putByte(this.#bits & 255);
      this.#bits >>>= 8;
    }
  }

  #putByte(byte: number): void {
    this.#block[1 + this.#blockLength++] = byte;
    if (this.#blockLength === LONGEST_BLOCK) this.#putBlock();
  }

  #putBlock(): void {
    this.#block[0] = this.#blockLength;
    this.#out.set(this.#block.subarray(0, 1 + this.#blockLength), this.#length);
    this.#length += 1 + this.#blockLength;
    this.#blockLength = 0;
  }
}
