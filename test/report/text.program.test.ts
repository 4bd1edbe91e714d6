import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import type { Occurrence } from '../../src/core/model/report.js';
import { elfCore } from '../../src/formats/elf/core.js';
import { minidump } from '../../src/formats/minidump/minidump.js';
import { machoCore } from '../../src/formats/others/macho/core.js';
import { Origins } from '../../src/report/origin.js';
import { inspectCommand, shellQuote } from '../../src/report/pretty-finding.js';
import { columns, grouped, plural, shorten, unbroken, wrap } from '../../src/report/text.js';
import fc from '../support/property.js';
import { RUNS } from './event-streams.js';
import { artifact, find, finding, place, run, summary } from './events.js';
import { render } from './render.js';

describe('wrap', () => {
  test.each<[string, number, string[]]>([
    ['', 5, ['']],
    ['one two', 7, ['one two']],
    ['one two', 6, ['one', 'two']],
    ['abcdefghij', 4, ['abcdefghij']],
    ['日本 語', 4, ['日本', '語']],
    ['a bcdefgh i', 4, ['a', 'bcdefgh', 'i']],
    [unbroken('a b c d'), 4, ['a b c d']],
    ['one two', Number.POSITIVE_INFINITY, ['one two']],
  ])('%j in %d columns', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  test('no line but a single word is too wide, and no character is lost', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '日', 'e\u0301', '🔑') });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 20 }), (whole, width) => {
        const lines = wrap(whole, width);
        for (const line of lines.filter((each) => each.trim().includes(' ')))
          expect(columns(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''));
      }),
    );
  });
});

test('numbers and nouns', () => {
  expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([plural(1, 'byte'), plural(2_000, 'byte')]).toEqual(['1 byte', '2,000 bytes']);
  expect([shorten('abc', 3), shorten('abcd', 3), shorten('🔑🔑🔑🔑', 3)]).toEqual(['abc', 'ab…', '🔑🔑…']);
});

describe('the command that shows a place', () => {
  const at = { offset: 77, address: '0x7f00' };
  const inside = (...codecs: string[]) => codecs.map((codec) => ({ name: 'core', codec }));
  test.each<
    [
      string,
      string,
      Pick<Occurrence, 'offset' | 'address' | 'addressSpace'>,
      string | undefined,
      ReturnType<typeof inside>?,
    ]
  >([
    ['core', elfCore.name, at, "gdb -batch -ex 'x/32xb 0x7f00' -c core"],
    ['a b', 'elf-core', at, "gdb -batch -ex 'x/32xb 0x7f00' -c 'a b'"],
    ['x.dmp', minidump.name, at, "lldb -b -o 'memory read -c 32 0x7f00' -c x.dmp"],
    ['x', machoCore.name, at, "lldb -b -o 'memory read -c 32 0x7f00' -c x"],
    ['vm', elfCore.name, { ...at, addressSpace: { kind: 'physical' } }, 'xxd -s 77 -l 64 vm'],
    ['core', 'elf-core', { offset: 77 }, 'xxd -s 77 -l 64 core'],
    ['core', 'raw', at, 'xxd -s 77 -l 64 core'],
    ['-rf', 'raw', at, 'xxd -s 77 -l 64 ./-rf'],
    ['core.zst', 'elf-core', at, 'zstd -dc < core.zst | xxd -s 77 -l 64', inside('zstd')],
    ['data', 'raw', at, 'gzip -dc < data | xxd -s 77 -l 64', inside('gzip')],
    ['a.gz.zst', 'raw', at, 'zstd -dc < a.gz.zst | gzip -dc | xxd -s 77 -l 64', inside('zstd', 'gzip')],
    ['core.xz', 'elf-core', at, 'xz -dc < core.xz | xxd -s 77 -l 64', inside('xz')],
    ['crash.txt', 'raw', at, undefined, inside('breakpad-microdump')],
    ['a.tar', 'elf-core', at, undefined, inside('tar')],
    ['a.tar', 'elf-core', at, undefined, inside('tar', 'gzip')],
    ['a!b', 'elf-core', at, "gdb -batch -ex 'x/32xb 0x7f00' -c 'a!b'"],
    ['a.gz!b', 'raw', at, "xxd -s 77 -l 64 'a.gz!b'"],
    ['core.a\\x2eout', 'raw', at, "xxd -s 77 -l 64 'core.a\\x2eout'"],
    ["it's\\xff\\x0a", 'raw', at, "xxd -s 77 -l 64 $'it\\x27s\\xff\\x0a'"],
    ['-', 'elf-core', at, undefined],
    ['-', 'elf-core', at, undefined, inside('gzip')],
  ])('%s as %s', (file, format, place, command, into = []) => {
    expect(inspectCommand({ file, inside: into }, format, place)).toBe(command);
  });

  test('does not unescape a Windows folder that looks like an escape', () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
    try {
      const file = 'C:\\dumps\\x86\\a.dmp';
      expect(inspectCommand({ file, inside: [] }, 'raw', at)).toBe(`xxd -s 77 -l 64 '${file}'`);
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });

  test('content differs from a file of the same name by the artifact before it', () => {
    const paths: [string, string][] = [
      ['a', 'raw'],
      ['a!b', 'raw'],
      ['core.gz', 'gzip'],
      ['core.gz!core', 'zstd'],
      ['core.gz!core!inner', 'elf-core'],
      ['core.gz!core', 'raw'],
      ['d.gz', 'gzip'],
      ['d.gz!/e', 'raw'],
    ];
    const origins = new Origins();
    expect(paths.map(([path, format]) => origins.next({ path, format }))).toEqual([
      { file: 'a', inside: [] },
      { file: 'a!b', inside: [] },
      { file: 'core.gz', inside: [] },
      { file: 'core.gz', inside: [{ name: 'core', codec: 'gzip' }] },
      {
        file: 'core.gz',
        inside: [
          { name: 'core', codec: 'gzip' },
          { name: 'inner', codec: 'zstd' },
        ],
      },
      { file: 'core.gz!core', inside: [] },
      { file: 'd.gz', inside: [] },
      { file: 'd.gz!/e', inside: [] },
    ]);
  });

  test('members of archives are in the file of the archive', () => {
    const paths: [string, string][] = [
      ['a.tar.gz', 'gzip'],
      ['a.tar.gz!a.tar', 'tar'],
      ['a.tar.gz!dir/core', 'elf-core'],
      ['a.tar.gz!dir/b.zip', 'zip'],
      ['a.tar.gz!dir/b.zip!c.xz', 'xz'],
      ['a.tar.gz!dir/b.zip!c.xz!c', 'raw'],
      ['a.tar.gz!dir/b.zip!d', 'raw'],
      ['a.tar.gz!last', 'raw'],
      ['a.tar.gz2', 'raw'],
      ['a.tar.gz!other', 'raw'],
    ];
    const origins = new Origins();
    const shown = paths.map(([path, format]) => {
      const { file, inside } = origins.next({ path, format });
      return [file, ...inside.map(({ name, codec }) => `${codec}: ${name}`)].join(' | ');
    });
    expect(shown).toEqual([
      'a.tar.gz',
      'a.tar.gz | gzip: a.tar',
      'a.tar.gz | tar: dir/core',
      'a.tar.gz | tar: dir/b.zip',
      'a.tar.gz | tar: dir/b.zip | zip: c.xz',
      'a.tar.gz | tar: dir/b.zip | zip: c.xz | xz: c',
      'a.tar.gz | tar: dir/b.zip | zip: d',
      'a.tar.gz | tar: last',
      'a.tar.gz2',
      'a.tar.gz!other',
    ]);
  });

  const posix = process.platform === 'win32' ? test.skip : test;
  posix('a shell reads every quoted word back as it is', () => {
    const words = fc.array(
      fc.string({ minLength: 1 }).filter((s) => !s.includes('\0')),
      { minLength: 20, maxLength: 20 },
    );
    fc.assert(
      fc.property(words, (all) => {
        const script = `printf '%s\\0' ${all.map(shellQuote).join(' ')}`;
        const printed = execFileSync('/bin/sh', ['-c', script]).toString('utf8');
        expect(printed.split('\0').slice(0, -1)).toEqual(all);
      }),
      { numRuns: 20 },
    );
  });
});

