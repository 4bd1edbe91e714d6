import { createPublicKey, type KeyObject, randomFillSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { bitString, integer, octetString, oid, sequence, tagged } from '../../src/core/asn1/write.js';
import { NUMBER_FORMS } from '../../src/core/encodings/number-forms.js';
import { type Finding, type ScanOptions, scan, type Timings } from '../../src/index.js';
import { buildElfCore, ntFile } from '../formats/build-elf.js';
import { KINDS, libraryPage } from '../formats/elf-kinds.js';
import { parts } from '../search/harness.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { ecFrom, ed25519From, rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';

const spki = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }) as Buffer;
const OTHERS = Array.from({ length: 15 }, (_, i) => spki(ed25519From(`listed ${i}`)));
const rsa = rsaFrom('listed', 1024);
const ec = ecFrom('listed', 'P-256', 'prime256v1', 32);
const ed25519 = ed25519From('listed');

interface Seen {
  identities: Timings['identities'];
  findings: Finding[];
}

async function scanned(bytes: Uint8Array, options: Partial<ScanOptions> = {}): Promise<Seen> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'dump');
    writeFileSync(path, bytes);
    let timings: Timings | undefined;
    const onTimings = (all: Timings) => {
      timings = all;
    };
    const findings: Finding[] = [];
    for await (const event of scan({ paths: [path], onTimings, ...options }))
      if (event.type === 'finding') findings.push(event);
    return { identities: timings!.identities, findings };
  });
}

/** A list with the keys among 15 others, then chunks elsewhere. */
function listOf(keys: readonly KeyObject[], elsewhere: readonly Buffer[] = []): Buffer {
  const memory = new Memory();
  memory.filler(2048);
  for (const each of [...keys.map(spki), ...OTHERS]) memory.chunk(each);
  memory.filler(1 << 17);
  for (const each of elsewhere) {
    memory.chunk(each);
    memory.filler(512);
  }
  return memory.bytes();
}

const LISTED = { 'foreign (list)': 16 };
const ONE_WRITTEN = { 'foreign (list)': 15, written: 1 };
const modulus = parts(rsa).n!;
const words = LAYOUTS['limbs-le']!;

test.each<[string, Buffer[], Timings['identities']]>([
  ['nowhere else', [], LISTED],
  ['in limbs', [words(modulus)], ONE_WRITTEN],
  ['as octets', [modulus], ONE_WRITTEN],
  ['in digits of 30 bits', [NUMBER_FORMS['digits30-le32'].write(modulus)], ONE_WRITTEN],
  ['in a second SubjectPublicKeyInfo', [spki(rsa)], ONE_WRITTEN],
  ['in a third list', [spki(rsa), ...OTHERS], LISTED],
])('a modulus of a list is foreign unless it is elsewhere: %s', async (_, elsewhere, identities) => {
  expect(await scanned(listOf([rsa], elsewhere))).toEqual({ identities, findings: [] });
});

const P256 = DOMAINS.find(({ name }) => name === 'P-256')!;
const montgomery = (value: Buffer): Buffer => {
  const product = (BigInt(`0x${value.toString('hex')}`) << 256n) % P256.p;
  return words(Buffer.from(product.toString(16).padStart(64, '0'), 'hex'));
};

test.each<[string, Buffer[], Timings['identities']]>([
  ['nowhere else', [], LISTED],
  ['x and y in limbs', [words(ec.x), words(ec.y)], ONE_WRITTEN],
  ['x in limbs', [words(ec.x)], ONE_WRITTEN],
  ['x as octets', [ec.x], ONE_WRITTEN],
  ['in Montgomery form', [montgomery(ec.x), montgomery(ec.y)], ONE_WRITTEN],
  ['x in Montgomery form', [montgomery(ec.x)], ONE_WRITTEN],
  ['as an uncompressed point', [Buffer.concat([Buffer.of(4), ec.x, ec.y])], ONE_WRITTEN],
  ['in a third list', [spki(ec.key), ...OTHERS], LISTED],
])('a point of a list is foreign unless it is elsewhere: %s', async (_, elsewhere, identities) => {
  expect(await scanned(listOf([ec.key], elsewhere))).toEqual({ identities, findings: [] });
});

test.each<[string, Buffer[], Timings['identities']]>([
  ['nowhere else', [], LISTED],
  ['its octets', [spki(ed25519).subarray(-32)], ONE_WRITTEN],
])('a key of Ed25519 in a list is foreign unless it is elsewhere: %s', async (_, elsewhere, identities) => {
  expect(await scanned(listOf([ed25519], elsewhere))).toEqual({ identities, findings: [] });
});

test('15 identities are no list', async () => {
  const memory = new Memory();
  for (const each of OTHERS) memory.chunk(each);
  expect(await scanned(memory.bytes())).toEqual({ identities: { written: 15 }, findings: [] });
});

test('public keys within 4 KiB of a marker are written', async () => {
  const memory = new Memory();
  for (const each of OTHERS) memory.chunk(each);
  memory.filler(2048);
  memory.chunk(Buffer.from(`-----BEGIN ${'PRIVATE'} KEY-----\n`));
  memory.filler(1024);
  memory.chunk(spki(ed25519));
  memory.filler(8192);
  const bytes = memory.bytes();
  const near = bytes.indexOf('-----BEGIN') - 4096;
  const all = [...OTHERS, spki(ed25519)].map((each) => bytes.indexOf(each));
  const written = all.filter((at) => at + spki(ed25519).length >= near).length;
  expect(written).toBe(16);
  expect(await scanned(bytes)).toEqual({ identities: { written: 16 }, findings: [] });
});

