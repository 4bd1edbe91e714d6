import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { RUNS } from './event-streams.js';
import { artifact, finding, keyFinding, notCounted, place, run, summary } from './events.js';
import { render } from './render.js';

type Json = ReturnType<typeof JSON.parse>;

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

  test('an address beyond the range of a JSON number is text only', () => {
    const kernel = '0xffff888000001000';
    const event = finding({
      occurrences: [{ artifact: 0, offset: 1, length: 2, address: kernel, region: { kind: 'page' } }],
    });
    const [result] = JSON.parse(render('sarif', [run(), artifact(), event, summary()])).runs[0].results;
    expect(result.locations[0].physicalLocation.address).toEqual({ fullyQualifiedName: kernel, length: 2 });
  });

  test('findings that do not count are a notification: GitHub would open alerts for results', () => {
    const { results, invocations, tool } = sarif('findings');
    const counting = (RUNS.findings ?? []).filter((event) => event.type === 'finding' && event.counts);
    const titles = new Set(results.map(({ message }: Json) => message.text.split(': ')[1]));
    expect(titles.size).toBe(counting.length);
    expect(JSON.stringify({ results, tool })).not.toMatch(/suppress|baselineState/);
    const [notification] = invocations[0].toolExecutionNotifications.filter(
      (n: Json) => n.descriptor.id === 'not-counted',
    );
    expect(notification.level).toBe('note');
    expect(notification.message.text).toBe(
      'Found, and does not fail the gate: 1 published-test-key, 1 expired, 2 below-threshold',
    );
  });

  test('notifications about missing results are written beyond the cap on notifications', () => {
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
    const notifications: Json[] = JSON.parse(document).runs[0].invocations[0].toolExecutionNotifications;
    expect(notifications).toHaveLength(1_002);
    expect(notifications.slice(1_000).map(({ descriptor }) => descriptor.id)).toEqual([
      'not-counted',
      'results-left-out',
    ]);
  });

  test('the name of a rule does not depend on the first key', () => {
    const events = [keyFinding(), keyFinding({ title: 'Ed25519 private key' }), finding()];
    const [{ tool }] = JSON.parse(render('sarif', [run(), artifact(), ...events, summary()])).runs;
    const texts = tool.driver.rules.map((rule: Json) => [rule.name, rule.shortDescription.text]);
    expect(texts).toEqual([
      ['Private key (rsa-private-key)', 'Private key (rsa-private-key) in a memory dump'],
      ['Example token', 'Example token in a memory dump'],
    ]);
  });

  test('a message is one sentence: file, memory, offset, then what it is', () => {
    const [first, , third] = sarif('findings').results;
    expect(first.message.text).toBe(
      'dumps/core.4242, stack of thread 4243, offset 65536 (0x10000): ' +
        'RSA private key (proven), also in 1 other file.',
    );
    expect(third.message.text).toBe(
      'dumps/core.4242, heap, offset 4096 (0x1000): Example token (confidence high).',
    );
    expect(first.properties.proof).toContain('n = p*q');
  });

  test('a rule has help, how precise it is, and a page', () => {
    const odd = finding({ rotate: 'see [this](https://evil.example) <b>`now`</b>' });
    const [{ tool, automationDetails }] = JSON.parse(
      render('sarif', [run(), artifact(), odd, summary()]),
    ).runs;
    const [rule] = tool.driver.rules;
    expect(URL.canParse(rule.helpUri)).toBe(true);
    expect(rule.properties.precision).toBe('high');
    expect(rule.help.markdown).toContain(
      '**Do first.** see \\[this\\]\\(https://evil.example\\) &lt;b>\\`now\\`&lt;/b>.',
    );
    expect(automationDetails.id).toMatch(/^dumpsieve\/2026/);
  });

  test('a name from a dump is not a link', () => {
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
    ['findings', true, ['format-not-parsed', 'missing-memory', 'limit', 'limit', 'limit', 'not-counted']],
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
    const at = (offset: number) => finding({ fingerprint: null, occurrences: [place(offset)], preview: '' });
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
    // So far apart in the report that gzip does not find the repetition.
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
    expect(whole.invocations[0].toolExecutionNotifications[0].message.text).toMatch(/^2 further results/);
  });
});
