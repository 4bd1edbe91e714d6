import { Secret } from '../../base/crypto/secret.js';
import { describeMaterial } from '../core/candidate.js';
import type { Content } from './pem-body.js';

/**
 * Secret keys of minisign (src/minisign.h, SeckeyStruct) and OpenBSD's signify (signify.c, struct enckey), which sign releases: one line of
 * base64, in which the seed of Ed25519 and its public half stand side by side.
 */
interface Form {
  name: 'minisign' | 'signify';
  /** The algorithm `Ed`, that of the passphrase, and what is always so behind it. */
  head: Buffer;
  /** Octets of all, and before the seed. */
  length: number;
  seed: number;
  encrypted: boolean;
}

const SEED = 32;
/** Characters of the longest one, of which JSON may write each with six (a plus sign as a Unicode escape). */
export const MINISIGN_TEXT = 6 * 212;
const head = (text: string, ...more: number[]) =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(more)]);

/** The first that fits; signify's rounds of its key derivation are zero where there is no passphrase. */
const FORMS: readonly Form[] = [
  { name: 'minisign', head: head('Ed\0\0B2'), length: 158, seed: 62, encrypted: false },
  { name: 'minisign', head: head('EdScB2'), length: 158, seed: 62, encrypted: true },
  { name: 'signify', head: head('EdBK', 0, 0, 0, 0), length: 104, seed: 40, encrypted: false },
  { name: 'signify', head: head('EdBK'), length: 104, seed: 40, encrypted: true },
];

/** Reads what the base64 says; undefined where it is no such key, or ends before its seed does. */
export function readMinisign(bytes: Uint8Array): (Content & Pick<Form, 'name'>) | undefined {
  const form = FORMS.find(({ head }) => head.equals(bytes.subarray(0, head.length)));
  if (form === undefined || bytes.length < form.seed + SEED) return undefined;
  const { name, length, seed, encrypted } = form;
  const whole = bytes.length >= length;
  const used = Math.min(bytes.length, length);
  if (encrypted) {
    const secret = new Secret(bytes.slice(seed, used));
    const title = `encrypted ${name} secret key`;
    return { name, kind: 'encrypted-key', title, secret, severity: 'medium', whole, used };
  }
  const shown = bytes.slice(seed + SEED, seed + 2 * SEED);
  const described = describeMaterial(
    {
      ...{ type: 'okp', curve: 'Ed25519', seed: new Secret(bytes.slice(seed, seed + SEED)) },
      ...(shown.length === SEED ? { public: shown } : {}),
    },
    whole,
  );
  return { name, ...described, whole, used };
}
