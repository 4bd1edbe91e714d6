import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore } from '../../../fleet/src/store/open.js';
import { add } from '../../../fleet/src/work/add.js';
import type { AddOptions, Estimate, WorkNotice, WorkProgress } from '../../../fleet/src/work/options.js';
import type { OpenProcess } from '../../../fleet/src/work/scan-process.js';
import { workObject } from '../../../fleet/src/work/work-object.js';
import * as dumpsieve from '../../../src/index.js';
import { reportOf } from './fakes.js';

/** Files of a folder, a store in a file, and processes that do what the content of a file says. */

let folder: string;
let store: string;
let scans: string[];
let rules: string;
let notices: WorkNotice[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-add-'));
  mkdirSync(join(folder, 'dumps'));
  store = join(folder, 'store');
  scans = [];
  rules = 'x'.repeat(64);
  notices = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string): void => writeFileSync(join(folder, 'dumps', name), content);

const open: OpenProcess = async () => ({
  tool: { name: 'dumpsieve', version: '1', rules: { count: 1, sha256: rules } },
  async *scan(source) {
    const path = Buffer.from(source as Uint8Array).toString();
    const content = readFileSync(path, 'utf8');
    scans.push(path.slice(path.lastIndexOf('/') + 1));
    if (content.startsWith('crash'))
      throw new dumpsieve.DumpsieveError({ code: 'scan-child-crashed', message: 'it ended (SIGSEGV)' }, 2);
    for (const event of reportOf(path, content)) {
      if (event.type === 'summary' && content.startsWith('secret')) yield { ...event, exit: 1 };
      else if (event.type === 'summary' && content.startsWith('partly'))
        yield { ...event, exit: 2, complete: false };
      else if (event.type === 'artifact' && content.startsWith('vanished')) {
        const { sha256: _sha256, ...rest } = event;
        yield { ...rest, warnings: [{ code: 'read-failed', message: 'it cannot be read' }] };
      } else yield event;
    }
  },
  close: async () => {},
});

const added = (more: Partial<AddOptions> = {}) =>
  add(
    {
      store,
      paths: [join(folder, 'dumps')],
      jobs: 2,
      onNotice: (notice) => void notices.push(notice),
      ...more,
    },
    { open, retryAfter: 1 },
  );

