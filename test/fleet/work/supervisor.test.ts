import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { StoredDump } from '../../../fleet/src/model/dump.js';
import type { AttemptSetting } from '../../../fleet/src/work/attempt.js';
import { Notices } from '../../../fleet/src/work/notices.js';
import type { WorkNotice } from '../../../fleet/src/work/options.js';
import { Reach } from '../../../fleet/src/work/reach.js';
import { Supervisor, type SupervisorOptions } from '../../../fleet/src/work/supervisor.js';
import { Tally } from '../../../fleet/src/work/tally.js';
import { dump, FakeProcesses, FakeReading, FakeSource, NO_COPIES, RULES, sha256 } from './fakes.js';

/** A supervisor over parts without processes. */
function supervise(
  dumps: readonly StoredDump[],
  more: Partial<SupervisorOptions> = {},
  setting: Partial<AttemptSetting> = {},
) {
  const source = new FakeSource(dumps);
  const processes = new FakeProcesses();
  const reading = new FakeReading();
  const tally = new Tally({ dumps: dumps.length, bytes: 100 * dumps.length });
  const notices: WorkNotice[] = [];
  const supervisor = new Supervisor({
    source,
    setting: {
      store: NO_COPIES,
      access: undefined as never,
      openDump: reading.openDump,
      rules: RULES,
      worker: 'test',
      until: () => new Date().toISOString(),
      ...setting,
    },
    tally,
    notices: new Notices((notice) => notices.push(notice)),
    reach: new Reach(60_000),
    first: processes.slot(),
    open: async () => processes.slot(),
    jobs: 2,
    heartbeat: 10,
    grace: 0.05,
    retryAfter: 1,
    isEndless: false,
    ...more,
  });
  return { supervisor, source, processes, reading, tally, notices };
}

const named = (behaviour: string, count = 1): StoredDump[] =>
  Array.from({ length: count }, (_, i) => dump(`test:${behaviour}/${i}`));

