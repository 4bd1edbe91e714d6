import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { displayName } from '../../src/escape.js';
import type { ArtifactReport, Occurrence } from '../../src/model.js';
import { markdownText } from '../../src/report/markdown.js';
import { pathUri } from '../../src/report/uri.js';
import fc from '../support/property.js';
import { artifact, find, finding, keyFinding, notCounted, RUNS, render, run, summary } from './events.js';
import { sarifProblems } from './schemas.js';

type Json = ReturnType<typeof JSON.parse>;

const place = (offset: number, address = `0x${(offset + 0x7f00_0000_0000).toString(16)}`): Occurrence => ({
  artifact: 0,
  offset,
  length: 40,
  address,
  region: { kind: 'heap' },
});
const sarif = (name: string): Json => JSON.parse(render('sarif', RUNS[name] ?? [])).runs[0];

describe('sarif', () => {
  test('a result has line 1, its byte offset, its address and its identity', () => {
    const [key] = sarif('findings').results;
    expect(key.level).toBe('error');
    expect(key.rank).toBe(100);
    const print = `v1:${'12'.repeat(32)}`;
    expect(key.partialFingerprints).toEqual({ 'dumpsieveSecret/v1': print, primaryLocationLineHash: print });
    expect(key.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'dumps/core.4242' },
      region: { startLine: 1, byteOffset: 65_536, byteLength: 1_704 },
      address: { fullyQualifiedName: '0x7f0000010000', length: 1_704, absoluteAddress: 0x7f00_0001_0000 },
    });
    expect(key.occurrenceCount).toBe(1_205);
  });

  test('an address that no JSON number holds stands as text alone', () => {
    const kernel = '0xffff888000001000';
    const event = finding({
      occurrences: [{ artifact: 0, offset: 1, length: 2, address: kernel, region: { kind: 'page' } }],
    });
    const [result] = JSON.parse(render('sarif', [run(), artifact(), event, summary()])).runs[0].results;
    expect(result.locations[0].physicalLocation.address).toEqual({ fullyQualifiedName: kernel, length: 2 });
  });

  test('what does not count is no result, for GitHub would show it as an open alert, but is told', () => {
    const { results, invocations, tool } = sarif('findings');
    expect(results).toHaveLength(
      (RUNS.findings ?? []).filter((event) => event.type === 'finding' && event.counts).length,
    );
    expect(JSON.stringify({ results, tool })).not.toMatch(/suppress|baselineState/);
    const [told] = invocations[0].toolExecutionNotifications.filter(
      (n: Json) => n.descriptor.id === 'not-counted',
    );
    expect(told.level).toBe('note');
    expect(told.message.text).toBe('Found, not counted: 1 published-test-key, 1 expired, 2 below-threshold');
  });

  test('what a report lacks is told, however much else is', () => {
    const warnings = Array.from({ length: 1_500 }, (_, i) => ({
      code: 'path-missing',
      message: `core.${i}`,
    }));
    const events = Array.from({ length: 25_001 }, (_, i) => finding({ fingerprint: `v1:${i}` }));
    const document = render('sarif', [
      run(),
      artifact({ warnings }),
      ...events,
      notCounted('expired'),
      summary(),
    ]);
    const told: Json[] = JSON.parse(document).runs[0].invocations[0].toolExecutionNotifications;
    expect(told).toHaveLength(1_002);
    expect(told.slice(1_000).map(({ descriptor }) => descriptor.id)).toEqual([
      'not-counted',
      'results-left-out',
    ]);
  });

  test('a rule has the name of one key no more than of another', () => {
    const events = [keyFinding(), keyFinding({ title: 'Ed25519 private key' }), finding()];
    const [{ tool }] = JSON.parse(render('sarif', [run(), artifact(), ...events, summary()])).runs;
    const texts = tool.driver.rules.map((rule: Json) => [rule.name, rule.shortDescription.text]);
    expect(texts).toEqual([
      ['Private key (rsa-private-key)', 'Private key (rsa-private-key) in a memory dump'],
      ['Example token', 'Example token in a memory dump'],
    ]);
  });

  test('a name out of a dump is no link', () => {
    const region = { kind: 'module' as const, name: '[fine](https://example.com)' };
    const location = { ...finding().location, region };
    const event = finding({ location, occurrences: [{ ...place(1), region }] });
    const warning = { code: 'odd', message: region.name };
    const log = render('sarif', [run(), artifact({ warnings: [warning] }), event, summary()]);
    const { results, invocations } = JSON.parse(log).runs[0];
    const texts = [
      results[0].message.text,
      results[0].locations[0].message.text,
      invocations[0].toolExecutionNotifications[0].message.text,
    ];
    for (const text of texts) expect(text).toContain('[fine\\](https://example.com)');
  });

  test.each([
    ['findings', true, ['format-not-parsed', 'missing-memory', 'limit', 'not-counted']],
    ['nothing', true, []],
    ['incomplete', false, ['zstd-damaged', 'unread', 'unread', 'path-missing']],
    ['aborted', false, []],
    ['empty', false, []],
  ])('run %s: successful is %s', (name, successful, notifications) => {
    const [invocation] = sarif(name).invocations;
    expect(invocation.executionSuccessful).toBe(successful);
    expect(invocation.toolExecutionNotifications.map((n: Json) => n.descriptor.id)).toEqual(notifications);
  });

  test('every result names a rule of the driver', () => {
    const { results, tool } = sarif('findings');
    const ids = tool.driver.rules.map((r: Json) => r.id);
    expect(new Set(results.map((r: Json) => r.ruleId))).toEqual(new Set(ids));
    expect(tool.driver.rules[0].properties['security-severity']).toBe('9.5');
  });

  test('two secrets without a fingerprint are two alerts on GitHub', () => {
    const at = (offset: number) =>
      finding({ fingerprint: null, location: { ...finding().location, offset }, preview: '' });
    const events = [run(), artifact(), at(64), at(4096), summary()];
    const { results } = JSON.parse(render('sarif', events)).runs[0];
    expect(results.map((r: Json) => r.partialFingerprints)).toEqual([
      { primaryLocationLineHash: 'offset:64' },
      { primaryLocationLineHash: 'offset:4096' },
    ]);
  });

  test('a result of 1,000 places has GitHub’s 100 locations', () => {
    const many = finding({ occurrences: Array.from({ length: 1_000 }, (_, i) => place(i)) });
    const [one] = JSON.parse(render('sarif', [run(), artifact(), many, summary()])).runs[0].results;
    expect(one.locations).toHaveLength(100);
  });

  test('10,000 keys of 100 places each stay below GitHub’s 10 MB gzipped, and each has a place', () => {
    const random = new SeededRandom('as many keys as places');
    const text = (bytes: number, as: BufferEncoding) => Buffer.from(random.bytes(bytes)).toString(as);
    // Far from each other in the report, so that gzip does not see that they come again.
    const places = Array.from({ length: 20 }, () =>
      Array.from({ length: 100 }, () => place(Number(`0x${text(4, 'hex')}`), `0x7f${text(5, 'hex')}`)),
    );
    const keys = Array.from({ length: 10_000 }, (_, i) =>
      keyFinding({
        fingerprint: `v1:${text(32, 'hex')}`,
        occurrences: places[i % places.length]!,
        key: {
          algorithm: 'RSA',
          bits: 2048,
          encoding: 'pem',
          spki: text(294, 'base64'),
          spkiSha256: text(32, 'hex'),
          jwkThumbprint: text(32, 'base64url'),
          sshFingerprint: `SHA256:${text(32, 'base64').slice(0, 43)}`,
        },
      }),
    );
    const report = render('sarif', [run(), artifact(), ...keys, summary()]);
    const { results } = JSON.parse(report).runs[0];
    expect(results).toHaveLength(10_000);
    expect(results.filter((r: Json) => r.locations.length === 0)).toEqual([]);
    expect(gzipSync(report).length).toBeLessThan(10e6);
  });

  test('more than 25,000 findings: the rest is counted in a notification', () => {
    const one = finding();
    const events = [run(), artifact(), ...Array.from({ length: 25_002 }, () => one), summary()];
    const [whole] = JSON.parse(render('sarif', events)).runs;
    expect(whole.results).toHaveLength(25_000);
    expect(whole.invocations[0].toolExecutionNotifications[0].message.text).toMatch(/^2 further findings/);
  });
});

