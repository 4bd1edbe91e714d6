import type { KeyObject } from 'node:crypto';
import { fixtureDumps } from '../../fixtures/dumps.js';

/** What no part of may be shown of the dumps among the fixtures. */

/** The private numbers of a key. */
function numbersOf(key: KeyObject): Buffer[] {
  const jwk = key.export({ format: 'jwk' }) as Record<string, string>;
  return ['d', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((name) => {
    const text = jwk[name];
    return text === undefined ? [] : [Buffer.from(text, 'base64url')];
  });
}

/** What a token keeps secret: not its issuer's prefix, nor the header and claims of a JSON Web Token. */
const secretPart = (token: string): string =>
  token.startsWith('eyJ') ? token.slice(token.lastIndexOf('.') + 1) : token.slice(4);

export const dumps = fixtureDumps();
export const secrets = dumps.flatMap(({ keys, tokens }) => [
  ...Object.values(keys).flatMap(numbersOf),
  ...Object.values(tokens).map((token) => Buffer.from(secretPart(token))),
]);
