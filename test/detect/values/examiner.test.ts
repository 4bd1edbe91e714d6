import { describe, expect, test } from '@jest/globals';
import { budgetOf } from '../../../src/core/model/effort.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { ValueExaminer } from '../../../src/detect/values/examiner.js';
import type { View } from '../../../src/formats/memory/types.js';
import { CONTEXT, packRun } from '../../../src/sweep/values/value-run.js';
import { randomValue, rowsOf, seeded } from '../../sweep/values/rows.js';
import { viewOf } from '../harness.js';

const rules = rowsOf(`
- {name: jwt secret, kind: symmetric-key, severity: high, signing: true, impact: x}
- {name: token, impact: x}
- {service: acme, names: [acme], values: [{pattern: 'ac\\.[A-Za-z0-9]{24}'}], severity: low, impact: x}
`);
const VALUE = randomValue('base62', 24, seeded(5));
const LONG = randomValue('base62', 40, seeded(6));

/** Runs of a text as the kernel gives them: one byte a character, or wide. */
function runsOf(bytes: Uint8Array, flags: { cut?: boolean } = {}) {
  const text = Buffer.from(bytes).toString('latin1');
  const found = [
    ...[...text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)].map((match) => ({ match, wide: false })),
    ...[...text.matchAll(/[A-Za-z0-9+/_-](?:\0[A-Za-z0-9+/_-]){15,}/g)].map((match) => ({
      match,
      wide: true,
    })),
  ];
  return {
    offsets: found.map(({ match }) => match.index),
    ids: found.map(({ match, wide }) => {
      const length = wide ? (match[0].length + 1) / 2 : match[0].length;
      return packRun({ length, wide, cut: flags.cut ?? false, random: true });
    }),
  };
}

const examinerOf = (view: View, options: { scale?: number } = {}) =>
  new ValueExaminer(rules, view, { budget: budgetOf(options), looksRandom: () => true });

function examine(bytes: Uint8Array, view = viewOf(bytes), flags = {}): SecretCandidate[] {
  const examiner = examinerOf(view);
  return [...examiner.push(runsOf(bytes, flags)), ...examiner.finish()];
}

const secretOf = ({ secret }: SecretCandidate): string => Buffer.from(secret.reveal()).toString('latin1');

const utf16 = (text: string, order: 'le' | 'be'): Buffer => {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};

test('a candidate of an environment entry', () => {
  const text = `\0JWT_SECRET=${LONG}==\0`;
  const [found, ...others] = examine(Buffer.from(text));
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    ...{ rule: rules[0], offset: 12, length: 42, extents: [{ offset: 12, length: 42 }] },
    ...{ confidence: 'medium', notes: [], partial: false, notAdjacentInMemory: false },
    evidence: ['named JWT_SECRET in an environment entry'],
    preview: `…${LONG.slice(-2)}== (42)`,
  });
  expect(secretOf(found!)).toBe(`${LONG}==`);
  expect(found).not.toHaveProperty('wide');
});

test.each(['le', 'be'] as const)('UTF-16 of either order: %s', (order) => {
  const text = utf16(`x {"token": "${VALUE}"} y`, order);
  const bytes = Buffer.concat([Buffer.from('ab\x01\x02\xff\xff'), text, Buffer.from('\xff\xff', 'latin1')]);
  const start = bytes.indexOf(utf16(VALUE, order));
  expect(examine(bytes)).toEqual([
    expect.objectContaining({ offset: start, length: 48, wide: order, confidence: 'medium', rule: rules[1] }),
  ]);
});

test.each([
  ['no name', `abc ${VALUE}`],
  ['a negative name', `"token_id": "${VALUE}"`],
])('nothing: %s', (_what, text) => {
  expect(examine(Buffer.from(text))).toEqual([]);
});

test('placeholders are low and say why', () => {
  const value = `${VALUE.slice(0, 12)}example${VALUE.slice(12)}`;
  expect(examine(Buffer.from(`token=${value}`))).toEqual([
    expect.objectContaining({
      confidence: 'low',
      notes: ['looks like a placeholder: a word that documentation uses'],
    }),
  ]);
});

test('only values that look random count', () => {
  const bytes = Buffer.from(`token=${VALUE}`);
  const examiner = new ValueExaminer(rules, viewOf(bytes), { looksRandom: () => false });
  expect([...examiner.push(runsOf(bytes))]).toEqual([]);
});

