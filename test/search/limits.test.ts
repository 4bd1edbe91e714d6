import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/asn1/domain.js';
import { spkiRsa } from '../../src/asn1/spki.js';
import { bufferReader } from '../../src/base/bytes/storage.js';
import type { EffortLevel } from '../../src/model/effort.js';
import type { Limit, LimitTarget } from '../../src/model/report.js';
import { searchKeys } from '../../src/pipeline/rsa-job.js';
import { RecordList, RecordReader } from '../../src/runs/records.js';
import { Kernel } from '../../src/search/core/kernel.js';
import { sightings } from '../../src/search/core/known-integers.js';
import { NumberSet } from '../../src/search/core/number-set.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { type Budget, SkippedWork } from '../../src/search/core/skipped-work.js';
import { WordProbe } from '../../src/search/core/word-probe.js';
import { CurveNumbers } from '../../src/search/curves/curve-numbers.js';
import { numbersNear } from '../../src/search/curves/numbers-near-points.js';
import { ShieldedKeys } from '../../src/search/openssh/shielded-keys.js';
import { AdjacentNpq } from '../../src/search/rsa/adjacent-npq.js';
import { DigitRuns } from '../../src/search/rsa/digit-runs.js';
import type { Modulus } from '../../src/search/rsa/modulus.js';
import { primesWithGaps } from '../../src/search/rsa/prime-gap-lifting.js';
import { textModuli } from '../../src/search/rsa/rsa-texts.js';
import { RsaWindows } from '../../src/search/rsa/rsa-windows.js';
import { costOf, type LimitName, SEARCHES } from '../../src/search/search.js';
import { NumberSearch } from '../../src/search/session/number-search.js';
import { SHARED_LIMITS } from '../../src/search/shared-limits.js';
import { Attribution } from '../../src/search/signatures/attribution.js';
import { parts, RULE, searchBytes } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { findRuns } from './runs.js';
import { ecFrom, rsaFrom } from './seeded.js';

/**
 * For every name in the tables of limits: an artifact in which it is reached, with no budget at all or with
 * more than fits the memory, and for what. With all budgets lifted it is gone.
 */

interface Row {
  targets: readonly LimitTarget[];
  /** Its own artifact, instead of {@link everything}. */
  drive?: (deep: boolean) => Limit[];
  /** `--deep` leaves it out too: there is no estimate. */
  memory?: true;
}

const random = new SeededRandom('limits');
const little = LAYOUTS['limbs-le']!;
const derOf = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

const RSA = { asked: rsaFrom('limits asked', 1024), written: rsaFrom('limits written', 1024) };
const P256 = ecFrom('limits', 'P-256', 'prime256v1', 32);
const SECP256K1 = ecFrom('limits', 'secp256k1', 'secp256k1', 32);
const P224 = ecFrom('limits', 'P-224', 'secp224r1', 28);
const okp = (type: 'ed25519' | 'ed448' | 'x448') => generateKeyPairSync(type as 'ed25519').publicKey;

