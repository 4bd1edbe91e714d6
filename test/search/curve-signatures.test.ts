import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { sshMpint, sshString } from '../../src/core/base/crypto/ssh-wire.js';
import { atOnce, finish } from '../../src/core/base/runtime/turns.js';
import { scan } from '../../src/index.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import type { Scale } from '../../src/search/core/skipped-work.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { CurveSignatures } from '../../src/search/signatures/curve-signatures.js';
import { withTempDir } from '../support/folder.js';
import fc, { scattered } from '../support/property.js';
import { Memory } from './memory.js';
import { findRuns } from './runs.js';
import { ecFrom, ed25519From } from './seeded.js';

const KEYS = {
  p256: ecFrom('use', 'P-256', 'prime256v1', 32).key,
  p384: ecFrom('use', 'P-384', 'secp384r1', 48).key,
  p521: ecFrom('use', 'P-521', 'secp521r1', 66).key,
  ed25519: ed25519From('use'),
} satisfies Record<string, KeyObject>;
type KeyName = keyof typeof KEYS;

const random = new SeededRandom('what is signed');
const HASH = { 32: random.bytes(32), 48: random.bytes(48), 64: random.bytes(64) };
const [CLIENT, SERVER, SHARE, SECRET] = [32, 32, 32, 48].map((length) => random.bytes(length));

const u16 = (value: number) => Buffer.of(value >> 8, value & 255);
const u24 = (value: number) => Buffer.concat([Buffer.of(0), u16(value)]);
/** A handshake message: its type and length before it. */
const message = (type: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(type), u24(body.length), body]);
};

const SSH_CURVES = {
  p256: ['nistp256', 'sha256'],
  p384: ['nistp384', 'sha384'],
  p521: ['nistp521', 'sha512'],
} as const;

/** Without leading zeros. */
function unsigned(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(first);
}

function ssh(name: KeyName, hash: Buffer): Buffer {
  const key = KEYS[name];
  if (name === 'ed25519') return Buffer.concat([sshString('ssh-ed25519'), sshString(sign(null, hash, key))]);
  const [curve, digest] = SSH_CURVES[name];
  const both = sign(digest, hash, { key, dsaEncoding: 'ieee-p1363' });
  const halves = [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
  const numbers = Buffer.concat(halves.map((half) => sshMpint(unsigned(half))));
  return Buffer.concat([sshString(`ecdsa-sha2-${curve}`), sshString(numbers)]);
}

/** A scheme, a length and the signature. */
function tls(name: KeyName, scheme: number, hash: string | null, signed: Buffer): Buffer {
  const signature = sign(hash, signed, KEYS[name]);
  return Buffer.concat([u16(scheme), u16(signature.length), signature]);
}

/** ServerKeyExchange of TLS 1.2 with X25519. */
function keyExchange(name: KeyName, scheme: number, hash: string | null): Buffer {
  const parameters = Buffer.concat([Buffer.of(3, 0, 29, 32), SHARE!]);
  return message(12, parameters, tls(name, scheme, hash, Buffer.concat([CLIENT!, SERVER!, parameters])));
}

/** CertificateVerify of TLS 1.3. */
function certificateVerify(
  name: KeyName,
  scheme: number,
  hash: string | null,
  side: string,
  transcript: Buffer,
): Buffer {
  const text = Buffer.from(`${' '.repeat(64)}TLS 1.3, ${side} CertificateVerify\0`);
  return message(15, tls(name, scheme, hash, Buffer.concat([text, transcript])));
}

interface Made {
  key: KeyName;
  /** The chunk with the signed data, and its range in it. */
  number: Buffer;
  from?: number;
  to?: number;
  signature: () => Buffer;
  said: string;
}

const H = 'over the exchange hash';
const T = 'over the transcript hash';
const R = 'over the randoms';
const both = (...parts: (Buffer | string | undefined)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));

