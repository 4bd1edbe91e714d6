import type { KeyObject } from 'node:crypto';
import { jwkOf } from './keys.js';

/** Writes key blobs of Windows. */

const part = (key: KeyObject, name: string) => Buffer.from(jwkOf(key)[name]!, 'base64url');
const fill = (value: Buffer, length: number) => Buffer.concat([Buffer.alloc(length - value.length), value]);

const words = (...values: number[]) => {
  const out = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) out.writeUInt32LE(value, i * 4);
  return out;
};

/** BCRYPT_RSAKEY_BLOB: RSA2, or RSA3 if `full`. */
export function cngRsa(key: KeyObject, full: boolean): Buffer {
  const [n, e, p, q] = ['n', 'e', 'p', 'q'].map((name) => part(key, name)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const half = n.length / 2;
  const header = words(n.length * 8, e.length, n.length, half, half);
  const more = full
    ? [...['dp', 'dq', 'qi'].map((name) => fill(part(key, name), half)), fill(part(key, 'd'), n.length)]
    : [];
  return Buffer.concat([
    Buffer.from(full ? 'RSA3' : 'RSA2'),
    header,
    e,
    n,
    fill(p, half),
    fill(q, half),
    ...more,
  ]);
}

/** PRIVATEKEYBLOB, little-endian. */
export function capi(key: KeyObject): Buffer {
  const n = part(key, 'n');
  const half = n.length / 2;
  const halves = ['p', 'q', 'dp', 'dq', 'qi'].map((name) => fill(part(key, name), half));
  return Buffer.concat([
    Buffer.of(7, 2, 0, 0, 0, 0xa4, 0, 0),
    Buffer.from('RSA2'),
    words(n.length * 8, 65_537),
    ...[n, ...halves, fill(part(key, 'd'), n.length)].map((value) => Buffer.from(value).reverse()),
  ]);
}

/** BCRYPT_ECCKEY_BLOB. */
export function cngEcc(key: KeyObject, magic: string, size: number): Buffer {
  const parts = ['x', 'y', 'd'].map((name) => fill(part(key, name), size));
  return Buffer.concat([Buffer.from(magic), words(size), ...parts]);
}
