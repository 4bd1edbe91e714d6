import { isEncoded } from '../core/foreign.js';
import { inDigits, sightings } from '../core/known-integers.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { Modulus, ModulusPlace } from './modulus.js';
import { foundInTexts, type RsaText } from './rsa-texts.js';

/** Where a modulus may be besides the runs. */
interface Elsewhere {
  digits: RunList;
  texts: readonly RsaText[];
}

/**
 * Settles which moduli are foreign, of those that were located: all that are nowhere outside the encodings of
 * their public keys. `places`: of all moduli that were located, in the runs.
 */
export function settleForeignModuli(
  located: readonly Modulus[],
  places: readonly ModulusPlace[],
  { digits, texts }: Elsewhere,
  context: SearchContext,
): void {
  const open = new Set(located.filter(({ foreign, bare }) => foreign !== undefined && !bare));
  if (open.size === 0) return;
  for (const { modulus, offset } of places)
    if (open.has(modulus) && !modulus.foreign!.some((each) => isEncoded(each, [offset])))
      open.delete(modulus);
  const wanted = [...open].map((modulus) => ({ value: modulus.n, label: modulus }));
  const inSequences = sightings(wanted, { ...context, runs: digits }, { layouts: inDigits, step: 4 });
  for (const { label } of [...foundInTexts(wanted, texts), ...inSequences]) open.delete(label);
  for (const { foreign } of open) for (const each of foreign!) each.isSettled = true;
}
