/**
 * Completions for zsh.
 *
 * @module
 */
import type { CompletionData, CompletionOption } from "./data.ts";
import type { Completion } from "./values.ts";

/** The script; works when sourced and as a file `_ilastik-headless` in `$fpath`. */
export function zshCompletions({ options, commands }: CompletionData): string {
  const own = commands.map(({ name, options: rows, words }) => {
    const specs = [
      ...rows.map((row) => `'${row}'`),
      words.length === 0 ? "'*:file:_files'" : `'*:topic:(${words.join(" ")})'`,
    ];
    return `    ${name}) _arguments ${specs.join(" ")}; return ;;`;
  });
  return `#compdef ilastik-headless
# zsh completions of ilastik-headless; put this into ~/.zshrc:  source <(ilastik-headless completions zsh)
_ilastik_headless() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    '${name}:${summary}'`).join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands 'sub-command' commands
    _files
    return
  fi
  case $words[2] in
${own.join("\n")}
  esac
  _arguments -s \\
${options.map(optionSpec).map((spec) => `    ${spec} \\`).join("\n")}
    '*:image:_files'
}
if [ "$funcstack[1]" = "_ilastik-headless" ]; then _ilastik_headless "$@"; else compdef _ilastik_headless ilastik-headless; fi`;
}

function optionSpec({ name, summary, value }: CompletionOption): string {
  const repeated = value === "files" ? "*" : "";
  const equals = value === undefined ? "" : "=";
  return `'${repeated}--${name}${equals}[${summary}]${value === undefined ? "" : `:value:${action(value)}`}'`;
}

function action(value: Completion): string {
  if (value === "files") return "_files";
  if (value === "folders") return "_files -/";
  if (value === "anything") return " ";
  return `(${value.map((word) => word.replaceAll(" ", "\\ ")).join(" ")})`;
}
