import type { Prover } from './types.js';

/** As a symmetric key: only a JWT that verifies under the states proves them, and that is the join's work. */
export const proveHmacStates: Prover<'hmac-states'> = ({ hash, inner, outer }) => ({
  status: 'unproven',
  why: 'a symmetric key has no public half',
  pending: {
    canonicalSpki: new Uint8Array(0),
    components: [
      { name: 'inner state', value: inner },
      { name: 'outer state', value: outer },
    ],
    statement: hash,
  },
  facts: { algorithm: `HMAC with ${hash}` },
});
