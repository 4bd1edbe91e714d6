import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { EntropyFacts, RegionFacts } from '../../src/core/model/report.js';
import { type MapPiece, PieceIndex, piecesOf } from '../../src/report/html/axis.js';
import { rowsOf, type Searchable } from '../../src/report/html/filter.js';
import { commandLineOf } from '../../src/report/html.js';
import fc from '../support/property.js';
import { artifact, finding, place, run, summary } from './events.js';
import { blocksOf } from './html-blocks.js';
import { htmlParts, manyFindings } from './html-findings.js';

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the file', () => {
  const text = htmlParts(manyFindings(3)).join('');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!;

  test('allows one script and one style by their digests, and nothing else', () => {
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text)!;
    const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    expect(scripts).toHaveLength(1);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${sourceOf(scripts[0]!)}`,
      `style-src ${sourceOf(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    // The policy comes before all that it rules.
    expect(text.indexOf('Content-Security-Policy')).toBeLessThan(text.indexOf('<style>'));
  });

  test('names no address, and writes no markup from text', () => {
    expect(text.match(/https?:\/\/[^\s"'`)]+/g)).toEqual(['http://www.w3.org/2000/svg']);
    const folder = asset('src/report/html-page/');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(10);
    for (const name of sources)
      expect(readFileSync(new URL(name, folder), 'utf8')).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTML/,
      );
  });

  test('is written block by block: what is kept does not grow with the findings', () => {
    const sizes = htmlParts(manyFindings(20_000)).map(({ length }) => length);
    expect(sizes.filter((size) => size > 10_000).length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThan(600_000);
  });

  test('has the first places of a finding, and one in each further file', () => {
    const files = Array.from({ length: 30 }, (_, i) => artifact({ path: `core.${i}` }));
    const occurrences = [
      ...Array.from({ length: 100 }, (_, i) => ({ ...place(i * 64), artifact: 0 })),
      ...Array.from({ length: 29 }, (_, i) => ({ ...place(64), artifact: 1 + i })),
      ...Array.from({ length: 29 }, (_, i) => ({ ...place(128), artifact: 1 + i })),
    ];
    const events = [run(), ...files, finding({ occurrences, occurrenceCount: 158 }), summary()];
    const [block] = blocksOf(htmlParts(events).join('')).flatMap((each) =>
      each.type === 'findings' ? [each] : [],
    );
    expect(block!.occurrences).toEqual([158]);
    expect(new Set(block!.places.artifact).size).toBe(30);
    expect(block!.places.artifact).toHaveLength(20 + 29);
  });
});

test.each([
  [{ paths: ['core.1'] }, 'dumpsieve scan core.1'],
  [{ paths: ["it's", '-x'], failOn: 'high', deep: true }, "dumpsieve scan --deep -- 'it'\\''s' -x"],
  [
    { paths: ['-'], entropyNet: false, find: ['a.pem', 'b c'], failOn: 'low', jobs: 3, configFile: 'c.yaml' },
    "dumpsieve scan --no-entropy-net --find a.pem --find 'b c' --fail-on low --jobs 3 --config c.yaml -",
  ],
  [{ paths: [], unknown: 1, strict: false }, 'dumpsieve scan'],
])('the command line of %j', (options, line) => {
  expect(commandLineOf(options)).toBe(line);
});

describe('the search', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'B', '1', ' '), maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  });
  const rows = fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(300)), { maxLength: 12 });
  const query = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '0', 'x'), maxLength: 5 });

  test('finds the rows that a look at each one finds', () => {
    fc.assert(
      fc.property(texts, rows, query, fc.boolean(), (all, columns, words, isChosen) => {
        const at = (n: number) => n % all.length;
        const searchable: Searchable = {
          count: columns.length,
          lower: all.map((text) => text.toLowerCase()),
          columns: [columns.map(([a]) => at(a)), columns.map(([, b]) => at(b))],
          hasNumber: (row, digits) =>
            `${columns[row]![2]} 0x${columns[row]![2].toString(16)}`.includes(digits),
        };
        const even = (row: number) => row % 2 === 0;
        const naive = columns.flatMap(([a, b, offset], row) => {
          const found = words
            .split(' ')
            .filter((word) => word !== '')
            .every(
              (word) =>
                [a, b].some((each) => all[at(each)]!.toLowerCase().includes(word)) ||
                (/^(0x[0-9a-f]+|\d+)$/.test(word) && `${offset} 0x${offset.toString(16)}`.includes(word)),
            );
          return found && (!isChosen || even(row)) ? [row] : [];
        });
        expect([...rowsOf(searchable, words, isChosen ? [even] : [])]).toEqual(naive);
      }),
    );
  });
});

describe('the map', () => {
  const region = (over: Partial<RegionFacts>): RegionFacts => ({
    ...{ kind: 'heap', offset: 0, length: 100, present: 100 },
    ...over,
  });
  const shown = (pieces: readonly MapPiece[]) =>
    pieces.map(({ kind, offset, length }) => [kind, offset, length]);

  test('is in the order of addresses, each space for itself, what has none last', () => {
    const other = { addressSpace: { kind: 'process' as const, pid: 2 } };
    const regions = [
      region({ kind: 'header' }),
      region({ offset: 100, address: '0x2000' }),
      region({ offset: 200, address: '0xffff800000000000' }),
      region({ offset: 300, address: '0x1000' }),
      region({ offset: 400, address: '0x0', ...other }),
    ];
    expect(piecesOf(regions, undefined, []).map((piece) => piece.region)).toEqual([3, 1, 2, 4, 0]);
  });

  test('folds zeros, unless a finding lies there, and has what is missing', () => {
    const values = [5, 0, 0, 0, 5, 0, 5, 0, 0, 0];
    const entropy: EntropyFacts = { page: 10, step: 10, values };
    const regions = [region({ length: 130 })];
    expect(shown(piecesOf(regions, entropy, []))).toEqual([
      ['region', 0, 10],
      ['zeros', 10, 30],
      ['region', 40, 30],
      ['zeros', 70, 30],
      ['missing', 100, 30],
    ]);
    expect(shown(piecesOf(regions, entropy, [25, 75]))).toEqual([
      ['region', 0, 80],
      ['zeros', 80, 20],
      ['missing', 100, 30],
    ]);
  });

  test('loses no byte, overlaps nowhere, and finds the piece of each', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });
    const values = fc.array(fc.constantFrom(0, 0, 6, null), { maxLength: 40 });
    fc.assert(
      fc.property(lengths, values, fc.array(fc.nat(400), { maxLength: 3 }), (all, sampled, at) => {
        let offset = 0;
        const regions = all.map((length, i) => {
          offset += length;
          const address = `0x${((i * 7919) % 64).toString(16)}000`;
          return region({ offset: offset - length, length, present: length, address });
        });
        const places = at.sort((a, b) => a - b);
        const pieces = piecesOf(regions, { page: 10, step: 10, values: sampled }, places);
        const index = new PieceIndex(pieces);
        const wrong: number[] = [];
        for (let byte = 0; byte < offset; byte++) {
          const piece = pieces[index.at(byte)]!;
          const isWithin = byte >= piece.offset && byte < piece.offset + piece.length;
          if (!isWithin || (places.includes(byte) && piece.kind !== 'region')) wrong.push(byte);
        }
        expect(wrong).toEqual([]);
        expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(offset);
        const gaps = pieces.slice(1).map((piece, i) => piece.x - pieces[i]!.x - pieces[i]!.width);
        expect(Math.max(0, ...gaps.map(Math.abs))).toBeLessThan(1e-6);
        expect(index.at(offset)).toBe(-1);
      }),
    );
  });
});
