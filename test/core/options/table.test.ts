import { describe, expect, test } from '@jest/globals';
import { Option } from 'commander';
import { SCAN_FLAGS } from '../../../src/cli/flags.js';
import { checkOptions, effortOf } from '../../../src/core/options/check-options.js';
import { CHECKS } from '../../../src/core/options/option-types.js';
import { DEFAULTS, OPTION_GROUPS, type OptionRow, SCAN_OPTIONS } from '../../../src/core/options/table.js';

const rows: [name: string, row: OptionRow][] = Object.entries(SCAN_OPTIONS);
const library = rows.filter(([, { commandOnly }]) => !commandOnly);

/** A right and a wrong value of each type. */
const VALUES: Record<OptionRow['type'], (row: OptionRow) => [right: unknown, wrong: unknown]> = {
  switch: () => [true, 'yes'],
  choice: ({ choices = [] }) => [choices[0], 'no such word'],
  choices: ({ choices = [] }) => [choices, ['no such word']],
  text: () => ['a', ''],
  names: () => [['a'], 'a'],
  path: () => ['a', ''],
  paths: () => [['a', 'b'], [1]],
  outputs: () => [['json=a'], 'json=a'],
  globs: () => [['{a,b}', '*.c'], ['']],
  count: () => [2, 0],
  byte: () => [0, 256],
  seconds: () => [0.5, 0],
};

describe('the effort', () => {
  test.each([
    [{}, 'normal'],
    [{ deep: false }, 'normal'],
    [{ deep: true }, 'deep'],
    [{ effort: 'deep', deep: true }, 'deep'],
    [{ effort: 'quick' }, 'quick'],
    [{ effort: 'quick', deep: false }, 'quick'],
  ] as const)('%j is %s', (options, effort) => expect(effortOf(options)).toBe(effort));

  test.each(['quick', 'normal'] as const)('deep and %s are a wrong call', (effort) => {
    expect(() => checkOptions({ paths: ['a'], effort, deep: true })).toThrow(`the effort is ${effort}`);
  });
});

describe('the table of options', () => {
  test('lists every row in the help once, by groups', () => {
    expect(SCAN_FLAGS).toHaveLength(rows.length);
    expect(new Set(SCAN_FLAGS)).toEqual(new Set(rows.map(([, row]) => row)));
    const groups = SCAN_FLAGS.map(({ group }) => OPTION_GROUPS.indexOf(group));
    expect(groups).toEqual(groups.toSorted((a, b) => a - b));
  });

  test('names a row of the library as commander does, except --rules', () => {
    const named = library.filter(([name, { flag }]) => new Option(flag, '').attributeName() !== name);
    expect(named.map(([name]) => name)).toEqual(['ruleFolders']);
  });

  test('has all its defaults in one place', () => {
    const defaults = rows.filter(([, row]) => row.default !== undefined);
    expect(Object.fromEntries(defaults.map(([name, row]) => [name, row.default]))).toEqual(DEFAULTS);
  });

  test.each(rows)('checks %s by its type', (_name, row) => {
    const { holds } = CHECKS[row.type](row.choices ?? []);
    expect(VALUES[row.type](row).map(holds)).toEqual([true, false]);
  });

  test.each(library)('checks the library option %s', (name, row) => {
    const [right, wrong] = VALUES[row.type](row);
    expect(() => checkOptions({ paths: ['a'], [name]: right })).not.toThrow();
    expect(() => checkOptions({ paths: ['a'], [name]: wrong })).toThrow(`the option ${name} is not`);
  });

  test.each(rows.filter(([, { commandOnly }]) => commandOnly))(
    'is closed to the library for %s',
    (name, row) => {
      expect(() => checkOptions({ paths: ['a'], [name]: VALUES[row.type](row)[0] })).toThrow(
        'there is no option',
      );
    },
  );
});
