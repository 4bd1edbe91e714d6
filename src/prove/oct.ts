import { definedFields } from '../core/base/runtime/defined.js';
import { publishedSymmetricKey } from './published.js';
import type { Prover } from './types.js';

/**
 * A symmetric key has no public half to compare with. Only a JWT that verifies is a proof: see
 * judge/joiner.ts.
 */
export const proveOct: Prover<'oct'> = ({ k }) => {
  const published = publishedSymmetricKey(k.reveal());
  return {
    status: 'unproven',
    why: 'a symmetric key has no public half',
    pending: {
      canonicalSpki: new Uint8Array(0),
      components: [{ name: 'k', value: k }],
      statement: 'k',
    },
    facts: { algorithm: 'oct', bits: k.length * 8 },
    ...definedFields({ published }),
  };
};

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
