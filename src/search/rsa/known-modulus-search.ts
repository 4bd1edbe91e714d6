/**
 * Private keys of known moduli from any one part: p, q, d, dp, dq, R mod p, R^2 mod p, p * R mod n,
 * or most of p or q.
 */

import { IDENTITIES, PRODUCT, secondsForOthers } from '../../core/limits/costs.js';
import { LIMIT_TARGETS } from '../../core/limits/limit.js';
import type { SearchId } from '../../core/limits/searches.js';
import type { Extractor } from '../../sweep/runs/extractor.js';
import { countOf, type WindowColumns } from '../core/columns.js';
import type { RunList } from '../core/run-list.js';
import type { SearchClock } from '../core/search-clock.js';
import type { SearchContext } from '../core/search-context.js';
import { WorkBudget } from '../core/skipped-work.js';
import { certificateSignatures } from './certificate-signatures.js';
import { collectRunEdgeWindows } from './collect-edge-windows.js';
import { crtExponents } from './crt-exponents.js';
import { digitNumbers } from './digit-numbers.js';
import { manyPrimes } from './many-primes.js';
import {
  type Family,
  familiesOf,
  isConfirmed,
  likeliest,
  type Modulus,
  type ModulusPlace,
  PlaceSet,
  targetOf,
  targetsOf,
} from './modulus.js';
import { type KeyFromPart, type PartSearch, primeParts, subsetBounds } from './prime-parts.js';
import { primes } from './primes.js';
import { privateExponents } from './private-exponent.js';
import type { RsaText } from './rsa-request.js';
import { MAX_OTHERS, type RunEdgeWindows } from './run-edge-windows.js';
import { type SharedPrimeCandidate, sharedPrimes } from './shared-primes.js';

/**
 * Constants of Montgomery contexts, in limbs as the library computes with them: R^2 mod p (R = 2^(64 words of
 * p)), so that p divides R^2 - (R^2 mod p), and p * R mod n, which has the factor p.
 */

/**
 * Moduli that are known from certificates and public keys only. With more than this many, they are assumed to
 * be the peers', not the process's own.
 */
const MAX_WRITTEN_MODULI = 16;

const NAME = 'rsa-known-n montgomery';
const WHAT = 'numbers were not tested as Montgomery constants of known moduli';

/**
 * For moduli that are bare numbers, next to which a library makes these constants, and for targets. The other
 * moduli are tried if they are few, with numbers that fill their runs.
 */
function* montgomery(search: PartSearch): Generator<KeyFromPart> {
  const open = search.family.moduli.filter(({ solved }) => !solved);
  const likely = open.filter(({ bare, isTarget }) => bare || isTarget);
  const peers = open.filter((modulus) => !likely.includes(modulus));
  const isCovered = peers.length <= MAX_WRITTEN_MODULI || search.effort.isUnlimited;
  const tryAll = search.subset === 'filling' && isCovered;
  if (search.subset === 'filling' && !isCovered) refusePeers(peers.length, search);
  yield* sharedPrimes(candidates(search), tryAll ? open : likely, search, NAME, WHAT);
}

/** Of the moduli that are assumed to be the peers', none is tried. */
function refusePeers(peers: number, { family, edges, effort }: PartSearch): void {
  for (const windows of [edges(family.half), edges(family.words)]) {
    const count = windows.fillingCount;
    if (count === 0) continue;
    const candidates = { search: NAME, what: WHAT, targets: ['blind'], count: count * peers } as const;
    effort.refuse({ ...candidates, ...windows.range(0, count) });
  }
}

function* candidates({ family, edges, subset }: PartSearch): Generator<SharedPrimeCandidate> {
  const rSquared = 1n << BigInt(family.half * 128);
  for (const { value, ...place } of limbs(edges(family.half), subset))
    yield { ...place, value: rSquared - value, part: 'R^2 mod p' };
  for (const number of limbs(edges(family.words), subset)) yield { ...number, part: 'p*R mod n' };
}

