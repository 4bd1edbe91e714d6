import type { Candidate } from '../core/types.js';

/** A private key of which one component was found as text. */
export type KeyOfText = Required<Pick<Candidate, 'material' | 'component' | 'encoding'>>;

/** An offline check of a matched token, given as one character per byte. Must not keep the text. */
export interface Check {
  /** Statement of the report for a pass. */
  readonly statement: string;
  /** False: the token is altered, truncated or made up. Undefined: this token has nothing to check. */
  verify(token: string): boolean | undefined;
  /** The private key of a token that passes, to be proven and searched for in other encodings. */
  key?(token: string): KeyOfText;
}
