import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../src/core/base/runtime/turns.js';
import { type CopyNets, compileCopies, groupsOf, WHOLE_GROUPS } from '../../src/known/copy-nets.js';
import { type CopyTarget, CopyTargets } from '../../src/known/copy-targets.js';
import { collect } from '../hostile/collect.js';
import { withTempDir } from '../support/folder.js';
import fc from '../support/property.js';

const parts = (sizes: Readonly<Record<string, number>>) =>
  Object.entries(sizes).map(([name, size]) => ({ name, value: new Secret(randomBytes(size)) }));

const rsa = (octets: number) => ({
  d: octets,
  p: octets / 2,
  q: octets / 2,
  dp: octets / 2,
  dq: octets / 2,
  qinv: octets / 2,
});
const SHAPES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'RSA-1024': rsa(128),
  'RSA-2048': rsa(256),
  'RSA-8192': rsa(1024),
  'P-256': { d: 32 },
  'P-521': { d: 66 },
  Ed25519: { seed: 32 },
  Ed448: { seed: 57 },
  HS256: { k: 32 },
  'a long symmetric key': { k: 2048 },
};

const keysOf = (shape: string, count: number): CopyTarget[] =>
  Array.from({ length: count }, (_, i) => ({ finding: `${shape} ${i}`, components: parts(SHAPES[shape]!) }));

