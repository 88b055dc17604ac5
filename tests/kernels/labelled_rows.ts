/**
 * Labelled rows by formulas on whole numbers; `tests/data/make/vigra_forest.py` makes the same ones.
 *
 * @module
 */

/** Rows with labels, as `trainForests` takes them. */
export interface Rows {
  readonly features: Float32Array<ArrayBuffer>;
  readonly labels: Uint8Array<ArrayBuffer>;
}

/** Upper 16 bits of the linear congruential generator of Numerical Recipes. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 16;
  };
}

/** Rows of three hidden numbers that decide the label, seen through noise. Every fourth column has few values. */
export function labelledRows(rows: number, columns: number, classes: number, seed: number): Rows {
  const next = numbers(seed);
  const features = new Float32Array(rows * columns);
  const labels = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const hidden = [next(), next(), next()];
    const score = (hidden[0] ?? 0) + ((hidden[1] ?? 0) >> 1) + (next() >> 2);
    labels[i] = 1 + Math.floor(score * classes / 114688);
    for (let c = 0; c < columns; c++) {
      const value = (hidden[c % 3] ?? 0) * (1 + c * 5 % 16) + next() * (2 + c * 7 % 16);
      features[i * columns + c] = c % 4 === 3 ? value >> 12 : value;
    }
  }
  return { features, labels };
}

/** The first or last rows. */
export function part({ features, labels }: Rows, start: number, stop: number): Rows {
  const columns = features.length / labels.length;
  return { features: features.slice(start * columns, stop * columns), labels: labels.slice(start, stop) };
}
