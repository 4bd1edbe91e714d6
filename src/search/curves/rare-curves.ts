import { createECDH } from 'node:crypto';
import { type Curve, curveByName } from '../../core/asn1/curves.js';
import { DOMAINS } from '../../core/asn1/domain.js';
import { readSpki, uncompressed } from '../../core/asn1/spki.js';
import { padded } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import { NUMBER_FORMS } from '../../core/encodings/number-forms.js';
import type { LimitTarget } from '../../core/limits/limit.js';
import { toBigEndian } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import { targetOfKey } from '../core/skipped-work.js';
import type { FilePlace, NumberFound, Run, SearchedPublicKey } from '../core/types.js';
import { isNative, publicPoint } from './points/compressed-points.js';

export type RareCurveFound = NumberFound & { written: boolean; component: string };

type Form = 'limbs-le' | 'bytes-be' | 'digits30-le32';
const DIGITS = NUMBER_FORMS['digits30-le32'];

/** Longest run considered, in words: an object with several numbers. */
const MAX_RUN_WORDS = 64;
/**
 * Numbers multiplied on one curve (0.05 ms each on P-224, 0.3 on others), and runs read for them (10 us
 * each).
 */
const MAX_MULTIPLIED = 2000;
const MAX_RUNS = 1 << 15;
/**
 * Above MANY_RUNS only a sample of the numbers is tried. A core of a Java program has 10,000 runs; more are
 * code and compressed data, whose first numbers represent the rest.
 */
const MANY_RUNS = 1 << 14;
const SAMPLE = 16;
/** Octets of the shortest scalars: a number of 192 bits or less does not make a run. */
const MIN_SCALAR_BYTES = 28;
/** Least share of distinct octets: of 20 random octets, all but one set in 100,000 exceed it. */
const MIN_DISTINCT = 0.65;

interface Candidate {
  place: FilePlace;
  /** Big-endian. */
  octets: Buffer;
}

/** Uncompressed public keys of one curve, by their bytes as latin1. */
interface KnownKeys {
  curve: Curve;
  points: ReadonlyMap<string, Buffer>;
  /** One of them is a --find target. */
  asked: boolean;
  targets: readonly LimitTarget[];
}

/**
 * Scalars of curves that have no arithmetic in the kernel (P-224, SM2, the other Brainpool curves): OpenSSL
 * computes d * G for each number at an edge of a run and compares it with the public keys. Nothing is read
 * unless the dump has a public key of such a curve.
 */
export function* rareCurveKeys(
  publicKeys: readonly SearchedPublicKey[],
  context: SearchContext,
): Pausing<RareCurveFound> {
  const { bytes, runs, skippedWork, budget } = context;
  for (const { curve, points, asked, targets } of keysByCurve(publicKeys)) {
    const ecdh = createECDH(curve.openssl);
    const sizes = sizesFor(curve.scalar);
    const all = runs.span(sizes.least, MAX_RUN_WORDS);
    const most = budget(all.count > MANY_RUNS && !asked ? SAMPLE : MAX_MULTIPLIED);
    const seen = new Set<string>();
    let read = 0;
    for (const run of runsBySize(runs, sizes)) {
      if (seen.size >= most || read >= budget(MAX_RUNS)) {
        const what = 'numbers that may be private keys were not tried';
        const left = all.count - read;
        // A run of just the scalar's length is an object of its own.
        const likely = Math.max(0, runs.span(sizes.least, sizes.most).count - read);
        for (const target of targets) {
          const skipped = { target, left, likely: target === 'blind' ? 0 : likely };
          skippedWork.add('ec-scalars', skipped, what, all.from, all.to);
        }
        break;
      }
      read++;
      for (const { place, octets } of candidates(run, curve.scalar, bytes)) {
        const id = octets.toString('latin1');
        if (seen.has(id)) continue;
        seen.add(id);
        yield;
        const point = points.get(publicPoint(ecdh, octets)?.toString('latin1') ?? '');
        if (point === undefined) continue;
        yield {
          material: { type: 'ec', curve: curve.name, d: new Secret(octets), point },
          place,
          component: 'd',
          written: true,
        };
      }
    }
  }
}

