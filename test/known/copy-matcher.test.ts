import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../src/core/base/runtime/turns.js';
import type { Component } from '../../src/core/model/key-material.js';
import type { Extent } from '../../src/core/model/report.js';
import { type Copy, CopyMatcher } from '../../src/known/copy-matcher.js';
import { componentStreams, needlesOf } from '../../src/known/needles.js';
import fc from '../support/property.js';
import { literalsOf, naiveHits, viewOf } from './memory.js';

/** Pseudorandom bytes, the same in every run. */
function noise(length: number, seed: string): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function component(name: string, length: number, seed = name): Component {
  const value = noise(length, seed);
  value[0] = (value[0] ?? 0) | 0x80;
  return { name, value: new Secret(value) };
}

const rsa = { components: [component('d', 128), component('p', 64), component('q', 64)] };
const ec = { components: [component('d', 32, 'scalar')] };
const okp = { components: [component('seed', 32)] };
const keys = [rsa, ec, okp];
const componentNeedles = (of: Parameters<typeof componentStreams>[0], most?: number) =>
  finish(needlesOf(componentStreams(of), most));
const needles = componentNeedles(keys);
const p = rsa.components[1]?.value.reveal() ?? Buffer.alloc(0);

function copiesIn(bytes: Uint8Array, order?: Extent[], known: Extent[][] = []): Copy[] {
  const matcher = new CopyMatcher(needles, viewOf(bytes, order));
  for (const [offset, needle] of naiveHits(bytes, literalsOf(needles), order)) matcher.add(offset, needle);
  return [...atOnce(matcher.finish(known))];
}

/** `planted` between two runs of noise. */
function among(planted: Uint8Array, before = 333): Buffer {
  return Buffer.concat([noise(before, 'before'), planted, noise(200, 'after')]);
}

function expectOne(copies: Copy[], wanted: Partial<Copy>): void {
  expect(copies).toHaveLength(1);
  expect(copies[0]).toMatchObject({ partial: false, notAdjacentInMemory: false, ...wanted });
  expect(copies[0]?.extents.reduce((sum, { length }) => sum + length, 0)).toBe(copies[0]?.length);
}

/** Writers of the encodings, independent of the table. */
const writers: [encoding: string, write: (value: Buffer) => Buffer][] = [
  ['bytes-be', (value) => value],
  ['limbs-le', (value) => Buffer.from([...value].reverse())],
  [
    'int32-msw',
    (value) =>
      Buffer.concat(
        Array.from({ length: value.length / 4 }, (_, i) =>
          Buffer.from([...value.subarray(4 * i, 4 * i + 4)].reverse()),
        ),
      ),
  ],
  ['hex', (value) => Buffer.from([...value].map((byte) => byte.toString(16).padStart(2, '0')).join(''))],
  [
    'hex',
    (value) =>
      Buffer.from([...value].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')),
  ],
  ['decimal', (value) => Buffer.from(value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n).toString())],
];

describe('whole copies', () => {
  const cases = keys.flatMap(({ components }, key) =>
    components.flatMap(({ name, value }) =>
      writers
        .filter(([encoding]) => name !== 'seed' || !/limbs|int32|decimal/.test(encoding))
        .map(
          ([encoding, write]) =>
            [
              `${name} of key ${key} as ${encoding}`,
              key,
              name,
              encoding,
              write(Buffer.from(value.reveal())),
            ] as const,
        ),
    ),
  );
  test.each(cases)('%s', (_, key, name, encoding, planted) => {
    for (const before of [0, 1, 333, 336])
      expectOne(copiesIn(among(planted, before)), {
        key,
        component: name,
        encoding,
        offset: before,
        length: planted.length,
      });
  });

  const wide = (text: string, order: 'le' | 'be') => {
    const le = Buffer.from(text, 'utf16le');
    return order === 'le' ? le : le.swap16();
  };

  test.each(['le', 'be'] as const)('UTF-16%s of hex and base64url', (order) => {
    for (const [encoding, text] of [
      ['hex', Buffer.from(p).toString('hex')],
      ['base64url', Buffer.from(p).toString('base64url')],
    ] as const) {
      const planted = wide(`"${text}"`, order);
      expectOne(copiesIn(among(planted, 400)), {
        component: 'p',
        encoding,
        wide: order,
        offset: 402,
        length: text.length * 2,
      });
    }
  });
});

/** Line breaks of base64 in PEM and JSON. */
const breaks: [name: string, line: number, separator: string][] = [
  ['none', 1_000, ''],
  ['PEM', 64, '\n'],
  ['PEM with CRLF', 64, '\r\n'],
  ['OpenSSH', 70, '\n'],
  ['MIME', 76, '\r\n'],
  ['JSON', 64, '\\n'],
  ['JSON with CRLF', 64, '\\r\\n'],
  ['YAML', 64, '\n        '],
  ['source text', 64, '\\n"\n    "'],
];

function broken(text: string, line: number, separator: string): string {
  return (text.match(new RegExp(`.{1,${line}}`, 'g')) ?? []).join(separator);
}