test('patterns of services decide; another row takes what they refuse', () => {
  const of = (text: string) =>
    examine(Buffer.from(text)).map(({ rule, confidence }) => [rule.id, confidence]);
  expect(of(`acme_token="ac.${VALUE}"`)).toEqual([['service:acme', 'medium']]);
  expect(of(`acme_token="ad.${VALUE}"`)).toEqual([['named-secret:token', 'medium']]);
  expect(of(`acme="ad.${VALUE}"`)).toEqual([]);
});

describe('runs that were not seen whole', () => {
  test('a part of a run stands for the whole', () => {
    const bytes = Buffer.from(`token=${LONG};`);
    const examiner = examinerOf(viewOf(bytes));
    const part = packRun({ length: 7, wide: false, cut: true, random: false });
    const found = [...examiner.push({ offsets: [6, 20], ids: [part, part] })];
    expect(found.map(secretOf)).toEqual([LONG]);
  });

  test('a longer run than any value is none', () => {
    const bytes = Buffer.from(`token=${LONG.repeat(100)};`);
    const id = packRun({ length: 1024, wide: false, cut: false, random: true });
    expect([...examinerOf(viewOf(bytes)).push({ offsets: [6], ids: [id] })]).toEqual([]);
  });
});

describe('orders', () => {
  const name = Buffer.from(`${'.'.repeat(CONTEXT)}token=`);
  const value = Buffer.from(`${VALUE}${'.'.repeat(CONTEXT)}`);

  test('a name before its value in memory', () => {
    const bytes = Buffer.concat([value, name]);
    const runs = [
      [
        { offset: value.length, length: name.length },
        { offset: 0, length: value.length },
      ],
    ];
    expect(examine(bytes, viewOf(bytes, runs))).toEqual([
      expect.objectContaining({ confidence: 'medium', notAdjacentInMemory: false, offset: 0 }),
    ]);
  });

  test('a name before its value in the file only', () => {
    const bytes = Buffer.concat([name, value]);
    const runs = [[{ offset: name.length, length: value.length }], [{ offset: 0, length: name.length }]];
    expect(examine(bytes, viewOf(bytes, runs))).toEqual([
      expect.objectContaining({
        ...{ confidence: 'low', notAdjacentInMemory: true, offset: name.length },
        notes: [expect.stringContaining('file order')],
      }),
    ]);
  });

  test('one candidate where both have it', () => {
    const bytes = Buffer.concat([name, value, name]);
    const at = name.length + value.length;
    const runs = [
      [
        { offset: 0, length: at },
        { offset: at, length: name.length },
      ],
      [{ offset: at, length: name.length }],
    ];
    expect(examine(bytes, viewOf(bytes, runs))).toHaveLength(1);
  });
});

describe('floods', () => {
  test('matches beyond the budget of a rule are counted', () => {
    const values = Array.from({ length: 60 }, (_, i) => randomValue('base62', 20, seeded(i)));
    const bytes = Buffer.from(values.map((value) => `token=${value}\n`).join(''));
    const examiner = examinerOf(viewOf(bytes), { scale: 50 / 100_000 });
    expect([...examiner.push(runsOf(bytes))]).toHaveLength(50);
    expect(examiner.limits()).toEqual([
      expect.objectContaining({
        search: 'detect',
        left: 10,
        reason: expect.stringContaining('named-secret:token'),
      }),
    ]);
  });

  test('so are runs without a name', () => {
    const bytes = Buffer.from(`x=${VALUE}\n`.repeat(200));
    const examiner = examinerOf(viewOf(bytes), { scale: 50 / 65_536 });
    expect([...examiner.push(runsOf(bytes))]).toEqual([]);
    const [limit] = examiner.limits();
    expect(limit).toMatchObject({ search: 'detect' });
    expect(limit!.left).toBeGreaterThan(100);
  });

  test('with many more of them, no further runs are examined', () => {
    const values = Array.from({ length: 300 }, (_, i) => randomValue('base62', 20, seeded(i)));
    const bytes = Buffer.from(values.map((value) => `token=${value}\n`).join(''));
    const examiner = examinerOf(viewOf(bytes), { scale: 50 / 100_000 });
    expect([...examiner.push(runsOf(bytes))]).toHaveLength(50);
    const limits = examiner.limits();
    expect(limits.map(({ reason }) => /of rule (\S+)/.exec(reason)?.[1])).toEqual([
      'named-secret:*',
      'named-secret:token',
    ]);
    expect(limits[0]!.left + limits[1]!.left).toBe(250);
  });

  test('a place is reported once', () => {
    const bytes = Buffer.from(`token=${VALUE}`);
    const examiner = examinerOf(viewOf(bytes));
    const runs = runsOf(bytes);
    expect([...examiner.push(runs), ...examiner.push(runs)]).toHaveLength(1);
  });
});
