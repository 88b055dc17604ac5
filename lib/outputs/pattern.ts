/**
 * Patterns with placeholders: `{nickname}_{x_start:04d}`, `{{` and `}}` for braces (cli-and-io.md §5.4).
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { formatValue } from "./format_spec.ts";

/** Values of placeholders by name. */
export type PatternValues = Readonly<Record<string, string | number>>;

/** A piece of a pattern. */
type Part =
  | { readonly kind: "text"; readonly text: string }
  /** `raw` is the placeholder as it was written, braces included; `position` is its place in the pattern, from 1. */
  | {
    readonly kind: "placeholder";
    readonly name: string;
    readonly spec: string;
    readonly raw: string;
    readonly position: number;
  };

/** How a pattern is filled in. */
export interface FillOptions {
  /** The option the pattern comes from, for messages. */
  readonly option: string;
  /** Unknown placeholders stay as they are instead of being an error (compat D15). */
  readonly compat: boolean;
  /** Placeholders that would have a value if they occurred, for messages. */
  readonly others?: readonly string[];
}

/** A parsed pattern. */
export class Pattern {
  readonly #parts: readonly Part[];
  readonly #options: FillOptions;

  /**
   * Reads the pattern.
   *
   * @throws {UserError} kind `usage` for a brace without a partner
   */
  constructor(text: string, options: FillOptions) {
    this.#parts = parse(text, options.option);
    this.#options = options;
  }

  /** Whether a placeholder occurs. */
  has(name: string): boolean {
    return this.#parts.some((part) => part.kind === "placeholder" && part.name === name);
  }

  /** Whether a placeholder occurs without a format of its own. */
  hasPlain(name: string): boolean {
    return this.#parts.some((part) => part.kind === "placeholder" && part.name === name && part.spec === "");
  }

  /**
   * Fills in values.
   *
   * @throws {UserError} kind `usage` for an unknown placeholder or a format that does not fit its value
   */
  fill(values: PatternValues): string {
    return this.#parts.map((part) => part.kind === "text" ? part.text : this.#value(part, values)).join("");
  }

  #value(part: Part & { kind: "placeholder" }, values: PatternValues): string {
    const { option, compat, others = [] } = this.#options;
    const value = Object.hasOwn(values, part.name) ? values[part.name] : undefined;
    if (value === undefined) {
      if (compat) return part.name === "" ? "" : part.raw;
      throw new UserError("usage", `${option}: unknown placeholder ${part.raw} at position ${part.position}`, {
        hint: `known placeholders are ${
          [...Object.keys(values), ...others].map((name) => `{${name}}`).join(" ")
        }; write {{ }} for braces`,
      });
    }
    const text = formatValue(value, part.spec);
    if (text === undefined) {
      throw new UserError("usage", `${option}: the format of ${part.raw} does not fit its value \`${value}\``, {
        hint: "formats are like {x_start:04d} or {nickname:>8}",
      });
    }
    return text;
  }
}

/** Text without braces, doubled braces, or a placeholder `{name!r:spec}`. */
const TOKEN = /\{\{|\}\}|[^{}]+|\{(?<name>[^{}!:]*)(?:![^{}:]*)?(?::(?<spec>[^{}]*))?\}/uy;

function parse(text: string, option: string): Part[] {
  const parts: Part[] = [];
  TOKEN.lastIndex = 0;
  for (let position = 0; position < text.length; position = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new UserError("usage", `${option}: the brace at position ${position + 1} of \`${text}\` has no partner`, {
        hint: "write {{ or }} for a literal brace",
      });
    }
    const [raw] = match;
    const { name, spec = "" } = match.groups ?? {};
    if (name !== undefined) parts.push({ kind: "placeholder", name, spec, raw, position: position + 1 });
    else parts.push({ kind: "text", text: raw === "{{" ? "{" : raw === "}}" ? "}" : raw });
  }
  return parts;
}
