import { expect, test } from '@jest/globals';
import { literalId } from '../../src/core/base/bytes/literal-id.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { compileRules } from '../../src/rules/compile.js';
import { PrivateMarkers } from '../../src/scan/private-markers.js';

const set = compileRules(loadBuiltin());
const id = (literal: string): number =>
  literalId(set.literals.findIndex(({ bytes }) => Buffer.from(bytes).toString('latin1') === literal));
const hits = (literal: string, ...offsets: number[]) => ({ offsets, ids: offsets.map(() => id(literal)) });
const BEGIN = 'PRIVATE KEY-----';
const at = (offset: number, length = 100) => ({ offset, length });

test.each<[string, string, ReturnType<typeof at>, boolean]>([
  ['4 KiB behind it', BEGIN, at(100_000 + 4096), true],
  ['further behind it', BEGIN, at(100_000 + 4097), false],
  ['4 KiB before it', BEGIN, at(100_000 - 4096 - 100), true],
  ['further before it', BEGIN, at(100_000 - 4097 - 100), false],
  ['around it', BEGIN, at(99_990), true],
  ['OpenSSH', 'openssh-key-v1', at(100_000), true],
  ['a scalar in SEC 1', '\x02\x01\x01\x04\x20', at(100_000), true],
  ['a certificate', 'BEGIN CERTIFICATE-----', at(100_000), false],
  ['a JSON Web Key', '"kty', at(100_000), false],
])('beside a marker: %s', (_, literal, place, expected) => {
  const markers = new PrivateMarkers(set);
  markers.add(hits(literal, 100_000));
  expect(markers.near([])(place)).toBe(expected);
});

test('a marker inside a public key is none', () => {
  const markers = new PrivateMarkers(set);
  markers.add(hits(BEGIN, 1000, 20_000));
  const near = markers.near([at(500, 800), at(40_000)]);
  expect([near(at(900)), near(at(20_100))]).toEqual([false, true]);
});

test('where markers are too many to keep, all is beside one', () => {
  const markers = new PrivateMarkers(set);
  for (let i = 0; i < 1 << 17; i++) markers.addPlace(i);
  expect(markers.near([])(at(1e9))).toBe(false);
  markers.addPlace(0);
  expect(markers.near([])(at(1e9))).toBe(true);
});
