import { describe, expect, test } from '@jest/globals';
import type { Store } from '../../../fleet/src/store/store.js';
import { Notices } from '../../../fleet/src/work/notices.js';
import type { WorkNotice } from '../../../fleet/src/work/options.js';
import { backoff, Patience } from '../../../fleet/src/work/patience.js';
import { patientStore } from '../../../fleet/src/work/patient-store.js';
import { Scope } from '../../../fleet/src/work/scope.js';
import { DumpsieveError } from '../../../src/index.js';
import './fakes.js';

const away = () => new DumpsieveError({ code: 'store-unreachable', message: 'away' }, 2);

function patient(most: number, signal?: AbortSignal) {
  const notices: WorkNotice[] = [];
  const all = new Notices((notice) => notices.push(notice));
  return { patience: new Patience({ most, notices: all, signal }), notices, all };
}

/** Fails some times, then returns. */
function flaky(times: number, error: () => unknown = away) {
  const state = { calls: 0 };
  const body = async (): Promise<string> => {
    if (++state.calls <= times) throw error();
    return 'done';
  };
  return { state, body };
}

describe('patience', () => {
  test('repeats what fails because the store is away, and says so', async () => {
    const { patience, notices } = patient(60_000);
    const { body, state } = flaky(2);
    expect(await patience.of(body)).toBe('done');
    expect([state.calls, notices.map(({ code }) => code)]).toEqual([
      3,
      ['store-unreachable', 'store-unreachable'],
    ]);
  });

  test('has an end', async () => {
    const { body, state } = flaky(Infinity);
    await expect(patient(100).patience.of(body)).rejects.toMatchObject({ code: 'store-unreachable' });
    expect(state.calls).toBeLessThan(5);
  });

  test.each([
    ['another error', () => new TypeError('mistake')],
    ['a store that is damaged', () => new DumpsieveError({ code: 'store-damaged', message: 'x' }, 2)],
  ])('does not repeat %s', async (_what, error) => {
    const { body, state } = flaky(1, error);
    await expect(patient(60_000).patience.of(body)).rejects.toThrow();
    expect(state.calls).toBe(1);
  });

  test('does not wait once the work has ended', async () => {
    const { body, state } = flaky(1);
    await expect(patient(60_000, AbortSignal.abort()).patience.of(body)).rejects.toThrow('away');
    expect(state.calls).toBe(1);
  });

  test('waits longer each time, up to a bound', () => {
    for (let n = 1; n < 40; n++) {
      const waits = backoff(n, 100, 5_000);
      const whole = Math.min(5_000, 100 * 2 ** (n - 1));
      expect(waits).toBeGreaterThanOrEqual(whole / 2);
      expect(waits).toBeLessThanOrEqual(whole);
    }
  });

  test('of a store keeps its fields, and counts no failure twice', async () => {
    const hasSize = flaky(1);
    const fail = flaky(1);
    class Fake {
      readonly #place = 'here';
      get place() {
        return this.#place;
      }
      hasSize = hasSize.body;
      fail = fail.body;
    }
    const store = patientStore(new Fake() as unknown as Store, patient(60_000).patience);
    expect(store.place).toBe('here');
    expect(await store.hasSize(1, 1)).toBe('done');
    await expect(store.fail({} as never, '', {} as never)).rejects.toThrow('away');
    expect([hasSize.state.calls, fail.state.calls]).toEqual([2, 1]);
  });
});

describe('notices', () => {
  test('are bounded by code and in all, and say what is left out', () => {
    const { notices, all } = patient(0);
    for (let code = 0; code < 20; code++)
      for (let i = 0; i < 200; i++) all.add({ code: `code-${code}`, message: 'x' });
    all.end();
    expect(notices).toHaveLength(1_001);
    expect(notices.filter(({ code }) => code === 'code-3')).toHaveLength(100);
    expect(notices.at(-1)).toMatchObject({
      code: 'notices-left-out',
      message: '3000 further notices were left out',
    });
  });
});

describe('the scope of a run', () => {
  test.each<[string, string[], string[]]>([
    ['one dump', ['file://h/a/b'], ['file://h/a/b']],
    ['a folder', ['file://h/a/x1', 'file://h/a/x2', 'file://h/a/x/3'], ['file://h/a/x']],
    ['a folder and itself', ['file://h/a/', 'file://h/a/b'], ['file://h/a/']],
    ['two buckets', ['s3://a/x/1', 's3://b/y', 's3://a/x/2'], ['s3://a/x/', 's3://b/y']],
    ['a disk and the web', ['file://h/a', 'https://w/b'], ['file://h/a', 'https://w/b']],
    ['a bucket as a whole', ['s3://a/', 's3://a/x'], ['s3://a/']],
  ])('of %s', (_what, uris, prefixes) => {
    const scope = new Scope();
    for (const uri of uris) scope.add(uri);
    expect(scope.prefixes).toEqual(prefixes);
    expect([...scope.local(), ...scope.remote()].sort()).toEqual([...prefixes].sort());
  });
});
