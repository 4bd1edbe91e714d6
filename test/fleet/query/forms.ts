import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { encodeProcess } from '../../../fixtures/process.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { Writer } from '../../formats/build-elf.js';
import { HprofBuilder } from '../../formats/build-hprof.js';
import { MinidumpBuilder, memoryList, STREAM } from '../../formats/build-minidump.js';

/** One key in each form that memory has it in, and dumps of each format. */

const jwkOf = (key: KeyObject): Record<string, string> =>
  key.export({ format: 'jwk' }) as Record<string, string>;

/** An integer as OpenSSL and Go keep it: the least significant word first. */
export const limbs = (number: string): Buffer => Buffer.from(number, 'base64url').reverse();

const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

/** Forms of an RSA key. Beside bare primes is the modulus, as in each server that shows its certificate. */
export const KEY_FORMS: Readonly<Record<string, (key: KeyObject) => Buffer>> = {
  pem: (key) => Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }) as string),
  der: (key) => key.export({ type: 'pkcs1', format: 'der' }),
  jwk: (key) => Buffer.from(JSON.stringify(jwkOf(key))),
  primes: (key) => {
    const { p = '', q = '' } = jwkOf(key);
    const modulus = Buffer.concat([spki(key), Buffer.alloc(512)]).subarray(0, 512);
    const gap = Buffer.alloc(64);
    return Buffer.concat([modulus, limbs(p), gap, limbs(q), gap]);
  },
};

const ADDRESS = 0x10_0000n;

/** Dumps of memory with these bytes. */
export const DUMP_FORMATS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  raw: (bytes) => Buffer.concat([randomBytes(1024), bytes, randomBytes(512)]),
  core: (bytes) =>
    encodeProcess(
      { pid: 7, name: 'api', argv: ['/srv/api'], env: { LANG: 'C' }, heap: [randomBytes(64), bytes] },
      new SeededRandom('forms'),
    ),
  dmp: (bytes) => {
    const dump = new MinidumpBuilder();
    const rva = dump.put(bytes);
    return dump.stream(STREAM.memory, memoryList([{ address: ADDRESS, size: bytes.length, rva }])).done();
  },
  lime: (bytes) =>
    new Writer('le')
      .raw('EMiL')
      .u32(1)
      .u64(ADDRESS, ADDRESS + BigInt(bytes.length) - 1n)
      .zeros(8)
      .raw(bytes)
      .done(),
  hprof: (bytes) => {
    const heap = new HprofBuilder();
    heap.primitiveArray(0x100, 8, bytes);
    heap.heap();
    return heap.done();
  },
  gz: (bytes) => gzipSync(Buffer.concat([randomBytes(1024), bytes, randomBytes(512)])),
};

/** Forms of a text, as an `.env` has values and memory has copies of them. */
export const TEXT_FORMS: Readonly<Record<string, (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-16': (text) => Buffer.from(text, 'utf16le'),
  base64: (text) => Buffer.from(Buffer.from(text).toString('base64')),
};
