import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { hexIn } from '../../src/sweep/runs/hex.js';
import { RecordList } from '../../src/sweep/runs/records.js';
import { RunJoiner } from '../../src/sweep/runs/run-joiner.js';
import { decodeText, TextReader, type TextRecord } from '../../src/sweep/runs/text-records.js';
import { MEMBER_LENGTHS, memberIn } from '../../src/sweep/runs/texts.js';
import { sweepTask } from '../../src/sweep/sweep-task.js';
import fc from '../support/property.js';
import { KERNELS, type KernelName, kernelFor } from '../support/scalar-kernel/kernels.js';
import { expectAsDefined } from './as-defined.js';
import { fusedBatches, literal } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true }), literal('-----BEGIN')]);

/** Octets of members, and their lengths in characters: from RFC 7518, independent of the net's table. */
const OCTETS = [
  32, 48, 56, 57, 63, 64, 66, 95, 96, 127, 128, 191, 192, 255, 256, 383, 384, 511, 512, 767, 768,
];
const LENGTHS = new Set([...OCTETS, 1023, 1024, 2047, 2048].map((octets) => Math.ceil((octets * 4) / 3)));

/** The definition, run by run: `offset length` of each member. */
function naive(data: Buffer): string[] {
  return [...data.toString('latin1').matchAll(/[\w-]+/g)].flatMap(({ index, 0: run }) => {
    const fits = (length: number) => length % 4 === 0 && length <= run.length && run.length <= length + 6;
    const length = LENGTHS.has(run.length) ? run.length : Math.max(0, ...[...LENGTHS].filter(fits));
    const afterLength = index >= 4 && data.readUInt32LE(index - 4) === length;
    const whole = run.length === length || afterLength;
    if (length > 0 && whole && isMember(data, index, length, run.length)) return [`${index} ${length}`];
    for (const skip of [1, 2, 3, 4]) {
      const [at, rest] = [index + skip, run.length - skip];
      const ahead = [24, 16].some(
        (distance) => at >= distance && data.readBigUInt64LE(at - distance) === BigInt(rest),
      );
      if (LENGTHS.has(rest) && ahead && isMember(data, at, rest, rest)) return [`${at} ${rest}`];
    }
    const prefix = run.startsWith('0x') ? 2 : 0;
    if (HEX.has(run.length - prefix) && isHex(run.slice(prefix)))
      return [`${index + prefix} ${run.length - prefix}`];
    const counted = index >= 4 ? data.readUInt32LE(index - 4) : 0;
    const begins = [64, 96].includes(counted) && run.length > counted && run.length <= counted + 6;
    return begins && isHex(run.slice(0, counted)) ? [`${index} ${counted}`] : [];
  });
}

/**
 * Digits of scalars and coordinates of 256, 384 and 521 bits, and of compressed and uncompressed points
 * with and without their first octet.
 */
const HEX = new Set([64, 96, 132, 66, 98, 130, 194, 128]);

function isHex(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  const oneCase = /^([\da-f]+|[\dA-F]+)$/.test(text);
  return oneCase && digits >= 16 && text.length - digits >= 8 && new Set(text).size >= 10;
}

function isMember(data: Buffer, at: number, length: number, run: number): boolean {
  const text = data.toString('latin1', at, at + length);
  const isLine = [data[at - 1], data[at + run]].every((byte) => byte === 10 || byte === 13);
  if (isLine || /^_Z[0-9GKLNST]/.test(text)) return false;
  const canonical = Buffer.from(text, 'base64url').toString('base64url') === text;
  return canonical && [text.slice(0, 43), text.slice(-43)].every(isRandom);
}

function isRandom(text: string): boolean {
  const count = (kind: RegExp) => [...text].filter((character) => kind.test(character)).length;
  const kinds = [...text].map((character) =>
    [/[A-Z]/, /[a-z]/, /\d/, /[-_]/].findIndex((kind) => kind.test(character)),
  );
  const alike = kinds.filter((kind, i) => i > 0 && kinds[i - 1] === kind).length;
  const letters = [count(/[A-Z]/), count(/[a-z]/)];
  return (
    letters.every((each) => each >= 5 && each <= 30) &&
    count(/\d/) <= 16 &&
    count(/[-_]/) <= 7 &&
    new Set(text).size >= 22 &&
    alike <= 27
  );
}

