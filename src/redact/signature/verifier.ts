import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Notice } from '../../core/base/runtime/errors.js';
import { keyError, pemLabels, readKeyFile } from './key-file.js';
import {
  globallySigned,
  keyLines,
  type MinisignPublicKey,
  readPublicKey,
  readSecretKey,
  readSignature,
  type SignedContent,
} from './minisign.js';

/** The public half that signatures are checked with. */
export interface VerifyKey {
  key: KeyObject;
  /** minisign's identifier; a PEM file has none. */
  id?: Uint8Array;
}

/** A public key given as text: 42 octets, of which the first two are `Ed`. */
const KEY_TEXT = /^RW[A-Za-z0-9+/]{54}$/;

/**
 * Opens a public key: minisign's, as its file or as the line in it, or Ed25519 as SubjectPublicKeyInfo in
 * PEM. Throws a coded error (exit 3).
 */
export function openVerifyKey(given: string): VerifyKey {
  const line = KEY_TEXT.test(given) ? readPublicKey(Buffer.from(given)) : undefined;
  if (line !== undefined) return fromMinisign(line);
  const { content, shown } = readKeyFile(given, 'verify');
  try {
    const labels = pemLabels(content);
    if (labels.length > 0) return fromPem(content, shown, labels);
    const lines = keyLines(content);
    if (lines.length > 1) throw keyError('verify', 'several', { shown });
    const [only = new Uint8Array(0)] = lines;
    const found = readPublicKey(only);
    if (found !== undefined) return fromMinisign(found);
    const secret = readSecretKey(only);
    if (secret?.kind === 'key') secret.wipe();
    throw keyError('verify', secret === undefined ? 'unknown' : 'is-private', { shown });
  } finally {
    content.fill(0);
  }
}

function fromMinisign({ id, point }: MinisignPublicKey): VerifyKey {
  const x = Buffer.from(point).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return { key, id: Uint8Array.from(id) };
}

function fromPem(content: Uint8Array, shown: string, [label = '', ...more]: readonly string[]): VerifyKey {
  if (more.length > 0) throw keyError('verify', 'several', { shown });
  if (label.endsWith('PRIVATE KEY')) throw keyError('verify', 'is-private', { shown });
  if (label !== 'PUBLIC KEY') throw keyError('verify', 'unknown', { shown });
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(content), format: 'pem' });
  } catch {
    throw keyError('verify', 'damaged', { shown });
  }
  const reason = key.asymmetricKeyType ?? 'unknown';
  if (reason !== 'ed25519') throw keyError('verify', 'other-kind', { shown, reason });
  return { key };
}

/** What is wrong with a signature, and how to mend it. */
const PROBLEMS = {
  'signature-malformed': () => [
    "the signature file is not in minisign's format, or was changed",
    'take it from its source once more',
  ],
  'untrusted-comment': () => [
    'the untrusted comment of the signature is not that of dumpsieve or minisign: no key signs that line',
    'find out who changed it; who signs by minisign leaves out -c, and says what is to be said by -t',
  ],
  'signature-older-format': (content) => [
    'the signature is in the older format of minisign, not of a hash',
    `sign the ${content} without -l`,
  ],
  'signature-of-other-key': () => [
    'the signature is of another key',
    'find out who signed it, and name the key that you trust; never the one that came with the files',
  ],
  'signature-wrong': (content) => [
    `the signature is not of this ${content}: the ${content} or the signature was changed`,
    `keep these files, and take ${content} and signature from their source once more`,
  ],
  'comment-changed': () => [
    'the trusted comment of the signature was changed',
    'keep these files, and take the signature from its source once more',
  ],
} satisfies Record<string, (content: SignedContent) => [message: string, hint: string]>;

export type SignatureCheck = { trustedComment: string } | { problem: Notice };

/** Checks the signature file of a message. */
export function checkSignature(
  message: Uint8Array,
  file: Uint8Array,
  by: VerifyKey,
  content: SignedContent = 'manifest',
): SignatureCheck {
  const problem = (code: keyof typeof PROBLEMS): { problem: Notice } => {
    const [said = '', hint = ''] = PROBLEMS[code](content);
    return { problem: { code, message: said, hint } };
  };
  const found = readSignature(file);
  if (found === undefined) return problem('signature-malformed');
  const { hashed, keyId, signature, trustedComment, global, isCommentKnown } = found;
  if (!isCommentKnown) return problem('untrusted-comment');
  if (!hashed) return problem('signature-older-format');
  if (by.id !== undefined && Buffer.compare(by.id, keyId) !== 0) return problem('signature-of-other-key');
  const digest = createHash('blake2b512').update(message).digest();
  if (!verify(null, digest, by.key, signature)) return problem('signature-wrong');
  if (!verify(null, globallySigned(signature, trustedComment), by.key, global))
    return problem('comment-changed');
  return { trustedComment };
}