describe('pretty', () => {
  test.each(Object.entries(RUNS))('run %s fits a terminal of 80 columns but for commands', (_, events) => {
    const wide = render('pretty', events, { width: 80 })
      .split('\n')
      .filter((line) => columns(line) > 80 && !/^ {2}(?:look|[0-9a-f]{64}) /.test(line));
    expect(wide).toEqual([]);
  });

  test.each(Object.entries(RUNS))('run %s is not wrapped without a terminal', (_, events) => {
    const text = render('pretty', events);
    const wrapped = render('pretty', events, { width: 40 });
    expect(text.split('\n').length).toBeLessThanOrEqual(wrapped.split('\n').length);
    // A line begins a row or a finding: none goes on with the text of the line before.
    expect(text).not.toMatch(/,\n {11}\S/);
  });

  const path = `/var/crash/${'deep/'.repeat(20)}a b c/core dump.1234`;
  test.each([undefined, 40, 80, 200])('a path is not broken over lines: width %s', (width) => {
    const location = { ...finding().location, path };
    const events = [
      run(),
      artifact({
        path,
        warnings: [{ code: 'odd', message: 'a warning' }],
        coverage: { file: { bytes: 9, unread: [{ offset: 1, length: 2, reason: 'EIO' }] }, limits: [] },
      }),
      artifact({ path: `${path}.2` }),
      finding({ location, occurrences: [place(64), { ...place(1), artifact: 1 }] }),
      find(),
      summary(),
    ];
    const text = render('pretty', events, width === undefined ? {} : { width });
    const broken = text.split('/var/crash/').filter((_, i, all) => i > 0 && i < all.length).length;
    expect(text.split(path)).toHaveLength(broken + 1);
  });

  test('uses colours only with the option', () => {
    const events = RUNS.findings ?? [];
    expect(render('pretty', events)).not.toContain('\u001b');
    const colored = render('pretty', events, { color: true });
    expect(colored).toContain('\u001b[31m');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(render('pretty', events));
  });

  test('never says clean', () => {
    for (const events of Object.values(RUNS)) expect(render('pretty', events)).not.toMatch(/\bclean\b/i);
  });

  test('the most severe finding is first, whatever the order of events', () => {
    const [begin, first, second, ...rest] = RUNS.findings ?? [];
    const end = rest.pop();
    const shuffled = [begin, first, second, ...rest.reverse(), end].filter((event) => event !== undefined);
    expect(render('pretty', shuffled).startsWith('CRITICAL')).toBe(true);
  });

  test('a flood is counted, not written out', () => {
    const [begin, first] = RUNS.findings ?? [];
    const one = RUNS.aborted?.at(-1);
    const flood = Array.from({ length: 5_000 }, () => one);
    const events = [begin, first, ...flood].filter((event) => event !== undefined);
    expect(render('pretty', events).match(/^ {2}HIGH +12121212 /gm)).toHaveLength(200);
    const verbose = render('pretty', events, { verbose: true });
    expect(verbose.match(/^HIGH /gm)).toHaveLength(200);
    expect(verbose).toContain('and 4,800 further secrets');
  });
});