/** The net's runs, joined, and tested as the search does: runs at a cut come untested. */
function sweep(name: KernelName, data: Buffer, chunk: number): string[] {
  const joiner = new RunJoiner({ unit: 1, shortest: 43 });
  const runs: { offset: number; words: number }[] = [];
  for (const { texts, to } of fusedBatches(name, net, data, chunk)) runs.push(...joiner.push(texts!, to));
  return [...runs, ...joiner.finish()].flatMap(({ offset, words }) => {
    const member = memberIn(data, offset, words) ?? hexIn(data, offset, words);
    return member ? [`${offset + member.skip} ${member.length}`] : [];
  });
}

/** Numbers of all texts, as `offset kind detail size number`: by the sweep, or later for those at a cut. */
function decoded(name: KernelName, data: Buffer, chunk: number): string[] {
  const joiner = new RunJoiner({ unit: 1, shortest: 43 });
  const found: string[] = [];
  const add = ({ bytes, at, width, ...record }: TextRecord) => {
    const number = bytes.toString('hex', at, at + width);
    found.push([record.offset, record.kind, record.detail, record.size, number].join(' '));
  };
  for (const batch of fusedBatches(name, net, data, chunk, { numbers: true })) {
    const records = new TextReader(batch.decoded!);
    for (const { offset, words } of joiner.push(batch.texts!, batch.to)) {
      records.takeTo(offset, add);
      decodeLater(data, offset, words, add);
    }
    records.takeTo(Number.POSITIVE_INFINITY, add);
  }
  for (const { offset, words } of joiner.finish()) decodeLater(data, offset, words, add);
  return found;
}

function decodeLater(data: Buffer, offset: number, run: number, add: (record: TextRecord) => void): void {
  const list = new RecordList();
  decodeText(data, offset, run, offset, list);
  new TextReader(list.finish()).takeTo(Number.POSITIVE_INFINITY, add);
}

/** The numbers of the definition's texts, in the form of {@link decoded}. */
function naiveNumbers(data: Buffer): string[] {
  return naive(data).flatMap((place) => {
    const [offset, length] = place.split(' ').map(Number) as [number, number];
    const text = data.toString('latin1', offset, offset + length);
    const row = (at: number, kind: string, detail: number, octets: number, size = octets) => {
      const digits = kind === 'member' ? Buffer.from(text, 'base64url').toString('hex') : text.toLowerCase();
      const number = digits.slice(-2 * octets).padStart(16 * Math.ceil(octets / 8), '0');
      return [[at, kind, detail, size, number].join(' ')];
    };
    if (LENGTHS.has(length) && !(HEX.has(length) && isHex(text))) {
      const isCounted = offset >= 4 && data.readUInt32LE(offset - 4) === length;
      return row(offset, 'member', Number(isCounted), Math.floor((length * 3) / 4));
    }
    const [form, octets] = [text.slice(0, 2), length / 2];
    if (octets === 64) return row(offset, 'point', 0, 64, 32);
    if (octets % 2 === 0) return row(offset, 'hex', 1, octets);
    if (form === '04' && octets > 49) return row(offset, 'point', 0, octets - 1, (octets - 1) / 2);
    if (octets > 49) return [];
    if (form === '00') return row(offset + 2, 'hex', 1, octets - 1);
    return form === '02' || form === '03' ? row(offset, 'compressed', Number(form), octets - 1) : [];
  });
}

const random = (octets: number) =>
  fc
    .uint8Array({ minLength: octets, maxLength: octets })
    .map((bytes) => Buffer.from(bytes).toString('base64url'));
const member = fc.constantFrom(...OCTETS).chain(random);
const hexText = fc
  .tuple(
    fc.constantFrom('', '', '0x', '00', '02', '03', '04'),
    fc
      .constantFrom(32, 48, 64, 65, 66, 96, 97)
      .chain((octets) => fc.uint8Array({ minLength: octets, maxLength: octets })),
    fc.boolean(),
  )
  .map(([prefix, bytes, upper]) => {
    const text = Buffer.from(bytes).toString('hex');
    return prefix + (upper ? text.toUpperCase() : text);
  });
