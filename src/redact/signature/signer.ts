import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { type KeyFile, type KeyProblem, keyError, pemLabels, readKeyFile } from './key-file.js';
import {
  globallySigned,
  keyLines,
  type MinisignPublicKey,
  publicKeyLine,
  readPublicKey,
  readSecretKey,
  type SignedContent,
  writeSignature,
} from './minisign.js';

/** PKCS#8 of an Ed25519 seed, up to the seed (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** PEM labels of files that are no key to sign with. */
const OTHER_LABELS: Readonly<Record<string, readonly [problem: KeyProblem, kind?: string]>> = {
  'ENCRYPTED PRIVATE KEY': ['has-password'],
  'PUBLIC KEY': ['is-public'],
  CERTIFICATE: ['is-public'],
  'OPENSSH PRIVATE KEY': ['other-kind', 'OpenSSH'],
  'RSA PRIVATE KEY': ['other-kind', 'RSA'],
  'EC PRIVATE KEY': ['other-kind', 'EC'],
};

/**
 * Signs in minisign's format. The bytes of the key are overwritten once it is open; what is left of it is in
 * OpenSSL's memory, and no property leads to it.
 */
export class ManifestSigner {
  /** For `verify --key` and `minisign -P`. */
  readonly publicKey: string;
  /** The file of the key, which no output may replace. */
  readonly file: Pick<KeyFile, 'dev' | 'ino'>;
  readonly #id: Uint8Array;
  readonly #key: KeyObject;

  private constructor(key: KeyObject, publicHalf: MinisignPublicKey, { dev, ino }: KeyFile) {
    this.#key = key;
    this.#id = publicHalf.id;
    this.publicKey = publicKeyLine(publicHalf);
    this.file = { dev, ino };
  }

  /** Opens an Ed25519 key: PKCS#8 as PEM, or minisign's without a password. Throws a coded error (exit 3). */
  static open(path: string): ManifestSigner {
    const file = readKeyFile(path, 'sign');
    try {
      const labels = pemLabels(file.content);
      const { key, id } = labels.length > 0 ? fromPem(file, labels) : fromMinisign(file);
      const point = pointOf(key);
      // A PKCS#8 file has no identifier: its own is that of its public half.
      const ownId = createHash('sha256').update(point).digest().subarray(0, 8);
      return new ManifestSigner(key, { id: id ?? ownId, point }, file);
    } finally {
      file.content.fill(0);
    }
  }

  /** The signature file of a message. `trustedComment`: signed as well; ASCII on one line. */
  sign(message: Uint8Array, trustedComment: string, content: SignedContent = 'manifest'): Buffer {
    const digest = createHash('blake2b512').update(message).digest();
    const signature = sign(null, digest, this.#key);
    const global = sign(null, globallySigned(signature, trustedComment), this.#key);
    return writeSignature(content, { keyId: this.#id, signature, trustedComment, global });
  }
}

interface Opened {
  key: KeyObject;
  id?: Uint8Array;
}

function fromPem({ content, shown }: KeyFile, [label = '', ...more]: readonly string[]): Opened {
  if (more.length > 0) throw keyError('sign', 'several', { shown });
  if (label !== 'PRIVATE KEY') {
    const [problem, reason] = OTHER_LABELS[label] ?? (['unknown'] as const);
    throw keyError('sign', problem, { shown, ...(reason === undefined ? {} : { reason }) });
  }
  const text = Buffer.from(content.buffer, content.byteOffset, content.length);
  const key = orDamaged(shown, () => createPrivateKey({ key: text, format: 'pem' }));
  const kind = key.asymmetricKeyType ?? 'unknown';
  if (kind !== 'ed25519') throw keyError('sign', 'other-kind', { shown, reason: kind });
  return { key };
}

function fromMinisign({ content, shown }: KeyFile): Opened {
  const lines = keyLines(content);
  const [line = new Uint8Array(0)] = lines;
  if (readPublicKey(line) !== undefined) throw keyError('sign', 'is-public', { shown });
  const secret = readSecretKey(line);
  if (secret === undefined) throw keyError('sign', 'unknown', { shown });
  if (secret.kind === 'password') throw keyError('sign', 'has-password', { shown });
  const der = Buffer.alloc(PKCS8_HEAD.length + secret.seed.length);
  try {
    if (lines.length > 1) throw keyError('sign', 'several', { shown });
    der.set(PKCS8_HEAD);
    der.set(secret.seed, PKCS8_HEAD.length);
    const key = orDamaged(shown, () => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    if (!pointOf(key).equals(secret.point)) throw keyError('sign', 'damaged', { shown });
    return { key, id: Uint8Array.from(secret.id) };
  } finally {
    der.fill(0);
    secret.wipe();
  }
}

/** OpenSSL's message may quote what it parsed: it is not passed on. */
function orDamaged<T>(shown: string, open: () => T): T {
  try {
    return open();
  } catch {
    throw keyError('sign', 'damaged', { shown });
  }
}

/** The public half's 32 octets: the last of its SubjectPublicKeyInfo (RFC 8410, section 4). */
const pointOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
