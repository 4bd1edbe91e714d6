import type { Extractor } from '../../runs/extractor.js';
import { countOf, type WindowColumns } from '../core/columns.js';
import { Effort } from '../core/effort.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import { byteOffsetPrimes } from './byte-offset-primes.js';
import { certificateSignatures } from './certificate-signatures.js';
import { crtExponents } from './crt-exponents.js';
import { digitNumbers } from './digit-numbers.js';
import type { FamilySearch, FragmentFound } from './key-from-part.js';
import { manyPrimes } from './many-primes.js';
import { familiesOf, isPublic, KnownPlaces, likeliest, type Modulus, type Sight } from './modulus.js';
import { montgomery } from './montgomery.js';
import { primesWithGaps } from './prime-gap-lifting.js';
import { primeParts } from './prime-parts.js';
import { primes } from './primes.js';
import { privateExponents } from './private-exponent.js';
import type { RsaText } from './rsa-texts.js';
import { collectRunEdgeWindows, type RunEdgeWindows } from './run-edge-windows.js';

/** The cheapest and likeliest first: what is found by one is not looked for by the next, and what is left of the budget is told. */
const SEARCHES: readonly {
  search(request: FamilySearch): Generator<FragmentFound>;
  chosen: FamilySearch['chosen'];
}[] = [
  { search: primes, chosen: 'all' },
  { search: privateExponents, chosen: 'all' },
  { search: crtExponents, chosen: 'own' },
  { search: montgomery, chosen: 'own' },
  { search: crtExponents, chosen: 'others' },
  { search: montgomery, chosen: 'others' },
  { search: manyPrimes, chosen: 'all' },
];

/** Products of words that all of them may take: 0.2 s for any artifact, and a fifth of a sweep of its bytes. */
const LEAST = 75_000_000;
const PER_BYTE = 0.02;
/** Windows that it is not enough for, and the part of it that they get: what is tried first is the likeliest. Large cores have 30,000. */
export const CROWD = 1 << 17;
const CROWDED = 3;
/** The same for every byte of every run, where a modulus is asked for: 2 s, for 5 MB of them. */
const LEAST_EVERYWHERE = 800_000_000;
const PER_BYTE_EVERYWHERE = 1;
/** The same for parts of primes, of which a Node core with its root certificates has a hundred: 0.1 s. */
const LEAST_FOR_PARTS = 40_000_000;
/** What lattices of more dimensions may take even without budgets, of which they would take hours: five minutes. */
const MOST_FOR_LATTICES = 120_000_000_000;

export interface FragmentsRequest {
  /** Length of the artifact in bytes. */
  length: number;
  kernel: Kernel;
  extractor: Extractor;
  bytes: RunBytes;
  runs: RunList;
  windows: ReadonlyMap<number, WindowColumns>;
  texts: readonly RsaText[];
  /** Stretches of digits. */
  digits: RunList;
  shortfall: SkippedWork;
  budget: Budget;
  /** Where known moduli stand. */
  sights: readonly Sight[];
  /** Nothing but themselves tells the moduli: most are none, so that they are held against what fills its run, and no part of a prime is worth a search. */
  guessed: boolean;
}

/**
 * Private keys of known moduli from any one part: p, q, d, dp, dq, R mod p, R^2 mod p, p * R mod n, or most of p or q. Whoever
 * takes a key marks its modulus as solved.
 */
export function* fragments(known: readonly Modulus[], request: FragmentsRequest): Generator<FragmentFound> {
  const { kernel, bytes, runs, windows, digits, shortfall, budget, sights } = request;
  const leave = (search: string, what: string, count: number, from: number, to: number) =>
    shortfall.add(`rsa-known-n ${search}`, what, from, to, count);
  if (known.every(({ solved }) => solved)) return;
  const moduli = likeliest(known);
  const cut = known.filter(({ solved }) => !solved).length - moduli.length;
  if (cut > 0) leave('moduli', 'known moduli were not searched for', cut, 0, request.length);
  const share = countOf(windows) > CROWD ? CROWDED : 1;
  const effort = new Effort(budget((LEAST + PER_BYTE * request.length) / share));
  const places = new KnownPlaces([
    ...sights.filter(isPublic),
    ...certificateSignatures(sights, bytes, runs, effort),
  ]);
  const families = familiesOf(moduli.filter(({ solved }) => !solved));
  const sizes = [...new Set(families.flatMap(({ words, half }) => [half, words]))];
  const texts = [
    ...request.texts,
    ...digitNumbers(digits, bytes, new Set(sizes), budget, (offset, length) =>
      leave('digits', 'numbers in digits were not tried', 1, offset, offset + length),
    ),
  ];
  const others = request.guessed ? 0 : undefined;
  const bySize = collectRunEdgeWindows(sizes, bytes, runs, kernel, request.extractor, places, texts, others);
  for (const { left } of bySize.values())
    if (left.count > 0)
      leave('edges', 'runs were not looked at for numbers at their edges', left.count, left.from, left.to);
  const edges = (words: number): RunEdgeWindows => bySize.get(words)!;
  for (const { search, chosen } of SEARCHES)
    for (const family of families)
      yield* search({ family, edges, chosen, windows, kernel, bytes, known: places, effort, leave });
  for (const each of bySize.values()) each.release();
  if (request.guessed) return;
  const every = new Effort(budget(LEAST_EVERYWHERE + PER_BYTE_EVERYWHERE * request.length));
  for (const family of families) {
    const open = family.moduli.filter(({ asked, held, solved }) => asked && !held && !solved);
    const search = { family, effort: every, leave };
    if (open.length > 0) yield* byteOffsetPrimes({ moduli: open, runs, bytes, search });
  }
  const most = budget(LEAST_FOR_PARTS + PER_BYTE * request.length);
  const deep = !Number.isFinite(most);
  const holed = moduli.filter(({ solved, asked }) => !solved && (asked || deep));
  yield* primesWithGaps(holed, { bytes, runs, leave, budget });
  yield* primeParts(moduli, {
    ...{ kernel, extractor: request.extractor, bytes, runs, known: places, leave },
    deep,
    effort: new Effort(most),
    more: new Effort(MOST_FOR_LATTICES),
  });
}
