import { expect, test } from '@jest/globals';
import type { ScanEvent } from '../../src/core/model/report.js';
import { deferred } from '../../src/report/deferred-events.js';

const LIMIT = { offset: 0, length: 0, search: 'findings', target: 'blind', left: 1, reason: '' };

/** Events by their type: only what decides if they are deferred. `run` has the option `path`. */
const event = (type: string, { path = '', limits = 0 } = {}): ScanEvent =>
  ({
    type,
    options: { paths: [path] },
    warnings: [],
    coverage: { file: { unread: [] }, limits: new Array(limits).fill(LIMIT) },
  }) as unknown as ScanEvent;

/** Which events were made when each came out: `artifact@3` came out after three were made. */
async function order(events: readonly ScanEvent[], error?: Error): Promise<string[]> {
  let made = 0;
  async function* all(): AsyncGenerator<ScanEvent> {
    for (const each of events) {
      made++;
      yield each;
    }
    if (error) throw error;
  }
  const out: string[] = [];
  try {
    for await (const { type } of deferred(all())) out.push(`${type}@${made}`);
  } catch (thrown) {
    if (thrown !== error) throw thrown;
    out.push('error');
  }
  return out;
}

const artifacts = (count: number, limits = 0) =>
  Array.from({ length: count }, () => event('artifact', { limits }));

test.each<[string, ScanEvent[], string[]]>([
  [
    'a run with a path, and artifacts, come out with the first finding',
    [event('run', { path: 'core.1234' }), ...artifacts(2), event('finding'), event('summary')],
    ['run@4', 'artifact@4', 'artifact@4', 'finding@4', 'summary@5'],
  ],
  [
    'a run whose options are too short for a secret comes out at once',
    [event('run', { path: 'short' }), event('artifact'), event('summary')],
    ['run@1', 'artifact@3', 'summary@3'],
  ],
  ['without another event they come out at the end', artifacts(2), ['artifact@2', 'artifact@2']],
])('%s', async (_, events, expected) => {
  expect(await order(events)).toEqual(expected);
});

test('events before an error come out before it', async () => {
  expect(await order(artifacts(1), new Error('stop'))).toEqual(['artifact@1', 'error']);
});

test.each([
  ['10,000 events', 10_000, 0],
  ['100,000 ranges', 1, 100_000],
])('no more than %s are kept', async (_, count, limits) => {
  const out = await order([...artifacts(count, limits), event('artifact'), event('summary')]);
  expect(out.filter((each) => each === `artifact@${count}`)).toHaveLength(count);
  expect(out.slice(count)).toEqual([`artifact@${count + 2}`, `summary@${count + 2}`]);
});
