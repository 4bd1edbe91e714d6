import { curveByName } from '../../asn1/curves.js';
import { charactersOf, TEXT_ENCODINGS, toNumber } from '../core/integer-encodings.js';
import type { NumberSet } from '../core/number-set.js';
import type { SearchContext } from '../core/search-context.js';
import type { Context, NumberFound } from '../core/types.js';
import { type Look, WordProbe, type WordSeen } from '../core/word-probe.js';
import {
  IKE_HEADER_BYTES,
  isIkeKeyExchange,
  isSshKey,
  isSshKeyExchange,
  isTlsKeyShare,
  SSH_REPLY_BYTES,
} from '../signatures/handshake-keys.js';
import { compressedPoint } from './compressed-points.js';
import type { CurveNumbers } from './curve-numbers.js';
import { Curve25519Search } from './curve25519.js';
import { HeaderFrequency } from './header-frequency.js';
import { jsEngineNonces } from './js-engine-nonces.js';
import type { KernelCurve } from './kernel-curve.js';
import { type Multiple, Multiples } from './multiples.js';
import { nonceKeys } from './nonce-keys.js';
import { type Nonce, readSignature } from './nonce-signatures.js';
import type { PointSearch } from './points.js';
import { chooseScalars, scalarBudget } from './scalar-choice.js';
import {
  keyOfMultiple,
  multiplyDigests,
  type ScalarFound,
  scalarKeys,
  storedLength,
} from './scalar-search.js';
import { tokenSigners } from './token-signers.js';
import { TrailingScalars } from './trailing-scalars.js';

/**
 * A private key of an elliptic curve. `written`: its public half stands somewhere as a key, or is asked for; `ephemeral`: it stands
 * as a handshake sends it.
 */
export type CurveFound = NumberFound & { written: boolean; ephemeral: boolean };

/** Octets of a seed or scalar of Curve25519. */
const SEED = 32;

interface CurveContext extends SearchContext {
  /** Length of the artifact in bytes. */
  length: number;
  numbers: CurveNumbers;
  /** They come from the arrays of a managed heap. */
  managed: boolean;
  /** True where an offset lies in the image of a program or library. */
  inModule(offset: number): boolean;
  points: PointSearch;
  /** Texts that may be r before s of a curve of 256 bits. */
  signatures: NumberSet;
}

/**
 * Keys of elliptic curves: scalars whose public point the dump shows, Ed25519 and X25519, and keys that a nonce gives away.
 * Everything that is looked for at every byte shares one pass over the runs, what others want as well.
 */