function* limbs(windows: RunEdgeWindows, subset: PartSearch['subset']) {
  const [first, end] = subsetBounds(windows, subset);
  for (let i = first; i < end; i++) yield windows.number(i, 'limbs-le');
}

/** Cheapest and likeliest first: a modulus that one search solves is skipped by the next. */
const SEARCHES: readonly {
  id: SearchId;
  search(request: PartSearch): Generator<KeyFromPart>;
  subset: PartSearch['subset'];
}[] = [
  { id: 'rsa-known-primes', search: primes, subset: 'all' },
  { id: 'rsa-known-d', search: privateExponents, subset: 'all' },
  { id: 'rsa-known-crt', search: crtExponents, subset: 'filling' },
  { id: 'rsa-known-montgomery', search: montgomery, subset: 'filling' },
  { id: 'rsa-known-crt', search: crtExponents, subset: 'others' },
  { id: 'rsa-known-montgomery', search: montgomery, subset: 'others' },
  { id: 'rsa-known-primes', search: manyPrimes, subset: 'all' },
];

/**
 * Budget for parts of primes: 0.1 s, enough for a hundred parts in a Node core with its root certificates.
 */
const MIN_PRIME_PART_EFFORT = 40_000_000;
const PRIME_PART_EFFORT_PER_BYTE = 0.02;
export interface KnownModulusRequest extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
  extractor: Extractor;
  windows: ReadonlyMap<number, WindowColumns>;
  texts: readonly RsaText[];
  /** Sequences of digits. */
  digits: RunList;
  modulusPlaces: readonly ModulusPlace[];
  /**
   * The moduli are numbers that merely may be moduli. Most are none, so they are tried with numbers that fill
   * their runs only, and not with parts of primes.
   */
  unconfirmed: boolean;
  clock: SearchClock;
}

const EDGES_SKIPPED = 'runs were not searched for numbers at their edges';
const DIGITS_SKIPPED = 'numbers in digits were not tried';

/** Moduli beyond those that are searched together. */
function reportCut(cut: readonly Modulus[], { skippedWork, length }: KnownModulusRequest): void {
  const what = 'known moduli were not searched for';
  for (const modulus of cut) {
    const left = { target: targetOf(modulus), left: 1 };
    skippedWork.add('rsa-known-n moduli', left, what, 0, length);
  }
}

/** The caller marks a modulus as solved once its key is proven. */
export function* searchKnownModuli(
  known: readonly Modulus[],
  request: KnownModulusRequest,
): Generator<KeyFromPart> {
  const { kernel, extractor, bytes, runs, windows, digits, skippedWork, budget, modulusPlaces, clock } =
    request;
  if (known.every(({ solved }) => solved)) return;
  const moduli = likeliest(known);
  const searched = new Set(moduli);
  reportCut(
    known.filter((modulus) => !modulus.solved && !searched.has(modulus)),
    request,
  );
  const publicPlaces = new PlaceSet([
    ...modulusPlaces.filter(isConfirmed),
    ...certificateSignatures(modulusPlaces, bytes, runs, budget),
  ]);
  const classes = classesOf(moduli, request);
  const families = classes.flatMap((each) => each.families);
  const isWanted = classes.some((each) => each.isWanted);
  const sizes = [...new Set(families.flatMap(({ words, half }) => [half, words]))];
  const texts = [
    ...request.texts,
    ...digitNumbers(digits, bytes, new Set(sizes), budget, (offset, length) => {
      for (const target of targetsOf(moduli))
        skippedWork.add('rsa-known-n digits', { target, left: 1 }, DIGITS_SKIPPED, offset, offset + length);
    }),
  ];
  const bySize = collectRunEdgeWindows(
    { sizes, bytes, runs, kernel, extractor, publicPlaces, texts },
    { others: request.unconfirmed ? 0 : Math.max(1, budget(MAX_OTHERS)), isWanted },
  );
  const edges = (words: number): RunEdgeWindows => bySize.get(words)!;
  for (const { id, search, subset } of SEARCHES)
    for (const { families, likely, others, isWanted } of classes)
      for (const family of families) {
        const effort = { effort: subset === 'others' ? others : likely, otherEffort: others };
        const request = { family, edges, subset, windows, kernel, bytes, publicPlaces, ...effort, isWanted };
        yield* clock.each(id, search(request));
      }
  for (const [words, { skipped }] of bySize) {
    const own = families.filter((family) => family.half === words || family.words === words);
    const targets = targetsOf(own.flatMap((family) => family.moduli));
    skipped.report(skippedWork, 'rsa-known-n edges', targets, EDGES_SKIPPED);
  }
  for (const each of bySize.values()) each.release();
  if (request.unconfirmed) return;
  const partEffort = budget(MIN_PRIME_PART_EFFORT + PRIME_PART_EFFORT_PER_BYTE * request.length);
  const deep = !Number.isFinite(partEffort);
  const found = primeParts(moduli, {
    ...{ kernel, extractor, bytes, runs, publicPlaces, skippedWork },
    deep,
    effort: new WorkBudget(partEffort, skippedWork),
  });
  yield* clock.each('rsa-prime-parts', found);
}

