import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { Flood } from './floods.js';
import { BASE62, bytes, cycled, distinct, randomFrom, seeded, word } from './pieces.js';

/** What the searches for keys read: tokens, sessions, numbers and public keys, each with keys beside them. */

type Random = () => number;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const secret = (random: Random): string => word(random, 40, BASE62);

function signed(random: Random, key: string): string {
  const head = encoded({ alg: 'HS256', typ: 'JWT' });
  const text = `${head}.${encoded({ sub: word(random, 12, BASE62), exp: 1900000000 })}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

/** A session of Flask, whose key is made by `itsdangerous`. */
function flask(random: Random, key: string): string {
  const text = `${encoded({ user: random() })}.${word(random, 6, BASE62)}`;
  const derived = createHmac('sha1', key).update('cookie-session').digest();
  return `session=${text}.${createHmac('sha1', derived).update(text).digest('base64url')}`;
}

/** A session of Express. */
function express(random: Random, key: string): string {
  const id = word(random, 32, BASE62);
  const signature = createHmac('sha256', key).update(id).digest('base64').replace(/=+$/, '');
  return `connect.sid=s%3A${id}.${encodeURIComponent(signature)}`;
}

/** A chunk of malloc with random octets. */
const chunk = (random: Random, length: number): Buffer => {
  const head = Buffer.alloc(16);
  head.writeBigUInt64LE(BigInt(length + 16 + 1), 8);
  return Buffer.concat([head, bytes(random, length)]);
};

const chunks = (length: number) => {
  const random = randomFrom(4);
  return distinct(() => chunk(random, length));
};

const pair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

const spki = (namedCurve: string): Buffer =>
  pair(namedCurve).publicKey.export({ format: 'der', type: 'spki' });

/** Tokens with ECDSA signatures of one key, or of a key for each. */
function ecdsaTokens(isOneKey: boolean) {
  const one = pair('P-256').privateKey;
  return cycled(
    seeded((random) => {
      const text = `${encoded({ alg: 'ES256' })}.${encoded({ sub: word(random, 12, BASE62) })}`;
      const key = isOneKey ? one : pair('P-256').privateKey;
      const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}\n`;
    }),
  );
}

/** Names of keys before their values, as a program's settings have them. */
const withSecret = (name: string, token: (random: Random, key: string) => string, isOwn: boolean) =>
  seeded((random) => {
    const key = secret(random);
    return `${name}=${key}\n${token(random, isOwn ? key : 'another')}\n`;
  });

export const keyFloods: readonly Flood[] = [
  { name: 'JWTs, each with its JWT_SECRET', pieces: withSecret('JWT_SECRET', signed, true) },
  { name: 'JWTs, each with a wrong JWT_SECRET', pieces: withSecret('JWT_SECRET', signed, false) },
  { name: 'JWTs of one key', pieces: seeded((random) => `${signed(random, 'another')}\n`) },
  { name: 'Flask sessions, each with its key', pieces: withSecret('SECRET_KEY', flask, true) },
  { name: 'Flask sessions, each with a wrong key', pieces: withSecret('SECRET_KEY', flask, false) },
  { name: 'Express sessions, each with its key', pieces: withSecret('SESSION_SECRET', express, true) },
  { name: 'Express sessions, each with a wrong key', pieces: withSecret('SESSION_SECRET', express, false) },
  { name: 'ES256 tokens of one key', pieces: ecdsaTokens(true) },
  { name: 'ES256 tokens, each of its own key', pieces: ecdsaTokens(false) },
  { name: 'chunks of 32 random octets', pieces: chunks(32) },
  { name: 'chunks of 64 random octets', pieces: chunks(64) },
  { name: 'chunks of 128 random octets', pieces: chunks(128) },
  { name: 'chunks of 256 random octets', pieces: chunks(256) },
  {
    name: 'public keys on P-256',
    pieces: cycled(
      distinct(() => spki('P-256')),
      4 << 20,
    ),
  },
  {
    name: 'public keys, each behind a chunk of 32 octets',
    pieces: cycled(
      seeded((random) =>
        Buffer.concat([spki('secp256k1'), chunk(random, 32), spki('P-256'), chunk(random, 32)]),
      ),
      4 << 20,
    ),
  },
  {
    name: 'JWTs between chunks of 32 octets',
    pieces: seeded((random) =>
      Buffer.concat([chunk(random, 32), Buffer.from(`${signed(random, 'another')}\0`), chunk(random, 64)]),
    ),
  },
  { name: 'random octets', counts: false, pieces: seeded((random) => bytes(random, 4096)) },
];