/** One digit of another kind; decimal digits, and few different ones. */
const oddHex = fc.oneof(
  fc
    .tuple(hexText, fc.nat(63), fc.constantFrom(...'gAa_0'))
    .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1)),
  fc.string({ unit: fc.constantFrom(...'0123456789a'), minLength: 64, maxLength: 64 }),
  fc.string({ unit: fc.constantFrom(...'01234abcd'), minLength: 64, maxLength: 64 }),
);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const odd = fc.oneof(
  // One character more or less, another alphabet, names of
  // C++, lines, words, hexadecimal digits, unbounded text.
  member.map((text) => text.slice(1)),
  fc.tuple(member, fc.constantFrom(...ALPHABET)).map(([text, more]) => text + more),
  member.map((text) => `${text.slice(0, 20)}+${text.slice(21)}`),
  fc.tuple(member, fc.constantFrom(...'0GNzA_')).map(([text, third]) => `_Z${third}${text.slice(3)}`),
  fc.tuple(member, fc.constantFrom('\n', '\r\n')).map(([text, end]) => end + text + end),
  fc.string({ unit: fc.constantFrom(...'abcdef0123456789'), minLength: 64, maxLength: 64 }),
  fc.string({ unit: fc.constantFrom(...'etaoin_XY'), minLength: 30, maxLength: 90 }),
  fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 300 }),
);
/** A string of V8 or an array of a JVM, followed by part of an address. */
const counted = fc
  .tuple(fc.oneof(member, hexText), fc.string({ unit: fc.constantFrom(...'AIQYaiq19'), maxLength: 8 }))
  .map(([text, address]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, Buffer.from(text + address)]);
  });
/** A string of CPython since 3.12: its length, its hash, its state, and four uninitialised bytes. */
const cpythonString = fc
  .tuple(member, fc.string({ unit: fc.constantFrom(...'Aq9\0'), minLength: 4, maxLength: 4 }), fc.nat(1))
  .map(([text, garbage, more]) => {
    const head = Buffer.alloc(20);
    head.writeUInt32LE(text.length + more);
    head.write('hashhash', 8);
    head[16] = 0x64;
    return Buffer.concat([head, Buffer.from(garbage + text)]);
  });
/** A `bytes` of CPython: its length and its hash. */
const cpythonBytes = fc
  .tuple(member, fc.string({ unit: fc.constantFrom(...'Aq9\0'), minLength: 4, maxLength: 4 }), fc.nat(1))
  .map(([text, hash, more]) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(text.length + more);
    return Buffer.concat([head, Buffer.from(hash + text)]);
  });
const gap = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => Buffer.from(bytes.map((byte) => byte & 0x8f)));
const memory = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 3, arbitrary: member.map((text) => Buffer.from(text)) },
        { weight: 1, arbitrary: odd.map((text) => Buffer.from(text)) },
        { weight: 1, arbitrary: fc.oneof(hexText, oddHex).map((text) => Buffer.from(text)) },
        { weight: 1, arbitrary: counted },
        { weight: 1, arbitrary: cpythonString },
        { weight: 1, arbitrary: cpythonBytes },
      ),
      gap,
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts.flat()));

describe.each(KERNELS)('text net, kernel %s', (name) => {
  test('finds the runs of the definition for any chunks and cuts', () => {
    const cases = { chunks: [64, 128, 512, 4096, 1 << 20], numRuns: 500 };
    const found = expectAsDefined(memory, naive, (data, chunk) => sweep(name, data, chunk), cases);
    expect(found).toBeGreaterThan(1000);
  });

  test('decodes the numbers of the definition for any chunks and cuts', () => {
    const cases = { chunks: [64, 512, 4096, 1 << 20], numRuns: 200 };
    const found = expectAsDefined(memory, naiveNumbers, (data, chunk) => decoded(name, data, chunk), cases);
    expect(found).toBeGreaterThan(300);
  });

  test('finds the shortest and the longest member at every byte', () => {
    // A permutation of letters and digits looks random.
    const text = Array.from({ length: 2731 }, (_, i) => ALPHABET[(i * 37 + (i >> 3) * 11) % 64]).join('');
    for (const length of [43, 171, 2731])
      for (let at = 1; at <= 128; at++) {
        const data = Buffer.alloc(at + length + 70);
        data.write(`${text.slice(0, length - 1)}Q`, at, 'latin1');
        expect(sweep(name, data, 512)).toEqual([`${at} ${length}`]);
        expect(sweep(name, data, 1 << 20)).toEqual([`${at} ${length}`]);
      }
  });

  test('finds one run, cut at the chunks, in memory of base64url alone', () => {
    const data = Buffer.alloc(3 << 20, ALPHABET);
    const kernel = kernelFor(name, net, true);
    const { texts } = sweepTask(bufferReader(data), kernel, {
      from: 0,
      to: data.length,
      chunk: 1 << 20,
      longest: 16,
    });
    expect([...texts!.offsets]).toEqual([0, 1 << 20, 2 << 20]);
    expect([...texts!.words]).toEqual([1 << 20, 1 << 20, 1 << 20]);
  });
});

test('the lengths of members are those of their octets', () => {
  const whole = [...MEMBER_LENGTHS.keys()].filter(
    (length) => length > 0 && MEMBER_LENGTHS[length] === length,
  );
  expect(whole).toEqual([...LENGTHS].sort((a, b) => a - b));
});
