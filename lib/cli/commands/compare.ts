/**
 * Compares two lazy arrays value by value, block by block.
 *
 * @module
 */
import {
  type ArraySource,
  blocksOf,
  CANONICAL,
  dtypeInfo,
  type Five,
  five,
  isIntegerDtype,
  type Region,
  regionShape,
  toDense,
  type TypedArray,
  volume,
  wholeRegion,
} from "../../array/mod.ts";
import { chooseBlocks } from "../../engine/mod.ts";

/** A position and the two values there. */
export interface Difference {
  /** Position by axis. */
  readonly at: Readonly<Record<string, number>>;
  /** Value in the first array; `NaN` and infinities as text. */
  readonly a: number | string;
  /** Value in the second array. */
  readonly b: number | string;
}

/** How two arrays of equal sizes differ. */
export interface Comparison {
  /** Number of values in each. */
  readonly values: number;
  /** Values that differ by more than the tolerance; NaN equals NaN. */
  readonly differing: number;
  /** Largest absolute difference; `null` when a value is NaN or infinite in only one of the arrays. */
  readonly largest: number | null;
  /** Mean absolute difference over all values; `null` as above. */
  readonly mean: number | null;
  /** Where the largest difference is; `null` when there is none. */
  readonly worst: Difference | null;
  /** The first difference in the order t z y x c; `null` when there is none. */
  readonly first: Difference | null;
  /** Share of equal values, 0…1; for integers that is the agreement of the labels. */
  readonly agreement: number;
  /** Whether both arrays hold integers. */
  readonly labels: boolean;
}

/** Memory for the two blocks that are compared. */
const BLOCK_BYTES = 2 ** 27;

/**
 * Compares two arrays of equal shape.
 *
 * @param tolerance absolute differences up to this count as equal
 */
export async function compareArrays(
  a: ArraySource,
  b: ArraySource,
  tolerance: number,
  signal: AbortSignal,
): Promise<Comparison> {
  const sums = new Sums(tolerance);
  const least = Math.max(...[a, b].map(({ chunk, dtype }) => volume(chunk) * dtypeInfo(dtype).bytes));
  const { block } = chooseBlocks([a], { threads: 1, memory: Math.max(BLOCK_BYTES, 2 * least), multiple: a.chunk });
  for (const region of blocksOf(wholeRegion(a.shape), block)) {
    signal.throwIfAborted();
    const [left, right] = await Promise.all([a.read(region, signal), b.read(region, signal)]);
    sums.add(toDense(left).data, toDense(right).data, region, a.shape);
  }
  return sums.comparison(a, b);
}

interface Place {
  readonly index: number;
  readonly region: Region;
  readonly a: number;
  readonly b: number;
}

/** What is counted over all blocks. */
class Sums {
  readonly #tolerance: number;
  #values = 0;
  #differing = 0;
  #sum = 0;
  #largest = 0;
  #worst: Place | undefined;
  #first: Place | undefined;
  #firstIndex = Infinity;

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  add(left: TypedArray, right: TypedArray, region: Region, shape: Five): void {
    this.#values += left.length;
    for (let i = 0; i < left.length; i++) {
      const [p, q] = [left[i] as number | bigint, right[i] as number | bigint];
      if (p === q) continue;
      const [a, b] = [Number(p), Number(q)];
      if (Number.isNaN(a) && Number.isNaN(b)) continue;
      // Large integers differ although their nearest floating point numbers do not.
      const difference = typeof p === "bigint" && typeof q === "bigint" ? Math.abs(Number(p - q)) : Math.abs(a - b);
      this.#sum += difference;
      if (difference <= this.#tolerance) continue;
      this.#differing++;
      const place = { index: i, region, a, b };
      if (this.#worst === undefined || difference > this.#largest || Number.isNaN(difference)) {
        [this.#worst, this.#largest] = [place, difference];
      }
      const index = linearIndex(position(place), shape);
      if (index < this.#firstIndex) [this.#first, this.#firstIndex] = [place, index];
    }
  }

  comparison(a: ArraySource, b: ArraySource): Comparison {
    const finite = (value: number): number | null => Number.isFinite(value) ? value : null;
    return {
      values: this.#values,
      differing: this.#differing,
      largest: finite(this.#largest),
      mean: finite(this.#values === 0 ? 0 : this.#sum / this.#values),
      worst: this.#worst === undefined ? null : describe(this.#worst, a, b),
      first: this.#first === undefined ? null : describe(this.#first, a, b),
      agreement: this.#values === 0 ? 1 : 1 - this.#differing / this.#values,
      labels: isIntegerDtype(a.dtype) && isIntegerDtype(b.dtype),
    };
  }
}

/** Position of a place in the whole array. */
function position({ index, region }: Place): Five {
  const shape = regionShape(region);
  let rest = index;
  const inside = [0, 0, 0, 0, 0];
  for (let axis = 4; axis >= 0; axis--) {
    inside[axis] = rest % (shape[axis] as number);
    rest = Math.floor(rest / (shape[axis] as number));
  }
  return five((_, i) => (region.start[i] as number) + (inside[i] as number));
}

function linearIndex(at: Five, shape: Five): number {
  return at.reduce((sum, value, axis) => sum * (shape[axis] as number) + value, 0);
}

function describe(place: Place, a: ArraySource, b: ArraySource): Difference {
  const at = position(place);
  const axes = CANONICAL.filter((axis) => a.axes.includes(axis) || b.axes.includes(axis));
  const plain = (value: number): number | string => Number.isFinite(value) ? value : String(value);
  return {
    at: Object.fromEntries(axes.map((axis) => [axis, at[CANONICAL.indexOf(axis)] as number])),
    a: plain(place.a),
    b: plain(place.b),
  };
}
