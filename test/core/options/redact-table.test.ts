import { describe, expect, test } from '@jest/globals';
import { Option } from 'commander';
import { REDACT_FLAGS } from '../../../src/cli/flags.js';
import { checkRedactOptions } from '../../../src/core/options/check-options.js';
import { REDACT_OPTIONS } from '../../../src/core/options/redact-table.js';
import type { OptionRow } from '../../../src/core/options/table.js';

const rows: [name: string, row: OptionRow][] = Object.entries(REDACT_OPTIONS);
const NEEDED = { input: 'core', output: 'copy', keep: 'backtrace' };

describe('the table of options of redact', () => {
  test('lists every row in the help once', () => {
    expect(new Set(REDACT_FLAGS)).toEqual(new Set(rows.map(([, row]) => row)));
    expect(REDACT_FLAGS).toHaveLength(rows.length);
  });

  test('names a row as commander does', () => {
    const named = rows.filter(([name, { flag }]) => new Option(flag, '').attributeName() !== name);
    expect(named.map(([name]) => name)).toEqual(['ruleFolders', 'noProgress']);
  });

  test.each(['input', 'output'])('needs %s', (name) => {
    expect(() => checkRedactOptions(NEEDED)).not.toThrow();
    expect(() => checkRedactOptions({ ...NEEDED, [name]: undefined })).toThrow(`the option ${name} is not`);
  });

  test.each([
    ['force', 'yes'],
    ['paths', 'both'],
    ['accept32bit', 1],
    ['exe', ''],
    ['keep', 'some'],
    ['input', 5],
    ['onProgress', {}],
  ])('checks %s', (name, wrong) => {
    expect(() => checkRedactOptions({ ...NEEDED, [name]: wrong })).toThrow(`the option ${name} is not`);
  });

  test('has no option of the command alone', () => {
    expect(() => checkRedactOptions({ ...NEEDED, quiet: true })).toThrow('there is no option "quiet"');
  });
});
