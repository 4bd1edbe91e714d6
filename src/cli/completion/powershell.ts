import { type CompletedVerb, type CompletionValues, everyVerb } from './model.js';

/** A string of PowerShell: only quotation marks are doubled (about_Quoting_Rules). */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (words: readonly string[]): string => `@(${words.map(quoted).join(', ')})`;

/** Names of files are completed by PowerShell itself where the script offers nothing. */
const wordsOf = (values: CompletionValues): readonly string[] =>
  values.kind === 'words' ? values.words : [];

/** The row of a verb: its flags, the words of its flags' values, and those of its argument. */
function row({ words, flags, values, verbs }: CompletedVerb): string {
  const taking = flags.filter((flag) => flag.values.kind !== 'none');
  const valueRows = taking.flatMap(({ names, values: each }) =>
    names.map((name) => `${quoted(name)} = ${list(wordsOf(each))}`),
  );
  const rest = verbs.length > 0 ? verbs.map((verb) => verb.words.at(-1) ?? '') : wordsOf(values);
  return `    ${quoted(words.join(' '))} = @{
      flags = ${list(flags.flatMap(({ names }) => names))}
      values = @{ ${valueRows.join('; ')} }
      rest = ${list(rest)}
    }`;
}

/** A script for Register-ArgumentCompleter of PowerShell 5 and later. */
export function powershell(program: CompletedVerb): string {
  return `# PowerShell completion for dumpsieve; made from its own table of verbs and flags.
Register-ArgumentCompleter -Native -CommandName dumpsieve -ScriptBlock {
  param($word, $ast, $cursor)
  $verbs = @{
${[...everyVerb(program)].map(row).join('\n')}
  }
  $before = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() })
  $verb = ''
  foreach ($each in $before) {
    $longer = "$verb $each".Trim()
    if ($verbs.ContainsKey($longer)) { $verb = $longer }
  }
  $row = $verbs[$verb]
  $last = if ($before.Count -gt 0) { $before[-1] } else { '' }
  $offered = if ($row.values.ContainsKey($last)) { $row.values[$last] }
    elseif ($word -like '-*') { $row.flags }
    else { $row.rest }
  $offered | Where-Object { $_ -like "$word*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}
