/** Types of `@std/fmt/duration`. */

export interface FormatOptions {
  style?: "narrow" | "digital" | "full";
  ignoreZero?: boolean;
}

export function format(ms: number, options?: FormatOptions): string;
