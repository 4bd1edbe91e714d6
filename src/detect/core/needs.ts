/** Latin-1 characters allowed at one position: 1 at the index of each. */
export type CharacterSet = Uint8Array;

/**
 * What must stand around a literal for anything that a rule could make of it, in characters: for the sweep, which drops
 * most hits by it before a detector is asked.
 */
export type Need =
  /** Each of these sets' characters directly before the literal and behind it, nearest last and first. */
  | { type: 'beside'; before: CharacterSet[]; after: CharacterSet[] }
  /** A run of `least` characters of a set, anywhere from `before` the literal to `after` its end. */
  | { type: 'run'; characters: CharacterSet; least: number; before: number; after: number };

/** The needs beside a literal that calls the rule, by the literal's bytes as Latin-1; one of them must be met. */
export type NeedsOf = (literal: string) => Need[];

export const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
