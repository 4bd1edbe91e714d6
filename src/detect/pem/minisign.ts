import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { OkpMaterial } from '../../core/model/key-material.js';
import { describeEncrypted, describeMaterial } from '../core/candidate.js';
import type { Content } from './pem-body.js';

/**
 * Secret keys of minisign (src/minisign.h, SeckeyStruct) and of OpenBSD's signify (signify.c, struct enckey):
 * one line of base64 with the Ed25519 seed directly before its public key.
 */
interface Form {
  name: 'minisign' | 'signify';
  /** Constant start: the algorithm `Ed`, the key derivation, and the constants after it. */
  head: Buffer;
  /** Octets in total, and before the seed. */
  length: number;
  seed: number;
  encrypted: boolean;
}

const SEED = 32;
/** Longest text in characters: JSON may write each of 212 as a Unicode escape of six. */
export const MINISIGN_TEXT = 6 * 212;
const head = (text: string, ...more: number[]) =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(more)]);

/** In order of precedence: without a passphrase, signify's round count is zero. */
const FORMS: readonly Form[] = [
  { name: 'minisign', head: head('Ed\0\0B2'), length: 158, seed: 62, encrypted: false },
  { name: 'minisign', head: head('EdScB2'), length: 158, seed: 62, encrypted: true },
  { name: 'signify', head: head('EdBK', 0, 0, 0, 0), length: 104, seed: 40, encrypted: false },
  { name: 'signify', head: head('EdBK'), length: 104, seed: 40, encrypted: true },
];

/** Reads the decoded base64; undefined if it is no such key or ends before the end of the seed. */
export function readMinisign(bytes: Uint8Array): (Content & Pick<Form, 'name'>) | undefined {
  const form = FORMS.find(({ head }) => head.equals(bytes.subarray(0, head.length)));
  if (form === undefined || bytes.length < form.seed + SEED) return undefined;
  const { name, length, seed, encrypted } = form;
  const whole = bytes.length >= length;
  const used = Math.min(bytes.length, length);
  if (encrypted) {
    const found = describeEncrypted(`encrypted ${name} secret key`, bytes.slice(seed, used));
    return { name, ...found, whole, used };
  }
  const point = bytes.slice(seed + SEED, seed + 2 * SEED);
  const material: OkpMaterial = {
    type: 'okp',
    curve: 'Ed25519',
    seed: new Secret(bytes.slice(seed, seed + SEED)),
    ...definedFields({ public: point.length === SEED ? point : undefined }),
  };
  return { name, ...describeMaterial(material, whole), whole, used };
}
