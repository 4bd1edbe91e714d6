import type { Candidate } from '../core/types.js';

/** A private key of which a part stands as text. */
export type KeyOfText = Required<Pick<Candidate, 'material' | 'component' | 'encoding'>>;

/** One offline check of a matched token. It sees the secret's text, one character a byte, and never keeps it. */
export interface Check {
  /** What holds where it passes; stands in the report. */
  readonly statement: string;
  /** True: passes. False: fails, the token is altered, cut or made up. Undefined: this token carries nothing to check. */
  verify(token: string): boolean | undefined;
  /** The key that a token is which passes: its public half may stand in the dump, and its numbers in other forms. */
  key?(token: string): KeyOfText;
}
