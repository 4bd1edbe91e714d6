import { expect, test } from '@jest/globals';
import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import type { Limit } from '../../../src/core/limits/limit.js';
import type { Coverage } from '../../../src/core/model/report.js';
import { requireComplete } from '../../../src/redact/all/completeness.js';

const limit = (search: Limit['search'], more: Partial<Limit> = {}): Limit => ({
  ...{ search, offset: 0, length: 1, reason: 'spent', target: 'blind', left: 1 },
  ...more,
});
const missing = [{ address: '0x0', length: 4096, reason: 'cut' }];
const warning = (effect: Warning['effect'], code = 'format-not-parsed'): Warning => ({
  code,
  message: code,
  effect,
});

interface Case {
  coverage?: Partial<Coverage>;
  warnings?: Warning[];
  accepted?: string[];
  isLast?: boolean;
  code?: string;
}

const CASES: [name: string, scan: Case][] = [
  ['all was read', {}],
  [
    'bytes were not read',
    {
      coverage: { file: { bytes: 1, unread: [{ offset: 0, length: 1, reason: 'EIO' }] } },
      code: 'redact-unread',
    },
  ],
  [
    'memory is missing',
    { coverage: { memory: { described: 8192, present: 4096, missing } }, code: 'redact-missing-memory' },
  ],
  ['a budget is spent', { coverage: { limits: [limit('proof')] }, code: 'redact-limits' }],
  [
    'a budget of a target is spent',
    {
      coverage: { limits: [limit('rsa-known-n moduli', { target: 'asked' })] },
      code: 'redact-limits',
    },
  ],
  ['a spent budget is accepted', { coverage: { limits: [limit('proof')] }, accepted: ['proof'] }],
  [
    'another is accepted',
    { coverage: { limits: [limit('proof')] }, accepted: ['detect'], code: 'redact-limits' },
  ],
  [
    'a report would be cut',
    { coverage: { limits: [limit('findings'), limit('occurrences'), limit('fingerprint')] } },
  ],
  ['copies are left to the next round', { coverage: { limits: [limit('copies')] }, isLast: false }],
  ['copies are left', { coverage: { limits: [limit('copies')] }, code: 'redact-limits' }],
  ['a warning has an effect', { warnings: [warning('strict')], code: 'format-not-parsed' }],
  ['a warning has none', { warnings: [warning('note')] }],
  ['a warning repeats a limit', { warnings: [warning('incomplete', 'hits-not-examined')] }],
];

test.each(CASES)('%s', (_name, { coverage = {}, warnings = [], accepted = [], isLast = true, code }) => {
  const all: Coverage = { file: { bytes: 1, unread: [] }, limits: [], ...coverage };
  const check = () => requireComplete({ coverage: all, warnings }, new Set(accepted), isLast);
  if (code === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code, exit: 2 }));
});

test('a budget that --effort deep lifts is said to be one', () => {
  const of = (each: Limit) => () =>
    requireComplete(
      { coverage: { file: { bytes: 1, unread: [] }, limits: [each] }, warnings: [] },
      new Set(),
      true,
    );
  const hinting = (text: string) => expect.objectContaining({ hint: expect.stringContaining(text) });
  expect(of(limit('proof', { deep: true }))).toThrow(hinting('--effort deep'));
  expect(of(limit('proof'))).not.toThrow(hinting('--effort deep'));
  expect(of(limit('proof'))).toThrow(hinting('--keep backtrace'));
});
