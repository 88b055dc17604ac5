/**
 * Completions for bash.
 *
 * @module
 */
import { type CompletionData, valueCases } from "./data.ts";

/** The script; bash 3.2 or newer. */
export function bashCompletions({ options, commands }: CompletionData): string {
  const quoted = (words: readonly string[]) => words.map((word) => word.replaceAll(" ", "\\ ")).join("\n");
  const cases = valueCases(options).map(([names, completion]) => {
    const pattern = names.map((name) => `--${name}`).join(" | ");
    if (completion === "files") return `    ${pattern}) COMPREPLY=($(compgen -f -- "$word")) ;;`;
    if (completion === "folders") return `    ${pattern}) COMPREPLY=($(compgen -d -- "$word")) ;;`;
    if (completion === "anything") return `    ${pattern}) COMPREPLY=() ;;`;
    return `    ${pattern}) COMPREPLY=($(compgen -W '${quoted(completion)}' -- "$word")) ;;`;
  });
  const own = commands.map(({ name, options: rows, words }) => {
    const list = [...rows, ...words].join("\n");
    return `    ${name}) COMPREPLY=($(compgen -W '${list}' -- "$word") $(compgen -f -- "$word")); return ;;`;
  });
  return `# bash completions of ilastik-headless; put this into ~/.bashrc:  eval "$(ilastik-headless completions bash)"
_ilastik_headless() {
  local IFS=$'\\n'
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  # bash splits at the equals sign
  if [ "$word" = "=" ]; then word=""; elif [ "$before" = "=" ]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case "\${COMP_WORDS[1]}" in
${own.join("\n")}
  esac
  case "$before" in
${cases.join("\n")}
    *)
      case "$word" in
        -*) COMPREPLY=($(compgen -W '${options.map(({ name }) => `--${name}`).join("\n")}' -- "$word")) ;;
        *)
          COMPREPLY=($(compgen -f -- "$word"))
          [ "$COMP_CWORD" -gt 1 ] || COMPREPLY+=($(compgen -W '${
    commands.map(({ name }) => name).join("\n")
  }' -- "$word"))
          ;;
      esac
      ;;
  esac
}
complete -o filenames -F _ilastik_headless ilastik-headless`;
}
