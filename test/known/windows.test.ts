import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { memoryStorage } from '../../src/core/base/bytes/storage.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import type { Component } from '../../src/core/model/key-material.js';
import { knownTest } from '../../src/known/known-scanner.js';
import { type KnownTable, type KnownValue, knownTable } from '../../src/known/known-table.js';
import { FORMS, windowStreams } from '../../src/known/window-streams.js';
import { windowsOf } from '../../src/redact/all/further-fills.js';
import { job, windowTasks } from '../../src/redact/fill/windows/window-job.js';
import fc from '../support/property.js';

/** Extents that the pass finds, in all tasks. */
function found(bytes: Uint8Array, table: KnownTable): [offset: number, length: number][] {
  const extents: [number, number][] = [];
  for (const task of windowTasks(memoryStorage(bytes), table)) {
    const all = job(task);
    for (let at = 0; at < all.length; at += 2) extents.push([all[at]!, all[at + 1]!]);
  }
  return extents;
}

function filled(bytes: Uint8Array, extents: readonly [number, number][]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [offset, length] of extents) copy.fill(0, offset, offset + length);
  return copy;
}

/** Parts that must not be left; those of text as UTF-16, too. */
interface Forbidden {
  parts: Buffer[];
  wideParts: Buffer[];
}

/** The shortest parts of the streams that bear too many bits, by trying all lengths. */
function forbidden(streams: readonly KnownValue[]): Forbidden {
  const parts = streams.flatMap(partsOf);
  const texts = streams.filter(({ form }) => FORMS[form]!.text).flatMap(partsOf);
  return { parts, wideParts: texts.map((part) => wide(part).subarray(0, -1)) };
}

function partsOf({ bytes, form }: KnownValue): Buffer[] {
  const { bits, least } = FORMS[form]!;
  const parts: Buffer[] = [];
  for (let from = 0; from < bytes.length; from++)
    for (let to = from + 1, sum = 0; to <= bytes.length; to++) {
      sum += bits[(to - 1) % bits.length]!;
      if (sum < least) continue;
      const part = Buffer.from(bytes.subarray(from, to));
      if (new Set(part).size >= 5) parts.push(part);
      break;
    }
  return parts;
}

const wide = (text: Buffer): Buffer => Buffer.from(text.toString('latin1'), 'utf16le');

const windowTable = (values: Iterable<KnownValue>) => finish(knownTable(values, { forms: FORMS, step: 4 }));

const component = (name: string, value: Uint8Array): Component => ({ name, value: new Secret(value) });

/** Streams of one key, by seed. */
function streamsOf(seed: number): KnownValue[] {
  const random = new SeededRandom(`windows ${seed}`);
  return [...windowStreams([component('p', random.bytes(24)), component('seed', random.bytes(32))])];
}

describe('windows of components', () => {
  test('are found as a naive search finds them, and nothing else is', () => {
    const plan = fc.record({
      seed: fc.constantFrom(0, 1),
      parts: fc.array(
        fc.record({
          stream: fc.nat(),
          from: fc.nat(),
          length: fc.integer({ min: 1, max: 48 }),
          gap: fc.integer({ min: 1, max: 9 }),
          isWide: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    });
    const forbiddenBySeed = [0, 1].map((seed) => forbidden(streamsOf(seed)));
    fc.assert(
      fc.property(plan, ({ seed, parts }) => {
        const streams = streamsOf(seed);
        const random = new SeededRandom(`noise ${seed}`);
        const pieces: Buffer[] = [];
        for (const { stream, from, length, gap, isWide } of parts) {
          const { bytes, form } = streams[stream % streams.length]!;
          const at = from % bytes.length;
          const part = Buffer.from(bytes.subarray(at, at + length));
          pieces.push(Buffer.from(random.bytes(gap)), isWide && FORMS[form]!.text ? wide(part) : part);
        }
        const memory = Buffer.concat([...pieces, Buffer.from(random.bytes(20))]);
        const extents = found(memory, windowTable(streams));
        const copy = filled(memory, extents);
        const { parts: narrow, wideParts } = forbiddenBySeed[seed]!;
        const all = [...narrow, ...wideParts];
        expect(all.filter((part) => copy.includes(part))).toEqual([]);
        for (const [offset, length] of extents) {
          const bytes = memory.subarray(offset, offset + length);
          expect(all.some((part) => bytes.includes(part))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('go on over line breaks of text', () => {
    const { bytes } = streamsOf(1).find(({ form }) => FORMS[form]!.bits[0] === 6)!;
    const text = Buffer.from(bytes).toString('latin1');
    const table = windowTable(streamsOf(1));
    for (const between of ['\n', '\\n', '\r\n    ', '" +\n  "'.replace('+', ''), "'\n'"]) {
      const memory = Buffer.from(`....${text.slice(0, 11)}${between}${text.slice(11, 20)}....`, 'latin1');
      expect(found(memory, table)).toEqual([[4, 20 + between.length]]);
    }
    expect(found(Buffer.from(`....${text.slice(0, 15)}....`, 'latin1'), table)).toEqual([]);
  });

  test('are found at the bounds of tasks', () => {
    const streams = streamsOf(2);
    const { bytes } = streams[0]!;
    const table = windowTable(streams);
    for (const shift of [-24, -12, -7, -1, 0, 1]) {
      const memory = new Uint8Array(2 ** 20 + 4096);
      memory.set(bytes, 2 ** 20 + shift);
      expect(filled(memory, found(memory, table)).every((byte) => byte === 0)).toBe(true);
    }
  });

  test('of a value that repeats itself are filled in memory that does so too, without comparing all', () => {
    const unit = Buffer.from('q7Xz9Kp2', 'latin1');
    const table = windowTable([...windowStreams([component('k', Buffer.alloc(4096, unit))])]);
    const memory = Buffer.concat([
      Buffer.alloc(101, 'other '),
      Buffer.alloc(2 ** 20, unit),
      Buffer.alloc(8192),
    ]);
    const copy = filled(memory, found(memory, table));
    expect(copy.subarray(101).every((byte) => byte === 0)).toBe(true);
  });

  test('are not those of public numbers, and the modulus stays', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = privateKey.export({ format: 'jwk' });
    const bytes = (name: 'd' | 'p' | 'n') => Buffer.from(jwk[name]!, 'base64url');
    const table = finish(
      windowsOf([
        { components: [component('d', bytes('d')), component('p', bytes('p'))], spki: new Uint8Array(0) },
      ]),
    );
    expect(found(bytes('n'), table)).toEqual([]);
    expect(found(Buffer.concat([Buffer.alloc(3, 7), bytes('d').subarray(5, 13)]), table)).toEqual([[3, 8]]);
    expect(found(bytes('d').subarray(5, 12), table)).toEqual([]);
  });
});

test('a test of the first bytes of some memory changes nothing, and sees nothing of the rest', () => {
  const value = new SeededRandom('behind').bytes(32);
  const holdsPart = knownTest(windowTable([...windowStreams([component('seed', value)])]));
  const memory = new Uint8Array(100);
  memory.set(value, 37);
  const before = Uint8Array.from(memory);
  for (const length of [36, 40, 44]) expect(holdsPart(memory.subarray(0, length))).toBe(false);
  expect(memory).toEqual(before);
  expect(holdsPart(memory.subarray(0, 80))).toBe(true);
  expect(memory).toEqual(before);
});
