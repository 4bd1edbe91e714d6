import { createCipheriv, createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom, ed25519From, rsaFrom } from './seeded.js';

const string = (bytes: Uint8Array | string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, Buffer.from(bytes as string)]);
};
const mpint = (bytes: Buffer) => string(bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);

/** Parts of each type in the order of sshkey_private_serialize. */
const SERIALISED: Readonly<Record<string, () => { key: KeyObject; bytes: Buffer }>> = {
  RSA() {
    const key = rsaFrom('shielded', 2048);
    const { n, e, d, qi, p, q } = parts(key) as Record<string, Buffer>;
    return {
      key,
      bytes: Buffer.concat([string('ssh-rsa'), ...[n, e, d, qi, p, q].map((each) => mpint(each!))]),
    };
  },
  Ed25519() {
    const key = ed25519From('shielded');
    const { d, x } = { ...parts(createPublicKey(key)), ...parts(key) } as Record<'d' | 'x', Buffer>;
    return { key, bytes: Buffer.concat([string('ssh-ed25519'), string(x), string(Buffer.concat([d, x]))]) };
  },
  'P-256'() {
    const { key, d, x, y } = ecFrom('shielded', 'P-256', 'prime256v1', 32);
    const point = string(Buffer.concat([Buffer.of(4), x, y]));
    return {
      key,
      bytes: Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp256'), point, mpint(d)]),
    };
  },
};

/** PROTOCOL.certkeys: parts of the key in the certificate are not written again, except for Ed25519. */
function certified(type: string, publicParts: Uint8Array[], privateParts: Uint8Array[]): Buffer {
  const name = `${type}-cert-v01@openssh.com`;
  const certificate = Buffer.concat([
    string(name),
    string(Buffer.alloc(32, 5)),
    ...publicParts,
    Buffer.alloc(8),
    Buffer.of(0, 0, 0, 1),
    string('id'),
    ...Array.from({ length: 4 }, () => string('')),
  ]);
  return Buffer.concat([string(name), string(certificate), ...privateParts]);
}

const CERTIFIED: typeof SERIALISED = {
  'certified RSA'() {
    const key = rsaFrom('shielded', 2048);
    const { n, e, d, qi, p, q } = parts(key) as Record<string, Buffer>;
    const integers = (...all: (Buffer | undefined)[]) => all.map((each) => mpint(each!));
    return { key, bytes: certified('ssh-rsa', integers(e, n), integers(d, qi, p, q)) };
  },
  'certified Ed25519'() {
    const key = ed25519From('shielded');
    const { d, x } = { ...parts(createPublicKey(key)), ...parts(key) } as Record<'d' | 'x', Buffer>;
    return { key, bytes: certified('ssh-ed25519', [string(x)], [string(x), string(Buffer.concat([d, x]))]) };
  },
  'certified P-256'() {
    const { key, d, x, y } = ecFrom('shielded', 'P-256', 'prime256v1', 32);
    const point = string(Buffer.concat([Buffer.of(4), x, y]));
    return { key, bytes: certified('ecdsa-sha2-nistp256', [string('nistp256'), point], [mpint(d)]) };
  },
};

/** sshkey_shield_private: padded to blocks, AES-256-CTR under SHA-512 of the prekey. */
function shield(bytes: Buffer, prekey: Buffer): Buffer {
  const padding = Buffer.from(Array.from({ length: (16 - (bytes.length % 16)) % 16 }, (_, i) => i + 1));
  const hash = createHash('sha512').update(prekey).digest();
  const cipher = createCipheriv('aes-256-ctr', hash.subarray(0, 32), hash.subarray(32, 48));
  return Buffer.concat([cipher.update(bytes), cipher.update(padding), cipher.final()]);
}

/** The heap, then pages of adjacent prekeys, the right one among them. */
function agent(name: string, before: number, broken = (prekey: Buffer) => prekey) {
  const { key, bytes } = (SERIALISED[name] ?? CERTIFIED[name])!();
  const random = new SeededRandom(`agent ${name} ${before}`);
  const prekeys = Array.from({ length: before + 1 }, () => random.bytes(16_384));
  const memory = new Memory();
  memory.filler(1024);
  const at = memory.chunk(shield(bytes, prekeys.at(-1)!));
  memory.filler(8192);
  const dump = Buffer.concat([
    memory.bytes(),
    ...prekeys.slice(0, -1),
    broken(prekeys.at(-1)!),
    Buffer.alloc(64),
  ]);
  return { key, dump, at, length: bytes.length };
}

describe.each([...Object.keys(SERIALISED), ...Object.keys(CERTIFIED)])('a shielded %s key', (name) => {
  test.each([0, 1, 3])('is decrypted with its prekey after %i others', (before) => {
    const { key, dump, at, length } = agent(name, before);
    const found = searchBytes(dump);
    expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: 'openssh-shielded', offset: at }]);
    expect(found.candidates[0]).toMatchObject({
      length,
      evidence: [expect.stringMatching(/^decrypted with/)],
    });
  });

  test('is not reported without its prekey', () => {
    fc.assert(
      fc.property(fc.nat({ max: 16_383 }), fc.nat({ max: 7 }), (byte, bit) => {
        const { dump } = agent(name, 0, (prekey) => {
          prekey[byte]! ^= 1 << bit;
          return prekey;
        });
        expect(searchBytes(dump).candidates).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});

test('prekeys beyond the limit are reported', () => {
  const random = new SeededRandom('prekeys');
  const block = random.bytes(16_384);
  const memory = Buffer.concat(
    Array.from({ length: 420 }, (_, i) => {
      block.writeUInt32LE(random.bytes(4).readUInt32LE(), 8 * (i % 1000));
      return Buffer.concat([block, Buffer.alloc(128)]);
    }),
  );
  const searches = (scale?: number) =>
    searchBytes(memory, {}, false, undefined, scale).limits.map(({ search }) => search);
  // A tenth of the usual budget.
  expect(searches(0.1)).toContain('openssh-prekeys');
  expect(searches()).not.toContain('openssh-prekeys');
});

describe('many copies of a prekey and of its key’s first word', () => {
  const { key, bytes } = SERIALISED.Ed25519!();
  const random = new SeededRandom('flood');
  const prekey = random.bytes(16_384);
  const shielded = shield(bytes, prekey);
  const words = (count: number) =>
    Array.from({ length: count }, () => [shielded.subarray(0, 8), random.bytes(56), Buffer.alloc(32)]).flat();
  const pages = (count: number) => Array.from({ length: count }, () => [prekey, Buffer.alloc(128)]).flat();

  test('the key is found once, and places are not decrypted for each copy', () => {
    const memory = Buffer.concat([
      Buffer.alloc(64),
      ...pages(100),
      ...words(400),
      shielded,
      Buffer.alloc(64),
    ]);
    const { candidates, limits } = searchBytes(memory);
    expect(describeAll({ candidates, limits, tried: 0 }).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    expect(limits.map(({ search }) => search)).not.toContain('openssh-shielded');
  });

  test('places not decrypted are reported', () => {
    const memory = Buffer.concat([Buffer.alloc(64), ...pages(1), ...words(17_000), Buffer.alloc(64)]);
    expect(searchBytes(memory).limits.map(({ search }) => search)).toContain('openssh-shielded');
  });
});
