import { chosenOf, type FamilySearch, type FragmentFound } from './key-from-part.js';
import { type Multiple, sharedPrimes } from './shared-primes.js';

/** Moduli that stand as no number: those of so many certificates and public keys are a process's own, those of more its peers'. */
const MOST_WRITTEN = 16;

/**
 * R^2 mod p (R = 2^64^words of p) and p * R mod n, which Montgomery contexts hold in limbs, as their library computes with
 * them. For moduli that are bare numbers, or asked for: these constants are made beside them. With few others the numbers that
 * fill their runs are tried as well.
 */
export function* montgomery(search: FamilySearch): Generator<FragmentFound> {
  const open = search.family.moduli.filter(({ solved }) => !solved);
  const known = open.filter(({ bare, asked }) => bare || asked);
  const likely = search.chosen === 'own' && open.length - known.length <= MOST_WRITTEN ? open : known;
  const what = 'numbers were not held against known moduli as constants of a Montgomery context';
  yield* sharedPrimes(constants(search), likely, search, 'montgomery', what);
}

function* constants({ family, edges, chosen }: FamilySearch): Generator<Multiple> {
  const square = 1n << BigInt(family.half * 128);
  const halves = edges(family.half);
  const [first, end] = chosenOf(halves, chosen);
  for (let i = first; i < end; i++) {
    const { value, ...place } = halves.part(i, 'limbs-le');
    yield { ...place, value: square - value, part: 'R^2 mod p' };
  }
  const wholes = edges(family.words);
  const [firstWhole, endWhole] = chosenOf(wholes, chosen);
  for (let i = firstWhole; i < endWhole; i++) yield { ...wholes.part(i, 'limbs-le'), part: 'p*R mod n' };
}
