import { createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import { ecFrom, ed25519From, rsaFrom } from '../../test/search/seeded.js';

const SEED = 'price';

const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ format: 'der', type: 'spki' });

function token(): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ sub: 'price', iat: 1_700_000_000 })}`;
  const key = Buffer.from(`${SEED} of searches`);
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** Public keys of each kind, and a token whose secret is nowhere: what searches look for. */
export function identities(): Buffer {
  const keys = [
    rsaFrom(SEED, 2048),
    rsaFrom(SEED, 2048, 0x1_dfbbn),
    ecFrom(SEED, 'P-256', 'prime256v1', 32).key,
    ed25519From(SEED),
  ];
  const parts = [...keys.map(spki), Buffer.from(token())];
  return Buffer.concat(parts.flatMap((part) => [part, Buffer.alloc(256 - (part.length % 16))]));
}
