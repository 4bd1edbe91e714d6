import type { KeyObject } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { spkiSha256 } from '../../fixtures/keys.js';
import type { SearchId } from '../../src/core/limits/searches.js';
import type { Finding } from '../../src/core/model/report.js';
import type { Report } from '../../test/support/reports.js';
import type { Dump } from './examine.js';

/** Which search has found a key, by what its finding says. */

/** By the statement of the finding's proof that names the number; the first that fits. */
const BY_STATEMENT: readonly (readonly [RegExp, SearchId])[] = [
  [/^the (first|last) \d+ bytes of [pq] are lost/, 'rsa-prime-parts'],
  [/^the number here is ([pq]|R mod [pq])$/, 'rsa-known-primes'],
  [/^the number here is d[pq]$/, 'rsa-known-crt'],
  [/^the number here is (R\^2 mod [pq]|[pq]\*R mod n)$/, 'rsa-known-montgomery'],
  [/^the number here divides the one at /, 'rsa-n-and-prime'],
  [/^the numbers at .+ are the CRT exponents /, 'rsa-crt-parts'],
  [/^the number here is the nonce /, 'ecdsa-nonces'],
];

/** Searches by algorithm, for keys whose numbers are all there. */
const BY_ALGORITHM: Readonly<Record<string, SearchId>> = {
  RSA: 'rsa-two-primes',
  EC: 'ec-scalars',
  Ed25519: 'curve25519',
  X25519: 'curve25519',
  Ed448: 'curve448',
  X448: 'curve448',
};

/** The forms in which programs write n with e: RSAPublicKey, SSH, JWK. */
function publicForms(key: KeyObject): Buffer[] {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const [modulus, exponent] = [n, e].map((member) => Buffer.from(member, 'base64url')) as [Buffer, Buffer];
  return [
    Buffer.concat([modulus, Buffer.of(2, exponent.length), exponent]),
    Buffer.concat([
      Buffer.of(0, 0, 0, exponent.length),
      exponent,
      Buffer.of(0, 0),
      Buffer.of(modulus.length >> 8),
    ]),
    Buffer.from(n),
  ];
}

const PIECE = 2 ** 24;

/** True if a file, of any length, has one of these byte strings. */
function holds(path: string, forms: readonly Buffer[]): boolean {
  const file = openSync(path, 'r');
  const overlap = Math.max(...forms.map(({ length }) => length)) - 1;
  const piece = Buffer.alloc(PIECE);
  try {
    for (let at = 0, read = PIECE; read === PIECE; at += PIECE - overlap) {
      read = readSync(file, piece, 0, PIECE, at);
      if (forms.some((form) => piece.subarray(0, read).includes(form))) return true;
    }
    return false;
  } finally {
    closeSync(file);
  }
}

/** d with a known modulus, or with n as a bare number: then its public key is written nowhere in the dump. */
function byExponent(key: KeyObject, { path, find }: Dump): SearchId {
  if (find !== undefined) return 'rsa-known-d';
  return holds(path, publicForms(key)) ? 'rsa-known-d' : 'rsa-n-and-d';
}

function searchOf({ key, proof = [] }: Finding, own: KeyObject, dump: Dump): string {
  for (const [statement, search] of BY_STATEMENT)
    if (proof.some((each) => statement.test(each))) return search;
  if (proof.includes('the number here is d')) return byExponent(own, dump);
  const encoding = key?.encoding ?? '';
  return WHOLE.has(encoding) ? encoding : (BY_ALGORITHM[key?.algorithm ?? ''] ?? encoding);
}

/** Encodings of whole keys, which detectors find. */
const WHOLE: ReadonlySet<string> = new Set(
  'pem pkcs1 pkcs8 sec1 openssh openssh-shielded putty bind jwk cng capi sexp'.split(' '),
);

/** The search that found the dump's key of a name, or the form in which it was found; empty if it was not. */
export function foundBy(dump: Dump, report: Report): (name: string) => string {
  return (name) => {
    const own = dump.keys[name]!;
    const finding = report.findings.find(({ key }) => key?.spkiSha256 === spkiSha256(own));
    return finding === undefined ? '' : searchOf(finding, own, dump);
  };
}
