/** Types of what the command line uses; `@std/cli` documents it. */

export function unicodeWidth(str: string): number;
