/**
 * Whether inputs are on the intensity scale of the training data: features depend on it, and an image of another scale
 * often becomes all one class (users-ask-for.md E11). Nothing is ever rescaled.
 *
 * @module
 */
import { type Dtype, type NdArray, volume } from "../array/mod.ts";

/** What is known of the training data. */
export interface TrainedScale {
  /** Element type. */
  readonly dtype?: Dtype;
  /** Smallest and largest value, as the project stores them. */
  readonly range?: readonly [number, number];
}

/** So many values of a block are looked at. */
const SAMPLES = 4096;
/** Ranges that differ by more than this factor are worth a word. */
const FACTOR = 100;
const ADVICE =
  "values are taken as they are; if results look wrong, bring the images to the scale of the training data";

/** Inputs that differ: how many, and what the first of them is like. */
interface Differing {
  count: number;
  first: string;
  /** Element types, or the range of the first. */
  readonly found: Set<string>;
}

/** Looks at the inputs of a run, and says in one line how many of them differ from the training data. */
export class IntensityScale {
  readonly #trained: TrainedScale;
  readonly #inputs: number;
  readonly #types: Differing = { count: 0, first: "", found: new Set() };
  readonly #ranges: Differing = { count: 0, first: "", found: new Set() };
  /** Smallest and largest value seen so far, of the inputs that are being read. */
  readonly #reading = new Map<number, [number, number]>();

  /**
   * Nothing is known of the inputs yet.
   *
   * @param trained nothing is said about what it leaves out
   * @param inputs number of inputs of the run
   */
  constructor(trained: TrainedScale, inputs: number) {
    this.#trained = trained;
    this.#inputs = inputs;
  }

  /** Hears of the element type of an input. */
  opened(name: string, dtype: Dtype): void {
    if (this.#trained.dtype !== undefined && dtype !== this.#trained.dtype) note(this.#types, name, dtype);
  }

  /** Hears of a block of an input; looks at some of its values. */
  read(input: number, block: NdArray): void {
    // An element type that differs was said already, and explains the range.
    if (this.#trained.range === undefined || this.#types.count > 0) return;
    const seen = this.#reading.get(input) ?? [Infinity, -Infinity];
    const count = volume(block.shape);
    const step = Math.max(1, Math.floor(count / SAMPLES));
    for (let i = 0; i < count; i += step) {
      const value = valueAt(block, i);
      if (value < seen[0]) seen[0] = value;
      if (value > seen[1]) seen[1] = value;
    }
    this.#reading.set(input, seen);
  }

  /** Hears that an input was read to its end. */
  finished(input: number, name: string): void {
    const [low, high] = this.#reading.get(input) ?? [0, 0];
    this.#reading.delete(input);
    const { range: [from, to] = [0, 0] } = this.#trained;
    // An image of one value, for example an empty one, says nothing about its scale.
    if (!(high > low) || !(to > from)) return;
    const ratio = (high - low) / (to - from);
    if (ratio * FACTOR < 1 || ratio > FACTOR) {
      note(this.#ranges, name, this.#ranges.count === 0 ? `${low} to ${high}` : undefined);
    }
  }

  /** The warning about element types, once all inputs were opened; `undefined` when there is none. */
  typeWarning(): string | undefined {
    if (this.#types.count === 0) return undefined;
    const found = [...this.#types.found].join(" or ");
    return `${
      this.#who(this.#types, "is", "are")
    } ${found}, the project was trained on ${this.#trained.dtype}: ${ADVICE}`;
  }

  /** The warning about ranges, once all inputs were read; `undefined` when there is none. */
  rangeWarning(): string | undefined {
    if (this.#ranges.count === 0) return undefined;
    const [found] = this.#ranges.found;
    const trained = this.#trained.range?.join(" to ");
    return `${this.#who(this.#ranges, "has", "have")} values of another scale (${
      this.#ranges.count > 1 ? "the first: " : ""
    }${found}) than the training data (${trained}): ${ADVICE}`;
  }

  #who({ count, first }: Differing, one: string, several: string): string {
    if (count === 1) return `${first} ${one}`;
    const all = count === this.#inputs ? `all ${count} inputs` : `${count} of ${this.#inputs} inputs`;
    return `${all} (first: ${first}) ${several}`;
  }
}

function note(differing: Differing, name: string, found: string | undefined): void {
  if (differing.count++ === 0) differing.first = name;
  if (found !== undefined) differing.found.add(found);
}

/** Element `index` of a block in C order. */
function valueAt({ data, shape, strides, offset }: NdArray, index: number): number {
  let at = offset;
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    at += (rest % size) * (strides[axis] as number);
    rest = Math.floor(rest / size);
  }
  return Number(data[at]);
}