const jwt = (algorithm: string, sub: string) =>
  [{ alg: algorithm, typ: 'JWT' }, { sub }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

/** Digits of 30 bits, each in four bytes, as CPython keeps them. */
function digits(value: bigint): Buffer {
  const all: Buffer[] = [];
  for (let rest = value; rest > 0n; rest >>= 30n) {
    const digit = Buffer.alloc(4);
    digit.writeUInt32LE(Number(rest & 0x3fff_ffffn));
    all.push(digit);
  }
  return Buffer.concat(all);
}

const odd = (octets: number): Buffer => {
  const bytes = random.bytes(octets);
  bytes[0]! |= 0x80;
  bytes[octets - 1]! |= 1;
  return bytes;
};
const toNumber = (octets: Buffer) => BigInt(`0x${octets.toString('hex')}`);
const text = (value: string) => {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(value.length, 12);
  return Buffer.concat([head, Buffer.from(value, 'latin1')]);
};

/** Numbers of every size, points, keys and tokens. */
function everything(): { bytes: Buffer; context: Parameters<typeof searchBytes>[1] } {
  const memory = new Memory();
  memory.filler(4096);
  for (let i = 0; i < 6; i++) {
    for (const octets of [64, 128, 256]) memory.chunk(little(odd(octets)));
    memory.chunk(digits(toNumber(odd(256))));
    memory.chunk(text(random.bytes(128).toString('base64url')));
    memory.chunk(little(odd(85)));
    for (const octets of [28, 32, 48, 56, 57, 32]) memory.chunk(random.bytes(octets));
  }
  // A part of a prime, and a number with a gap.
  memory.chunk(random.bytes(14 * 8));
  const { x, y } = SECP256K1;
  memory.chunk(Buffer.concat([Buffer.of(0, 0, 0, 4), x, y]));
  memory.chunk(Buffer.concat([random.bytes(32), P256.x, P256.y, random.bytes(32)]));
  memory.chunk(little(P256.x));
  memory.chunk(little(P256.y));
  for (let i = 0; i < 20; i++) memory.chunk(text(`02${random.bytes(32).toString('hex')}`));
  memory.filler(4096);
  const publicKeys = [
    { spki: derOf(RSA.asked), isTarget: true },
    ...[RSA.written, P256.key, P224.key].map((key) => ({ spki: derOf(key) })),
    ...(['ed25519', 'ed448', 'x448'] as const).map((type) => ({
      spki: okp(type).export({ format: 'der', type: 'spki' }),
    })),
  ];
  const signed = Buffer.from(jwt('HS256', 'limits'));
  const mac = createHmac('sha256', 'a secret that is nowhere').update(signed).digest();
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const message = Buffer.from(jwt('ES256', 'limits'));
  const signature = sign('sha256', message, { key: other, dsaEncoding: 'ieee-p1363' });
  const token = { offset: 0, hash: 'sha256' };
  return {
    bytes: memory.bytes(),
    context: {
      publicKeys,
      tokens: [{ ...token, signed, signature: mac }],
      curveTokens: [{ ...token, curve: 'prime256v1', signed: message, signature }],
    },
  };
}

/** A factor that no budget of these artifacts is short of. `--deep` would try parts of primes for minutes. */
const LIFTED = 1e6;

const { bytes, context } = everything();
const none = searchBytes(bytes, context, false, undefined, 0).limits;
const lifted = searchBytes(bytes, context, false, undefined, LIFTED).limits;

/** Skipped work of one collector, as limits. */
function collected(use: (skipped: SkippedWork) => void): Limit[] {
  const skipped = new SkippedWork();
  use(skipped);
  return skipped.limits(costOf);
}

/** Limits of a search over one image, with the budgets that `budget` says. */
function searched(image: Buffer, budget: Budget, use: (context: SearchOf) => void): Limit[] {
  const kernel = Kernel.take();
  const reader = bufferReader(image);
  const runs = new RunList();
  for (const run of findRuns(reader)) runs.push(run);
  const limits = collected((skippedWork) =>
    use({ kernel, bytes: new RunBytes(reader, kernel), runs, skippedWork, budget, length: image.length }),
  );
  kernel.release();
  return limits;
}
type SearchOf = ConstructorParameters<typeof Attribution>[0];

const unlimited = () => Number.POSITIVE_INFINITY;
const exceptFor =
  (...granted: number[]): Budget =>
  (usual) =>
    granted.includes(usual) ? usual : 0;

/** Signatures behind the header of TLS 1.3's CertificateVerify. */
function signatures(isDeep: boolean, granted: number): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  for (const [scheme, octets] of [
    [0x0804, 128],
    [0x0807, 64],
  ] as const) {
    const header = Buffer.alloc(8);
    header.writeUInt32BE((15 << 24) | (octets + 4), 0);
    header.writeUInt16BE(scheme, 4);
    header.writeUInt16BE(octets, 6);
    memory.chunk(Buffer.concat([header, random.bytes(octets)]));
    memory.chunk(random.bytes(32));
  }
  memory.filler(512);
  const keys = [derOf(RSA.asked), okp('ed25519').export({ format: 'der', type: 'spki' })];
  return searched(memory.bytes(), isDeep ? unlimited : exceptFor(granted), (from) => {
    expect([...new Attribution(from).signaturesOf(keys)]).toEqual([]);
  });
}

