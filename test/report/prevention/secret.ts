import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { pkcs8Pem } from '../../../fixtures/keys.js';
import { parts } from '../../search/harness.js';
import { LAYOUTS } from '../../search/memory.js';
import type { Needle } from '../../support/needles.js';

export type SecretKind = 'text' | 'RSA' | 'EC';

/** A fresh secret of a trial, and everything to search its dumps for. */
export interface TrialSecret {
  contents: string;
  /** The contents of the file for --find. */
  target: string;
  needles: readonly Needle[];
}

const needle = (name: string, bytes: Buffer): Needle => ({ secret: name, form: name, bytes });

/** 32 bytes. */
function text(): TrialSecret {
  const value = randomBytes(24).toString('base64url');
  return { contents: value, target: `SECRET=${value}\n`, needles: [needle('text', Buffer.from(value))] };
}

/**
 * The text below the first line, which an allocator may overwrite, and each number as OpenSSL computes with
 * it (`d`) and as encodings have it (`d bytes`).
 */
function key({ privateKey }: { privateKey: KeyObject }): TrialSecret {
  const pem = pkcs8Pem(privateKey);
  const numbers = Object.entries(parts(privateKey)).filter(([name]) => !['n', 'e', 'x', 'y'].includes(name));
  return {
    contents: pem,
    target: pem,
    needles: [
      needle('pem', Buffer.from(pem.trim().split('\n').slice(1).join('\n'))),
      ...numbers.flatMap(([name, bytes]) => [
        needle(name, LAYOUTS['limbs-le']!(bytes)),
        needle(`${name} bytes`, LAYOUTS['bytes-be']!(bytes)),
      ]),
    ],
  };
}

export const SECRETS: Readonly<Record<SecretKind, () => TrialSecret>> = {
  text,
  RSA: () => key(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  EC: () => key(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
};
