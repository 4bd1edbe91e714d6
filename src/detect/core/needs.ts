/** A set of Latin-1 characters: 1 at the index of each member. */
export type CharacterSet = Uint8Array;

/** `least` to `most` characters of a set. */
export interface PathStep {
  set: CharacterSet;
  least: number;
  most: number;
}

/**
 * A necessary condition on the characters around a literal for a match of its rule. The sweep drops most hits
 * by it before a detector sees them.
 */
export type Need =
  /** One character of each set directly before and after the literal, in text order. */
  | { type: 'beside'; before: CharacterSet[]; after: CharacterSet[] }
  /**
   * A run of `least` characters of a set, at most `before` characters before the literal or `after` its end.
   */
  | { type: 'run'; characters: CharacterSet; least: number; before: number; after: number }
  /**
   * Steps away from the literal, each as long as it can be: sets of neighbouring steps have no character in
   * common, unless the first has a fixed length.
   */
  | { type: 'path'; before: PathStep[]; after: PathStep[] };

/** The alternatives for one literal of a rule, by the literal's bytes as Latin-1. */
export type NeedsOf = (literal: string) => Need[];

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