export function* curveKeys(
  parts: CurveContext,
  context: Context,
  others: (probe: WordProbe<Look>) => void,
): Generator<CurveFound> {
  const { numbers, kernel, bytes, runs, shortfall, budget } = parts;
  const probe = new WordProbe<Look>();
  const points = parts.points.find(parts, context.publicKeys);
  const known = new Set<bigint>();
  for (const { domain, point } of tokenSigners(context.curveTokens, shortfall, budget))
    for (const [curve, shown] of points) {
      if (curve.domain !== domain || shown.has(point.x)) continue;
      shown.set(point.x, point);
      known.add(point.x);
    }
  const multiples = new Multiples();
  const headerFrequency = new HeaderFrequency(parts.inModule);
  const scalars = [...scalarKeys(numbers, points, multiples, headerFrequency, parts)];
  const nonces = [...tokenNonces(multiples, context), ...textNonces(multiples, parts.signatures)];
  const inHandshake = new Set<bigint>();
  const inSshKey = new Set<bigint>();
  const compressed = new Map<bigint, ScalarFound>();
  const isEnding = (word: bigint) => multiples.hasEnding(word);
  probe.wantAll(multiples.endings(), isEnding, (seen) => {
    for (const multiple of multiples.endingWith(seen.bytes, seen.at)) {
      const point = compressedPoint(seen, multiple);
      if (point) {
        const shown = points.get(multiple.curve)?.get(multiple.x);
        const found = shown ? undefined : keyOfMultiple(multiple, point);
        if (found) compressed.set(multiple.x, found);
        // Its coordinates, or those of the point with the other y, stand as numbers too: here it is written as a key.
        if (shown) shown.written = true;
        // No r of a signature stands so, whatever lies behind it.
        continue;
      }
      if (isHandshakePoint(seen, multiple)) inHandshake.add(multiple.x);
      else if (isSshPublicKey(seen, multiple)) inSshKey.add(multiple.x);
      const signature = readSignature(seen, multiple.x, multiple.curve);
      if (signature) nonces.push({ multiple, ...signature });
    }
  });
  const bare = { set: numbers.bySize.get(SEED)!, reading: 'bytes-be', length: SEED } as const;
  const written = TEXT_ENCODINGS.map((reading) => {
    return { set: numbers.texts[reading].get(SEED)!, reading, length: charactersOf(SEED, reading) };
  });
  const inDigits = [...numbers.jsEngineSets(SEED)].map(([reading, set]) => {
    return { set, reading, length: storedLength(reading, SEED), inDigits: true };
  });
  const curve25519 = [bare, ...written, ...inDigits].map((source) => {
    const { set } = source;
    const room = scalarBudget(parts.length, SEED, budget);
    const chosen = chooseScalars(set, room, 'ed25519-seeds', headerFrequency, shortfall);
    const search = new Curve25519Search(set, chosen, kernel, 'inDigits' in source);
    search.addPublicKeys(context.publicKeys);
    for (const texts of written) search.addTexts(texts.set);
    for (const digits of inDigits) search.addCoordinates(digits.set);
    search.want(probe);
    return { ...source, search };
  });
  const trailing = new TrailingScalars(points, parts);
  trailing.want(probe);
  others(probe);
  for (const seen of probe.search(kernel, bytes, runs)) seen.label(seen);

  const all = [...scalars, ...compressed.values(), ...trailing.found];
  const jsNonces = jsEngineNonces(all, points.keys(), numbers, budget);
  for (const found of withoutNonces(all, nonces, jsNonces)) {
    known.add(found.point.x);
    const { material, offset, length, reading, negated } = found;
    const { x, written } = found.point;
    const ephemeral = inHandshake.has(x) && !inSshKey.has(x);
    yield {
      material,
      place: { offset, length, reading },
      component: 'd',
      written,
      ephemeral,
      evidence: [...(negated ? ['the number here is the order minus d'] : []), ...evidenceOf(ephemeral)],
    };
  }
  const digests = (curve: KernelCurve) => multiplyDigests(numbers, curve, multiples, headerFrequency, parts);
  const byNonces = nonceKeys(nonces, points, multiples, known, { digests, shortfall, budget });
  for (const { material, point, nonce, digest } of byNonces) {
    const signed = nonce.token ? 'the JWT' : 'the signature';
    const evidence = [`the number here is the nonce of ${signed} at ${hex(nonce.offset)}`];
    if (digest) evidence.push(`its digest stands at ${hex(digest.place.offset)}`);
    yield {
      material,
      place: nonce.multiple.place,
      evidence,
      component: 'ecdsa-nonce',
      written: point.written,
      ephemeral: false,
    };
  }
  for (const { search, set, reading, length } of curve25519)
    for (const { material, index, written, ...seen } of search.found()) {
      const place = { offset: set.offset(index), length, reading };
      const component = material.type === 'edwards-scalar' ? 'scalar' : 'seed';
      const ephemeral = seen.shared && !written;
      yield { material, place, written, ephemeral, evidence: evidenceOf(ephemeral), component };
    }
}

