/**
 * Private keys of known moduli from any one part: p, q, d, dp, dq, R mod p, R^2 mod p, p * R mod n,
 * or most of p or q.
 */

import type { SearchId } from '../../core/limits/searches.js';
import type { Extractor } from '../../sweep/runs/extractor.js';
import { countOf, type WindowColumns } from '../core/columns.js';
import type { RunList } from '../core/run-list.js';
import type { SearchClock } from '../core/search-clock.js';
import type { SearchContext } from '../core/search-context.js';
import { WorkBudget } from '../core/work-budget.js';
import { byteOffsetPrimes } from './byte-offset-primes.js';
import { certificateSignatures } from './certificate-signatures.js';
import { collectRunEdgeWindows } from './collect-edge-windows.js';
import { crtExponents } from './crt-exponents.js';
import { digitNumbers } from './digit-numbers.js';
import type { KeyFromPart, PartSearch } from './key-from-part.js';
import { manyPrimes } from './many-primes.js';
import {
  isConfirmed,
  likeliest,
  type Modulus,
  type ModulusPlace,
  PlaceSet,
  targetOf,
  targetsOf,
} from './modulus.js';
import { classesOf } from './modulus-classes.js';
import { montgomery } from './montgomery.js';
import { primeParts } from './prime-parts.js';
import { primes } from './primes.js';
import { privateExponents } from './private-exponent.js';
import type { RsaText } from './rsa-texts.js';
import { MAX_OTHERS, type RunEdgeWindows } from './run-edge-windows.js';

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

/** Budget for every byte offset of every run, if there are target moduli: 2 s, enough for 5 MB of runs. */
const MIN_BYTE_OFFSET_EFFORT = 800_000_000;
const BYTE_OFFSET_EFFORT_PER_BYTE = 1;
/**
 * Budget for parts of primes: 0.1 s, enough for a hundred parts in a Node core with its root certificates.
 */
const MIN_PRIME_PART_EFFORT = 40_000_000;
const PRIME_PART_EFFORT_PER_BYTE = 0.02;
/**
 * Bound for lattices of more than two dimensions, which applies without budgets too: five minutes instead of
 * hours.
 */
const MAX_LATTICE_EFFORT = 120_000_000_000;

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

/** Moduli beyond those that are searched together. Most of their work is comparing them with all windows. */
function reportCut(cut: readonly Modulus[], { skippedWork, windows, length }: KnownModulusRequest): void {
  const what = 'known moduli were not searched for';
  const numbers = countOf(windows);
  for (const modulus of cut) {
    const left = { target: targetOf(modulus), left: 1, work: (numbers + 1) * modulus.words };
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
  const byteOffsetEffort = new WorkBudget(
    budget(MIN_BYTE_OFFSET_EFFORT + BYTE_OFFSET_EFFORT_PER_BYTE * request.length),
    skippedWork,
  );
  for (const family of families) {
    const targets = family.moduli.filter(
      ({ isTarget, isTargetHeld, solved }) => isTarget && !isTargetHeld && !solved,
    );
    const search = { family, effort: byteOffsetEffort };
    const found = byteOffsetPrimes({ moduli: targets, runs, bytes, search });
    if (targets.length > 0) yield* clock.each('rsa-byte-offset-primes', found);
  }
  const partEffort = budget(MIN_PRIME_PART_EFFORT + PRIME_PART_EFFORT_PER_BYTE * request.length);
  const deep = !Number.isFinite(partEffort);
  const found = primeParts(moduli, {
    ...{ kernel, extractor, bytes, runs, publicPlaces, skippedWork },
    deep,
    effort: new WorkBudget(partEffort, skippedWork),
    latticeEffort: new WorkBudget(MAX_LATTICE_EFFORT, skippedWork),
  });
  yield* clock.each('rsa-prime-parts', found);
}