/** A prekey, and many places that may be a key under it. */
function shielded(isDeep: boolean, ...granted: number[]): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  memory.chunk(random.bytes(16_384));
  memory.filler(512);
  return searched(memory.bytes(), isDeep ? unlimited : exceptFor(...granted), (from) => {
    const probe = new WordProbe<(seen: never) => void>();
    const keys = new ShieldedKeys(from, () => undefined);
    const handlers: ((seen: { offset: number }) => void)[] = [];
    probe.add = (_, handler) => handlers.push(handler as (seen: { offset: number }) => void);
    keys.registerWith(probe as never);
    for (const handle of handlers.slice(0, 2)) handle({ offset: 64 });
  });
}

const record = { bytes: Buffer.alloc(0), detail: 1, sum: 0, at: 0 };

/** More distinct records than a set holds. */
const crowd = (most: number, add: (words: Uint32Array, i: number) => void) => {
  const words = new Uint32Array(64);
  for (let i = 0; i <= most; i++) {
    words[0] = i * 0x9e3779b1;
    words[1] = i;
    add(words, i);
  }
};

const known = ['asked', 'written'] as const;
const blind = ['blind'] as const;

/** One public key more than are searched together. */
function manyModuli(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  const e = Buffer.of(1, 0, 1);
  const publicKeys = Array.from({ length: 2049 }, () => ({ spki: spkiRsa(odd(64), e) }));
  return searchBytes(memory.bytes(), { publicKeys }, isDeep, undefined, 0).limits;
}

/** Public keys that share their modulus. */
function manyExponents(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.noise(random, 4, 8);
  const n = odd(128);
  const publicKeys = [3, 5, 7, 11, 13, 17].map((e) => ({ spki: spkiRsa(n, Buffer.of(e)) }));
  return searchBytes(memory.bytes(), { publicKeys }, false, undefined, isDeep ? LIFTED : 1).limits;
}

const target = (key: KeyObject): Modulus => ({
  ...{ n: toNumber(parts(key).n!), e: 65_537n, words: 16 },
  ...{ isTarget: true, bare: false, solved: false },
});

/** More numbers with a gap than are kept. */
function manyHoles(): Limit[] {
  const stored = odd(64);
  stored[0]! |= 1;
  stored.fill(0, 24, 32);
  return collected((skippedWork) => {
    const runs = new RunList();
    for (let i = 0; i <= 1 << 16; i++) {
      runs.push({ offset: i * 128, words: 3 });
      runs.push({ offset: i * 128 + 40, words: 3 });
    }
    const read = { read: () => stored } as unknown as RunBytes;
    const search = { bytes: read, runs, skippedWork, budget: unlimited };
    expect([...primesWithGaps([target(RSA.written)], search)]).toEqual([]);
  });
}

/** Pairs of numbers with a gap whose lowest words are those of the primes. */
function holePairs(isDeep: boolean): Limit[] {
  const { p, q } = parts(RSA.written);
  const memory = new Memory();
  memory.filler(512);
  for (const prime of [p!, q!]) {
    const stored = random.bytes(64);
    little(prime).copy(stored, 0, 0, 8);
    stored.writeBigUInt64LE(0n, 24);
    memory.chunk(stored);
  }
  memory.filler(512);
  return searched(memory.bytes(), isDeep ? unlimited : () => 0, (from) => {
    expect([...primesWithGaps([target(RSA.written)], from)]).toEqual([]);
  });
}

