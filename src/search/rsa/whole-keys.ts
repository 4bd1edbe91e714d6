import { bitLength } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { inDigits, sightings } from '../core/known-integers.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { PlacedNumber } from './placed-number.js';
import type { FoundRsaKey } from './rsa-answer.js';
import { EXPONENT_ROUNDS, firstPlace, materialOf, privateExponentsOf, type RsaNumbers } from './rsa-key.js';
import type { RsaProver } from './rsa-request.js';
import { foundInTexts, type RsaText } from './rsa-texts.js';
import { withoutSmallFactors } from './small-primes.js';

/**
 * Bits of a modulus up to which two primes and their product are no key by themselves: the length of a
 * product of two field elements of P-384. Curve arithmetic leaves such products by the ten thousand, and in
 * one of 30,000 both factors are prime by chance.
 */
const FIELD_PRODUCT_BITS = 768;

/** Where private exponents are searched. */
export interface WholeKeySources {
  context: SearchContext;
  /** Sequences of digits. */
  digits: RunList;
  texts: readonly RsaText[];
  prover: RsaProver;
}

/** Complete keys, with the e that their certificate or a private exponent in the dump determines. */
export function* wholeKeys(
  keys: readonly RsaNumbers[],
  { context, digits, texts, prover }: WholeKeySources,
): Generator<FoundRsaKey> {
  const inDigitRuns = { ...context, runs: digits };
  for (const [round, exponents] of EXPONENT_ROUNDS.entries()) {
    const open = round === 0 ? keys : keys.filter(({ e }) => e === undefined);
    if (open.length === 0) break;
    const wanted = open.flatMap((key) => privateExponentsOf(key, exponents));
    const inRuns = sightings(wanted, context);
    const inSequences = sightings(wanted, inDigitRuns, { layouts: inDigits, step: 4 });
    for (const { label, value } of [...foundInTexts(wanted, texts), ...inRuns, ...inSequences]) {
      label.key.e ??= label.e;
      if (label.key.e === label.e) label.key.privateExponent ??= { name: label.name, value };
    }
  }
  for (const key of keys) {
    if (key.e === undefined && bitLength(key.n.value) <= FIELD_PRODUCT_BITS) continue;
    const material = materialOf(key);
    const place = firstPlace(key);
    if (prover.isProven(material)) yield { material, place, component: place === key.p ? 'p' : 'q' };
  }
}

/**
 * Without the products of composite numbers: a program that calculates has hundreds of these, and looking
 * for the exponents of one takes 15 ms. In a product tree most factors are products themselves.
 */
export function withoutComposites(
  keys: ReadonlyMap<bigint, RsaNumbers>,
  kernel: Kernel,
  prover: RsaProver,
): RsaNumbers[] {
  const leaves = [...keys.values()].filter(({ p, q }) => !keys.has(p.value) && !keys.has(q.value));
  const kept = withoutSmallFactors(kernel, leaves, ({ p, q }) => [p.value, q.value]);
  const isComposite = ({ value }: PlacedNumber) => prover.isComposite(value);
  return kept.filter(({ p, q }) => !isComposite(p) && !isComposite(q));
}