/** Contents of memory and the expected report. */
const MADE: Readonly<Record<string, Made>> = {
  'SSH, P-256': {
    key: 'p256',
    number: HASH[32],
    signature: () => ssh('p256', HASH[32]),
    said: `SSH ECDSA, SHA-256, ${H}`,
  },
  'SSH, P-384, the key exchange with SHA-256': {
    key: 'p384',
    number: HASH[32],
    signature: () => ssh('p384', HASH[32]),
    said: `SSH ECDSA, SHA-384, ${H}`,
  },
  'SSH, P-521, the key exchange with SHA-512': {
    key: 'p521',
    number: HASH[64],
    signature: () => ssh('p521', HASH[64]),
    said: `SSH ECDSA, SHA-512, ${H}`,
  },
  'SSH, Ed25519': {
    key: 'ed25519',
    number: HASH[48],
    signature: () => ssh('ed25519', HASH[48]),
    said: `SSH Ed25519, ${H}`,
  },
  'TLS 1.2, P-256, randoms as in OpenSSL': {
    key: 'p256',
    number: both(SERVER, CLIENT),
    signature: () => keyExchange('p256', 0x0403, 'sha256'),
    said: `TLS ECDSA, SHA-256, ${R}`,
  },
  'TLS 1.2, P-384 with SHA-256, randoms after a secret as in GnuTLS': {
    key: 'p384',
    number: both(SECRET, CLIENT, SERVER),
    from: 48,
    signature: () => keyExchange('p384', 0x0403, 'sha256'),
    said: `TLS ECDSA, SHA-256, ${R}`,
  },
  'TLS 1.2, P-521': {
    key: 'p521',
    number: both(CLIENT, SERVER),
    signature: () => keyExchange('p521', 0x0603, 'sha512'),
    said: `TLS ECDSA, SHA-512, ${R}`,
  },
  'TLS 1.2, Ed25519, randoms after a label as in Go': {
    key: 'ed25519',
    number: both('key expansion', SERVER, CLIENT),
    from: 13,
    signature: () => keyExchange('ed25519', 0x0807, null),
    said: `TLS Ed25519, ${R}`,
  },
  'TLS 1.3, P-256': {
    key: 'p256',
    number: HASH[32],
    signature: () => certificateVerify('p256', 0x0403, 'sha256', 'server', HASH[32]),
    said: `TLS ECDSA, SHA-256, ${T}`,
  },
  'TLS 1.3, P-256, the hash near the end of a long run as on Go’s stacks': {
    key: 'p256',
    number: both(random.bytes(400), HASH[32], random.bytes(32)),
    from: 400,
    to: 432,
    signature: () => certificateVerify('p256', 0x0403, 'sha256', 'server', HASH[32]),
    said: `TLS ECDSA, SHA-256, ${T}`,
  },
  'TLS 1.3, P-384, a client': {
    key: 'p384',
    number: HASH[48],
    signature: () => certificateVerify('p384', 0x0503, 'sha384', 'client', HASH[48]),
    said: `TLS ECDSA, SHA-384, ${T}`,
  },
  'TLS 1.3, Ed25519, in the text that is signed': {
    key: 'ed25519',
    number: both(`${' '.repeat(64)}TLS 1.3, server CertificateVerify\0`, HASH[32]),
    from: 98,
    signature: () => certificateVerify('ed25519', 0x0807, null, 'server', HASH[32]),
    said: `TLS Ed25519, ${T}`,
  },
};

const spkiOf = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

/** A heap with both chunks among others, and their offsets. */
function heap(chunks: readonly Buffer[], noise = 20): { memory: Buffer; at: number[] } {
  const memory = new Memory();
  memory.filler(1024);
  const at = chunks.map((chunk) => {
    for (const words of [4, 6, 8, 12])
      memory.noise(new SeededRandom(`beside ${words} ${chunk.length}`), noise / 4, words);
    memory.filler(256);
    return memory.chunk(chunk);
  });
  memory.filler(256);
  return { memory: memory.bytes(), at };
}

