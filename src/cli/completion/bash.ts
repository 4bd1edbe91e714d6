import { type CompletedVerb, type CompletionValues, everyVerb } from './model.js';

const HEAD = `# bash completion for dumpsieve; made from its own table of verbs and flags.
_dumpsieve() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} verb= word flags= values=
  # Readline splits --flag=value into three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$verb $word" in`;

const TAIL = `  case "$values" in
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur") ;;
  esac
}
complete -F _dumpsieve dumpsieve
`;

const WORDS: { [K in CompletionValues['kind']]: (values: Extract<CompletionValues, { kind: K }>) => string } =
  {
    none: () => '',
    text: () => '',
    file: () => 'file',
    folder: () => 'folder',
    words: ({ words }) => words.join(' '),
  };

function wordsOf(values: CompletionValues): string {
  return (WORDS[values.kind] as (values: CompletionValues) => string)(values);
}

/**
 * A case arm of a verb: completes the previous flag's value, else a flag, else the verb's arguments or
 * sub-verbs.
 */
function arm({ words, flags, values, verbs }: CompletedVerb): string {
  const names = flags.flatMap(({ names }) => names);
  const after = flags
    .filter((flag) => flag.values.kind !== 'none')
    .map((flag) => `        ${flag.names.join('|')}) values="${wordsOf(flag.values)}" ;;`);
  const rest = verbs.length > 0 ? verbs.map((verb) => verb.words.at(-1)).join(' ') : wordsOf(values);
  const otherwise = `        *) [[ $cur == -* ]] && values="${names.join(' ')}" || values="${rest}" ;;`;
  return [`    "${words.join(' ')}")`, '      case $prev in', ...after, otherwise, '      esac ;;'].join(
    '\n',
  );
}

export function bash(program: CompletedVerb): string {
  const all = [...everyVerb(program)];
  const steps = all
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => {
      const before = words.slice(0, -1).join(' ');
      return `      "${before} ${words.at(-1)}") verb="${words.join(' ')}" ;;`;
    });
  return `${HEAD}
${steps.join('\n')}
    esac
  done
  case $verb in
${all.map(arm).join('\n')}
  esac
${TAIL}`;
}
