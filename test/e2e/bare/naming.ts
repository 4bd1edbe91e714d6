import type { Occurrence } from '../../../src/core/model/report.js';
import type { Sighting } from './oracle.js';

/**
 * The report's names for the encodings of the byte search. Text without + / - _ is both base64 and base64url.
 */
const ENCODINGS: Readonly<Record<string, readonly string[]>> = {
  'big-endian': ['bytes-be'],
  'little-endian': ['limbs-le'],
  'int32, most significant first': ['int32-msw'],
  'int32, least significant first, each big-endian': ['limbs-be-hprof'],
  'int64, least significant first, each big-endian': ['limbs-be-hprof'],
  '30 bits in 32': ['digits30-le32'],
  '28 bits in 32': ['digits28-le32'],
  '15 bits in 16': ['digits15-le16'],
  '31 bits in 32': ['digits31-le32'],
  '60 bits in 64': ['digits60-le64'],
  '63 bits in 64': ['digits63-le64'],
  '26 bits, V8 small integers': ['v8-smi26'],
  '28 bits, V8 small integers': ['v8-smi28'],
  '26 bits, V8 compressed': ['v8-smi26c'],
  '28 bits, V8 compressed': ['v8-smi28c'],
  '26 bits, V8 doubles': ['v8-double26'],
  '28 bits, V8 doubles': ['v8-double28'],
  '26 bits, JavaScriptCore': ['jsc-int26'],
  '28 bits, JavaScriptCore': ['jsc-int28'],
  base64: ['base64', 'base64url'],
  base64url: ['base64url'],
  hex: ['hex'],
  decimal: ['decimal'],
};

/** Parts about which the report says more or less, depending on the encoding. */
const RENAMED: Readonly<Record<string, { component: string; encoding: string }>> = {
  'd*R mod n little-endian': { component: 'd', encoding: 'mont-le' },
  // Found in Ed25519's form, a string of octets.
  'scalar little-endian': { component: 'scalar', encoding: 'bytes-be' },
  'scalar mod L little-endian': { component: 'scalar', encoding: 'bytes-be' },
  // The other half of the hash, copied together with the scalar.
  'prefix big-endian': { component: 'prefix', encoding: 'limbs-le' },
};

/** Forms of a whole key: the parts inside are not named individually. */
const WHOLE: ReadonlySet<string> = new Set(
  'pem pkcs1 pkcs8 sec1 openssh openssh-shielded putty bind jwk cng capi sexp'.split(' '),
);

const SWAPPED: Readonly<Record<string, string>> = { p: 'q', q: 'p', dp: 'dq', dq: 'dp' };

/** Name of a part with p and q swapped. */
function swappedName(name: string): string {
  return SWAPPED[name] ?? name.replace(/ mod ([pq])$/, (_, prime: string) => ` mod ${SWAPPED[prime]}`);
}

/** True if the occurrence agrees with the byte search, or is a form of the whole key around the place. */
export function isNamed(
  occurrence: Occurrence,
  { part, encoding, length }: Sighting,
  swap: boolean,
): boolean {
  const { component, encoding: form = '', wide, owner } = occurrence;
  // A field of an object of a known class: the class says which number it holds.
  if (component === undefined && owner !== undefined) return true;
  if (component === undefined) return WHOLE.has(form) && occurrence.length > length;
  const [narrow, ...more] = encoding.split(', UTF-16');
  if ((wide !== undefined) !== more.length > 0) return false;
  const other = RENAMED[`${part.name} ${narrow}`];
  if (other?.component === component && other.encoding === form) return true;
  const name = swap ? swappedName(part.name) : part.name;
  return component === name.replace(/^scalar mod L$/, 'scalar') && ENCODINGS[narrow!]!.includes(form);
}