/** More numbers than are tried on a curve of which no point is known. */
function withoutPoint(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  for (let i = 0; i < 20; i++) memory.chunk(text(random.bytes(32).toString('base64url')));
  memory.filler(512);
  return searchBytes(memory.bytes(), {}, false, undefined, isDeep ? LIFTED : 0).limits;
}

/** One number that may be a modulus, and more that may divide it than a small budget covers. */
function manyDivisors(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  for (let i = 0; i < 20; i++) memory.chunk(little(odd(128)));
  for (let i = 0; i < 400; i++) memory.chunk(little(odd(64)));
  memory.filler(512);
  return searchBytes(memory.bytes(), {}, false, undefined, isDeep ? LIFTED : 1 / 64).limits;
}

/** Numbers around a point that is a target, and around one of which nothing is known. */
function nearPoints(isDeep: boolean): Limit[] {
  const memory = new Memory();
  memory.filler(512);
  memory.noise(random, 10, 8);
  memory.filler(512);
  const point = { x: 1n, y: 1n, written: false };
  return searched(memory.bytes(), isDeep ? unlimited : (usual) => Math.min(usual, 16), (from) => {
    const points = [
      { ...point, places: [1024] },
      { ...point, written: true, asked: true, places: [1100] },
    ];
    numbersNear(points, new NumberSet(32), DOMAINS[0]!, { ...from, inModule: () => false });
  });
}

/** A nonce and its signature, with the signer's public key and no budget to pair them. */
function nonces(isDeep: boolean): Limit[] {
  const nonce = ecFrom('limits nonce', 'P-256', 'prime256v1', 32);
  const integer = (octets: Buffer) => {
    const value = octets[0]! >> 7 ? Buffer.concat([Buffer.of(0), octets]) : octets;
    return Buffer.concat([Buffer.of(2, value.length), value]);
  };
  const s = random.bytes(32);
  s[0] = 1;
  const both = Buffer.concat([integer(nonce.x), integer(s)]);
  const memory = new Memory();
  memory.filler(512);
  memory.chunk(little(nonce.d));
  memory.chunk(Buffer.concat([Buffer.of(0x30, both.length), both]));
  memory.filler(512);
  const publicKeys = [{ spki: derOf(P256.key) }];
  return searchBytes(memory.bytes(), { publicKeys }, false, undefined, isDeep ? LIFTED : 1 / 256).limits;
}

/** Those of the searches for secrets of tokens have tests of their own (hmac.test.ts). */
type Name = Exclude<LimitName, `hmac-${string}`>;

