/**
 * Completions for PowerShell.
 *
 * @module
 */
import { type CompletionData, valueCases } from "./data.ts";

/** The script, for `$PROFILE`; PowerShell 5 or newer. */
export function powershellCompletions({ options, commands }: CompletionData): string {
  const list = (words: readonly string[]) => `@(${words.map((word) => `'${word}'`).join(", ")})`;
  const values = valueCases(options).flatMap(([names, completion]) =>
    Array.isArray(completion) ? names.map((name) => `    '--${name}' = ${list(completion)}`) : []
  );
  const own = commands.map(({ name, options: rows, words }) => `    '${name}' = ${list([...rows, ...words])}`);
  return `# PowerShell completions of ilastik-headless; put this into $PROFILE:
#   ilastik-headless completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ilastik-headless -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $options = ${list(options.map(({ name }) => `--${name}`))}
  $values = @{
${values.join("\n")}
  }
  $commands = @{
${own.join("\n")}
  }
  $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  $before = if ($wordToComplete -eq '') { $words[-1] } else { $words[-2] }
  $candidates = if ($words.Count -gt 1 -and $commands.ContainsKey($words[1]) -and $words[1] -ne $wordToComplete) {
    $commands[$words[1]]
  } elseif ($values.ContainsKey($before)) {
    $values[$before]
  } elseif ($wordToComplete -like '-*') {
    $options
  } elseif ($words.Count -le 2) {
    $commands.Keys | Sort-Object
  } else {
    @()
  }
  $candidates | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    $text = if ($_ -match ' ') { "'$_'" } else { $_ }
    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
  }
}`;
}
