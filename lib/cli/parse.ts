/**
 * Command line -> {@linkcode Request}: dumb values, touches nothing, so it cannot fail late.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { allNames, GROUP_ORDER, isIgnored, normalizeName, type OptionRow } from "./options.ts";
import { nearest } from "./suggest.ts";

/** What the words of a command line say. */
export interface Request {
  /** Values of options by table name; `"true"` for flags. */
  readonly options: ReadonlyMap<string, string>;
  /** Files of each role flag by table name, in order. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Plain words: files of the first role. */
  readonly files: readonly string[];
  /** Warnings about the command line itself. */
  readonly warnings: readonly string[];
  /** What `--verbose` says about the command line. */
  readonly details?: readonly string[];
}

const TRUE_WORDS = ["1", "yes", "true", "on"];
const FALSE_WORDS = ["0", "no", "false", "off"];

/**
 * Reads a command line by the rules of cli-and-io.md §1.2 and §2.2.
 *
 * @param words everything behind the program's name
 * @param compat read it as ilastik does where both are sensible: unknown options are ignored (D10), files behind an
 * input option are dropped (D12), a repeated role flag replaces (D13), a later flag of the first role wins (D36)
 * @throws {UserError} kind `usage`
 */
export function parseArguments(words: readonly string[], compat: boolean): Request {
  const state = new Parser(compat);
  for (let i = 0; i < words.length;) i += state.take(words, i);
  return state.finish();
}

/** A boolean word, or `undefined` when it is none. */
export function parseBoolean(word: string): boolean | undefined {
  const lower = word.toLowerCase();
  if (TRUE_WORDS.includes(lower)) return true;
  return FALSE_WORDS.includes(lower) ? false : undefined;
}

class Parser {
  readonly #options = new Map<string, string>();
  readonly #roles = new Map<string, string[]>();
  readonly #files: string[] = [];
  readonly #warnings: string[] = [];
  readonly #names = allNames();
  readonly #compat: boolean;
  #owner: string | undefined;
  #onlyFiles = false;
  #filesClosed = false;
  #ignored: string[] = [];

  constructor(compat: boolean) {
    this.#compat = compat;
  }

  /** Handles the word at `i`; returns how many words were used. */
  take(words: readonly string[], i: number): number {
    const word = words[i] as string;
    if (this.#onlyFiles || !isOptionWord(word)) {
      this.#plainWord(word);
      return 1;
    }
    if (word === "--") {
      this.#onlyFiles = true;
      this.#owner = undefined;
      return 1;
    }
    const equals = word.indexOf("=");
    const typed = equals < 0 ? word : word.slice(0, equals);
    const inline = equals < 0 ? undefined : word.slice(equals + 1);
    const row = this.#resolve(typed, word);
    if (row === undefined) return 1;
    if (row.instead !== undefined) {
      throw new UserError("usage", `--${row.name} is not supported`, { hint: row.instead });
    }
    if (isIgnored(row)) this.#warnings.push(`--${row.name} has no effect and is ignored`);
    return this.#valueOf(row, inline, words, i);
  }

