import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import type { Finding, Occurrence, ProcessFacts } from '../../../src/core/model/report.js';
import { explain } from '../../../src/report/explain/explanation.js';
import { applicable, circumstancesOf } from '../../../src/report/prevention/circumstances.js';
import { MEASURES_FILE, measures, parseMeasures } from '../../../src/report/prevention/measures.js';
import { artifact, finding, keyFinding } from '../events.js';
import { TABLES } from './tables.js';
import type { Dump, Trials } from './trial.js';

const content = readFileSync(asset(MEASURES_FILE), 'utf8');

const fileOf = (table: string): string => `test/report/prevention/${table}.test.ts`;

const trials = Object.entries(TABLES).flatMap(([table, all]) =>
  all.flatMap(({ rows }: Trials) => rows.map((row) => ({ ...row, file: fileOf(table) }))),
);

/** Forms of the secret that a dump holds. */
const remains = ({ holds }: Dump): number => (holds === 'no dump' ? 0 : holds.length);

describe('the table of measures', () => {
  test('is valid, and names no measure twice', () => {
    const rows = parseMeasures(content);
    expect(rows.length).toBeGreaterThanOrEqual(45);
    expect(new Set(rows.map(({ measure }) => measure)).size).toBe(rows.length);
    expect(rows).toEqual(measures());
  });

  test('a row is verified if the table of its test tries it, and only then', () => {
    const wrong = measures().filter(({ id, status, test: file }) => {
      const tried = trials.some((trial) => trial.id === id && trial.file === file);
      return (status === 'verified') !== tried;
    });
    expect(wrong).toEqual([]);
    expect(trials.filter(({ id }) => !measures().some((row) => row.id === id))).toEqual([]);
  });

  test.each(Object.keys(TABLES))('%s tries the measures of its table', (name) => {
    const code = readFileSync(asset(fileOf(name)), 'utf8');
    expect(code).toContain(`tryMeasures('${name}');`);
  });

  test.each(trials.map((trial) => [trial.id, trial] as const))(
    '%s: dumps before it hold the secret, those after it as the row says',
    (id, { before, after }) => {
      const works = measures().find((row) => row.id === id)?.works;
      expect(before.map(remains)).not.toContain(0);
      expect(before).not.toHaveLength(0);
      const left = after.map(remains);
      const most = Math.max(...before.map(remains));
      if (works === 'yes') expect(left).toEqual(left.map(() => 0));
      else expect(Math.max(...left)).toBeGreaterThan(0);
      if (works === 'no') expect(left).not.toContain(0);
      if (works === 'partly') expect(Math.min(...left)).toBeLessThan(most);
    },
  );

  const broken: [string, string][] = [
    ['an unknown field', content.replace('  works: yes', '  works: yes\n  luck: good')],
    ['an unknown runtime', content.replace('runtime: [linux]', 'runtime: [plan9]')],
    ['an empty list', content.replace('runtime: [linux]', 'runtime: []')],
    ['a row without its source', content.replace('  source: madvise(2)\n', '')],
    ['a verified row without a test', content.replace('status: documented', 'status: verified')],
    ['a test elsewhere', content.replace('test: test/report/prevention/', 'test: src/')],
    ['an id of two rows', content.replace('id: mlock', 'id: dontdump')],
    ['no YAML', '- {'],
  ];
  test.each(broken)('is refused with %s', (_, text) => {
    expect(text).not.toBe(content);
    expect(() => parseMeasures(text)).toThrow();
  });
});

const at = (over: Partial<Occurrence>): Occurrence => ({
  ...{ artifact: 0, offset: 0, length: 32, region: { kind: 'heap' } },
  ...over,
});

/** The measures for a finding in a dump of this process. */
function advice(found: Finding, process: ProcessFacts, format = 'elf-core') {
  const report = artifact({ format, process });
  return applicable(
    measures(),
    circumstancesOf(found, () => report),
  );
}

const rsa = (...places: Partial<Occurrence>[]): Finding => keyFinding({ occurrences: places.map(at) });