const ROWS: { [K in Name]: Row } = {
  'rsa-unknown-n': { targets: blind },
  'rsa-unknown-n windows': {
    targets: blind,
    memory: true,
    drive: () =>
      collected((skipped) => {
        const windows = new RsaWindows(skipped);
        for (let i = 0; i <= 1_000_000; i++) windows.keep(16, 8 * i, 0, BigInt(i));
        windows.release();
      }),
  },
  'rsa-exponents': {
    targets: blind,
    memory: true,
    drive: () =>
      searched(Buffer.concat([Buffer.alloc(64), digits(toNumber(odd(256)))]), unlimited, (from) => {
        const full = new RunList();
        while (full.push({ offset: 0, words: 4 }));
        const windows = new RsaWindows(from.skippedWork);
        const { kernel, skippedWork } = from;
        const runs = new DigitRuns(kernel, from.bytes, windows, skippedWork, full);
        runs.add({ ...record, words: new Uint32Array(2), offset: 64, detail: 0, size: 68 });
      }),
  },
  'rsa-packed': {
    targets: blind,
    drive: (isDeep) =>
      searched(Buffer.alloc(64), isDeep ? unlimited : () => 0, (from) => {
        new AdjacentNpq(from).add({ ...record, words: new Uint32Array(2), offset: 0, detail: 0, size: 8 });
      }),
  },
  'rsa-known-n primes': { targets: known },
  'rsa-known-n moduli': { targets: ['written'], drive: manyModuli },
  'rsa-known-n exponents': { targets: ['written'], drive: manyExponents },
  'rsa-known-n edges': { targets: known },
  'rsa-known-n digits': { targets: known },
  'rsa-known-n d': { targets: known },
  'rsa-known-n dp': { targets: known },
  'rsa-known-n montgomery': { targets: known },
  'rsa-known-n every byte': { targets: ['asked'] },
  'rsa-known-n holes': { targets: ['asked'], memory: true, drive: manyHoles },
  'rsa-known-n hole pairs': { targets: ['asked'], drive: holePairs },
  'rsa-known-n parts': { targets: ['asked'] },
  'rsa-unknown-n moduli': { targets: blind },
  'rsa-unknown-n divisors': { targets: blind, drive: manyDivisors },
  'rsa-unknown-n many primes': { targets: blind },
  'rsa-unknown-n d': { targets: blind },
  'rsa-unknown-n crt': { targets: blind },
  'ec-numbers': {
    targets: blind,
    memory: true,
    drive: () =>
      collected((skipped) => {
        const numbers = new CurveNumbers();
        crowd(1 << 18, (words, i) => numbers.addWhole({ ...record, words, offset: i * 32, size: 32 }));
        numbers.reportDropped(skipped, new Set());
        numbers.release();
      }),
  },
  'ec-coordinates': { targets: ['written', 'blind'] },
  'ec-points': { targets: ['written', 'blind'] },
  'ec-scalars': { targets: ['written'] },
  'ec-scalars near points': { targets: ['asked', 'blind'], drive: nearPoints },
  'ec-scalars without a point': { targets: blind, drive: withoutPoint },
  'ec-scalars behind points': { targets: ['written'] },
  'ec-tokens': { targets: blind },
  'ecdsa-nonces': { targets: ['written'], drive: nonces },
  'ed25519-seeds': { targets: ['written', 'blind'] },
  'ed448-seeds': { targets: ['written', 'blind'] },
  'x448-seeds': { targets: ['written', 'blind'] },
  'openssh-prekeys': { targets: blind, drive: (isDeep) => shielded(isDeep, 1 << 14) },
  'openssh-shielded': { targets: blind, drive: (isDeep) => shielded(isDeep, 4096, 64) },
  'rsa-signatures': { targets: blind, drive: (isDeep) => signatures(isDeep, 128) },
  'curve-signatures': { targets: blind, drive: (isDeep) => signatures(isDeep, 128) },
  signers: { targets: blind, drive: (isDeep) => signatures(isDeep, 0) },
  'known-numbers': {
    targets: blind,
    drive: (isDeep) =>
      searched(text('runs'.repeat(64)), isDeep ? unlimited : (usual) => usual, (from) => {
        const low = random.bytes(8);
        const wanted = Array.from({ length: 40 }, (_, i) => ({
          ...{ value: toNumber(Buffer.concat([odd(64 + 8 * i), low])), label: i },
        }));
        expect([...sightings(wanted, from)]).toEqual([]);
      }),
  },
  'inner-numbers': {
    targets: blind,
    drive: (isDeep) => {
      const image = Buffer.concat([Buffer.alloc(64), random.bytes(32 * 5), Buffer.alloc(64)]);
      return searchBytes(image, {}, false, undefined, isDeep ? LIFTED : 1 / 4096).limits;
    },
  },
  runs: {
    targets: blind,
    drive: (isDeep) => {
      const records = new RecordList();
      for (let i = 0; i <= 1 << 16; i++) records.open(i * 64, 4, true);
      const use = (search: NumberSearch) => search.take(new RecordReader(records.finish()));
      return numbersOf(Buffer.alloc(64), use, isDeep ? 'deep' : 'quick');
    },
  },
  numbers: {
    targets: blind,
    memory: true,
    drive: () => {
      const records = new RecordList();
      for (let i = 0; i <= 1 << 21; i++) records.open(i * 64, 4, true);
      return numbersOf(Buffer.alloc(64), (search) => search.take(new RecordReader(records.finish())));
    },
  },
  texts: {
    targets: blind,
    memory: true,
    drive: () => {
      const strings = Array.from({ length: 16_800 }, () => text(random.bytes(56).toString('base64url')));
      const image = Buffer.concat(strings.map((each) => Buffer.concat([each, Buffer.alloc(5)])));
      return numbersOf(image, (search) => {
        for (let i = 0; i < strings.length; i++) search.addText(i * 96 + 16, 75);
      });
    },
  },
  'rsa-text-moduli': {
    targets: blind,
    drive: (isDeep) =>
      collected((skipped) => {
        const octets = parts(RSA.asked).n!;
        const texts = [0, 200].map((offset) => ({
          octets,
          offset,
          length: 171,
          reading: 'base64url' as const,
        }));
        for (const _ of textModuli(texts, skipped, isDeep ? unlimited : () => 0));
      }),
  },
  // Of a search that was stopped (test/pipeline).
  'rsa-numbers': { targets: [], memory: true, drive: () => [] },
  'rsa-proofs': { targets: ['written'], drive: (isDeep) => proofs(isDeep) },
};

