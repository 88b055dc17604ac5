/**
 * The labels that an output holds, for `--verbose`: who opens a label image sees it nearly black and thinks it is empty.
 *
 * @module
 */
import { type ArraySource, toDense } from "../array/mod.ts";

/** Smallest and largest value of what is read from a label image; of nothing for other images. */
export interface LabelRange {
  /** The image, to be read in place of the given one. */
  readonly source: ArraySource;
  /** For example `labels 1…2`; `undefined` when there are none. */
  text(): string | undefined;
}

/** Watches the labels of an image while it is read. */
export function watchLabels(source: ArraySource): LabelRange {
  if (source.meta.classNames === undefined) return { source, text: () => undefined };
  let low = Infinity;
  let high = -Infinity;
  const read: ArraySource["read"] = async (region, signal) => {
    const block = await source.read(region, signal);
    for (const value of toDense(block).data) {
      const label = Number(value);
      if (label < low) low = label;
      if (label > high) high = label;
    }
    return block;
  };
  return { source: { ...source, read }, text: () => low > high ? undefined : `labels ${low}…${high}` };
}