describe('base64 inside a longer text', () => {
  test.each(breaks)(
    '%s: every phase, to the characters that hold its first and last bits',
    (_, line, separator) => {
      for (const wide of [undefined, 'le', 'be'] as const)
        for (let prefix = 0; prefix < 48; prefix += wide ? 7 : 1) {
          const body = Buffer.concat([noise(prefix, 'prefix'), p, noise(40, 'suffix')]);
          const text = broken(body.toString('base64'), line, separator);
          // Index in `text` of a character of the base64 without breaks.
          const index = (character: number) => character + Math.floor(character / line) * separator.length;
          const first = index(Math.floor((prefix * 8) / 6));
          const last = index(Math.ceil(((prefix + p.length) * 8) / 6) - 1);
          const latin = Buffer.from(text, 'latin1');
          const planted =
            wide === undefined
              ? latin
              : wide === 'le'
                ? Buffer.from(text, 'utf16le')
                : Buffer.from(text, 'utf16le').swap16();
          const copies = copiesIn(among(planted, 400));
          const stride = wide ? 2 : 1;
          expect(copies.map(({ component }) => component)).toEqual(['p']);
          expectOne(copies, {
            component: 'p',
            encoding: 'base64',
            offset: 400 + first * stride,
            length: (last - first + 1) * stride,
            ...(wide && { wide }),
          });
        }
    },
  );

  test('slashes that JSON escapes', () => {
    const text = Buffer.from(rsa.components[0]?.value.reveal() ?? p)
      .toString('base64')
      .replaceAll('/', '\\/');
    expect(text).toContain('\\/');
    const length = text.replace(/=+$/, '').length;
    expectOne(copiesIn(among(Buffer.from(text))), { encoding: 'base64', offset: 333, length });
  });
});

