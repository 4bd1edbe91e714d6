import { plainKey, type SecretCandidate } from './secret-candidate.js';
import { TEXT } from './text-headers.js';

/** A text whose characters are the key. */
export const textKey = (text: string, offset: number): SecretCandidate =>
  plainKey(Buffer.from(text, 'latin1'), offset);

/** Encodings of octets as text, and their decoders: undefined if the text is not valid. */
const WRITTEN: readonly [SecretCandidate['reading'], (text: string) => Buffer | undefined][] = [
  ['base64url', (text) => exactly(text, 'base64url', (written) => written)],
  ['base64', (text) => (/[+/=]/.test(text) ? exactly(text, 'base64', unfilled) : undefined)],
  ['hex', (text) => exactly(text.toLowerCase(), 'hex', (written) => written)],
];

/** Octets that the text encodes, in each encoding that fits. */
export function* octetsOf(text: string, offset: number): Generator<SecretCandidate> {
  for (const [reading, written] of WRITTEN) {
    const octets = written(text);
    if (octets !== undefined && octets.length >= TEXT.least)
      yield { ...textKey(text, offset), key: octets, reading };
  }
}

const unfilled = (text: string): string => text.replace(/=+$/, '');

function exactly(
  text: string,
  encoding: 'base64url' | 'base64' | 'hex',
  form: (text: string) => string,
): Buffer | undefined {
  const octets = Buffer.from(text, encoding);
  return form(octets.toString(encoding)) === form(text) ? octets : undefined;
}
