import { Readable } from 'node:stream';
import { DumpsieveError } from './errors.js';
import { scan } from './scan.js';
import { knownFingerprints, tokenFingerprint } from './verdict/known.js';
import { readKeys } from './wanted/read.js';

/** No secret is larger. In bytes. */
const LARGEST = 2 ** 20;

/**
 * The fingerprints that a report would bear for a secret: what a scan finds in it, by the scan's own path. Where no rule
 * knows it, it is a public half, whose private key bears the same fingerprint, or a token whose text is all of it but the
 * line end. Throws `no-secret` or `secret-too-large` (exit 3).
 */
export async function fingerprints(
  secret: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string[]> {
  const bytes = await collect(secret);
  const found = new Set<string>();
  for await (const event of scan({ paths: ['-'], stdin: Readable.from([bytes]), jobs: 1 })) {
    if (event.type === 'finding' && event.fingerprint !== null) found.add(event.fingerprint);
  }
  if (found.size > 0) return [...found];
  const keys = knownFingerprints(readKeys(bytes));
  return keys.size > 0 ? [...keys] : [tokenFingerprint(bytes)];
}

async function collect(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > LARGEST)
      throw new DumpsieveError({
        code: 'secret-too-large',
        message: 'standard input holds more than 1 MiB, which is no secret',
        hint: 'give one key or token; dumpsieve scan searches files',
      });
    all.push(part);
  }
  if (Buffer.concat(all).toString('latin1').trim() === '')
    throw new DumpsieveError({
      code: 'no-secret',
      message: 'standard input is empty',
      hint: 'as in dumpsieve fingerprint < key.pem',
    });
  return Buffer.concat(all);
}
