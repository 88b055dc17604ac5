/**
 * The configuration file (cli-and-io.md §1.4).
 *
 * @module
 */
import { join } from "@std/path";
import { errorText, UserError } from "../array/mod.ts";
import { parseBoolean } from "./parse.ts";

/** What a configuration file says. */
export interface Config {
  /** Absolute path; absent when there is no file. */
  readonly path?: string;
  /** Show stack traces. */
  readonly debug: boolean;
  /** Text of `[lazyflow] threads`. */
  readonly threads?: string;
  /** Text of `[lazyflow] total_ram_mb`. */
  readonly totalRamMb?: string;
  /** Values of options by table name. */
  readonly options: ReadonlyMap<string, string>;
  /** Keys without effect, one line each. */
  readonly warnings: readonly string[];
}

/** What is asked to find the file; replaced in tests. */
export interface ConfigSystem {
  /** Name of the system, as Deno says it. */
  readonly os: string;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** The text of a file; `undefined` when there is none. */
  text(path: string): string | undefined;
}

/** The machine that the program runs on. */
export const CONFIG_SYSTEM: ConfigSystem = {
  os: Deno.build.os,
  env: (name) => Deno.env.get(name),
  text: (path) => {
    try {
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
      throw new UserError("usage", `cannot read the configuration file ${path}: ${errorText(error)}`, { cause: error });
    }
  },
};

const OPTION_KEYS: readonly string[] = ["output_format", "output_filename_format"];
/** Keys of the original that mean nothing here. */
const WITHOUT_EFFECT: readonly string[] = ["plugin_directories", "logging_config"];

/**
 * Reads the configuration: the named file, else the first that is there of those where ilastik looks.
 *
 * @param path absolute, from `--configfile`
 * @throws {UserError} kind `usage` when the named file is missing, or any cannot be read
 */
export function readConfig(path: string | undefined, system: ConfigSystem = CONFIG_SYSTEM): Config {
  const candidates = path === undefined ? defaultPaths(system) : [path];
  for (const candidate of candidates) {
    const text = system.text(candidate);
    if (text !== undefined) return interpret(candidate, parseIni(text, candidate));
  }
  if (path !== undefined) {
    throw new UserError("usage", `configuration file not found: ${path}`, { hint: "check --configfile" });
  }
  return { debug: false, options: new Map(), warnings: [] };
}

/**
 * Reads an INI text: `[section]`, `key = value` or `key: value`, comments from `#` or `;` at the beginning of a line.
 *
 * @returns values by `section.key`, both in lower case
 * @throws {UserError} kind `usage` for other lines
 */
export function parseIni(text: string, path: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = "";
  for (const [i, raw] of text.replace(/^\ufeff/, "").split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    const [, key, value] = /^([^:=]+?)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header.trim().toLowerCase();
    else if (key !== undefined && value !== undefined) values.set(`${section}.${key.toLowerCase()}`, value);
    else {
      throw new UserError("usage", `${path}, line ${i + 1}: cannot read \`${line}\``, {
        hint: "lines are `[section]` or `key = value`",
      });
    }
  }
  return values;
}

function interpret(path: string, values: ReadonlyMap<string, string>): Config {
  const [threads, totalRamMb] = [values.get("lazyflow.threads"), values.get("lazyflow.total_ram_mb")];
  const debug = values.get("ilastik.debug");
  if (debug !== undefined && parseBoolean(debug) === undefined) {
    throw new UserError("usage", `${path}: debug must be true or false, found \`${debug}\``);
  }
  return {
    path,
    debug: debug !== undefined && parseBoolean(debug) === true,
    ...(threads === undefined ? {} : { threads }),
    ...(totalRamMb === undefined ? {} : { totalRamMb }),
    options: new Map(OPTION_KEYS.flatMap((key) => {
      const value = values.get(`ilastik.${key}`);
      return value === undefined || value === "" ? [] : [[key, value] as const];
    })),
    warnings: WITHOUT_EFFECT.filter((key) => values.has(`ilastik.${key}`))
      .map((key) => `${path}: ${key} has no effect and is ignored`),
  };
}

/** Where ilastik looks, in this order. */
function defaultPaths({ os, env }: ConfigSystem): string[] {
  const home = env("HOME") ?? env("USERPROFILE");
  const below = (base: string | undefined, ...parts: string[]): string[] =>
    base === undefined || base === "" ? [] : [join(base, ...parts)];
  const folder = os === "windows"
    ? below(env("LOCALAPPDATA"), "ilastik")
    : os === "darwin"
    ? below(home, "Library", "Application Support", "ilastik")
    : [...below(env("XDG_CONFIG_HOME"), "ilastik"), ...below(home, ".config", "ilastik")].slice(0, 1);
  return [...below(home, ".ilastikrc"), ...folder.map((path) => join(path, "ilastik.ini"))];
}
