/**
 * The types of options: what a library caller passes for each. `choice` is one of the row's words, `choices`
 * several; `path`, `paths` and `outputs` (FORMAT=FILE) name files or folders; `globs` match names.
 */
export interface OptionValues {
  switch: boolean;
  choice: string;
  choices: readonly string[];
  text: string;
  names: readonly string[];
  path: string;
  paths: readonly string[];
  outputs: readonly string[];
  globs: readonly string[];
  count: number;
  byte: number;
  seconds: number;
}

export type OptionType = keyof OptionValues;

/** Longest time limit, in seconds: timers of more than 2^31 ms fire at once. */
export const LONGEST_SECONDS = 1e6;

/** What an option may be, in words and as a test. */
export interface OptionCheck {
  allowed: string;
  holds(value: unknown): boolean;
}

export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const isList = (value: unknown, holds: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);

const TEXT: OptionCheck = { allowed: 'text that is not empty', holds: isText };
const TEXTS: OptionCheck = { allowed: 'a list of texts', holds: (value) => isList(value, isText) };

/** The check of a library caller's value, by the type of its option. */
export const CHECKS: Record<OptionType, (words: readonly string[]) => OptionCheck> = {
  switch: () => ({ allowed: 'true or false', holds: (value) => typeof value === 'boolean' }),
  choice: (words) => ({
    allowed: `one of ${words.join(', ')}`,
    holds: (value) => words.includes(value as string),
  }),
  choices: (words) => ({
    allowed: `a list of ${words.join(', ')}`,
    holds: (value) => isList(value, (each) => words.includes(each as string)),
  }),
  text: () => TEXT,
  names: () => TEXTS,
  path: () => TEXT,
  paths: () => TEXTS,
  outputs: () => TEXTS,
  globs: () => TEXTS,
  count: () => ({
    allowed: 'a whole number from 1 on',
    holds: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  }),
  byte: () => ({
    allowed: 'a whole number from 0 to 255',
    holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255,
  }),
  seconds: () => ({
    allowed: `a number of seconds above 0 and up to ${LONGEST_SECONDS}`,
    holds: (value) => typeof value === 'number' && value > 0 && value <= LONGEST_SECONDS,
  }),
};
