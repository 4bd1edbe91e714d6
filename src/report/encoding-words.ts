import type { ReportedForm } from '../core/encodings/number-forms.js';

/** Who keeps numbers in a form, as the end of a sentence. The form's own name follows in parentheses. */
const NUMBERS: Readonly<Record<ReportedForm, string>> = {
  'bytes-be': 'as plain bytes, the most significant first',
  'limbs-le': 'as OpenSSL keeps numbers',
  'int32-msw': "as Java's BigInteger keeps numbers",
  'limbs-be-hprof': 'as arrays of Java keep numbers',
  'digits30-le32': 'as CPython keeps integers',
  'digits60-le64': 'as libtommath keeps numbers',
  'digits63-le64': 'as Go kept numbers before 1.22',
  'digits28-le32': 'as libtommath keeps numbers in 32 bits',
  'v8-smi28': 'as jsbn keeps numbers in Node',
  'v8-smi26': 'as bn.js keeps numbers in Node',
  'v8-smi28c': 'as jsbn keeps numbers in Chromium',
  'v8-smi26c': 'as bn.js keeps numbers in Chromium',
  'v8-double28': 'as jsbn keeps numbers in Node, in doubles',
  'v8-double26': 'as bn.js keeps numbers in Node, in doubles',
  'jsc-int28': 'as jsbn keeps numbers in Bun and Safari',
  'jsc-int26': 'as bn.js keeps numbers in Bun and Safari',
  'digits15-le16': 'as CPython keeps integers on 32-bit systems',
  'digits31-le32': 'as libtommath keeps numbers in 31 bits',
};

/** Other forms whose name says little. */
const OTHERS: Readonly<Record<string, string>> = {
  'mont-le': 'as ring keeps scalars, in Montgomery form',
  'hmac-states': 'as states of the hash behind both pads',
  'openssh-shielded': 'as ssh-agent keeps keys, encrypted with a prekey',
  'aes-schedule': 'as an expanded key',
  decimal: 'as decimal digits',
  hex: 'as hexadecimal digits',
  base64: 'as base64',
  base64url: 'as base64 for URLs',
  utf8: 'as text',
  pem: 'as PEM',
  pkcs1: 'as DER',
  pkcs8: 'as DER',
  sec1: 'as DER',
  spki: 'as DER',
  jwk: 'as a JSON Web Key',
  jwt: 'as a JSON Web Token',
  session: 'as a session token',
  openssh: 'as an OpenSSH key',
  putty: 'as a PuTTY key',
  sexp: 'as an S-expression of libgcrypt',
  cng: 'as a key blob of Windows CNG',
  capi: 'as a key blob of Windows CryptoAPI',
};
/** Encodings whose explanation is the name itself, or text that needs no mark. */
const PLAIN: ReadonlySet<string> = new Set([
  'pem',
  'jwt',
  'utf8',
  'hex',
  'base64',
  'decimal',
  'openssh',
  'putty',
]);

/** `as OpenSSL keeps numbers (limbs-le)`. */
export function encodingWords(encoding: string): string {
  const words = (NUMBERS as Readonly<Record<string, string>>)[encoding] ?? OTHERS[encoding];
  if (words === undefined) return `as ${encoding}`;
  return PLAIN.has(encoding) ? words : `${words} (${encoding})`;
}

/** Names of the parts of keys, before their letters. */
const PARTS: readonly [RegExp, string][] = [
  [/^d$/, 'private exponent or scalar'],
  [/^(?:[pq]|r\d+)$/, 'prime'],
  [/^d[pq]$/, 'exponent'],
  [/^qinv$/, 'coefficient'],
  [/^n$/, 'modulus'],
];

/** `prime p`, `private exponent d`. `algorithm`: that of the key. */
export function componentWords(component: string, algorithm: string | undefined): string {
  if (component === 'd' && algorithm !== undefined)
    return `private ${algorithm.startsWith('RSA') ? 'exponent' : 'scalar'} d`;
  const words = PARTS.find(([letters]) => letters.test(component))?.[1];
  return words === undefined ? component : `${words} ${component}`;
}
