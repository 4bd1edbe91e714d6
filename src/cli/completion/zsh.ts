import { type CompletedFlag, type CompletedVerb, type CompletionValues, everyVerb } from './model.js';

/** Escapes text inside a specification of _arguments, where brackets and colons have a meaning. */
const escaped = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");

/** The possible values in the syntax of _arguments: `:message:action`. */
const ACTIONS: {
  [K in CompletionValues['kind']]: (values: Extract<CompletionValues, { kind: K }>) => string;
} = {
  none: () => '',
  text: () => ':value: ',
  file: () => ':file:_files',
  folder: () => ':folder:_files -/',
  words: ({ words }) => `:value:(${words.join(' ')})`,
};

const actionOf = (values: CompletionValues): string =>
  (ACTIONS[values.kind] as (values: CompletionValues) => string)(values);

function specs({ names, description, values }: CompletedFlag): string[] {
  // The star lets a flag be repeated.
  return names.map((name) => {
    const form = values.kind === 'none' ? name : name.startsWith('--') ? `${name}=` : `${name}+`;
    return `'*${form}[${escaped(description)}]${actionOf(values)}'`;
  });
}

const functionName = (words: readonly string[]): string => ['_dumpsieve', ...words].join('_');

function leaf({ flags, values }: CompletedVerb): string[] {
  return [...flags.flatMap(specs), ...(values.kind === 'none' ? [] : [`'*${actionOf(values)}'`])];
}

function branch({ words, flags, verbs }: CompletedVerb): string {
  const names = verbs.map((verb) => `'${verb.words.at(-1)}:${escaped(verb.description)}'`);
  const arms = verbs.map((verb) => `      ${verb.words.at(-1)}) ${functionName(verb.words)} ;;`);
  return `  local line state
  _arguments -C ${[...flags.flatMap(specs), "'1: :->verb'", "'*::argument:->rest'"].join(' \\\n    ')}
  case $state in
    verb) local -a verbs=(${names.join(' ')}); _describe verb verbs ;;
    rest) case $line[1] in
${arms.join('\n')}
    esac ;;
  esac${words.length === 0 ? '' : '\n  return 0'}`;
}

function functionOf(verb: CompletedVerb): string {
  const body = verb.verbs.length > 0 ? branch(verb) : `  _arguments ${leaf(verb).join(' \\\n    ')}`;
  return `${functionName(verb.words)}() {\n${body}\n}`;
}

export function zsh(program: CompletedVerb): string {
  const functions = [...everyVerb(program)].map(functionOf);
  return `#compdef dumpsieve
# zsh completion for dumpsieve; made from its own table of verbs and flags.
${functions.join('\n')}
compdef _dumpsieve dumpsieve
`;
}
