import { describe, expect, test } from '@jest/globals';
import { RUNS } from './event-streams.js';
import { artifact, find, finding, place, run, summary } from './events.js';
import { render } from './render.js';

/** A reader of RFC 4180 that shares nothing with the writer: character by character. */
function parsed(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  let cell = '';
  let isOpen = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isOpen) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else isOpen = false;
    } else if (character === '"' && cell === '') isOpen = true;
    else if (character === ',' || character === '\n') {
      rows.at(-1)!.push(cell);
      cell = '';
      if (character === '\n') rows.push([]);
    } else throw new Error(`a character outside quotes: ${character}`);
  }
  const [heading = [], ...others] = rows.slice(0, -1);
  return others.map((row) => {
    expect(row).toHaveLength(heading.length);
    return Object.fromEntries(row.map((each, i) => [heading[i]!, each]));
  });
}

const rows = (...events: Parameters<typeof render>[1][number][]) => parsed(render('csv', events));

test.each(Object.entries(RUNS))('run %s is a table', (_, events) => {
  expect(() => parsed(render('csv', events))).not.toThrow();
});

test('a row for each finding and file, and for each file without one', () => {
  const held = finding({ occurrences: [place(16), { ...place(32), artifact: 1 }, place(48)] });
  const all = rows(
    run(),
    artifact({ path: 'a', sha256: 'ef'.repeat(32) }),
    artifact({ path: 'b' }),
    artifact({ path: 'c', verdict: 'nothing-found' }),
    artifact({ path: 'd', verdict: 'incomplete' }),
    held,
    finding({ counts: false, reason: 'baseline' }),
    summary(),
  );
  expect(all.map(({ file, answer, places }) => [file, answer, places])).toEqual([
    ['a', 'fails the gate', '2'],
    ['b', 'fails the gate', '1'],
    ['a', 'does not fail: baseline', '1'],
    ['c', 'nothing found', ''],
    ['d', 'incomplete', ''],
  ]);
  expect(all[0]).toMatchObject({
    ...{ kind: 'token', severity: 'high', confidence: 'high', what: 'Example token' },
    ...{ identity: finding().fingerprint, sha256: 'ef'.repeat(32) },
    place: 'offset 16 (0x10), 40 bytes, heap, address 0x7f0000000010',
    coverage: '1048576 of 1048576 bytes',
  });
});

test('a row for each target and file', () => {
  const sha256 = 'ef'.repeat(32);
  const all = rows(run(), artifact(), artifact({ path: 'b', sha256 }), find(), summary());
  const targets = all.filter(({ kind }) => kind === 'target');
  expect(targets.map(({ file, answer, what }) => [file, answer, what])).toEqual([
    ['dumps/core.4242', 'PRESENT', 'prod-signing.pem'],
    ['b', 'absent, not everything was searched', 'prod-signing.pem'],
  ]);
  expect(targets[1]!.sha256).toBe(sha256);
  expect(targets[0]!.identity).toBe('cd'.repeat(32));
});

test('a run without an end, and a missing path, have rows', () => {
  expect(rows(run()).map(({ answer, what }) => [answer, what])).toEqual([
    ['incomplete', 'the run was aborted'],
  ]);
  const missing = { code: 'path-missing', message: 'gone does not exist' };
  const all = rows(run(), summary({ complete: false, warnings: [missing] }));
  expect(all).toMatchObject([{ answer: 'incomplete', kind: 'path-missing', what: 'gone does not exist' }]);
});

describe('no cell is a formula', () => {
  test.each([
    '=1+1',
    "=cmd|' /C calc'!A0",
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\u3000=1',
    '\uff1d1',
    '|cmd',
    '%0A=1',
  ])('%j', (text) => {
    const [first] = rows(run(), artifact({ path: text }), finding({ title: text }), summary());
    for (const each of [first!.file, first!.what]) expect(each).toBe(`'${text}`);
  });

  test.each(['a=1', '1-2', 'dumps/core', 'a "quoted" name', 'a;=1', "it's"])('%j stays as it is', (text) => {
    const [first] = rows(run(), artifact({ path: text }), finding(), summary());
    expect(first!.file).toBe(text);
  });
});