describe('hunt add', () => {
  test.each<[string, string[], 0 | 1 | 2, object, number]>([
    ['nothing found', ['a', 'b'], 0, { scanned: 2 }, 0],
    ['a secret', ['secret', 'b'], 1, { scanned: 2, withFindings: 1 }, 0],
    ['something not read', ['partly', 'b'], 2, { scanned: 2, incomplete: 1 }, 0],
    ['a secret before what was not read', ['secret', 'partly'], 1, { withFindings: 1, incomplete: 1 }, 0],
    ['a dump that kills', ['crash', 'b'], 2, { scanned: 1, crashed: 3, dead: 1 }, 1],
    ['a dump without a digest', ['vanished', 'b'], 2, { scanned: 1, unreadable: 1 }, 1],
  ])('ends with the status of %s', async (_name, contents, exit, counts, pending) => {
    for (const [i, content] of contents.entries()) put(`${i}`, content);
    expect(await added()).toMatchObject({ exit, counts, pending, isDeclined: false, reported: 0 });
    // The status is that of what is stored, also where nothing is left to do.
    const before = scans.length;
    const again = await added();
    expect(again.exit).toBe(exit);
    expect(again.listed).toMatchObject({ added: 0, unchanged: 2, changed: 0, gone: 0 });
    if (pending === 0) expect(scans.length).toBe(before);
  });

  test('scans a content once, whatever its names are', async () => {
    for (let i = 0; i < 20; i++) put(`copy-${i}`, 'the same');
    for (let i = 0; i < 5; i++) put(`other-${i}`, `other ${i}xx`);
    const { counts } = await added({ jobs: 4 });
    expect(scans).toHaveLength(6);
    expect(counts).toMatchObject({ scanned: 6 });
    // Copies whose digest was known are connected with the first of them.
    expect(counts.known).toBeLessThanOrEqual(19);
  });

  test('scans what has changed, and marks what is gone', async () => {
    for (const name of ['a', 'b', 'c']) put(name, `content of ${name}`);
    await added();
    put('a', 'a longer content of a');
    rmSync(join(folder, 'dumps', 'b'));
    scans = [];
    expect(await added()).toMatchObject({ listed: { added: 0, changed: 1, unchanged: 1, gone: 1 }, exit: 0 });
    expect(scans).toEqual(['a']);
  });

  test('lists without a process, and has everything still to do', async () => {
    put('a', 'x');
    const result = await added({ isListOnly: true });
    expect(result).toMatchObject({ listed: { added: 1 }, pending: 1, exit: 2 });
    expect(scans).toEqual([]);
    expect(await added()).toMatchObject({ pending: 0, exit: 0, counts: { scanned: 1 } });
  });

  test('scans nothing again under new rules, unless that is asked for and accepted', async () => {
    for (const name of ['a', 'b']) put(name, `content ${name}`);
    put('copy', 'content a');
    await added();
    rules = 'y'.repeat(64);
    scans = [];
    expect(await added()).toMatchObject({ exit: 0, counts: { scanned: 0 }, otherRules: 2 });
    const asked: Estimate[] = [];
    const onEstimate = (answer: boolean) => (estimate: Estimate) => {
      asked.push(estimate);
      return answer;
    };
    expect(await added({ rescan: true, onEstimate: onEstimate(false) })).toMatchObject({ isDeclined: true });
    expect(scans).toEqual([]);
    expect(asked).toEqual([{ dumps: 2, bytes: 18, seconds: expect.any(Number) }]);
    const result = await added({ rescan: true, onEstimate: onEstimate(true) });
    expect(result).toMatchObject({
      ...{ isDeclined: false, counts: { scanned: 2 }, exit: 0, otherRules: 0 },
    });
    expect(scans).toHaveLength(2);
    // Both scans are kept.
    expect(await added({ rescan: true, onEstimate: onEstimate(true) })).toMatchObject({
      counts: { scanned: 0 },
    });
    expect(asked).toHaveLength(2);
  });

  test('reports how far it is, and writes its figures', async () => {
    for (let i = 0; i < 10; i++) put(`${i}`, `content ${i}`);
    const progress: WorkProgress[] = [];
    const metrics = join(folder, 'metrics.prom');
    await added({ onProgress: (each) => void progress.push(each), metrics });
    expect(progress.at(-1)).toMatchObject({
      dumps: { done: 10, total: 10 },
      bytes: { done: 90, total: 90 },
      failed: 0,
    });
    const text = readFileSync(metrics, 'utf8');
    expect(text).toMatch(/^dumpsieve_fleet_scanned_dumps_total 10$/m);
    // Each figure has its help and its type; no label names a dump.
    for (const block of text.trim().split(/(?=# HELP)/))
      expect(block.trim()).toMatch(
        /^# HELP (dumpsieve_fleet_\w+) [^\n]+\.\n# TYPE \1 (?:counter|gauge)\n\1 [\d.e+-]+$/,
      );
  });

  test('does nothing when it is ended before', async () => {
    put('a', 'x');
    expect(await added({ signal: AbortSignal.abort() })).toMatchObject({ exit: 2, counts: { scanned: 0 } });
    expect(scans).toEqual([]);
  });

  test('leaves nothing held', async () => {
    for (const content of ['crash', 'vanished', 'x']) put(content, content);
    await added();
    const opened = await openStore(store);
    const scope = { ruleset: '', rescan: true, prefixes: [] };
    expect(await opened.holders(scope)).toEqual([]);
    await opened.close();
    expect(notices.map(({ code }) => code).sort()).toEqual([
      'dump-dead',
      'read-failed',
      'scan-crashed',
      'scan-crashed',
    ]);
  });

  test('refuses a heartbeat that is too short', async () => {
    await expect(added({ heartbeat: 1 })).rejects.toMatchObject({ code: 'wrong-option', exit: 3 });
  });
});

describe('hunt work --object', () => {
  const one = (name: string) =>
    workObject({ store, url: join(folder, 'dumps', name) }, { open, retryAfter: 1 });

  test('has the status that its engine needs', async () => {
    put('ok', 'x');
    put('secret', 'secret');
    put('crash', 'crash');
    expect(await one('ok')).toMatchObject({ exit: 0, counts: { scanned: 1 } });
    expect(await one('ok')).toMatchObject({ exit: 0, counts: { scanned: 0, known: 1 } });
    expect(await one('secret')).toMatchObject({ exit: 0, counts: { withFindings: 1 } });
    expect((await one('crash')).exit).toBe(2);
    expect((await one('crash')).exit).toBe(2);
    expect((await one('crash')).exit).toBe(3);
    expect((await one('missing')).exit).toBe(2);
  });
});