describe('paths as URIs', () => {
  const base = resolve('/work/checkout');
  test.each([
    ['dumps/core.1', 'dumps/core.1'],
    ['./a b%c#d?e', 'a%20b%25c%23d%3Fe'],
    ['x!core', 'x%21core'],
    ['a:b', 'a%3Ab'],
    ['core.a\\x2eout', 'core.a%5Cx2eout'],
    ['\\xff\\xe9\\x0a', '%FF%E9%0A'],
    ['ключ', '%D0%BA%D0%BB%D1%8E%D1%87'],
    ['\\u{202e}', '%E2%80%AE'],
    ['[1] "<>^`{|}', '%5B1%5D%20%22%3C%3E%5E%60%7B%7C%7D'],
    ['.', '.'],
    ['..x', '..x'],
    ['-', 'file:///dev/stdin'],
    ['../outside/core', pathToFileURL(resolve('/work/outside/core')).href],
    [resolve('/var/crash/core'), pathToFileURL(resolve('/var/crash/core')).href],
    [resolve('/work/checkout/in/core'), 'in/core'],
    [resolve('/work/checkout2/core'), pathToFileURL(resolve('/work/checkout2/core')).href],
  ])('%s', (path, uri) => {
    expect(pathUri({ file: path, inside: [] }, base)).toBe(uri);
  });

  test('content stands behind its container', () => {
    const inside = ['core', 'a!b/c'].map((name) => ({ name, codec: 'gzip' }));
    expect(pathUri({ file: 'x!.gz', inside }, base)).toBe('x%21.gz!core!a%21b%2Fc');
    expect(pathUri({ file: '-', inside }, base)).toBe('file:///dev/stdin!core!a%21b%2Fc');
  });

  const posix = process.platform === 'win32' ? test.skip : test;
  posix('any name gives a URI by the schema that leads back to its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const name = Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x25 : byte)));
        if (/^\.{1,2}$/.test(name.toString())) return;
        const path = displayName(name);
        const report = render('sarif', [run(), artifact({ path }), finding(), summary()]);
        expect(sarifProblems(report)).toEqual([]);
        const { uri } = JSON.parse(report).runs[0].artifacts[0].location;
        expect(uri).toMatch(/^[\w.~$&'()*+,;=@%-]+$/);
        const back = uri.replace(/%(..)/g, (_: string, hex: string) =>
          Buffer.from(hex, 'hex').toString('latin1'),
        );
        expect(back).toBe(name.toString('latin1'));
      }),
      { numRuns: 100 },
    );
  });
});

