/**
 * The table of variable importances as text (pixel-classification.md §5.3).
 *
 * @module
 */

/** How much each feature matters to a classifier. */
export interface VariableImportances {
  /** Number of classes k. */
  readonly classes: number;
  /** F x (k + 2): per feature the permutation importance of each class, of all rows, and the Gini importance. */
  readonly values: Float64Array<ArrayBuffer>;
}

const DECIMALS = 7;
const WIDTH = 10;

/**
 * The table that ilastik logs and writes to `varimp.txt`: comma separated, padded for reading, least important feature
 * first (by all rows; equal ones in their order).
 *
 * @param names F feature names
 * @returns lines that all end in a line feed
 */
export function importanceTable(names: readonly string[], importances: VariableImportances): string {
  const { classes, values } = importances;
  const columns = classes + 2;
  const width = Math.max(...names.map((name) => [...name].length));
  const rows = names.map((name, i) => ({ name, values: values.subarray(i * columns, (i + 1) * columns) }));
  rows.sort((a, b) => (a.values[classes] ?? 0) - (b.values[classes] ?? 0));
  const head = [
    pad("Feature Name", width),
    ...Array.from({ length: classes }, (_, i) => `  Class #${i}`),
    "   Overall",
    "      Gini",
  ];
  const lines = rows.map((row) => [pad(row.name, width), ...Array.from(row.values, formatNumber)]);
  return [head, ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}

/** Spaces at the end up to `width` characters (code points, as Python counts). */
function pad(name: string, width: number): string {
  return name + " ".repeat(Math.max(0, width - [...name].length));
}

/** Python's `{: .07f}`, right-aligned: a space or a minus sign, halves to the even digit. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : " ";
  return (sign + (isTie(size) ? evenNeighbour(size) : size.toFixed(DECIMALS))).padStart(WIDTH);
}

/** Whether a number lies exactly between two printable ones. `toFixed` shows all digits of such a number. */
function isTie(size: number): boolean {
  return /\.\d{7}50*$/.test(size.toFixed(100));
}

/** The printable neighbour with an even last digit. `toFixed` takes the upper one. */
function evenNeighbour(size: number): string {
  const upper = size.toFixed(DECIMALS);
  return /[02468]$/.test(upper) ? upper : size.toFixed(DECIMALS + 1).slice(0, -1);
}
