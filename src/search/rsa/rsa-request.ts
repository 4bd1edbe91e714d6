import type { EffortLevel } from '../../core/model/effort.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { WindowColumns } from '../core/columns.js';
import { toNumber } from '../core/integer-encodings.js';
import type { KnownInteger } from '../core/known-integers.js';
import { mayBePrime } from '../core/product-tree.js';
import type { RunCacheColumns } from '../core/run-cache.js';
import type { RunColumns } from '../core/run-list.js';
import type { Scale, SkippedWork } from '../core/skipped-work.js';
import type { FilePlace, IntegerEncoding, SearchedPublicKey } from '../core/types.js';
import type { Modulus } from './modulus.js';

/** The numbers that RSA keys are searched in, as plain data for any thread. */
export interface RsaRequest {
  windows: ReadonlyMap<number, WindowColumns>;
  runs: RunColumns;
  runCache: RunCacheColumns;
  /** Sequences of digits. */
  digits: RunColumns;
  texts: readonly RsaText[];
  publicKeys: readonly SearchedPublicKey[];
  /** Bytes of the artifact, which budgets are proportional to. */
  length: number;
  effort: EffortLevel;
  /** Budgets of work are multiplied by this. */
  scale?: number;
}

/** What the proof decides. */
export interface RsaProver {
  isProven(material: KeyMaterial): boolean;
  /** True only if it was shown. */
  isComposite(value: bigint): boolean;
}

/** Numbers that a request is about. */
export const windowsOf = ({ windows }: RsaRequest): number =>
  [...windows.values()].reduce((sum, { length }) => sum + length, 0);

/**
 * Number of windows (18 bytes each, 36 while searched) from which memory matters more than warm threads and
 * kernels.
 */
const HEAVY = 1 << 19;

export const isHeavy = (request: RsaRequest): boolean => windowsOf(request) >= HEAVY;

/** An RSA number of whole words found as base64url or in digits; `octets` is big-endian. */
export interface RsaText extends FilePlace {
  octets: Buffer;
  reading: IntegerEncoding;
}

/** Octets of the shortest modulus, and count of texts that are taken as moduli. */
const MIN_MODULUS_BYTES = 128;
const MAX_MODULI = 256;
/** AQAB in a JSON Web Key, a text too short to be found. */
export const COMMON_EXPONENT = 65_537n;

/**
 * Texts that may be a modulus without a certificate, if another number of its size or half of it is a text as
 * well.
 */
export function* textModuli(
  texts: readonly RsaText[],
  skippedWork: SkippedWork,
  budget: Scale,
): Generator<Modulus> {
  const sizes = new Map<number, number>();
  for (const { octets } of texts) sizes.set(octets.length, (sizes.get(octets.length) ?? 0) + 1);
  let found = 0;
  for (const { octets, offset, length } of texts) {
    const others = (sizes.get(octets.length) ?? 0) - 1 + (sizes.get(octets.length / 2) ?? 0);
    if (octets.length < MIN_MODULUS_BYTES || octets[0]! >> 7 === 0 || others === 0) continue;
    const n = toNumber(octets, 'bytes-be');
    if (!mayBePrime(n)) continue;
    if (++found > budget(MAX_MODULI)) {
      const what = 'members of JSON Web Keys were not tried as moduli';
      skippedWork.add('rsa-text-moduli', { target: 'blind', left: 1 }, what, offset, offset + length);
    } else
      yield {
        ...{ n, e: COMMON_EXPONENT, assumed: true, words: octets.length / 8 },
        ...{ isTarget: false, bare: false, solved: false },
      };
  }
}

/** Wanted numbers that are among the texts. */
export function* foundInTexts<T>(
  wanted: readonly KnownInteger<T>[],
  texts: readonly RsaText[],
): Generator<KnownInteger<T>> {
  if (texts.length === 0) return;
  const values = new Set(texts.map(({ octets }) => toNumber(octets, 'bytes-be')));
  for (const each of wanted) if (values.has(each.value)) yield each;
}
