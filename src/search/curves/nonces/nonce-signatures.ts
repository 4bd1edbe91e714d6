import { curveByName } from '../../../core/asn1/curves.js';
import { isOnCurve } from '../../../core/asn1/domain.js';
import { toBigint, toBytes } from '../../../core/base/bytes/integers.js';
import { toNumber } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import { looksRandom } from '../../core/randomness-test.js';
import type { CurveToken } from '../../core/types.js';
import type { WordSeen } from '../../core/word-probe.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import type { Multiple, Multiples } from '../points/multiples.js';

/**
 * An ECDSA signature whose r is x of a known multiple of the generator: the scalar of that multiple is its
 * nonce.
 */
export interface Nonce {
  multiple: Multiple;
  /** Second half of the signature; zero if it is cut off. */
  s: bigint;
  /** File offset of the signature. */
  offset: number;
  /** The token with this signature, which contains the signed bytes. */
  token?: CurveToken;
}

const INTEGER = 0x02;

/**
 * An encoding of (r, s). `from` and `to`: index of the first significant byte of r, and of the byte after its
 * last.
 */
interface SignatureForm {
  /** True if the header of this form precedes r, whose significant bytes are `r`. */
  hasHeader(bytes: Buffer, from: number, r: Buffer): boolean;
  /** Index of the first byte of s after r, and its length. */
  placeOfS(bytes: Buffer, to: number, size: number): { at: number; length: number };
  /** Both halves are padded to the length of the order. */
  padded: boolean;
}

/** A number with its top bit set is preceded by a zero (X.690, 8.3; RFC 4251, section 5). */
const leadingZeros = (r: Buffer): number => (r[0]! >= 0x80 ? 1 : 0);

const FORMS: readonly SignatureForm[] = [
  {
    // SEQUENCE of INTEGER r, INTEGER s (RFC 3279, 2.2.3).
    padded: false,
    hasHeader(bytes, from, r) {
      const pad = leadingZeros(r);
      const at = from - pad - 2;
      return (
        at >= 0 &&
        bytes[at] === INTEGER &&
        bytes[at + 1] === r.length + pad &&
        (pad === 0 || bytes[from - 1] === 0)
      );
    },
    placeOfS: (bytes, to) => ({ at: to + 2, length: bytes[to] === INTEGER ? bytes[to + 1]! : 0 }),
  },
  {
    // mpint r, mpint s (RFC 5656, 3.1.2).
    padded: false,
    hasHeader(bytes, from, r) {
      const pad = leadingZeros(r);
      const at = from - pad - 4;
      return at >= 0 && bytes.readUInt32BE(at) === r.length + pad && (pad === 0 || bytes[from - 1] === 0);
    },
    placeOfS: (bytes, to) => ({ at: to + 4, length: to + 4 <= bytes.length ? bytes.readUInt32BE(to) : 0 }),
  },
  {
    // r || s (RFC 7518, 3.4; IEEE P1363). A public key has the same form, x || y.
    padded: true,
    hasHeader: () => true,
    placeOfS: (_, to, size) => ({ at: to, length: size }),
  },
];

/**
 * The signature whose r = x ends with the word that was found; undefined if this x is not part of a
 * signature.
 */
export function readSignature(
  { bytes, at, before, after, offset }: WordSeen<unknown>,
  x: bigint,
  curve: KernelCurve,
): { s: bigint; offset: number } | undefined {
  const { size, n } = curve.domain;
  const r = toBytes(x);
  const to = at + 8;
  const most = bytes.subarray(0, at + after);
  const lead = size - r.length;
  if (before + 8 < size || !most.subarray(to - r.length, to).equals(r)) return undefined;
  for (const form of FORMS) {
    if (!form.hasHeader(most, to - r.length, r)) continue;
    if (form.padded && most.subarray(to - size, to - size + lead).some((byte) => byte !== 0)) continue;
    const place = form.placeOfS(most, to, size);
    const whole = place.length > size - 8 && place.length <= size + 1;
    const s = whole ? toBigint(most.subarray(place.at, place.at + place.length)) : 0n;
    const used = whole && place.at + place.length <= most.length && s > 0n && s < n;
    const found = { s: used ? s : 0n, offset: offset + 8 - r.length };
    if (!form.padded) return found;
    if (used && looksRandom(most, to, 32) && !isOnCurve(curve.domain, x, s)) return found;
  }
  return undefined;
}

/** The two halves of r || s. */
const halves = (signature: Buffer): [r: bigint, s: bigint] => {
  const size = signature.length / 2;
  return [toNumber(signature.subarray(0, size), 'bytes-be'), toNumber(signature.subarray(size), 'bytes-be')];
};

/** Nonces of tokens, whose signatures are base64url text that the pass over the runs does not decode. */
export function* tokenNonces(multiples: Multiples, curveTokens: readonly CurveToken[]): Generator<Nonce> {
  for (const token of curveTokens)
    for (const curve of multiples.curves) {
      const { name, size, n } = curve.domain;
      if (curveByName(name)?.openssl !== token.curve || token.signature.length !== 2 * size) continue;
      const [r, s] = halves(Buffer.from(token.signature));
      const multiple = multiples.get(curve, r);
      if (multiple) yield { multiple, s: s < n ? s : 0n, offset: token.offset, token };
    }
}

/**
 * Nonces of signatures that are texts of their own, as before a token is assembled. Points x || y are
 * excluded.
 */
export function* textNonces(multiples: Multiples, texts: NumberSet): Generator<Nonce> {
  const curves = multiples.curves.filter(({ domain }) => domain.size === texts.size / 2);
  for (let i = 0; i < texts.length; i++) {
    const [r, s] = halves(texts.at(i));
    for (const curve of curves) {
      const multiple = multiples.get(curve, r);
      if (multiple && s > 0n && s < curve.domain.n && !isOnCurve(curve.domain, r, s))
        yield { multiple, s, offset: texts.offset(i) };
    }
  }
}