describe('junit', () => {
  /** Names of elements in order; throws where tags do not match or an attribute is not quoted. */
  function elements(document: string): string[] {
    const open: string[] = [];
    const all: string[] = [];
    for (const [, slash, name = '', attributes = '', empty] of document.matchAll(
      /<(\/?)(\w+)((?: \w+="[^"<]*")*)(\/?)>/g,
    )) {
      if (slash) expect(open.pop()).toBe(name);
      else {
        all.push(name);
        if (!empty) open.push(name);
      }
      expect(attributes.replace(/ \w+="[^"<]*"/g, '')).toBe('');
    }
    expect(open).toEqual([]);
    const stray = document.replace(/<\?xml[^>]*\?>|<\/?\w+(?: \w+="[^"<]*")*\/?>/g, '');
    expect(stray).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/);
    return all;
  }

  const total = (document: string, name: string) =>
    Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(document)?.[1]);

  test.each(Object.entries(RUNS))('run %s is well formed and its counts are true', (_, events) => {
    const document = render('junit', events);
    const all = elements(document);
    expect(all.filter((e) => e === 'testcase')).toHaveLength(total(document, 'tests'));
    expect(all.filter((e) => e === 'failure')).toHaveLength(total(document, 'failures'));
    expect(all.filter((e) => e === 'error')).toHaveLength(total(document, 'errors'));
  });

  test.each([
    ['findings', 5, 0],
    ['nothing', 0, 0],
    ['incomplete', 0, 3],
    ['aborted', 1, 1],
    ['empty', 0, 1],
  ])('run %s: %d failures, %d errors', (name, failures, errors) => {
    const document = render('junit', RUNS[name] ?? []);
    expect([total(document, 'failures'), total(document, 'errors')]).toEqual([failures, errors]);
  });

  /** By suite, the names of its cases that did not pass. */
  const failedIn = (document: string) =>
    Object.fromEntries(
      [...document.matchAll(/<testsuite name="([^"]*)"[^>]*>\n([\s\S]*?)<\/testsuite>/g)].map((suite) => [
        suite[1],
        [...suite[2]!.matchAll(/name="([^"]*)"><(?:failure|error)/g)].map((name) => name[1]),
      ]),
    );

  test('a secret that lies in two dumps fails both, each at its own place', () => {
    const [one, other] = [place(64, '0x1000'), { ...place(128, '0x2000'), artifact: 1 }];
    const both = finding({ occurrences: [one, place(96, '0x1020'), other] });
    const events = [run(), artifact({ path: 'a' }), artifact({ path: 'b' }), both, summary()];
    expect(failedIn(render('junit', events))).toEqual({
      a: [expect.stringContaining('0x1000')],
      b: [expect.stringContaining('0x2000')],
      run: [],
    });
  });

  test('a dump whose places are beyond those that a finding lists does not pass', () => {
    const many = finding({ occurrences: Array.from({ length: 1_000 }, (_, i) => place(i * 64)) });
    const clean = artifact({ path: 'c', verdict: 'nothing-found' });
    const events = [run(), artifact({ path: 'a' }), artifact({ path: 'b' }), clean, many, summary()];
    const { b, c } = failedIn(render('junit', events));
    expect({ b, c }).toEqual({ b: ['a finding that counts'], c: [] });
  });

  test.each<[string, Partial<ArtifactReport>, string]>([
    [
      'a search out of its budget',
      {
        coverage: {
          file: { bytes: 9, unread: [] },
          limits: [{ offset: 0, length: 9, search: 'rsa', reason: 'spent' }],
        },
      },
      'search rsa: spent',
    ],
    ['a file that grew', { warnings: [{ code: 'file-grew', message: 'it grew' }] }, 'it grew'],
  ])('a dump that is incomplete for %s does not pass', (_, over, message) => {
    const events = [
      run(),
      artifact({ path: 'a', verdict: 'incomplete', ...over }),
      summary({ complete: false }),
    ];
    const document = render('junit', events);
    expect(failedIn(document).a).toEqual(['read and searched to the end']);
    expect(document).toContain(`message="${message}"`);
  });

  test('a path that is missing is named', () => {
    const warnings = [{ code: 'path-missing', message: 'crash/core.1: there is no such file' }];
    const failed = render('junit', [run(), summary({ complete: false, artifacts: 0, warnings })]);
    expect(failed).toContain('message="not everything was read; crash/core.1: there is no such file"');
  });

  test('no text breaks the document', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        elements(render('junit', [run(), artifact({ path: text }), finding({ title: text, proof: [text] })]));
      }),
    );
  });
});