  finish(): Request {
    if (this.#ignored.length > 0) this.#warnings.push(`unused command-line args: ${this.#ignored.join(" ")}`);
    return { options: this.#options, roles: this.#roles, files: this.#files, warnings: this.#warnings };
  }

  #plainWord(word: string): void {
    if (word === "") throw new UserError("usage", "an input is an empty string", { hint: "give a file name" });
    if (this.#owner !== undefined && !this.#onlyFiles) {
      const values = this.#roles.get(this.#owner) ?? [];
      values.push(word);
      this.#roles.set(this.#owner, values);
    } else if (this.#filesClosed && this.#compat) {
      this.#ignored.push(word);
    } else if (this.#compat && this.#files.length === 0 && this.#roles.size > 0) {
      const [role] = this.#roles.keys();
      throw new UserError("usage", `inputs are given both by --${role} and as plain files behind it (\`${word}\`)`, {
        hint: `give all of them behind --${role}`,
      });
    } else {
      this.#files.push(word);
    }
  }

  #valueOf(row: OptionRow, inline: string | undefined, words: readonly string[], i: number): number {
    if (row.group === "input") {
      this.#owner = undefined;
      if (this.#files.length > 0) this.#filesClosed = true;
    }
    const next = words[i + 1];
    switch (row.value) {
      case "none":
        if (inline !== undefined) throw new UserError("usage", `--${row.name} takes no value, found \`${inline}\``);
        this.#set(row, "true");
        return 1;
      case "boolean": {
        if (inline !== undefined) {
          this.#set(row, String(booleanValue(row, inline)));
          return 1;
        }
        const following = next === undefined ? undefined : parseBoolean(next);
        this.#set(row, String(following ?? true));
        return following === undefined ? 1 : 2;
      }
      case "one":
        if (inline !== undefined) {
          this.#set(row, inline);
          return 1;
        }
        if (next === undefined || (isOptionWord(next) && this.#isKnown(next))) {
          throw new UserError("usage", `--${row.name} needs a value: ${row.placeholder ?? ""}`.trimEnd());
        }
        this.#set(row, next);
        return 2;
      case "files":
        return this.#roleFlag(row, inline, next);
    }
  }

  #roleFlag(row: OptionRow, inline: string | undefined, next: string | undefined): number {
    if (this.#compat || !this.#roles.has(row.name)) this.#roles.set(row.name, []);
    if (inline === "") throw new UserError("usage", `--${row.name} is empty`, { hint: "give a file name" });
    if (inline !== undefined) {
      this.#roles.get(row.name)?.push(inline);
      return 1;
    }
    if (next === undefined || isOptionWord(next)) {
      throw new UserError("usage", `--${row.name} needs at least one file`);
    }
    this.#owner = row.name;
    return 1;
  }

  #set(row: OptionRow, value: string): void {
    const before = this.#options.get(row.name);
    if (before !== undefined && before !== value) {
      this.#warnings.push(`--${row.name} is given twice, \`${before}\` and \`${value}\`: the last one counts`);
    }
    this.#options.set(row.name, value);
  }

  #isKnown(word: string): boolean {
    const name = normalizeName(word.split("=", 1)[0] as string);
    return this.#names.has(name) || candidates(name, this.#names).length > 0;
  }

  #resolve(typed: string, word: string): OptionRow | undefined {
    if (typed === "-h") return this.#names.get("help");
    const name = normalizeName(typed);
    const row = typed.startsWith("--") ? this.#names.get(name) ?? this.#byPrefix(name, typed) : undefined;
    if (row !== undefined) return row;
    if (this.#compat) {
      this.#ignored.push(word);
      return undefined;
    }
    const near = this.#names.has(name) ? name : nearest(name, this.#names.keys());
    throw new UserError("usage", `unknown option ${typed}`, {
      hint: near === undefined ? "--help lists all options" : `did you mean --${near}?`,
    });
  }

  #byPrefix(name: string, typed: string): OptionRow | undefined {
    const rows = candidates(name, this.#names);
    for (const group of GROUP_ORDER) {
      const inGroup = rows.filter((row) => row.group === group);
      if (inGroup.length > 1) {
        const list = inGroup.map((row) => `--${row.name}`).join(", ");
        throw new UserError("usage", `${typed} could mean ${list}`, { hint: "write the option out" });
      }
      if (inGroup[0] !== undefined) return inGroup[0];
    }
    return undefined;
  }
}

function candidates(prefix: string, names: ReadonlyMap<string, OptionRow>): OptionRow[] {
  return [...new Set([...names].filter(([name]) => name.startsWith(prefix)).map(([, row]) => row))];
}

/** Whether a word is meant as an option: it starts with a dash and is neither a number nor a lone dash. */
function isOptionWord(word: string): boolean {
  return /^--/.test(word) || /^-[A-Za-z]/.test(word);
}

function booleanValue(row: OptionRow, text: string): boolean {
  const value = parseBoolean(text);
  if (value === undefined) {
    throw new UserError("usage", `invalid value \`${text}\` for --${row.name}`, {
      hint: `use one of ${[...TRUE_WORDS, ...FALSE_WORDS].join(" ")}`,
    });
  }
  return value;
}
