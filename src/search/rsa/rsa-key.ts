import { readSpki } from '../../core/asn1/spki.js';
import { inverse, lcm, toBigint, toBytes } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { RsaMaterial } from '../../core/model/key-material.js';
import { bitLength } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { inDigits, type KnownInteger, sightings } from '../core/known-integers.js';
import type { RunList } from '../core/run-list.js';
import type { SearchTimes } from '../core/search-clock.js';
import type { SearchContext } from '../core/search-context.js';
import type { SkippedNumbers } from '../core/skipped-work.js';
import type { NumberFound, SearchedPublicKey } from '../core/types.js';
import { groupBy, type Modulus } from './modulus.js';
import type { PlacedNumber } from './placed-number.js';
import type { FactoredModulus } from './product-join.js';
import { foundInTexts, type RsaProver, type RsaText } from './rsa-request.js';
import { withoutSmallFactors } from './small-primes.js';

/**
 * Public exponents in use, the most common first (NIST SP 800-57 requires 65,537; old software has 3, 17, 35,
 * 37, 257).
 */
const EXPONENTS = [65_537n, 3n, 17n, 5n, 7n, 11n, 35n, 37n, 41n, 257n, 4_097n, 0xffff_ffffn, 0x1_0000_000fn];

/** The most common exponent, then the others: most keys are done after the first round. */
const EXPONENT_ROUNDS: readonly (readonly bigint[])[] = [EXPONENTS.slice(0, 1), EXPONENTS.slice(1)];

/** A factored modulus and its exponents. */
export interface RsaNumbers extends FactoredModulus {
  e?: bigint;
  /** A private exponent found in the dump: it determines which e is the key's. */
  privateExponent?: { name: 'd' | 'dp' | 'dq'; value: bigint };
}

/** All private exponents for the key's e; without one, for every e of `exponents`. */
function privateExponentsOf(
  key: RsaNumbers,
  exponents: readonly bigint[],
): KnownInteger<{ key: RsaNumbers; e: bigint; name: 'd' | 'dp' | 'dq' }>[] {
  const [p, q] = [key.p.value, key.q.value];
  const lambda = lcm(p - 1n, q - 1n);
  return (key.e === undefined ? exponents : [key.e]).flatMap((e) =>
    (
      [
        ['dp', inverse(e, p - 1n)],
        ['dq', inverse(e, q - 1n)],
        ['d', inverse(e, lambda)],
        ['d', inverse(e, (p - 1n) * (q - 1n))],
      ] as const
    ).flatMap(([name, value]) => (value === undefined ? [] : [{ value, label: { key, e, name } }])),
  );
}

/** Each key with every e that a public key has with its n; unchanged if there is none. */
export function withKnownExponents(keys: readonly RsaNumbers[], moduli: readonly Modulus[]): RsaNumbers[] {
  const byModulus = groupBy(
    moduli.filter(({ assumed }) => !assumed),
    ({ n }) => n,
  );
  return keys.flatMap((key) => byModulus.get(key.n.value)?.map(({ e }) => ({ ...key, e })) ?? [key]);
}

function materialOf({ p, q, n, e, privateExponent }: RsaNumbers): RsaMaterial {
  return rsaMaterial({
    ...{ n: n.value, e, p: p.value, q: q.value },
    ...(privateExponent ? { [privateExponent.name]: privateExponent.value } : {}),
  });
}

/**
 * Names the larger prime p: bare numbers do not show which prime their library calls p, and copies must
 * agree.
 */
export function largerPrimeFirst({ n, p, q }: FactoredModulus): RsaNumbers {
  return p.value > q.value ? { n, p, q } : { n, p: q, q: p };
}

/** The key's prime with the lower offset, which is the place of the finding. */
function firstPlace({ p, q }: FactoredModulus): PlacedNumber {
  return p.offset <= q.offset ? p : q;
}

/** n and e of an RSA SubjectPublicKeyInfo (RFC 8017, A.1.1); undefined for other keys. */
function rsaPublic(spki: Uint8Array): { n: bigint; e: bigint } | undefined {
  const key = readSpki(spki)?.key;
  return key?.type === 'rsa' ? { n: toBigint(key.n), e: toBigint(key.e) } : undefined;
}

