import { indicesWhere, type WindowColumns } from '../core/columns.js';
import { type Foreign, isEncoded, maySettle } from '../core/foreign.js';
import { bitLength } from '../core/integer-encodings.js';
import { inDigits, sightings } from '../core/known-integers.js';
import { mayBePrime } from '../core/product-tree.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { Scale, SkippedWork } from '../core/skipped-work.js';
import type { SearchedPublicKey } from '../core/types.js';
import { MAX_MODULI, MODULUS_SIZES, type Modulus, type ModulusPlace } from './modulus.js';
import { isAtEdge, readNumber } from './placed-number.js';
import { commonExponentFirst } from './rsa-key.js';
import { COMMON_EXPONENT, foundInTexts, type RsaText, textModuli } from './rsa-request.js';

/** Public exponents tried per modulus: a key has one, but a crafted dump can pair its n with any other. */
const MAX_EXPONENTS = 4;
const EXPONENTS_SKIPPED = 'public keys that share their modulus with others were not searched for';

/** Moduli of public keys and texts in an artifact of `length` bytes; one entry for each pair of n and e. */
export function knownModuli(
  { publicKeys, length }: { publicKeys: readonly SearchedPublicKey[]; length: number },
  texts: readonly RsaText[],
  { skippedWork, budget }: { skippedWork: SkippedWork; budget: Scale },
): Modulus[] {
  const moduli = new Map<string, Modulus>();
  const exponentCounts = new Map<bigint, number>();
  for (const {
    shown,
    isTarget = false,
    isTargetHeld = false,
    isPublicRoot = false,
    foreign,
  } of commonExponentFirst(publicKeys)) {
    const id = publicKeyId(shown);
    const known = moduli.get(id);
    if (known === undefined) {
      const count = exponentCounts.get(shown.n) ?? 0;
      if (count >= Math.max(1, budget(MAX_EXPONENTS)) && !isTarget) {
        const left = { target: 'written', left: 1 } as const;
        skippedWork.add('rsa-known-n exponents', left, EXPONENTS_SKIPPED, 0, length);
        continue;
      }
      exponentCounts.set(shown.n, count + 1);
    }
    moduli.set(id, {
      ...shown,
      words: Math.ceil(bitLength(shown.n) / 64),
      isTarget: isTarget || known?.isTarget === true,
      isTargetHeld: isTargetHeld || known?.isTargetHeld === true,
      bare: false,
      solved: isPublicRoot,
      ...allForeign(known, foreign),
    });
  }
  const inTexts = [...textModuli(texts, skippedWork, budget)].filter(({ n }) => !exponentCounts.has(n));
  return [...moduli.values(), ...new Map(inTexts.map((modulus) => [modulus.n, modulus])).values()];
}

/** Of public keys with one modulus, all or none may be foreign. */
function allForeign(known: Modulus | undefined, added: Foreign | undefined): Pick<Modulus, 'foreign'> {
  if (added === undefined || (known !== undefined && known.foreign === undefined)) return {};
  return { foreign: [...(known?.foreign ?? []), added] };
}

/** Identifies a public key by n and e. */
export const publicKeyId = ({ n, e }: { n: bigint; e: bigint }): string =>
  `${n.toString(16)} ${e.toString(16)}`;

/**
 * Numbers at edges of runs that may be a modulus although nothing else says so, in batches of
 * {@link MAX_MODULI}, each of one size. One random number in 13 has no prime factor below 1,000 and remains.
 * Each is tried with all numbers that fill their runs, so this is for searches without a budget.
 */
export function* candidateModuli(
  windows: ReadonlyMap<number, WindowColumns>,
  known: ReadonlySet<bigint>,
  bytes: RunBytes,
): Generator<Modulus[]> {
  for (const words of MODULUS_SIZES) {
    const moduli = new Map<bigint, Modulus>();
    const columns = windows.get(words);
    if (columns === undefined) continue;
    for (const index of indicesWhere(columns, isAtEdge)) {
      const n = readNumber(columns, index, words, bytes)?.value;
      if (n === undefined || known.has(n) || moduli.has(n) || !mayBePrime(n)) continue;
      moduli.set(n, {
        ...{ n, e: COMMON_EXPONENT, assumed: true, words },
        ...{ isTarget: false, bare: true, solved: false },
      });
      if (moduli.size < MAX_MODULI) continue;
      yield [...moduli.values()];
      moduli.clear();
    }
    if (moduli.size > 0) yield [...moduli.values()];
  }
}

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
  const { isCut } = context.runs;
  const mayBe = ({ foreign, bare }: Modulus) => !bare && foreign?.every((each) => maySettle(each, isCut));
  const open = new Set(located.filter(mayBe));
  if (open.size === 0) return;
  for (const { modulus, offset } of places)
    if (open.has(modulus) && !modulus.foreign!.some((each) => isEncoded(each, [offset])))
      open.delete(modulus);
  const wanted = [...open].map((modulus) => ({ value: modulus.n, label: modulus }));
  const inSequences = sightings(wanted, { ...context, runs: digits }, { layouts: inDigits, step: 4 });
  for (const { label } of [...foundInTexts(wanted, texts), ...inSequences]) open.delete(label);
  for (const { foreign } of open) for (const each of foreign!) each.isSettled = true;
}