describe('groups of keys', () => {
  test.each(Object.keys(SHAPES))('of %s are searched in every encoding, except the last', (shape) => {
    const size = groupsOf(keysOf(shape, 2_000))[0]!.length;
    const groups = groupsOf(keysOf(shape, size * WHOLE_GROUPS));
    expect(groups).toHaveLength(WHOLE_GROUPS);
    // All groups have as many needles as the first.
    expect(finish(compileCopies(groups[0]!)).needles.complete).toBe(true);
    expect(groupsOf(keysOf(shape, size * (WHOLE_GROUPS + 20)))).toHaveLength(WHOLE_GROUPS + 1);
  });

  test('the estimate for a value is not below the needles of its spellings', () => {
    const value = new Secret(Buffer.from('"/äöü€𝄞 &<%+*'.repeat(40)));
    const keys = Array.from({ length: 500 }, (_, i) => ({ finding: `${i}`, components: [], value }));
    const [first] = groupsOf(keys);
    const distinct = first!.map((key, i) => ({
      ...key,
      value: new Secret(Buffer.from(`${i} ${Buffer.from(value.reveal()).toString()}`)),
    }));
    expect(finish(compileCopies(distinct)).needles.complete).toBe(true);
  });

  test('contain every key once, in order, and change only at their end', () => {
    const shapes = fc.array(fc.constantFrom(...Object.keys(SHAPES)), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(shapes, (all) => {
        const keys = all.map((shape, i) => ({ ...keysOf(shape, 1)[0]!, finding: `${i}` }));
        const groups = groupsOf(keys);
        expect(groups.flat()).toEqual(keys);
        expect(groupsOf(keys.slice(0, -1)).slice(0, groups.length - 1)).toEqual(
          groups.slice(0, -1).filter((g) => g.length > 0),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('are compiled again, once, for a key with a new component', () => {
    const ring = new CopyTargets();
    const [whole] = keysOf('RSA-2048', 1);
    const { components } = whole!;
    ring.add({ ...whole!, components: components.slice(1) });
    const before = [...atOnce(ring.groups())];
    ring.add({ ...whole!, components: components.slice(2) });
    expect([...atOnce(ring.groups())][0]).toBe(before[0]);
    ring.add(whole!);
    const after = [...atOnce(ring.groups())];
    const names = after[0]!.keys[0]!.components.map(({ name }) => name);
    expect(names.sort()).toEqual(components.map(({ name }) => name).sort());
    expect([ring.size, after.length, after[0] === before[0]]).toEqual([1, 1, false]);
    ring.add(whole!);
    expect([...atOnce(ring.groups())].map((group, i) => group === after[i])).not.toContain(false);
  });

  test('are compiled again only for a new key', () => {
    const ring = new CopyTargets();
    for (const key of keysOf('RSA-2048', 20)) ring.add(key);
    const before = [...atOnce(ring.groups())];
    expect(before.map(({ keys }) => keys.length)).toEqual([10, 10]);
    ring.add(keysOf('P-256', 1)[0]!);
    const after = [...atOnce(ring.groups())];
    expect([after[0] === before[0], after[1] === before[1]]).toEqual([true, false]);
    expect([...atOnce(ring.groups())].map((group, i) => group === after[i])).not.toContain(false);
  });
});

test('needles are compiled with pauses, and from the start after an interruption', () => {
  const keys = keysOf('Ed25519', 400);
  const [interrupted, whole] = [new CopyTargets(), new CopyTargets()];
  for (const key of keys) for (const targets of [interrupted, whole]) targets.add(key);
  const [work, pauses] = [interrupted.groups(), 500];
  for (let i = 0; i < pauses; i++) expect(work.next().done).toBe(false);
  work.return();
  const shapeOf = (targets: CopyTargets) =>
    [...atOnce(targets.groups())].map(({ keys: own, nets }) => [
      own.length,
      nets.map(({ net }) => net.patterns),
    ]);
  expect(shapeOf(interrupted)).toEqual(shapeOf(whole));
});

test('needles of the last artifact are overwritten before those of the next group are compiled', () => {
  const targets = new CopyTargets();
  for (const key of keysOf('RSA-2048', 30)) targets.add(key);
  expect(targets.sweeps).toBe(3);
  const isInUse = ({ nets }: CopyNets): boolean =>
    nets.some(({ net }) =>
      Object.values(net.images).some((image) => new Uint8Array(image).some((byte) => byte !== 0)),
    );
  const swept: CopyNets[] = [];
  for (const group of atOnce(targets.groups(true))) {
    swept.push(group);
    expect(swept.map(isInUse)).toEqual(swept.map((each) => each === group));
  }
  expect(swept.map(isInUse)).toEqual([false, false, false]);
  expect([...atOnce(targets.groups())].map(isInUse)).toEqual([true, true, true]);
});

test('needles are overwritten when they are replaced, and at the end', () => {
  const targets = new CopyTargets();
  const imagesOf = () =>
    [...atOnce(targets.groups())].flatMap(({ nets }) => nets.flatMap(({ net }) => Object.values(net.images)));
  const isZero = (image: SharedArrayBuffer): boolean => new Uint8Array(image).every((byte) => byte === 0);
  targets.add(keysOf('RSA-2048', 1)[0]!);
  const replaced = imagesOf();
  expect(replaced.every(isZero)).toBe(false);
  targets.add(keysOf('P-256', 1)[0]!);
  const last = imagesOf();
  expect([replaced.every(isZero), last.every(isZero)]).toEqual([true, false]);
  targets.wipe();
  expect(last.every(isZero)).toBe(true);
});

/** PKCS#8 of an Ed25519 key (RFC 8410, 7): every seed is a key. */
const ed25519 = (seed: Uint8Array) =>
  Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);

describe('a dump with more keys than one sweep searches for', () => {
  test.each([500, 2_100])(
    'of %d: copies of the first and the last are found, by any number of threads',
    async (count) => {
      await withTempDir(async (folder) => {
        const seeds = Array.from({ length: count }, () => randomBytes(32));
        const path = join(folder, 'keys');
        const first = Buffer.from(seeds[0]!.toString('hex'));
        writeFileSync(
          path,
          Buffer.concat([...seeds.map(ed25519), Buffer.alloc(64), first, Buffer.alloc(64), seeds.at(-1)!]),
        );
        const scans = await Promise.all([1, 2].map((jobs) => collect({ paths: [path], jobs })));
        const at = count * 48 + 64;
        for (const { artifacts, findings } of scans) {
          const copies = findings.flatMap(({ occurrences }) =>
            occurrences.filter(({ offset }) => offset >= at),
          );
          expect(copies.map(({ offset, encoding }) => [offset, encoding]).sort()).toEqual([
            [at, 'hex'],
            [at + 128, 'bytes-be'],
          ]);
          const reported = artifacts[0]!.coverage.limits.filter(({ search }) => search === 'copies');
          expect(reported).toEqual(
            count === 500
              ? []
              : [
                  {
                    offset: 0,
                    length: at + 160,
                    search: 'copies',
                    target: 'blind',
                    left: expect.any(Number),
                    reason: expect.stringMatching(/^[\d,]+ keys were not searched for in every/),
                  },
                ],
          );
        }
        expect(scans[0]!.findings).toEqual(scans[1]!.findings);
      });
    },
  );
});
