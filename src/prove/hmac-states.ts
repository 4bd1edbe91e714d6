import type { Prover } from './types.js';

/** As for a symmetric key, only a JWT that verifies is a proof: see judge/joiner.ts. */
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