/** RSA public keys, those with the most common exponent first: others may be crafted to take their place. */
export function commonExponentFirst(
  keys: readonly SearchedPublicKey[],
): (SearchedPublicKey & { shown: { n: bigint; e: bigint } })[] {
  const [common] = EXPONENTS;
  const rsaKeys = keys.flatMap((key) => {
    const shown = rsaPublic(key.spki);
    return shown === undefined ? [] : [{ ...key, shown }];
  });
  return [
    ...rsaKeys.filter(({ shown }) => shown.e === common),
    ...rsaKeys.filter(({ shown }) => shown.e !== common),
  ];
}

/**
 * Bits of a modulus up to which two primes and their product are no key by themselves: the length of a
 * product of two field elements of P-384. Curve arithmetic leaves such products by the ten thousand, and in
 * one of 30,000 both factors are prime by chance.
 */
const FIELD_PRODUCT_BITS = 768;

/** Where private exponents are searched. */
interface WholeKeySources {
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
  kernel: NumberKernel,
  prover: RsaProver,
): RsaNumbers[] {
  const leaves = [...keys.values()].filter(({ p, q }) => !keys.has(p.value) && !keys.has(q.value));
  const kept = withoutSmallFactors(kernel, leaves, ({ p, q }) => [p.value, q.value]);
  const isComposite = ({ value }: PlacedNumber) => prover.isComposite(value);
  return kept.filter(({ p, q }) => !isComposite(p) && !isComposite(q));
}

/** A private RSA key and its place. */
export type FoundRsaKey = NumberFound & { material: RsaMaterial };

/** A proven key as plain data, for messages between threads. */
type PlainRsaKey = Omit<NumberFound, 'material'> & {
  parts: { [K in (typeof PUBLIC_PARTS | typeof PRIVATE_PARTS)[number]]?: Uint8Array };
};

/** Proven keys, and what the search skipped. */
export interface RsaAnswer {
  found: PlainRsaKey[];
  skipped: readonly SkippedNumbers[];
  times: SearchTimes;
  /** Indices of public keys of the request that are foreign. */
  foreign: readonly number[];
}

/** The keys of an answer, in the form of all other searches. */
export function* keysOfAnswer({ found }: RsaAnswer): Generator<NumberFound> {
  for (const { parts, ...rest } of found) {
    const material: RsaMaterial = { type: 'rsa' };
    for (const name of PUBLIC_PARTS) if (parts[name]) material[name] = parts[name];
    for (const name of PRIVATE_PARTS) if (parts[name]) material[name] = new Secret(parts[name]);
    yield { material, ...rest };
  }
}

export function toPlainData({ material, ...rest }: FoundRsaKey): PlainRsaKey {
  const parts: PlainRsaKey['parts'] = {};
  for (const name of PUBLIC_PARTS) if (material[name]) parts[name] = Uint8Array.from(material[name]);
  for (const name of PRIVATE_PARTS) if (material[name]) parts[name] = material[name].reveal();
  return { parts, ...rest };
}

const PUBLIC_PARTS = ['n', 'e'] as const;
const PRIVATE_PARTS = ['p', 'q', 'd', 'dp', 'dq'] as const;

/** Parts of one key as numbers. */
type RsaValues = { [K in (typeof PUBLIC_PARTS | typeof PRIVATE_PARTS)[number]]?: bigint | undefined };

export function rsaMaterial(values: RsaValues): RsaMaterial {
  const material: RsaMaterial = { type: 'rsa' };
  for (const name of PUBLIC_PARTS) {
    const value = values[name];
    if (value !== undefined) material[name] = toBytes(value);
  }
  for (const name of PRIVATE_PARTS) {
    const value = values[name];
    if (value !== undefined) material[name] = new Secret(toBytes(value));
  }
  return material;
}

/** d = e^-1 mod lcm(p_i - 1), for any number of primes; undefined if e has no inverse. */
export function privateExponent(e: bigint, primes: readonly bigint[]): bigint | undefined {
  return inverse(
    e,
    primes.reduce((lambda, prime) => lcm(lambda, prime - 1n), 1n),
  );
}
