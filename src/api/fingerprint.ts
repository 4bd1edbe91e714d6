import { Readable } from 'node:stream';
import { withoutByteOrderMark } from '../core/base/bytes/utf.js';
import { useSecrets } from '../core/base/crypto/secret-memory.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { knownFingerprints, tokenFingerprint } from '../scan/policy/allow-list.js';
import { readKeys } from '../scan/secret-files/read.js';
import { unreadBlocks } from '../scan/secret-files/unread.js';
import { scan } from './scan.js';

/** Largest secret, in bytes. */
const LARGEST = 2 ** 20;
/** Upper bound on the blocks that one error names. */
const NAMED = 5;

/**
 * The fingerprints that a report would have for a secret. The text is scanned as a file would be. If no rule
 * matches, it is read as a public key, whose fingerprint is that of its private key, or else as a token: the
 * whole text without the final line end. Throws `no-secret` (also for a PEM block without a key) or
 * `secret-too-large` (exit 3).
 */
export async function fingerprints(
  secret: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string[]> {
  const bytes = await collect(secret);
  const endSecrets = useSecrets();
  try {
    return await fingerprintsOf(bytes);
  } finally {
    bytes.fill(0);
    endSecrets();
  }
}

async function fingerprintsOf(bytes: Buffer): Promise<string[]> {
  const found = new Set<string>();
  for await (const event of scan({ paths: ['-'], stdin: Readable.from([bytes]), jobs: 1 })) {
    if (event.type === 'finding' && event.fingerprint !== null) found.add(event.fingerprint);
  }
  if (found.size > 0) return [...found];
  const keys = knownFingerprints(readKeys(bytes));
  if (keys.size > 0) return [...keys];
  requireNoBlock(bytes);
  return [tokenFingerprint(bytes)];
}

/** A PEM block is no token: no report would contain the fingerprint of its text, which would mislead. */
function requireNoBlock(bytes: Buffer): void {
  const blocks = unreadBlocks(bytes.toString('latin1')).map(({ label }) => label);
  if (blocks.length === 0) return;
  throw new DumpsieveError({
    code: 'no-secret',
    message: `standard input contains no readable key, but ${blocks.slice(0, NAMED).join('; ')}`,
    hint: 'pass a private key, a public key or a certificate',
  });
}

async function collect(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > LARGEST)
      throw new DumpsieveError({
        code: 'secret-too-large',
        message: 'standard input is longer than 1 MiB: not a secret',
        hint: 'pass one key or token; dumpsieve scan searches files',
      });
    all.push(part);
  }
  if (Buffer.concat(all).toString('latin1').trim() === '')
    throw new DumpsieveError({
      code: 'no-secret',
      message: 'standard input is empty',
      hint: 'example: dumpsieve fingerprint < key.pem',
    });
  return Buffer.from(withoutByteOrderMark(Buffer.concat(all)));
}
