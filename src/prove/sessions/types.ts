/** A key that a framework computes from its secret. A constant of its scheme: keys are kept by identity. */
export interface Derivation {
  /** Work, in units of one HMAC of a short text: about 2 us. */
  readonly units: number;
  /** The framework takes the secret as text only: what it decodes to is not tried. */
  readonly textOnly?: true;
  /** Undefined if a secret of this length does not fit. */
  derive(secret: Uint8Array): Uint8Array | undefined;
}

/** One way in which a session token may have been signed or encrypted. */
export interface SessionTrial {
  readonly derivation: Derivation;
  verify(key: Uint8Array): boolean;
}

/** A session token, parsed for verification. */
export interface SessionToken {
  /** `Django session`: the object of a statement. */
  readonly name: string;
  /** What the key of the token has done. */
  readonly verb: 'signed' | 'encrypted';
  readonly trials: readonly SessionTrial[];
}

/** Reads the text of a token; undefined if it has another form. Linear in its length, and never throws. */
export type SessionReader = (text: string) => SessionToken | undefined;
