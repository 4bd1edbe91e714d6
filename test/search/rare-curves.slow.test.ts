import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { curveByName } from '../../src/core/asn1/curves.js';
import { toBigint } from '../../src/core/base/bytes/integers.js';
import { WRITERS } from '../support/number-writers.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { ecFrom } from './seeded.js';

const CURVES = ['P-224', 'SM2', 'brainpoolP224r1', 'brainpoolP256t1', 'brainpoolP384t1'];

const FORMS: Readonly<Record<string, (d: Buffer) => Buffer>> = {
  'limbs-le': LAYOUTS['limbs-le']!,
  'bytes-be': LAYOUTS['bytes-be']!,
  'digits30-le32': (d) => WRITERS['digits30-le32'](toBigint(d)),
};

describe.each(CURVES)('a scalar of %s', (name) => {
  const { openssl, scalar } = curveByName(name)!;

  function heap(form: string, d: Buffer): Buffer {
    const memory = new Memory();
    const random = new SeededRandom(`${name} ${form}`);
    memory.filler(512);
    memory.noise(random, 20, 4);
    memory.chunk(FORMS[form]!(d));
    memory.noise(random, 20, 4);
    return memory.bytes();
  }

  test.each(Object.keys(FORMS))('is found as %s if its public key is in the dump', (form) => {
    const { key, d } = ecFrom(`seventh ${form}`, name, openssl, scalar);
    const spki = Buffer.from(spkiOf(key), 'base64');
    const memory = heap(form, d);
    const found = searchBytes(memory, { publicKeys: [{ spki }] });
    const offset = memory.indexOf(FORMS[form]!(d));
    expect(describeAll(found)).toEqual([{ spki: spki.toString('base64'), encoding: form, offset }]);
    expect(found.limits).toEqual([]);
  });

  test('is not searched for without a public key, or with that of a public root', () => {
    const { key, d } = ecFrom('seventh limbs-le', name, openssl, scalar);
    const spki = Buffer.from(spkiOf(key), 'base64');
    const other = ecFrom('another', name, openssl, scalar);
    const memory = heap('limbs-le', d);
    for (const publicKeys of [
      [],
      [{ spki, isPublicRoot: true }],
      [{ spki: Buffer.from(spkiOf(other.key), 'base64') }],
    ])
      expect(searchBytes(memory, { publicKeys }).candidates).toEqual([]);
  });
});

test('numbers beyond the limit are reported', () => {
  const { key } = ecFrom('many', 'P-224', 'secp224r1', 28);
  const memory = new Memory();
  memory.noise(new SeededRandom('many'), 2500, 4);
  const { limits } = searchBytes(memory.bytes(), {
    publicKeys: [{ spki: Buffer.from(spkiOf(key), 'base64') }],
  });
  expect(limits.map(({ search }) => search)).toContain('ec-scalars');
});

test('of very many runs few are tried, unless the key is a --find target', () => {
  const { key, d } = ecFrom('crowd', 'P-224', 'secp224r1', 28);
  const spki = Buffer.from(spkiOf(key), 'base64');
  const memory = new Memory();
  const random = new SeededRandom('crowd');
  memory.noise(random, 100, 4);
  memory.chunk(d);
  memory.noise(random, 17_000, 4);
  const bytes = memory.bytes();
  const found = (asked: boolean) => searchBytes(bytes, { publicKeys: [{ spki, isTarget: asked }] });
  expect(found(true).candidates).toHaveLength(1);
  const { candidates, limits } = found(false);
  expect(candidates).toEqual([]);
  expect(limits.find(({ search }) => search === 'ec-scalars')).toBeDefined();
});

test('nothing is read for a key of 192 bits', () => {
  const { key, d } = ecFrom('short', 'P-192', 'prime192v1', 24);
  const memory = new Memory();
  memory.noise(new SeededRandom('short'), 2500, 4);
  memory.chunk(d);
  const found = searchBytes(memory.bytes(), {
    publicKeys: [{ spki: Buffer.from(spkiOf(key), 'base64') }],
  });
  expect(found.limits.filter(({ search }) => search === 'ec-scalars')).toEqual([]);
});