/**
 * Words of a run that is just a scalar. If the scalar does not fill its last word, that word does not look
 * random.
 */
const sizesFor = (size: number) => ({
  least: Math.max(3, Math.floor(size / 8) - 1),
  most: Math.ceil(size / 8) + 1,
});

function* runsBySize(runs: RunList, { least, most }: ReturnType<typeof sizesFor>): Generator<Run> {
  yield* runs.ofWords(least, most);
  yield* runs.ofWords(most + 1, MAX_RUN_WORDS);
}

function keysByCurve(publicKeys: readonly SearchedPublicKey[]): KnownKeys[] {
  const all = new Map<Curve, Map<string, Buffer>>();
  const targets = new Map<Curve, Set<LimitTarget>>();
  for (const { spki, isPublicRoot, ...of } of publicKeys) {
    const key = readSpki(spki)?.key;
    if (isPublicRoot || key?.type !== 'ec' || DOMAINS.some(({ name }) => name === key.curve)) continue;
    const curve = curveByName(key.curve);
    const point = curve && isNative(curve) ? uncompressed(curve, key.point) : undefined;
    if (curve === undefined || point === undefined || curve.scalar < MIN_SCALAR_BYTES) continue;
    targets.set(curve, (targets.get(curve) ?? new Set()).add(targetOfKey(of)));
    const points = all.get(curve) ?? new Map<string, Buffer>();
    all.set(curve, points.set(Buffer.from(point).toString('latin1'), Buffer.from(point)));
  }
  return [...all].map(([curve, points]) => ({
    ...{ curve, points },
    ...{ asked: targets.get(curve)!.has('asked'), targets: [...targets.get(curve)!].sort() },
  }));
}

/** Numbers of `size` octets at the edges of a run. */
function* candidates(run: Run, size: number, bytes: RunBytes): Generator<Candidate> {
  const words = Math.ceil(size / 8);
  const forms: readonly [Form, number][] = [
    ['limbs-le', size],
    ['bytes-be', size],
    ['digits30-le32', DIGITS.storedLength(size * 8)],
  ];
  const from = Math.max(run.offset % 8, run.offset - 8);
  const memory = bytes.read(from, (run.words + 4) * 8);
  const first = run.offset - from;
  const end = first + run.words * 8;
  for (let at = first % 8; at < end; at += 8) {
    const isEdge = at <= first || at + words * 8 >= end - 8;
    for (const [reading, length] of forms)
      for (const start of startsOf(reading, memory, { at, size, length, isEdge })) {
        const octets = octetsAt(memory, start, size, length, reading);
        if (octets !== undefined) yield { place: { offset: from + start, length, reading }, octets };
      }
  }
}

/**
 * Where a number whose first word is at `at` may begin: at `at`, if it is at an edge or zeros pad its last
 * word, or after the zeros that pad its first word.
 */
function startsOf(
  reading: Form,
  memory: Buffer,
  { at, size, length, isEdge }: { at: number; size: number; length: number; isEdge: boolean },
): number[] {
  const rest = -length & 7;
  const zeros = (from: number) =>
    rest > 0 &&
    from + rest <= memory.length &&
    memory.subarray(from, from + rest).every((byte) => byte === 0);
  if (reading === 'digits30-le32') return isEdge ? [at] : [];
  const starts = isEdge || zeros(at + length) ? [at] : [];
  return reading === 'bytes-be' && size % 8 !== 0 && zeros(at) ? [...starts, at + rest] : starts;
}

function octetsAt(
  memory: Buffer,
  start: number,
  size: number,
  length: number,
  reading: Form,
): Buffer | undefined {
  const stored = memory.subarray(start, start + length);
  if (stored.length < length) return undefined;
  if (reading === 'digits30-le32')
    for (let at = 0; at < length; at += DIGITS.cell)
      if (DIGITS.digitAt(stored, at) === undefined) return undefined;
  const octets = toBigEndian(stored, reading);
  if (octets.length > size || new Set(octets).size < MIN_DISTINCT * size) return undefined;
  return Buffer.from(padded(octets, size));
}