const unlimited: Scale = () => Number.POSITIVE_INFINITY;

/** `expected`: keys that are known before the others. */
function found(
  memory: Buffer,
  keys: readonly KeyObject[],
  budget = unlimited,
  expected?: readonly KeyObject[],
) {
  const kernel = NumberKernel.take();
  const reader = bufferReader(memory);
  const runs = new RunList();
  for (const run of findRuns(reader)) runs.push(run);
  const skippedWork = new SkippedWork();
  const { length } = memory;
  const places = { kernel, bytes: new RunBytes(reader, kernel), runs, budget, skippedWork, length };
  const signatures = new CurveSignatures(places);
  if (expected) finish(signatures.expect(expected.map(spkiOf)));
  const made = [...atOnce(signatures.madeBy(keys.map(spkiOf)))];
  kernel.release();
  return { made, left: skippedWork.limits().reduce((sum, { left }) => sum + left, 0) };
}

const OTHERS = Object.values(KEYS);

describe('a signature of TLS or SSH is attributed by a number of the dump over which it verifies', () => {
  test.each(Object.keys(MADE))('%s', (name) => {
    const { key, number, from = 0, signature, said } = MADE[name]!;
    const { memory, at } = heap([number, signature()]);
    const { made } = found(memory, OTHERS);
    const [place = 0, end = 0] = at;
    expect(made.map(({ protocol, scheme, spki }) => [`${protocol} ${scheme}`, spki])).toEqual([
      [`${said} at 0x${(place + from).toString(16)}`, spkiOf(KEYS[key])],
    ]);
    expect(made[0]!.offset).toBeGreaterThan(end);
    // Independent of what was prefetched: for all keys, for none, for those of other curves.
    for (const expected of [OTHERS, [], OTHERS.slice(0, 1), [KEYS[key]]])
      expect(found(memory, OTHERS, unlimited, expected).made).toEqual(made);
  });

  test('none is attributed with a changed bit or another key', () => {
    const names = fc.constantFrom(...Object.keys(MADE));
    fc.assert(
      fc.property(names, fc.nat(), fc.boolean(), fc.boolean(), (name, bit, inNumber, wrongKey) => {
        const { key, number, from = 0, to = number.length, signature } = MADE[name]!;
        const chunks = [number, signature()].map((chunk) => Buffer.from(chunk));
        const others = OTHERS.filter((other) => other !== KEYS[key]);
        if (wrongKey) return found(heap(chunks, 4).memory, others).made.length === 0;
        // Headers are not signed.
        const { length } = chunks[1]!;
        const [changed, first, last] = inNumber ? [chunks[0]!, from, to] : [chunks[1]!, length - 60, length];
        const place = first * 8 + (bit % ((last - first) * 8));
        changed[place >> 3]! ^= 1 << (place & 7);
        return found(heap(chunks, 4).memory, OTHERS).made.length === 0;
      }),
      { numRuns: 150 },
    );
  });

  test('signatures beyond the effort are reported', () => {
    const { number, signature } = MADE['SSH, P-256']!;
    const { memory } = heap([number, signature()], 400);
    const { made, left } = found(memory, OTHERS, (usual) =>
      // Seconds are less than one, counts more.
      usual < 1 ? usual / 1000 : usual,
    );
    expect([made, left]).toEqual([[], 1]);
  });

  test('signatures and labelled numbers beyond the limits are reported, and none without a budget', () => {
    const usual: Scale = (most) => most;
    const hashes = new SeededRandom('sessions');
    const memory = new Memory();
    memory.filler(1024);
    for (let i = 0; i < 257; i++) {
      const hash = hashes.bytes(32);
      memory.chunk(hash);
      memory.chunk(ssh('ed25519', hash));
    }
    for (const [budget, ...counts] of [[usual, 256, 1] as const, [unlimited, 257, 0] as const]) {
      const { made, left } = found(memory.bytes(), [KEYS.ed25519], budget);
      expect([made.length, left]).toEqual(counts);
    }
    const { number, signature } = MADE['TLS 1.2, Ed25519, randoms after a label as in Go']!;
    const labelled = Array.from({ length: 64 }, () => both('key expansion', hashes.bytes(64)));
    const { memory: heaped } = heap([...labelled, number, signature()], 4);
    for (const [budget, ...counts] of [[usual, 0, 1] as const, [unlimited, 1, 0] as const]) {
      const { made, left } = found(heaped, [KEYS.ed25519], budget);
      expect([made.length, left]).toEqual(counts);
    }
  });

  test('without a key of these curves no run is read', () => {
    const { memory } = heap([HASH[32], ssh('p256', HASH[32])]);
    expect(found(memory, [])).toEqual({ made: [], left: 0 });
  });
});

