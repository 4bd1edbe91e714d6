import { DOMAINS } from '../asn1/domain.js';
import { readSpki } from '../asn1/spki.js';
import { toBytes } from '../base/bytes/integers.js';
import { formsFor } from '../encodings/number-forms.js';

/** Binary forms without gaps, in which a public number may share words with a private one. */
const FORMS = formsFor('copies').filter(({ bits, cell }) => bits === 8 * cell);

/** Numbers that every program has: parameters of curves. */
const CONSTANTS = DOMAINS.flatMap(({ p, a, b, n, x, y }) => [p, a, b, n, x, y]);

/** The public numbers of some keys, and of all curves, in the forms in which memory has them. */
export function publicWindows(keys: readonly Uint8Array[]): Uint8Array[] {
  const numbers = [...CONSTANTS.map(toBytes), ...keys.flatMap(publicNumbers)];
  return numbers.flatMap((number) => FORMS.map(({ write }) => write(number)));
}

function publicNumbers(spki: Uint8Array): Uint8Array[] {
  const key = spki.length === 0 ? undefined : readSpki(spki)?.key;
  if (key?.type === 'rsa') return [key.n];
  if (key?.type === 'okp') return [key.public];
  return key?.type === 'ec' ? [key.point.subarray(1)] : [];
}
