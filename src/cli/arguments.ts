import { InvalidArgumentError } from 'commander';
import { LONGEST_SECONDS, type OptionType } from '../core/options/option-types.js';

/** Reads a flag's argument from the command line. `earlier`: the value of the same flag given before. */
type Parse = (value: string, earlier: unknown) => unknown;

function count(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number from 1 on is needed');
  return number;
}

function byte(value: string): number {
  const number = /^(?:0x[0-9a-f]{1,2}|\d{1,3})$/i.test(value) ? Number(value) : Number.NaN;
  if (!(number <= 255)) throw new InvalidArgumentError('a number from 0 to 255 is needed, such as 0x2a');
  return number;
}

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= LONGEST_SECONDS))
    throw new InvalidArgumentError(`a number of seconds above 0 and up to ${LONGEST_SECONDS} is needed`);
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
 * The parser of each type of option. `choices` and `names` take several words, with commas or by repeating
 * the flag. Without a parser commander takes the text as it is.
 */
const PARSERS: Record<OptionType, Parse | undefined> = {
  switch: undefined,
  choice: undefined,
  choices: list,
  text: undefined,
  names: list,
  path: undefined,
  paths: append,
  outputs: append,
  globs: append,
  count,
  byte,
  seconds,
};

/** The parser of a flag. With `choices` it checks every word against them. */
export function parserOf(type: OptionType, choices: readonly string[] = []): Parse | undefined {
  const parse = PARSERS[type];
  if (type !== 'choices') return parse;
  return (value, earlier) => {
    const words = list(value, earlier);
    if (!words.every((word) => choices.includes(word)))
      throw new InvalidArgumentError(`allowed are ${choices.join(', ')}`);
    return words;
  };
}
