import { InvalidArgumentError } from 'commander';

/** How a flag's argument is read from the command line. `earlier` is what the same flag gave before. */
type Parse = (value: string, earlier: unknown) => unknown;

function count(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number from 1 on is needed');
  return number;
}

/** Longest time limit, in seconds: beyond 2^31 ms a timer fires at once. */
export const LONGEST = 1e6;

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= LONGEST))
    throw new InvalidArgumentError(`a number of seconds above 0 and up to ${LONGEST} is needed`);
  return number;
}

function append(value: string, earlier: unknown): string[] {
  return [...(Array.isArray(earlier) ? (earlier as string[]) : []), value];
}

function list(value: string, earlier: unknown): string[] {
  const parts = value.split(',').filter((part) => part !== '');
  return parts.reduce<string[]>((all, part) => append(part, all), (earlier ?? []) as string[]);
}

/**
 * The types of flags. A `switch` takes no argument; `choice` one of `choices`; `choices` and `names` several, with commas
 * or by repeating the flag; `path`, `paths` and `outputs` (FORMAT=FILE) name files or folders. Without a row's parser
 * commander takes the text as it is.
 */
const PARSERS = {
  switch: undefined,
  choice: undefined,
  choices: list,
  names: list,
  path: undefined,
  paths: append,
  outputs: append,
  count,
  seconds,
} satisfies Record<string, Parse | undefined>;

export type FlagType = keyof typeof PARSERS;

/** The parser of a flag; of `choices` it holds every word against them. */
export function parserOf(type: FlagType, choices: readonly string[] = []): Parse | undefined {
  const parse: Parse | undefined = PARSERS[type];
  if (type !== 'choices') return parse;
  return (value, earlier) => {
    const words = list(value, earlier);
    if (!words.every((word) => choices.includes(word)))
      throw new InvalidArgumentError(`allowed are ${choices.join(', ')}`);
    return words;
  };
}
