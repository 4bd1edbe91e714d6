import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BacktraceCopy, type RedactOptions, redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';
import { BuiltProcess } from '../built-core.js';

const CORE = new BuiltProcess('manifest').core().bytes;

/** A new Ed25519 key in both forms that sign, and both that verify. */
export function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(jwk.d!, 'base64url'), Buffer.from(jwk.x!, 'base64url')];
  const id = point.subarray(3, 11);
  const secret = Buffer.concat([
    Buffer.from('Ed\0\0B2'),
    Buffer.alloc(48),
    ...[id, seed, point],
    Buffer.alloc(32),
  ]);
  const line = Buffer.concat([Buffer.from('Ed'), id, point]).toString('base64');
  return {
    privateKey,
    pkcs8: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    spki: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    minisignSecret: `untrusted comment: minisign secret key\n${secret.toString('base64')}\n`,
    minisignPublic: `untrusted comment: minisign public key\n${line}\n`,
    line,
  };
}

export const KEY = newKey();
export const OTHER_KEY = newKey();

/** A folder with a dump, its signed copy and the keys. */
export interface SignedCopy {
  folder: string;
  file(name: string): string;
  read(name: string): Buffer;
  write(name: string, content: string | Uint8Array): void;
  redact(options?: Partial<Omit<RedactOptions, 'keep'>>): Promise<BacktraceCopy>;
}

export const inFolder = (body: (made: SignedCopy) => Promise<void>): Promise<void> =>
  withTempDir(async (folder) => {
    const file = (name: string) => join(folder, name);
    const write = (name: string, content: string | Uint8Array) => writeFileSync(file(name), content);
    write('dump', CORE);
    write('key.pem', KEY.pkcs8);
    write('key.pub', KEY.spki);
    write('minisign.key', KEY.minisignSecret);
    write('minisign.pub', KEY.minisignPublic);
    write('other.key', OTHER_KEY.minisignSecret);
    write('other.pub', OTHER_KEY.minisignPublic);
    mkdirSync(file('sub'));
    await body({
      ...{ folder, file, write },
      read: (name) => readFileSync(file(name)),
      redact: (options = {}) =>
        redact({ input: file('dump'), output: file('copy'), keep: 'backtrace', ...options }),
    });
  });

/** A signature as no signer here makes it. */
export function rawSignature(
  key: KeyObject,
  message: Uint8Array,
  { algorithm = 'ED', id = Buffer.alloc(8), comment = '' } = {},
): string {
  const signature = sign(null, message, key);
  const global = sign(null, Buffer.concat([signature, Buffer.from(comment)]), key);
  const line = Buffer.concat([Buffer.from(algorithm), id, signature]).toString('base64');
  const untrusted = 'untrusted comment: signature of a redaction manifest';
  return [untrusted, line, `trusted comment: ${comment}`, global.toString('base64'), ''].join('\n');
}
