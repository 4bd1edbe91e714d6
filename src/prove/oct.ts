import { publishedSymmetricKey } from './published.js';
import type { Prover } from './types.js';

/** A symmetric key has no second half to compare with: only a JWT that verifies under it proves it, and that is the join's work. */
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
    ...(published && { published }),
  };
};
