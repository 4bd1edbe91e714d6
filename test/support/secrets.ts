import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519Key, pkcs8Pem } from '../../fixtures/keys.js';
import { openSshEd25519 } from '../../fixtures/openssh.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken, npmToken } from '../../fixtures/tokens.js';

/** Fresh secrets of one test. */
export interface Secrets {
  rsa: KeyObject;
  ec: KeyObject;
  ed25519: KeyObject;
  /** The Ed25519 key in the form of ssh-keygen. */
  openssh: string;
  github: string;
  npm: string;
}

/**
 * Imports a generated key again. Node 20 deadlocks when it garbage-collects the job of generateKeyPairSync
 * while the key from that job is exported as JWK: both lock the same key.
 */
const reimported = (key: KeyObject): KeyObject =>
  createPrivateKey({ key: key.export({ type: 'pkcs8', format: 'der' }), type: 'pkcs8', format: 'der' });

export function freshSecrets(): Secrets {
  const random = new SeededRandom(randomBytes(32).toString('hex'));
  const ed25519 = ed25519Key(random);
  return {
    rsa: reimported(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ec: reimported(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    ed25519,
    openssh: openSshEd25519(ed25519, random.bytes(4).readUInt32BE(), 'e2e'),
    github: githubToken(random),
    npm: npmToken(random),
  };
}

/** Writes a file readable only by its owner, as ssh-keygen requires; returns its path. */
export function writePrivate(folder: string, name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents, { mode: 0o600 });
  return path;
}

/** A key as a PEM file. */
export function writePem(folder: string, name: string, key: KeyObject): string {
  return writePrivate(folder, name, pkcs8Pem(key));
}