describe('a supervisor', () => {
  test('scans every dump once, as many at a time as it has processes', async () => {
    const { supervisor, source, processes, tally } = supervise([...named('ok', 20), ...named('slow', 4)]);
    await supervisor.run();
    expect(processes.scans.length).toBe(24);
    expect(processes.mostAtOnce).toBe(2);
    expect(processes.opened.every(({ isClosed }) => isClosed)).toBe(true);
    expect(Math.max(...source.takes)).toBe(2);
    expect(source.settled.every(({ outcome }) => outcome.type === 'scanned')).toBe(true);
    expect(tally.counts).toMatchObject({ scanned: 24, bytes: 2400 });
    expect(tally.progress()).toMatchObject({ dumps: { done: 24, total: 24 }, failed: 0 });
  });

  test('ends when nothing can be reached any more, and gives the dumps back', async () => {
    const { supervisor, source } = supervise(named('unreachable', 200), { reach: new Reach(0) });
    await expect(supervisor.run()).rejects.toMatchObject({ code: 'network-unreachable', exit: 2 });
    expect(source.settled.length).toBeLessThan(100);
    expect(source.givenBack.length).toBeGreaterThan(0);
  });

  test('goes on if something can be reached between, or time is left', () => {
    const [over, early] = [new Reach(0), new Reach(60_000)];
    const often = (reach: Reach, times: number): void => {
      for (let i = 0; i < times; i++) reach.lacks('test');
    };
    often(over, 9);
    over.has();
    often(over, 9);
    expect(() => often(over, 1)).toThrow('nothing can be reached any more: test');
    expect(() => often(early, 100)).not.toThrow();
  });

  test('opens no second process for one dump', async () => {
    const { supervisor, processes } = supervise(named('ok'), { jobs: 8 });
    await supervisor.run();
    expect(processes.opened.length).toBe(1);
  });

  test.each([
    { behaviour: 'ok', outcomes: ['scanned'], crashes: 0 },
    { behaviour: 'crash', outcomes: ['crashed', 'crashed', 'crashed'], crashes: 3 },
    { behaviour: 'memory', outcomes: ['crashed', 'crashed', 'crashed'], crashes: 3 },
    { behaviour: 'internal', outcomes: ['crashed', 'crashed', 'crashed'], crashes: 3 },
    { behaviour: 'timeout', outcomes: ['scanned'], crashes: 0 },
    { behaviour: 'forbidden', outcomes: ['unreadable'], crashes: 0 },
    { behaviour: 'unreachable', outcomes: ['unreadable'], crashes: 0 },
    { behaviour: 'flaky', outcomes: ['scanned'], crashes: 0 },
    { behaviour: 'replaced', outcomes: ['replaced', 'scanned'], crashes: 0 },
  ])('ends a dump that is $behaviour with $outcomes', async ({ behaviour, outcomes, crashes }) => {
    const { supervisor, source } = supervise([...named(behaviour), ...named('ok', 5)]);
    await supervisor.run();
    const uri = `test:${behaviour}/0`;
    const all = source.settled.filter((each) => each.uri === uri);
    // One dump of `ok` has the same name.
    expect(all.slice(0, outcomes.length).map(({ outcome }) => outcome.type)).toEqual(outcomes);
    expect(source.crashes.get(uri) ?? 0).toBe(crashes);
    expect(source.settled.filter((each) => each.uri.startsWith('test:ok'))).toHaveLength(
      behaviour === 'ok' ? 6 : 5,
    );
    expect(source.held).toBe(0);
  });

  test('names how a process has ended', async () => {
    const { supervisor, source, notices, tally } = supervise(named('crash'));
    await supervisor.run();
    expect(source.settled[0]?.outcome).toMatchObject({ type: 'crashed', signal: 'SIGSEGV' });
    expect(notices.map(({ code }) => code)).toEqual(['scan-crashed', 'scan-crashed', 'dump-dead']);
    expect(tally.counts).toMatchObject({ crashed: 3, dead: 1 });
    expect(tally.progress().dumps).toEqual({ done: 1, total: 1 });
  });

  test('stores a scan that was killed at its time limit as incomplete', async () => {
    const { supervisor, source } = supervise(named('timeout'), {}, { seconds: 7 });
    await supervisor.run();
    expect(source.settled[0]?.outcome).toMatchObject({
      type: 'scanned',
      result: {
        sha256: sha256('test:timeout/0'),
        exit: 2,
        complete: false,
        seconds: 7,
        limits: ['scan-child-timed-out'],
      },
    });
  });

  test('ends for an error of its own, and gives back what it has', async () => {
    const { supervisor, source } = supervise([...named('broken'), ...named('endless')]);
    await expect(supervisor.run()).rejects.toThrow('a mistake of the program');
    expect(source.givenBack.sort()).toEqual(['test:broken/0', 'test:endless/0']);
  });

  test('blames no dump for processes that are ended from outside', async () => {
    const { supervisor, source } = supervise(named('terminated'));
    await expect(supervisor.run()).rejects.toMatchObject({ code: 'scan-processes-fail', exit: 2 });
    expect(source.settled).toEqual([]);
    expect(source.givenBack).toEqual(['test:terminated/0']);
  });

  test('gives jobs back at its end, and stores what is ready within the grace time', async () => {
    const end = new AbortController();
    const dumps = [...named('endless'), ...named('slow'), ...named('ok', 3)];
    const { supervisor, source, processes } = supervise(dumps, { signal: end.signal, grace: 0.2 });
    const run = supervisor.run();
    while (processes.running < 2) await sleep(1);
    end.abort();
    await run;
    expect(source.settled.map(({ uri }) => uri)).toEqual(['test:slow/0']);
    expect(source.givenBack).toEqual(['test:endless/0']);
    expect(processes.scans).toHaveLength(2);
  });

  test('does nothing if it was ended before', async () => {
    const { supervisor, source, processes } = supervise(named('ok', 3), { signal: AbortSignal.abort() });
    await supervisor.run();
    expect([source.takes, processes.scans]).toEqual([[], []]);
    expect(processes.opened.every(({ isClosed }) => isClosed)).toBe(true);
  });

  test('says that it works on what it holds, and on nothing else', async () => {
    const end = new AbortController();
    const { supervisor, source } = supervise([...named('endless'), ...named('ok', 3)], {
      signal: end.signal,
      heartbeat: 0.06,
    });
    const run = supervisor.run();
    await sleep(200);
    end.abort();
    await run;
    expect(source.touches.length).toBeGreaterThan(3);
    const last = source.touches.at(-1)!.map(({ dump: { uri } }) => uri);
    expect(last).toEqual(['test:endless/0']);
  });

  test('goes on without an end if it is to', async () => {
    const end = new AbortController();
    const { supervisor, source } = supervise(named('ok', 3), { signal: end.signal, isEndless: true });
    const run = supervisor.run();
    while (source.settled.length < 3) await sleep(1);
    await sleep(100);
    // It asks less and less often.
    expect(source.takes.length).toBeLessThan(15);
    end.abort();
    await run;
    expect(source.settled).toHaveLength(3);
  });

  test('waits for a scan of the same content, and reads it once', async () => {
    const first = sha256('x');
    let isScanned = false;
    setTimeout(() => {
      isScanned = true;
    }, 30);
    const setting: Partial<AttemptSetting> = {
      store: {
        hasSize: async () => true,
        isScanned: async () => isScanned,
        claimContent: async () => false,
      },
    };
    const reading = new FakeReading();
    setting.openDump = async (...given) => ({ ...(await reading.openDump(...given)), sha256: first });
    const { supervisor, source, processes } = supervise(named('ok'), {}, setting);
    await supervisor.run();
    expect(source.settled.map(({ outcome }) => outcome)).toEqual([{ type: 'known', sha256: first }]);
    expect([processes.scans.length, reading.opened.length]).toEqual([0, 1]);
  });

  test('reports failures without end in less than a megabyte', async () => {
    const { supervisor, notices } = supervise(named('forbidden', 5_000));
    await supervisor.run();
    expect(notices).toHaveLength(100);
    expect(JSON.stringify(notices).length).toBeLessThan(1 << 20);
  });
});
