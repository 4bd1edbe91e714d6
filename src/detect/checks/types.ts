import type { SecretCandidate } from '../core/types.js';

/** A private key that was found as text: one component of it, or all of it. */
export type KeyOfText = Required<Pick<SecretCandidate, 'material' | 'encoding'>> &
  Pick<SecretCandidate, 'component'>;

/** An offline check of a matched token, given as one character per byte. Must not keep the text. */
export interface TokenCheck {
  /** Statement of the report for a pass. */
  readonly statement: string;
  /** False: the token is altered, truncated or made up. Undefined: this token has nothing to check. */
  verify(token: string): boolean | undefined;
  /** The private key of a token that passes, to be proven and searched for in other encodings. */
  key?(token: string): KeyOfText;
}
