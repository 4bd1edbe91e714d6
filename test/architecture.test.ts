import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const architecture = readFileSync(`${root}docs/architecture.md`, 'utf8');
/** Names of the files and folders in the row that starts so. */
const namesIn = (row: RegExp) =>
  [...(row.exec(architecture)?.[1] ?? '').matchAll(/`(?:src\/)?([\w-]+)(?:\.ts|\/)`/g)].map(
    (m) => m[1] ?? '',
  );
const GROUND = namesIn(/^\| ground floor \|([^|]*)\|/m);
const ROOTS = namesIn(/^\| (`src\/scan\.ts`[^|]*)\|/m);

/** The room of a source file: its folder, or for a file of src/ itself the file's own name. */
function roomOf(file: string): string {
  const [first = ''] = relative('src', file).split('/');
  return first.replace(/\.ts$/, '');
}

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(`${root}${file}`, 'utf8');
  const all = [
    ...text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'(\.[^']+)'/gm),
    ...text.matchAll(/import\((\s*)'(\.[^']+)'\)/g),
  ];
  return all.map((m) => ({
    from: file,
    to: posix.join(dirname(file), m[2] ?? '').replace(/\.js$/, '.ts'),
    typeOnly: (m[1] ?? '').startsWith('type'),
  }));
}

const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts') && !name.includes('/kernel/'));

/** Rows of the table in docs/architecture.md: room -> its "may import" cell. */
const table = new Map(
  [...architecture.matchAll(/^\| `src\/(\w+)\/` \|[^|]*\|([^|]*)\|$/gm)].map((m) => [
    m[1] ?? '',
    (m[2] ?? '').trim(),
  ]),
);

function allowed(entry: Import, rule: string): boolean {
  const target = roomOf(entry.to);
  if (GROUND.includes(target) || target === roomOf(entry.from)) return true;
  if (rule === 'all rooms') return !ROOTS.includes(target) && target !== 'cli' && target !== 'index';
  if (rule === '`index.ts`, `sweep/worker-prestart.ts`')
    return target === 'index' || entry.to === 'src/sweep/worker-prestart.ts';
  const types = /^types of (.*)$/.exec(rule)?.[1]?.split(', ') ?? [];
  return entry.typeOnly && types.includes(target);
}

describe('architecture', () => {
  test('every folder of src is a room of the table', () => {
    const rooms = new Set(files.filter((f) => f.split('/').length > 2).map(roomOf));
    const known = new Set([...table.keys(), 'asn1', 'forms', 'noise']);
    expect([...rooms].filter((room) => !known.has(room))).toEqual([]);
    expect([...table.keys()].filter((room) => !rooms.has(room))).toEqual([]);
  });

  test('rooms import what their row allows', () => {
    const wrong = files.flatMap(importsOf).filter((entry) => {
      const room = roomOf(entry.from);
      if (GROUND.includes(room)) return !GROUND.includes(roomOf(entry.to));
      if (ROOTS.includes(room) || room === 'index') return false;
      return !allowed(entry, table.get(room) ?? '');
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('only the command line prints', () => {
    const printing = files.filter(
      (f) =>
        roomOf(f) !== 'cli' && /console\.|process\.(stdout|stderr)/.test(readFileSync(`${root}${f}`, 'utf8')),
    );
    // The two build steps say what they wrote.
    expect(
      printing.filter((f) => !['src/build/bundle-rules.ts', 'src/build/write-schema.ts'].includes(f)),
    ).toEqual([]);
  });

  test('every runtime dependency has its line in docs/architecture.md', () => {
    const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies).filter((name) => !architecture.includes(`\`${name}\``))).toEqual([]);
  });

  test('no source file is over 400 lines', () => {
    const long = files.filter((f) => readFileSync(`${root}${f}`, 'utf8').split('\n').length > 400);
    expect(long).toEqual([]);
  });
});
