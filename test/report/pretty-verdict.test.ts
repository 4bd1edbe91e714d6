import { describe, expect, test } from '@jest/globals';
import type { Coverage } from '../../src/core/model/report.js';
import { artifact, run, summary } from './events.js';
import { render } from './render.js';

describe('the verdict says what is missing', () => {
  const limits: Coverage['limits'] = [
    { offset: 0, length: 8, search: 'ec-scalars', target: 'blind', left: 9, reason: '9 numbers' },
  ];
  const unread = [{ offset: 0, length: 8, reason: 'damaged' }];
  const whole = { bytes: 1_048_576, unread: [] };

  test.each<[string, Coverage, string]>([
    [
      'a limit',
      { file: whole, limits },
      'every byte was read, but not all was searched: 1 search ended at a limit',
    ],
    [
      'limits, and the flag that accepts those that decide',
      {
        file: whole,
        limits: [
          { ...limits[0]!, search: 'rsa-unknown-n', likely: 2 },
          { ...limits[0]!, target: 'written', likely: 1 },
          limits[0]!,
          { ...limits[0]!, search: 'ed25519-seeds' },
          { ...limits[0]!, search: 'windows', accepted: true },
        ],
      },
      'every byte was read, but not all was searched: 4 searches ended at a limit ' +
        "(to pass without: --accept-limits 'ec-scalars,rsa-unknown-n')",
    ],
    ['bytes', { file: { ...whole, unread }, limits }, 'not everything was read and searched'],
    ['what warnings say', { file: whole, limits: [] }, 'not everything was read and searched'],
  ])('%s', (_what, coverage, expected) => {
    const events = [run(), artifact({ coverage }), summary({ complete: false, exit: 2 })];
    const text = render('pretty', events).replaceAll(/\n +/g, ' ');
    expect(text).toContain(`INCOMPLETE: ${expected}; keep the dump where it is\n`);
  });
});
