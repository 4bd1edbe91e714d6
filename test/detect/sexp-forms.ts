import type { KeyObject } from 'node:crypto';
import { inverse, toBigint, toBytes } from '../../src/core/base/bytes/integers.js';
import { jwkOf } from './keys.js';

/** Writes keys as S-expressions. */

export type Parts = [algorithm: string, ...pairs: [string, Buffer][]];

const signed = (value: Buffer) => (value[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value);

/** libgcrypt's order: p below q, and u = p^-1 mod q. */
export function rsaParts(key: KeyObject): Parts {
  const jwk = jwkOf(key);
  const part = (name: string) => Buffer.from(jwk[name]!, 'base64url');
  const u = toBytes(inverse(toBigint(part('q')), toBigint(part('p')))!);
  const values = { n: part('n'), e: part('e'), d: part('d'), p: part('q'), q: part('p'), u };
  return ['rsa', ...Object.entries(values).map(([name, value]): [string, Buffer] => [name, signed(value)])];
}

const atom = (value: Buffer | string) =>
  Buffer.concat([Buffer.from(`${value.length}:`), Buffer.from(value as string)]);

export function canonical([algorithm, ...pairs]: Parts, head = 'private-key'): Buffer {
  const inside = pairs.flatMap(([name, value]) => [
    Buffer.from('('),
    atom(name),
    atom(value),
    Buffer.from(')'),
  ]);
  return Buffer.concat([
    Buffer.from('('),
    atom(head),
    Buffer.from('('),
    atom(algorithm),
    ...inside,
    Buffer.from('))'),
  ]);
}

/** The form of gpg-agent's files: hex in lines. */
export function advanced([algorithm, ...pairs]: Parts, head = 'private-key'): Buffer {
  const inside = pairs.map(([name, value]) =>
    ['curve', 'flags'].includes(name)
      ? `(${name} ${name === 'curve' ? `"${value}"` : value})`
      : `(${name} #${value.toString('hex').toUpperCase().replace(/.{60}/g, '$&\n  ')}#)`,
  );
  return Buffer.from(`Key: (${head} (${algorithm} ${inside.join('\n ')}))\n`);
}

const token = (value: Buffer | string) =>
  Buffer.concat([Buffer.of(1, value.length & 255, value.length >> 8), Buffer.from(value as string)]);

/** libgcrypt's in-memory form: 3 opens, 4 closes, 1 and a 16-bit length precede data. */
export function inTokens([algorithm, ...pairs]: Parts, head = 'private-key'): Buffer {
  const inside = pairs.flatMap(([name, value]) => [Buffer.of(3), token(name), token(value), Buffer.of(4)]);
  const body = [Buffer.of(3), token(algorithm), ...inside, Buffer.of(4, 4)];
  return Buffer.concat([Buffer.of(3), token(head), ...body]);
}
