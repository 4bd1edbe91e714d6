import { type CompletedFlag, type CompletedVerb, type CompletionValues, everyVerb } from './model.js';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** The possible values, as options of fish's `complete`. */
const OPTIONS: {
  [K in CompletionValues['kind']]: (values: Extract<CompletionValues, { kind: K }>) => string;
} = {
  none: () => '',
  text: () => ' -x',
  file: () => ' -r -F',
  folder: () => " -x -a '(__fish_complete_directories)'",
  words: ({ words }) => ` -x -a ${quoted(words.join(' '))}`,
};

const optionsOf = (values: CompletionValues): string =>
  (OPTIONS[values.kind] as (values: CompletionValues) => string)(values);

function flagLine({ names, description, values }: CompletedFlag, when: string): string {
  const spelt = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return `complete -c dumpsieve -n ${when} ${spelt.join(' ')}${optionsOf(values)} -d ${quoted(description)}`;
}

function lines({ words, flags, values, verbs }: CompletedVerb): string[] {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = verbs.map((verb) => verb.words.at(-1)).join(' ');
  // A named sub-verb has lines of its own.
  const open = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`];
  const when = quoted([...seen, ...open].join('; and '));
  return [
    ...flags.map((flag) => flagLine(flag, when)),
    ...verbs.map(
      (verb) =>
        `complete -c dumpsieve -n ${when} -a ${quoted(verb.words.at(-1) ?? '')} ` +
        `-d ${quoted(verb.description)}`,
    ),
    ...(values.kind === 'none' ? [] : [`complete -c dumpsieve -n ${when}${optionsOf(values)}`]),
  ];
}

export function fish(program: CompletedVerb): string {
  const all = [...everyVerb(program)].flatMap(lines);
  return `# fish completion for dumpsieve; made from its own table of verbs and flags.
complete -c dumpsieve -f
${all.join('\n')}
`;
}