/** Limits of a session without budgets, which memory bounds all the same. */
function numbersOf(
  image: Buffer,
  use: (search: NumberSearch) => void,
  effort: EffortLevel = 'deep',
): Limit[] {
  const reader = bufferReader(image);
  const search = new NumberSearch(
    { reader },
    { rules: { key: RULE }, proves: () => false, readSerialised: () => undefined, effort },
  );
  use(search);
  search.close();
  return search.limits();
}

/** Keys without a budget to prove them. */
function proofs(isDeep: boolean): Limit[] {
  const memory = new Memory();
  for (const name of ['n', 'p', 'q']) memory.chunk(little(parts(RSA.written)[name]!));
  const reader = bufferReader(memory.bytes());
  const search = new NumberSearch(
    { reader },
    {
      ...{ rules: { key: RULE }, proves: () => true, readSerialised: () => undefined },
      effort: isDeep ? 'deep' : 'normal',
    },
  );
  for (const run of findRuns(reader)) search.add(run);
  const request = search.rsaRequest({ publicKeys: [], tokens: [], curveTokens: [] });
  for (const _ of search.rsaKeys(searchKeys(request!, reader, 0)));
  search.close();
  return search.limits();
}

const NAMES = Object.keys(ROWS) as Name[];

test('every name of the tables has a row here', () => {
  const names = [...SEARCHES.map(({ limits }) => limits), SHARED_LIMITS]
    .flatMap(Object.keys)
    .filter((name) => !name.startsWith('hmac-'));
  expect(NAMES.sort()).toEqual([...new Set(names)].sort());
});

describe('a limit names what was left, for what, and how long it would take', () => {
  test.each(NAMES)('%s', (name) => {
    const { targets, drive, memory = false } = ROWS[name];
    const limits = (drive?.(false) ?? none).filter(({ search }) => search === name);
    expect(limits.map(({ target }) => target)).toEqual(targets);
    for (const { left, estimate, length, reason } of limits) {
      expect(Number.isInteger(left) && left > 0 && length >= 0).toBe(true);
      expect(reason.length).toBeGreaterThan(10);
      expect(estimate === undefined).toBe(memory);
      if (!memory) expect(estimate).toBeGreaterThan(0);
    }
    if (!memory) expect((drive?.(true) ?? lifted).filter(({ search }) => search === name)).toEqual([]);
  });
});