test.each(['SSH, P-256', 'SSH, Ed25519', 'TLS 1.2, P-256, randoms as in OpenSSL'])(
  'a scan adds it to the proof: %s',
  async (name) => {
    const { key, number, signature } = MADE[name]!;
    // A seed without its public key is proven by a signature.
    const { memory } = heap([KEYS[key].export({ format: 'der', type: 'pkcs8' }), number, signature()]);
    await withTempDir(async (folder) => {
      const path = join(folder, 'memory.raw');
      writeFileSync(path, memory);
      const proofs: (readonly string[])[] = [];
      for await (const event of scan({ paths: [path], jobs: 1 }))
        if (event.type === 'finding') proofs.push(event.proof);
      expect(proofs.map((proof) => proof.filter((each) => each.startsWith('made the')).length)).toEqual([1]);
    });
  },
);

test('headers of signatures are found at every alignment', () => {
  const kernel = NumberKernel.take();
  const interesting = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x30, 0x38, 0x39, 63, 64, 114, 255];
  const byte = fc.oneof(fc.constantFrom(...interesting), fc.integer({ min: 0, max: 255 }));
  const header = fc.constantFrom(
    ...[
      [4, 3, 0, 70, 0x30],
      [6, 3, 0, 63, 0x30],
      [2, 3, 0, 64, 0x31],
      [8, 7, 0, 64],
      [8, 8, 0, 64],
      [8, 8, 0, 114],
    ],
    ...[
      [0x39, 0, 0, 0, 64],
      [0x38, 0, 0, 0, 63],
      [0, 0, 0, 70, 0, 0, 0],
      [0, 0, 0, 70, 0, 0, 1],
    ],
  );
  let seen = 0;
  fc.assert(
    fc.property(scattered(byte, header), fc.integer({ min: 1, max: 50 }), (all, most) => {
      const isScheme = (first: number, second: number, length: number, tag: number) =>
        ([2, 3, 4, 5, 6].includes(first) && second === 3 && length >= 64 && tag === 0x30) ||
        (first === 8 && ((second === 7 && length === 64) || (second === 8 && length === 114)));
      const isString = (at: number) =>
        [0x38, 0x39].includes(all[at - 1]!) || all.slice(at + 4, at + 7).every((byte) => byte === 0);
      const heads = [...all.keys()].slice(1, -6).filter((at) => {
        const [first = 1, second, third, fourth, tag] = all.slice(at, at + 5) as number[];
        if (third !== 0) return false;
        return (
          isScheme(first, second!, fourth!, tag!) ||
          (first === 0 && second === 0 && fourth! >= 64 && isString(at))
        );
      });
      seen += heads.length;
      kernel.scratch(() => {
        const [at, out] = [kernel.allocate(all.length), kernel.allocate(most * 4)];
        kernel.view(at, all.length).set(all);
        const count = kernel.call.signatureHeads(at + 1, at + all.length - 6, out, most);
        expect([...kernel.u32(out, count)].map((distance) => distance + 1)).toEqual(heads.slice(0, most));
      });
    }),
  );
  expect(seen).toBeGreaterThan(300);
  kernel.release();
});