/** x stands there as the first half of a point that a handshake sends. */
function isHandshakePoint(seen: WordSeen<unknown>, multiple: Multiple): boolean {
  const { name, size } = multiple.curve.domain;
  const point = uncompressedPointAt(seen, multiple);
  if (point) {
    const { at, length } = point;
    const behind = seen.after - (at + length - seen.at);
    return (
      isTlsKeyShare(seen.bytes, at, length, name) ||
      (behind >= SSH_REPLY_BYTES && isSshKeyExchange(seen.bytes, at, length))
    );
  }
  const [start, before] = [seen.at + 8 - size, seen.before + 8 - size];
  return (
    before >= IKE_HEADER_BYTES &&
    isIkeKeyExchange(seen.bytes, start, 2 * size, name) &&
    toNumber(seen.bytes.subarray(start, start + size), 'bytes-be') === multiple.x
  );
}

/** The same of a public key as SSH has it, which a host or a user keeps. */
function isSshPublicKey(seen: WordSeen<unknown>, multiple: Multiple): boolean {
  const point = uncompressedPointAt(seen, multiple);
  const { name } = multiple.curve.domain;
  return point !== undefined && isSshKey(seen.bytes, point.at, point.before, point.length, name);
}

/** The uncompressed point of which x ends there, and as many bytes before it as a handshake's header has. */
function uncompressedPointAt(
  { bytes, at, before }: WordSeen<unknown>,
  { x, curve }: Multiple,
): { at: number; before: number; length: number } | undefined {
  const { size } = curve.domain;
  const start = at + 8 - size - 1;
  const left = before + 8 - size - 1;
  const isPoint =
    left >= 5 && bytes[start] === 4 && toNumber(bytes.subarray(start + 1, at + 8), 'bytes-be') === x;
  return isPoint ? { at: start, before: left, length: 1 + 2 * size } : undefined;
}

/** One scalar a point. A public key is written somewhere as one; a nonce's point is the first half of a signature instead. */
function* withoutNonces(
  scalars: readonly ScalarFound[],
  nonces: readonly Nonce[],
  inDigits: ReadonlySet<bigint>,
): Generator<ScalarFound> {
  const drawn = new Set([...nonces.map(({ multiple }) => multiple.x), ...inDigits]);
  const seen = new Set<ScalarFound['point']>();
  for (const found of scalars) {
    const { point } = found;
    if (seen.has(point)) continue;
    seen.add(point);
    if (point.written || !drawn.has(point.x)) yield found;
  }
}

/** Nonces of tokens. Their signatures stand in base64, where no pass over the runs meets them. */
function* tokenNonces(multiples: Multiples, { curveTokens }: Context): Generator<Nonce> {
  for (const token of curveTokens) {
    const half = token.signature.length / 2;
    for (const curve of multiples.curves) {
      if (curveByName(curve.domain.name)?.openssl !== token.curve || half !== curve.domain.size) continue;
      const multiple = multiples.get(curve, toNumber(token.signature.subarray(0, half), 'bytes-be'));
      const s = toNumber(token.signature.subarray(half), 'bytes-be');
      if (multiple) yield { multiple, s: s < curve.domain.n ? s : 0n, offset: token.offset, token };
    }
  }
}

/** The same where a signature is a text of its own, as before a token is put together; x before y is none. */
function* textNonces(multiples: Multiples, texts: NumberSet): Generator<Nonce> {
  const size = texts.size / 2;
  const curves = multiples.curves.filter(({ domain }) => domain.size === size);
  for (let i = 0; i < texts.length; i++) {
    const octets = texts.at(i);
    const [r, s] = [octets.subarray(0, size), octets.subarray(size)].map((half) =>
      toNumber(half, 'bytes-be'),
    ) as [bigint, bigint];
    for (const curve of curves) {
      const multiple = multiples.get(curve, r);
      if (multiple && s > 0n && s < curve.domain.n && !isPoint(curve, r, s))
        yield { multiple, s, offset: texts.offset(i) };
    }
  }
}

const isPoint = ({ domain: { p, a, b } }: KernelCurve, x: bigint, y: bigint): boolean =>
  (y * y - (x * x * x + a * x + b)) % p === 0n;

const evidenceOf = (ephemeral: boolean): string[] =>
  ephemeral ? ['its public half stands as a handshake of TLS, SSH or IKE sends it'] : [];

const hex = (offset: number): string => `0x${offset.toString(16)}`;
