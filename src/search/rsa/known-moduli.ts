import { bitLength } from '../core/integer-encodings.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { PublicKey } from '../core/types.js';
import type { Modulus } from './modulus.js';
import { usualFirst } from './rsa-key.js';
import { type RsaText, textModuli } from './rsa-texts.js';

/** Public exponents of one modulus that are tried: a key has one, and anybody can write public keys with n of another one. */
const MOST_EXPONENTS = 4;
const WITH_OTHERS = 'public keys with the modulus of others were not searched for';

/** Moduli that a public key or a text tells, of an artifact of `length` bytes: one for each e that is told with an n. */
export function knownModuli(
  { publicKeys, length }: { publicKeys: readonly PublicKey[]; length: number },
  texts: readonly RsaText[],
  shortfall: SkippedWork,
): Modulus[] {
  const moduli = new Map<string, Modulus>();
  const told = new Map<bigint, number>();
  for (const { shown, asked = false, held = false, root = false } of usualFirst(publicKeys)) {
    const id = idOf(shown);
    const known = moduli.get(id);
    const others = told.get(shown.n) ?? 0;
    if (known === undefined && others >= MOST_EXPONENTS && !asked) {
      shortfall.add('rsa-known-n exponents', WITH_OTHERS, 0, length);
      continue;
    }
    if (known === undefined) told.set(shown.n, others + 1);
    const words = Math.ceil(bitLength(shown.n) / 64);
    const wanted = { asked: asked || known?.asked === true, held: held || known?.held === true };
    moduli.set(id, { ...shown, words, ...wanted, bare: false, solved: root });
  }
  const inTexts = [...textModuli(texts, shortfall)].filter(({ n }) => !told.has(n));
  return [...moduli.values(), ...new Map(inTexts.map((modulus) => [modulus.n, modulus])).values()];
}

/** A public key's n and e, as one text. */
export const idOf = ({ n, e }: { n: bigint; e: bigint }): string => `${n.toString(16)} ${e.toString(16)}`;
