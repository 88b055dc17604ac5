/**
 * Texts of the help, before it is known whether they go to a terminal or into the man page.
 *
 * @module
 */

/** A piece of text: a paragraph, or terms with their explanations. */
export type Block = string | { readonly rows: readonly (readonly [term: string, text: string])[] };

/** Width of the help in letters. */
export const WIDTH = 100;

const INDENT = 6;
/** Terms up to this length stand in front of their explanation, longer ones above it. */
const SHORT_TERM = 26;

/** Blocks for the terminal, separated by empty lines. */
export function toText(blocks: readonly Block[]): string {
  return blocks.map((block) =>
    typeof block === "string" ? wrap(block, WIDTH).join("\n") : rowsText(block.rows).join("\n")
  )
    .join("\n\n");
}

/** Blocks as requests of the man macros. */
export function toRoff(blocks: readonly Block[]): string {
  return blocks.map((block, i) =>
    typeof block === "string"
      ? `${i === 0 ? "" : ".PP\n"}${escapeRoff(block)}`
      : block.rows.map(([term, text]) => `.TP\n.B ${escapeRoff(term)}\n${escapeRoff(text)}`).join("\n")
  ).join("\n");
}

/** Text that roff prints as it is: no escapes, no requests, dashes that can be copied. */
export function escapeRoff(text: string): string {
  return text.replaceAll("\\", "\\(rs").replaceAll("-", "\\-").replaceAll("…", "...")
    .replace(/^([.'])/gm, "\\&$1");
}

/** Splits a text into lines of at most `width` letters; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function rowsText(rows: readonly (readonly [string, string])[]): string[] {
  const longest = Math.max(...rows.map(([term]) => term.length));
  if (longest > SHORT_TERM) {
    return rows.flatMap(([term, text]) => [
      `  ${term}`,
      ...wrap(text, WIDTH - INDENT).map((line) => " ".repeat(INDENT) + line),
    ]);
  }
  const column = longest + 4;
  return rows.flatMap(([term, text]) => {
    const [first = "", ...more] = wrap(text, WIDTH - column);
    return [`  ${term.padEnd(column - 2)}${first}`.trimEnd(), ...more.map((line) => " ".repeat(column) + line)];
  });
}