test('without them near, a marker changes nothing', async () => {
  const marker = Buffer.from(`-----BEGIN ${'PRIVATE'} KEY-----\n`);
  expect((await scanned(listOf([ed25519], [marker]))).identities).toEqual(LISTED);
});

test('the private half of a foreign key is found and reported', async () => {
  for (const [key, secret] of [
    [rsa, words(parts(rsa).p!)],
    [ec.key, words(ec.d)],
    [ed25519, parts(ed25519).d!],
  ] as const) {
    const { identities, findings } = await scanned(listOf([key], [secret]));
    expect(identities).toEqual(LISTED);
    const found = findings.map(({ confidence, counts, key }) => [confidence, counts, key?.spki]);
    expect(found).toEqual([['proven', true, spki(key).toString('base64')]]);
  }
});

test('a target is asked for, whatever list it is in', async () => {
  const pem = createPublicKey(rsa).export({ format: 'pem', type: 'spki' }) as string;
  await withTempDir(async (folder) => {
    const path = join(folder, 'target.pem');
    writeFileSync(path, pem);
    const { identities } = await scanned(listOf([rsa]), { find: [path] });
    expect(identities).toEqual({ written: 1, asked: 1, 'foreign (list)': 15 });
  });
});

test.each<[string, number | undefined, string]>([
  ['read-only', 5, 'foreign (module)'],
  ['writable', 6, 'written'],
  ['without a map', undefined, 'written'],
])('a certificate in a module of a core: %s', async (_, flags, kind) => {
  const [KIND] = KINDS;
  const base = 0x7f00_0000_0000n;
  const page = libraryPage(KIND, 0x3000);
  const memory = new Memory();
  memory.filler(1024);
  for (const key of [rsa, ec.key, ed25519]) memory.chunk(spki(key));
  memory.filler(2048);
  const bytes = Buffer.concat([memory.bytes(), Buffer.alloc(0x2000)]).subarray(0, 0x2000);
  const mappings = [{ start: base, end: base + 0x3000n, offset: 0, path: '/usr/lib/libkeys.so' }];
  const core = buildElfCore({
    notes: flags === undefined ? [] : [ntFile(KIND, 4096, mappings)],
    segments: [
      { vaddr: base, bytes: page.subarray(0, 0x1000), flags: 4 },
      { vaddr: base + 0x1000n, bytes, flags: flags ?? 4 },
    ],
  });
  expect((await scanned(core.bytes)).identities).toEqual({ [kind]: 3 });
});

/** A JSON Web Token of this algorithm. */
const token = (alg: string, key: KeyObject): Buffer => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode({ sub: 'someone', iat: 1_790_000_000 })}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return Buffer.from(`\0${signed}.${signature.toString('base64url')}\0`);
};

test.each<[string, KeyObject, () => Buffer, Timings['identities']]>([
  ['a token with RS256', rsa, () => token('RS256', rsa), ONE_WRITTEN],
  ['a token with ES256', ec.key, () => token('ES256', ec.key), ONE_WRITTEN],
  ['a token of another key', rsa, () => token('RS256', rsaFrom('other', 1024)), LISTED],
])('a key of a list that has signed here is written: %s', async (_, key, made, identities) => {
  expect((await scanned(listOf([key], [made()]))).identities).toEqual(identities);
});

/** A certificate (RFC 5280, 4.1) of an authority, since it is its own issuer; without a valid signature. */
function authority(key: KeyObject): Buffer {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const name = sequence(octetString(Buffer.from('authority')));
  const version = tagged(0, integer(Buffer.of(2)));
  const fields = [version, integer(Buffer.of(7)), algorithm, name, sequence(), name, spki(key)];
  return Buffer.from(sequence(sequence(...fields), algorithm, bitString(Buffer.alloc(8, 7))));
}

test('a key of an authority is foreign unless it is elsewhere', async () => {
  for (const [key, elsewhere] of [
    [rsa, words(modulus)],
    [ec.key, words(ec.x)],
  ] as const) {
    const memory = new Memory();
    memory.filler(2048);
    memory.chunk(authority(key));
    memory.filler(2048);
    // A number: without any, no public key is looked at.
    memory.chunk(Buffer.from(modulus.map((byte) => byte ^ 0x5a)));
    expect((await scanned(memory.bytes())).identities).toEqual({ 'foreign (authority)': 1 });
    memory.chunk(elsewhere);
    expect((await scanned(memory.bytes())).identities).toEqual({ written: 1 });
  }
});

test('where runs were left out, nothing is foreign but authorities', async () => {
  const own = new Memory();
  own.filler(8192);
  own.chunk(authority(rsaFrom('authority', 1024)));
  const bytes = Buffer.concat([listOf([rsa, ec.key, ed25519]), own.bytes()]);
  // 32,768 runs and one for each 8 KiB.
  const noise = Buffer.alloc(40_000 * 48);
  for (let at = 0; at < noise.length; at += 48) randomFillSync(noise, at, 32);
  expect((await scanned(bytes, { effort: 'quick' })).identities).toEqual({
    'foreign (list)': 18,
    'foreign (authority)': 1,
  });
  const crowded = await scanned(Buffer.concat([bytes, noise]), { effort: 'quick' });
  expect(crowded.identities).toEqual({ written: 18, 'foreign (authority)': 1 });
});
