/**
 * Orders of file names, and what looks odd about a list of slices.
 *
 * @module
 */

/** Plain byte order of the UTF-8 text, as the original sorts (cli-and-io.md §2.3). */
export function compareBytes(a: string, b: string): number {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  const end = Math.min(left.length, right.length);
  for (let i = 0; i < end; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Order by the numbers inside the names: `img_2` before `img_10`. */
export function compareNatural(a: string, b: string): number {
  const [left, right] = [pieces(a), pieces(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [l, r] = [left[i] as string, right[i] as string];
    const difference = /^\d/.test(l) && /^\d/.test(r) ? compareNumbers(l, r) : compareBytes(l, r);
    if (difference !== 0) return difference;
  }
  return left.length - right.length || compareBytes(a, b);
}

function pieces(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return left.length - right.length || compareBytes(left, right);
}

/** Sorts slices and warns about an order or numbering that is probably not meant. */
export function sortSlices(names: readonly string[], natural: boolean, warn: (message: string) => void): string[] {
  const byNumber = names.toSorted(compareNatural);
  const sorted = natural ? byNumber : names.toSorted(compareBytes);
  const odd = sorted.findIndex((name, i) => name !== byNumber[i]);
  if (odd >= 0) {
    warn(
      `slices are taken in byte order: \`${sorted[odd]}\` stands before \`${byNumber[odd]}\`; ` +
        "`--natural_sort` sorts by number",
    );
  }
  const gap = firstGap(byNumber);
  if (gap !== undefined) warn(`slice ${gap.number} is missing between \`${gap.before}\` and \`${gap.after}\``);
  return sorted;
}

/** The first missing number, when the names differ in one number only. */
function firstGap(names: readonly string[]): { number: string; before: string; after: string } | undefined {
  const split = names.map(pieces);
  const [first] = split;
  if (first === undefined || split.some((list) => list.length !== first.length)) return undefined;
  const varying = first.flatMap((piece, i) => split.every((list) => list[i] === piece) ? [] : [i]);
  const [at] = varying;
  if (at === undefined || varying.length > 1 || !split.every((list) => /^\d/.test(list[at] as string))) {
    return undefined;
  }
  for (let i = 1; i < split.length; i++) {
    const expected = BigInt((split[i - 1] as string[])[at] as string) + 1n;
    if (BigInt((split[i] as string[])[at] as string) > expected) {
      return { number: String(expected), before: names[i - 1] as string, after: names[i] as string };
    }
  }
  return undefined;
}
