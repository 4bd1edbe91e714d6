import { describe, expect, test } from '@jest/globals';
import { memoryStorage } from '../../src/core/base/bytes/storage.js';
import { withoutMembers } from '../../src/source/archive.js';
import { LONGEST_NAME } from '../../src/source/containers/decoding/member.js';
import { MemberList, type SelectedMember } from '../../src/source/member-list.js';
import { Spool, SpoolMemory } from '../../src/source/spool.js';
import fc from '../support/property.js';
import { readAll, sample } from './collect.js';

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const size = fc.nat(2 ** 40);
const stored = fc.record({ offset: size, length: size });

const decrypt = async function* () {};
const members: fc.Arbitrary<SelectedMember> = fc
  .record({
    name: fc.uint8Array({ maxLength: 40 }),
    stored,
    length: maybe(size),
    mtime: maybe(fc.date({ noInvalidDate: true })),
    codec: maybe(fc.constantFrom('deflate', 'bzip2', 'zstd')),
    expected: maybe(fc.record({ crc32: fc.nat(2 ** 32 - 1), length: size }, { requiredKeys: ['crc32'] })),
    pieces: maybe(fc.constant([{ start: 1, offset: 2, length: 3 }])),
    decrypt: maybe(fc.constant(decrypt)),
  })
  .map(({ name, stored, decrypt, ...more }) => {
    const given = Object.entries(more).filter(([, value]) => value !== undefined);
    return { name, stored, selected: undefined, decrypt, ...Object.fromEntries(given) };
  });

describe('a list of members', () => {
  test('property: has what was added', () => {
    fc.assert(
      fc.property(fc.array(members, { maxLength: 100 }), (given) => {
        const list = new MemberList();
        for (const each of given) list.add(each);
        expect(Array.from({ length: list.length }, (_, i) => list.at(i))).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  test('keeps as many as there may be, with names of every length', () => {
    const list = new MemberList();
    const count = 40_000;
    const nameOf = (i: number): Buffer => Buffer.alloc(i % 997 === 0 ? LONGEST_NAME : i % 50, i % 256);
    for (let i = 0; i < count; i++)
      list.add({
        name: nameOf(i),
        stored: { offset: i, length: 1 },
        selected: undefined,
        decrypt: undefined,
      });
    for (let i = 0; i < count; i += 331) {
      expect(Buffer.from(list.nameAt(i)).equals(nameOf(i))).toBe(true);
      expect(list.storedAt(i)).toEqual({ offset: i, length: 1 });
    }
  });
});

test('property: an archive without its members has zeros in their place', () => {
  const archive = sample(500);
  const near = fc.record({ offset: fc.nat(600), length: fc.nat(120) });
  fc.assert(
    fc.property(fc.array(near, { maxLength: 12 }), fc.array(near, { maxLength: 4 }), (one, other) => {
      const expected = Buffer.from(archive);
      for (const { offset, length } of [...one, ...other])
        expected.fill(0, Math.min(500, offset), Math.min(500, offset + length));
      const lists = [one, other].map((extents) => {
        const list = new MemberList();
        for (const stored of extents)
          list.add({ name: Buffer.alloc(0), stored, selected: undefined, decrypt: undefined });
        return list;
      });
      expect(readAll(withoutMembers(memoryStorage(archive), lists)).equals(expected)).toBe(true);
    }),
  );
});

test('blocks of closed spools are used again, cleared and within the budget', async () => {
  const budget = new SpoolMemory(8 * 1024);
  const blocks = new Set<SharedArrayBuffer>();
  for (let i = 0; i < 5; i++) {
    const spools = [new Spool(budget), new Spool(budget)];
    for (const spool of spools) {
      await spool.write(sample(10 + i, i));
      const storage = spool.storage();
      if (storage.kind !== 'memory') throw new Error(`${storage.kind}: the budget was not given back`);
      expect(readAll(storage).equals(sample(10 + i, i))).toBe(true);
      expect(new Uint8Array(storage.bytes, storage.length).every((byte) => byte === 0)).toBe(true);
      blocks.add(storage.bytes);
    }
    for (const spool of spools) spool.close();
  }
  expect(blocks.size).toBe(2);
});
