import { SeededRandom } from '../../../fixtures/random.js';

export const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const BASE64URL = `${BASE62}-_`;

/** Values of an alphabet, of these lengths in turn. */
export function randomValues(
  seed: string,
  count: number,
  { alphabet = BASE64URL, lengths = [40] }: { alphabet?: string; lengths?: readonly number[] } = {},
): string[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, i) =>
    Array.from(random.bytes(lengths[i % lengths.length]!), (byte) => alphabet[byte % alphabet.length]).join(
      '',
    ),
  );
}

/** Each value as a string of C, behind the size of its heap chunk. */
export const heapOf = (values: readonly string[]): Buffer =>
  Buffer.from(values.map((value) => `\x41\0\0\0\0\0\0\0${value}\0\0\0`).join(''), 'latin1');

/** A key of Yandex in form, of which one in 2^16 random values of its length has the prefix. */
export const yandexKey = (seed: string): string => `YCM${randomValues(seed, 1, { lengths: [37] })[0]}`;