describe('parts of copies', () => {
  test('any 31 bytes of a binary encoding are found with their exact extent', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...writers.slice(0, 3)),
        fc.nat(97),
        fc.nat(97),
        ([encoding, write], skip, more) => {
          const value = write(Buffer.from(rsa.components[0]?.value.reveal() ?? []));
          const part = value.subarray(skip, Math.min(value.length, skip + 31 + more));
          const bytes = Buffer.concat([Buffer.alloc(50, 0xaa), part, Buffer.alloc(50, 0xaa)]);
          const [copy, ...others] = copiesIn(bytes);
          expect(others).toEqual([]);
          expect(copy).toMatchObject({ component: 'd', encoding, partial: part.length < value.length });
          // A byte of the filling may equal the next one of the value.
          expect(copy?.offset).toBeLessThanOrEqual(50);
          expect((copy?.offset ?? 0) + (copy?.length ?? 0)).toBeGreaterThanOrEqual(50 + part.length);
          expect(copy?.length).toBeLessThanOrEqual(part.length + 2);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('a full line of a PEM body is found', () => {
    const text = broken(
      Buffer.concat([noise(7, 'x'), rsa.components[0]?.value.reveal() ?? p]).toString('base64'),
      64,
      '\n',
    );
    const line = text.split('\n')[1] ?? '';
    expect(line).toHaveLength(64);
    expectOne(copiesIn(among(Buffer.from(line))), {
      partial: true,
      encoding: 'base64',
      offset: 333,
      length: 64,
    });
  });

  test('both halves of a copy overwritten in the middle', () => {
    const damaged = Buffer.from(rsa.components[0]?.value.reveal() ?? []);
    damaged.fill(0, 60, 68);
    expect(
      copiesIn(among(damaged)).map(({ offset, length, partial }) => [offset - 333, length, partial]),
    ).toEqual([
      [0, 60, true],
      [68, 60, true],
    ]);
  });
});

describe('places', () => {
  test('a copy across a seam is found by address, whatever is between its parts in the file', () => {
    for (const cut of [1, 7, 16, 31, 33, 63]) {
      const bytes = Buffer.concat([
        noise(100, 'a'),
        p.subarray(0, cut),
        noise(300, 'b'),
        p.subarray(cut),
        noise(100, 'c'),
      ]);
      const order = [
        { offset: 0, length: 100 + cut },
        { offset: 400 + cut, length: 100 + p.length - cut },
        { offset: 100 + cut, length: 300 },
      ];
      expectOne(copiesIn(bytes, order), {
        component: 'p',
        offset: 100,
        length: p.length,
        extents: [
          { offset: 100, length: cut },
          { offset: 400 + cut, length: p.length - cut },
        ],
      });
    }
  });

  test('a copy that is contiguous only in file order is marked', () => {
    const bytes = among(p, 100);
    const order = [
      { offset: 132, length: bytes.length - 132 },
      { offset: 0, length: 132 },
    ];
    expectOne(copiesIn(bytes, order), { offset: 100, length: p.length, notAdjacentInMemory: true });
  });

  test('a copy inside a known occurrence of the same key is dropped, of another key it is kept', () => {
    const bytes = Buffer.concat([noise(64, 'a'), p, noise(64, 'b'), p]);
    const found = [{ offset: 60, length: 72 }];
    expect(copiesIn(bytes, undefined, [found]).map(({ offset }) => offset)).toEqual([192]);
    expect(copiesIn(bytes, undefined, [[], found]).map(({ offset }) => offset)).toEqual([64, 192]);
  });

  test.each([
    [15, 0],
    [9, 0],
    [8, 1],
  ])(
    '%i bytes of 16 in a known occurrence, the rest adjacent in the file alone: %i copies',
    (held, copies) => {
      const bytes = among(p.subarray(0, 16), 100);
      const end = 100 + held;
      const order = [
        { offset: end, length: bytes.length - end },
        { offset: 0, length: end },
      ];
      expect(copiesIn(bytes, order, [[{ offset: 40, length: end - 40 }]])).toHaveLength(copies);
      expect(copiesIn(bytes, undefined, [[{ offset: 40, length: end - 40 }]])).toHaveLength(1);
    },
  );

  test('the order of hits does not matter', () => {
    const bytes = Buffer.concat([
      ...writers.map(([, write]) => write(Buffer.from(p))),
      noise(30, 'z'),
      p.subarray(9, 50),
    ]);
    const hits = naiveHits(bytes, literalsOf(needles));
    const expected = copiesIn(bytes);
    expect(expected.length).toBe(writers.length + 1);
    fc.assert(
      fc.property(fc.shuffledSubarray(hits, { minLength: hits.length }), (shuffled) => {
        const matcher = new CopyMatcher(needles, viewOf(bytes));
        for (const [offset, needle] of shuffled) matcher.add(offset, needle);
        expect([...atOnce(matcher.finish([]))]).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe('needles', () => {
  test('are long enough for the kernel, distinct, and few', () => {
    const literals = literalsOf(needles);
    expect(Math.min(...literals.map(({ length }) => length))).toBeGreaterThanOrEqual(15);
    expect(new Set(literals.map((literal) => Buffer.from(literal).toString('hex'))).size).toBe(
      literals.length,
    );
    const rsa2048 = {
      components: [
        component('d', 256),
        ...['p', 'q', 'dp', 'dq', 'qinv'].map((name) => component(name, 128)),
      ],
    };
    expect(componentNeedles([rsa2048]).targets.length).toBeLessThan(1_250);
    expect(componentNeedles([ec]).targets.length).toBeLessThan(75);
  });

  test('a bound drops the least likely first and is reported', () => {
    const bounded = componentNeedles(keys, 40);
    expect(bounded.targets.length).toBe(40);
    expect(bounded.complete).toBe(false);
    expect(needles.complete).toBe(true);
    expect(bounded.targets[0]?.[0]?.stream.form.name).toBe('bytes-be');
  });

  test('short and patterned components have none', () => {
    const patterns = [
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      Buffer.from([1, 0, 1]),
      Buffer.alloc(64, '1234'),
    ];
    for (const value of patterns)
      expect(
        componentNeedles([{ components: [{ name: 'd', value: new Secret(value) }] }]).targets.length,
      ).toBe(0);
    // Zeros inside a component: pieces of them are omitted.
    const sparse = Buffer.concat([noise(32, 's'), Buffer.alloc(64), noise(32, 't')]);
    const literals = literalsOf(
      componentNeedles([{ components: [{ name: 'd', value: new Secret(sparse) }] }]),
    );
    expect(literals.every((literal) => new Set(literal).size >= 5)).toBe(true);
  });

  test('streams are masked when printed', () => {
    const target = needles.targets[0]?.[0];
    expect(JSON.stringify(target)).not.toContain(Buffer.from(p).toString('hex').slice(0, 8));
    expect(JSON.stringify(needles)).not.toMatch(/\d+,\d+,\d+/);
  });
});

describe('hostile dumps', () => {
  test('one repeated piece costs a bounded number of copies', () => {
    const piece = p.subarray(0, 16);
    const matcher = new CopyMatcher(needles, {
      ...viewOf(Buffer.alloc(0)),
      sameInBothOrders: () => true,
      window: (offset) => ({
        ...viewOf(piece).window(0, 0, 16),
        offsetOf: (index) => offset + index,
        extents: (start, end) => [{ offset: offset + start, length: end - start }],
      }),
    });
    const needle = literalsOf(needles).findIndex((literal) => Buffer.from(literal).equals(piece));
    for (let i = 0; i < 100_100; i++) matcher.add(i * 16, needle);
    expect(matcher.limited).toBe(100);
    expect([...atOnce(matcher.finish([]))]).toHaveLength(100_000);
  });

  test('too many breaks between two characters end the copy', () => {
    const text = Buffer.from(p).toString('base64').replace(/=+$/, '');
    const spaced = [text.slice(0, 40), text.slice(40)].join(' '.repeat(1_000));
    const copies = copiesIn(among(Buffer.from(spaced)));
    expect(copies.every(({ partial }) => partial)).toBe(true);
    expect(copies.map(({ length }) => length)).toEqual([40, text.length - 40]);
  });
});
