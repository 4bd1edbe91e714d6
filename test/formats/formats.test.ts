import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { debugCommandOf, FORMATS } from '../../src/formats/formats.js';

const root = fileURLToPath(asset('.'));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

describe('the table of dump formats', () => {
  const documented = [...read('docs/formats.md').matchAll(/^\| `([\w-]+)` \|[^|]*\| (\w+) \|/gm)].map(
    ([, code, effect]) => `${code} ${effect}`,
  );
  const declared = FORMATS.flatMap(({ warnings }) =>
    Object.entries(warnings.effects).map(([code, effect]) => `${code} ${effect}`),
  );

  test('has the warnings and effects that docs/formats.md lists', () => {
    const warnings = documented.filter((row) => / (?:note|strict|incomplete)$/.test(row));
    expect([...new Set(declared)].sort()).toEqual(warnings.sort());
  });

  test('is the only place that knows a format by its name', () => {
    const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.ts') && !name.startsWith('formats/'));
    // The text of a microdump is a container with the same name, which is not a dump format.
    const names = FORMATS.map(({ name }) => name).filter((name) => name !== 'breakpad-microdump');
    // Names of encodings end with that of a format: `limbs-be-hprof`.
    const literal = new RegExp(`(?<!endsWith\\()'(?:${names.join('|')})'`);
    const naming = files.filter((file) => literal.test(read(`src/${file}`)));
    expect(naming).toEqual([]);
  });

  test.each([
    ['elf-core', "gdb -batch -ex 'x/32xb 0x7f00' -c 'a core'"],
    ['minidump', "lldb -b -o 'memory read -c 32 0x7f00' -c 'a core'"],
    ['mach-o-core', "lldb -b -o 'memory read -c 32 0x7f00' -c 'a core'"],
    ['hprof', undefined],
    ['raw', undefined],
    ['gzip', undefined],
  ])('has the debugger command of %s', (name, command) => {
    expect(debugCommandOf(name)?.("'a core'", '0x7f00')).toBe(command);
  });
});
