import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Example } from '../../bench/examples/corpus.js';
import { ENCODINGS, encodeAll } from '../../bench/examples/encodings.js';
import { type Measured, markdown } from '../../bench/examples/table.js';

const example = (text: string, start: number, end: number, more: Partial<Example> = {}): Example => ({
  source: 'project',
  service: 'service',
  text,
  start,
  end,
  shape: 'env',
  fake: [],
  ...more,
});

const decoders: Record<string, (bytes: Buffer) => string> = {
  'UTF-8': (bytes) => bytes.toString('utf8'),
  'UTF-16LE': (bytes) => bytes.toString('utf16le'),
  'UTF-16BE': (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
  JSON: (bytes) => JSON.parse(`"${bytes.toString('utf8')}"`),
};

describe.each(ENCODINGS)('examples as $name', (encoding) => {
  const decode = decoders[encoding.name]!;

  test('are where the places say', () => {
    const ascii = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.tuple(ascii, ascii, ascii), { minLength: 1, maxLength: 5 }), (parts) => {
        const examples = parts.map(([left, secret, right]) =>
          example(left + secret + right, left.length, left.length + secret.length),
        );
        const { bytes, places } = encodeAll(examples, encoding);
        const found = places.map(({ offset, length }) => decode(bytes.subarray(offset, offset + length)));
        expect(found).toEqual(parts.map(([, secret]) => secret));
      }),
      { numRuns: 50 },
    );
  });

  test('with several secrets are written once, at an even offset', () => {
    const both = [example('a=1 b=22 é', 2, 3), example('a=1 b=22 é', 6, 8)];
    const { bytes, places } = encodeAll([example('odd', 0, 3), ...both], encoding);
    expect(places[1]!.offset).toBeLessThan(places[2]!.offset);
    expect(places[2]!.offset - places[1]!.offset).toBeLessThan(20);
    if (encoding.name.startsWith('UTF-16')) expect(places.map(({ offset }) => offset % 2)).toEqual([0, 0, 0]);
    const { offset, length } = places[2]!;
    expect(decode(bytes.subarray(offset, offset + length))).toBe('22');
  });
});

test('the table counts found and medium, and leaves the peers’ own out of its second line', () => {
  const measured = (
    more: Partial<Example>,
    outcome: 'missed' | 'low' | 'medium',
    peer: boolean,
  ): Measured => ({
    example: example('x', 0, 1, more),
    outcomes: { 'UTF-8': outcome },
    peers: { gitleaks: peer },
  });
  const text = markdown(
    'open',
    [
      measured({}, 'medium', false),
      measured({}, 'low', true),
      measured({ source: 'gitleaks' }, 'missed', true),
      measured({ fake: ['cycle'] }, 'low', false),
    ],
    false,
  );
  expect(text).toContain('| not made up | 3 | 2 (67 %) | 1 (33 %) | 2 (67 %) |');
  expect(text).toContain("| not made up, without the peers' own | 2 | 2 (100 %) | 1 (50 %) | 1 (50 %) |");
  expect(text).toContain('2.00 as UTF-8');
  expect(text).toContain('| made up | 1 | 1 (100 %) | 0 (0 %) | 0 (0 %) |');
});
