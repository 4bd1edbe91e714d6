import { curveByName } from '../../../asn1/curves.js';
import { isOnCurve } from '../../../asn1/domain.js';
import { toNumber } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type { CurveToken } from '../../core/types.js';
import type { Multiples } from '../points/multiples.js';
import type { Nonce } from './nonce-signatures.js';

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
