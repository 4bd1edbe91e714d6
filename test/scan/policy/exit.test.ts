import { describe, expect, test } from '@jest/globals';
import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import type { Coverage, Verdict } from '../../../src/core/model/report.js';
import {
  CAUSES,
  type Cause,
  causesOfArtifact,
  type ExitOptions,
  exitStatus,
  outcomeOf,
  verdictOf,
} from '../../../src/scan/outcome.js';

const PLAIN: ExitOptions = { exitZero: false, strict: false, expectAbsent: false };
const options: Record<string, ExitOptions> = {
  plain: PLAIN,
  '--exit-zero': { ...PLAIN, exitZero: true },
  '--strict': { ...PLAIN, strict: true },
  '--exit-zero --strict': { ...PLAIN, exitZero: true, strict: true },
  '--expect-absent': { ...PLAIN, expectAbsent: true },
  '--expect-absent --strict': { ...PLAIN, strict: true, expectAbsent: true },
};

/** Exit status of each single cause, by the columns of the options above. */
const ALONE: Record<Cause, readonly number[]> = {
  findings: [1, 0, 1, 0, 1, 1],
  unread: [2, 2, 2, 2, 2, 2],
  'incomplete-notice': [2, 2, 2, 2, 2, 2],
  aborted: [2, 2, 2, 2, 2, 2],
  'missing-memory': [0, 0, 2, 2, 2, 2],
  'asked-limit': [2, 2, 2, 2, 2, 2],
  'likely-limit': [2, 2, 2, 2, 0, 2],
  limits: [0, 0, 2, 2, 0, 2],
  'strict-notice': [0, 0, 2, 2, 2, 2],
  misuse: [3, 3, 3, 3, 3, 3],
};
/** "1 outranks 2; 3 outranks both". */
const ORDER = [3, 1, 2, 0];

const pairs = CAUSES.flatMap((a) => CAUSES.map((b) => [a, b] as const));

describe.each(Object.keys(options).map((name, column) => [name, column] as const))('%s', (name, column) => {
  const chosen = options[name] as ExitOptions;
  test('no cause: 0', () => expect(exitStatus(new Set(), chosen)).toBe(0));

  test.each(pairs)('%s and %s', (a, b) => {
    const statuses = [ALONE[a][column], ALONE[b][column]];
    expect(exitStatus(new Set([a, b]), chosen)).toBe(ORDER.find((status) => statuses.includes(status)));
  });
});

describe('verdict and completeness', () => {
  const rows: [Exclude<Cause, 'misuse'>[], keyof typeof options, Verdict, boolean, number][] = [
    [[], 'plain', 'nothing-found', true, 0],
    [['findings'], 'plain', 'findings', true, 1],
    [['findings', 'unread'], 'plain', 'findings', false, 1],
    [['findings', 'unread'], '--exit-zero', 'findings', false, 2],
    [['findings'], '--exit-zero', 'findings', true, 0],
    [['unread'], 'plain', 'incomplete', false, 2],
    [['aborted'], 'plain', 'incomplete', false, 2],
    [['limits'], 'plain', 'nothing-found', true, 0],
    [['limits'], '--strict', 'incomplete', false, 2],
    [['missing-memory', 'findings'], '--strict', 'findings', false, 1],
    [['strict-notice'], '--strict', 'incomplete', false, 2],
  ];
  test.each(rows)('%j with %s', (causes, name, verdict, complete, exit) => {
    expect(outcomeOf(new Set(causes), options[name] as ExitOptions)).toEqual({ verdict, complete, exit });
  });

  test('a file that was only partly read never exits 0', () => {
    for (const chosen of Object.values(options))
      for (const cause of CAUSES) expect(exitStatus(new Set(['unread', cause]), chosen)).not.toBe(0);
  });
});

describe('causes in an artifact', () => {
  const coverage = (over: Partial<Coverage> = {}): Coverage => ({
    file: { bytes: 100, unread: [] },
    limits: [],
    ...over,
  });
  const rows: [string, boolean, Coverage, Warning[], Cause[]][] = [
    ['nothing', false, coverage(), [], []],
    ['a finding that counts', true, coverage(), [], ['findings']],
    [
      'an unread range of unknown length',
      false,
      coverage({ file: { bytes: 1, unread: [{ offset: 1, length: null, reason: 'x' }] } }),
      [],
      ['unread'],
    ],
    [
      'a truncated core',
      false,
      coverage({
        memory: { described: 2, present: 1, missing: [{ address: '0x1', length: 1, reason: 'x' }] },
      }),
      [],
      ['missing-memory'],
    ],
    [
      'a spent budget',
      false,
      coverage({
        limits: [{ offset: 0, length: 1, search: 'copies', target: 'blind', left: 1, reason: 'x' }],
      }),
      [],
      ['limits'],
    ],
    ['a note', false, coverage(), [{ code: 'x', message: 'x', effect: 'note' }], []],
    [
      'a format without a reader',
      false,
      coverage(),
      [{ code: 'format-not-parsed', message: 'x', effect: 'strict' }],
      ['strict-notice'],
    ],
    [
      'a file that shrank',
      false,
      coverage(),
      [{ code: 'shrank', message: 'x', effect: 'incomplete' }],
      ['incomplete-notice'],
    ],
    ['a link outside', false, coverage(), [{ code: 'l', message: 'x', effect: 'strict' }], ['strict-notice']],
  ];
  test.each(rows)('%s', (_, counts, covered, warnings, causes) => {
    expect([...causesOfArtifact({ counts, coverage: covered, warnings })]).toEqual(causes);
  });

  test('its verdict', () => {
    expect(verdictOf(new Set(['missing-memory']), PLAIN)).toBe('nothing-found');
    expect(verdictOf(new Set(['unread', 'findings']), PLAIN)).toBe('findings');
  });
});