describe('markdown', () => {
  test('a name cannot become markup', () => {
    expect(markdownText('a|b <script> [x](y) `c` **d** http://e @f')).toBe(
      'a&#124;b &lt;script&gt; &#91;x&#93;&#40;y&#41; &#96;c&#96; &#42;&#42;d&#42;&#42; http&#58;//e &#64;f',
    );
  });

  test('stays below the size of a job summary', () => {
    const long = 'x'.repeat(5_000);
    const each = finding({ title: long, rotate: long, location: { ...finding().location, path: long } });
    const text = render('markdown', [
      run(),
      artifact(),
      ...Array.from({ length: 2_000 }, () => each),
      summary(),
    ]);
    expect(text.length).toBeLessThan(2 ** 20);
    expect(text).toContain('and 1,500 further findings that count.');
  });

  test('stays below it whatever a dump has for names, and says how much is left out', () => {
    // Each of these takes five bytes once it is escaped; 😀 takes four as it is.
    const hostile = '_😀'.repeat(200);
    const path = `dumps/${hostile}`;
    const region = { kind: 'environment' as const, name: hostile };
    const each = finding({
      title: hostile,
      rotate: hostile,
      location: { ...finding().location, path, region },
    });
    const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
    const warnings = many(300, { code: 'odd', message: hostile });
    const results = many(20, { artifact: 0, status: 'present' as const, forms: [hostile], complete: true });
    const answer = find({ name: hostile, results });
    const text = render('markdown', [
      run(),
      artifact({ path, warnings }),
      ...many(2_000, each),
      ...many(600, answer),
      summary(),
    ]);
    expect(Buffer.byteLength(text)).toBeLessThan(2 ** 20);
    const rows = text.match(/^\| high /gm)?.length ?? 0;
    expect(rows).toBeGreaterThan(50);
    expect(text).toContain(`and ${(2_000 - rows).toLocaleString('en')} further findings that count.`);
    const listed = text.match(/^- \*\*/gm)?.length ?? 0;
    expect(text).toContain(`- and ${600 - listed} further answers`);
    const warned = text.match(/^- dumps/gm)?.length ?? 0;
    expect(text).toContain(`- and ${300 - warned} more`);
  });

  test('what does not count is one sentence', () => {
    const text = render('markdown', [
      run(),
      artifact(),
      notCounted('expired'),
      notCounted('expired'),
      summary(),
    ]);
    expect(text).toContain('Found, not counted: 2 expired.');
    expect(text).not.toContain('| Severity');
  });
});