/** Moduli that are searched within the same budgets. */
interface ModulusClass {
  families: readonly Family[];
  /** For numbers of likely kinds, and for the others. */
  likely: WorkBudget;
  others: WorkBudget;
  /** Moduli of end entities or targets. */
  isWanted: boolean;
}

interface ClassContext extends Pick<SearchContext, 'runs' | 'skippedWork' | 'budget'> {
  /** Length of the artifact in bytes. */
  length: number;
  windows: ReadonlyMap<number, WindowColumns>;
  /** The moduli are numbers that merely may be moduli. */
  unconfirmed: boolean;
}

/**
 * Budget for moduli of authorities and in texts, in products of words: 0.2 s, and a fifth of the time of a
 * sweep of the artifact.
 */
const BLIND = { least: 75_000_000, perByte: 0.02 };
/**
 * Windows that exceed this budget, and the divisor of the budget they get: what is tried first is the
 * likeliest. Large cores have 30,000 windows.
 */
export const MANY_WINDOWS = 1 << 17;
const MANY_WINDOWS_DIVISOR = 3;

/**
 * Targets, moduli of end entities, and the others. An end entity's certificate opens no large budget for the
 * authorities of a trust store.
 */
export function classesOf(moduli: readonly Modulus[], context: ClassContext): ModulusClass[] {
  const open = moduli.filter(({ solved }) => !solved);
  return LIMIT_TARGETS.flatMap((target) => {
    const own = open.filter((modulus) => targetOf(modulus) === target);
    if (own.length === 0) return [];
    const isWanted = target !== 'blind' && !context.unconfirmed;
    const likely = budgetOf(isWanted ? wantedEffort(context) : blindEffort(context), context);
    const others = target === 'written' && isWanted ? budgetOf(otherEffort(context), context) : likely;
    return [{ families: familiesOf(own), likely, others, isWanted }];
  });
}

const budgetOf = (products: number, { budget, skippedWork }: ClassContext): WorkBudget =>
  new WorkBudget(budget(products), skippedWork);

const wantedEffort = ({ length }: ClassContext): number =>
  (IDENTITIES.least + IDENTITIES.perByte * length) / PRODUCT;

const otherEffort = ({ length, runs }: ClassContext): number =>
  secondsForOthers('rsa', { length, dense: runs.denseBytes() }) / PRODUCT;

const blindEffort = ({ length, windows }: ClassContext): number =>
  (BLIND.least + BLIND.perByte * length) / (countOf(windows) > MANY_WINDOWS ? MANY_WINDOWS_DIVISOR : 1);