describe('the measures for a finding', () => {
  const numbers = rsa({ component: 'p', encoding: 'limbs-le' });

  test('RSA numbers in Node: the secure heap is named as what does not help', () => {
    const rows = advice(numbers, { executable: '/usr/bin/node' });
    const secure = rows.filter(({ measure }) => /secure.heap/i.test(measure));
    expect(secure.length).toBeGreaterThan(1);
    expect(secure.map(({ works }) => works)).toEqual(secure.map(() => 'no'));
    expect(rows.some(({ measure, works }) => works === 'yes' && /another process/.test(measure))).toBe(true);
  });

  test('RSA numbers of OpenSSL: nothing says "use secure memory" as a help', () => {
    const rows = advice(numbers, {
      name: 'nginx',
      modules: [{ path: '/lib/libcrypto.so.3', address: '0x1' }],
    });
    for (const { measure, works, form } of rows)
      if (/OPENSSL_secure|secure heap|SEC_MEM/.test(measure)) {
        expect(works).not.toBe('yes');
        expect(form).toBeDefined();
      }
    expect(rows.flatMap(({ runtime = [] }) => runtime)).not.toContain('node');
  });

  const PROGRAMS: [string, ProcessFacts][] = [
    ['OpenSSL', { name: 'nginx', modules: [{ path: '/lib/libcrypto.so.3', address: '0x1' }] }],
    ['Node', { executable: '/usr/bin/node' }],
  ];
  const PLACES: [string, Partial<Occurrence>[]][] = [
    ['PEM', [{ encoding: 'pem' }]],
    ['DER', [{ encoding: 'pkcs8' }]],
    ['numbers', [{ component: 'p', encoding: 'limbs-le' }]],
    ['PEM and numbers', [{ encoding: 'pem' }, { component: 'q', encoding: 'limbs-le' }]],
  ];
  test.each(
    PROGRAMS.flatMap(([program, facts]) =>
      PLACES.map(([form, places]) => ({ program, facts, form, places })),
    ),
  )('an RSA key of $program as $form: the secure heap is explained as no help', ({ facts, places }) => {
    const report = artifact({ format: 'elf-core', process: facts });
    const { parts } = explain(rsa(...places), () => report, measures());
    const lines = parts.flatMap((part) => part.lines);
    expect(lines).toContainEqual(expect.stringMatching(/does NOT help: OpenSSL's secure heap for RSA keys/));
    expect(lines.filter((line) => /- helps: .*secure.?heap/i.test(line))).toEqual([]);
  });

  test('an EC key in Node: its own row, and none of RSA', () => {
    const ec = keyFinding({
      key: { ...keyFinding().key!, algorithm: 'EC' },
      occurrences: [at({ encoding: 'sec1' })],
    });
    const ids = advice(ec, { name: 'node' }).map(({ id }) => id);
    expect(ids).toContain('node-secure-heap-and-fill-ec');
    expect(ids.filter((id) => /-rsa$/.test(id))).toEqual([]);
  });

  test('a PEM in the heap of Node: the Buffer is filled with zeros', () => {
    const rows = advice(rsa({ encoding: 'pem' }), { name: 'node' });
    expect(rows.map(({ measure }) => measure).join()).toMatch(/fill the Buffer of the PEM/);
  });

  test('a token in the environment of Java', () => {
    const token = finding({ occurrences: [at({ region: { kind: 'environment', name: 'TOKEN' } })] });
    const rows = advice(token, { executable: '/usr/lib/jvm/bin/java' }).map(({ measure }) => measure);
    expect(rows.join()).toMatch(/unsetenv\(\)/);
    expect(rows.join()).toMatch(/no secrets in environment variables/);
    expect(rows.join()).not.toMatch(/secure/i);
  });

  test('a heap dump of Java is of Java, whatever its process is called', () => {
    const rows = advice(finding({ occurrences: [at({ region: { kind: 'object' } })] }), {}, 'hprof');
    expect(rows.map(({ measure }) => measure).join()).toMatch(/Arrays\.fill/);
  });

  test('a place in the heap of Go, whatever the program is called', () => {
    const rows = (address: string) => advice(finding({ occurrences: [at({ address })] }), { name: 'api' });
    const isOfGo = (address: string) => rows(address).some(({ id }) => id === 'go-default-traceback');
    expect(['0xc000012060', '0x000000c000012060'].map(isOfGo)).toEqual([true, true]);
    expect(['0x55d0c0001206', '0xd000012060', '0xc00001206', 'c000012060'].map(isOfGo)).toEqual([
      ...[false, false, false, false],
    ]);
  });

  test('what helps comes first', () => {
    const order = advice(numbers, { name: 'node' }).map(({ works }) =>
      ['yes', 'partly', 'no'].indexOf(works),
    );
    expect(order).toEqual([...order].sort());
  });

  test('names of prototypes are no formats', () => {
    expect(() => advice(numbers, {}, 'constructor')).not.toThrow();
  });
});
