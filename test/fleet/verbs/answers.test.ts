import { beforeAll, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import type { QueryEvent } from '../../../fleet/src/index.js';
import { presenceOf } from '../../../fleet/src/query/presence.js';
import { ReportEvents } from '../../../fleet/src/query/report-events.js';
import { PrettyAnswers } from '../../../fleet/verbs/answers.js';
import { JsonAnswers } from '../../../fleet/verbs/json.js';
import * as host from '../../../src/index.js';
import { expectGolden } from '../../report/golden.js';
import { validateEvent } from '../../support/reports.js';
import {
  answer,
  type FakeDump,
  FakeQuestions,
  foundKey,
  foundValue,
  TARGETS,
} from '../query/fake-questions.js';

/** Answers in each format, from made-up stores. */

beforeAll(() => useHost(host));

const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`;
const dumps: FakeDump[] = [
  {
    shown: { uri: 's3://crashes/web-1/core.1', host: 'web-1', hostFrom: 'label', at: at(3), atFrom: 'label' },
    found: [foundKey, foundValue],
  },
  {
    shown: {
      uri: 'file://here/var/crash/core.zst',
      host: 'web-2',
      hostFrom: 'report',
      at: at(1),
      atFrom: 'dump',
    },
    found: [
      { ...foundKey, finding: { ...foundKey.finding, place: { ...foundKey.finding.place, member: 'core' } } },
    ],
    state: 'incomplete',
  },
  {
    shown: { uri: 's3://crashes/a\u001b[31m.core', program: 'api', pid: 7 },
    answers: [answer('publicKey', 'present', false)],
  },
  { shown: { uri: 's3://crashes/new' }, state: 'not-scanned' },
];

const end = async (questions: FakeQuestions, exit: 0 | 1 | 2): Promise<QueryEvent> => ({
  ...{ type: 'end', exit, store: 'hunt.db' },
  asked: await questions.asked([]),
});

async function targetEvents(all: FakeDump[], target: keyof typeof TARGETS): Promise<QueryEvent[]> {
  const questions = new FakeQuestions(all);
  const presence = await presenceOf(TARGETS[target], questions, {});
  return [{ type: 'target', ...presence }, await end(questions, 2)];
}

async function foundEvents(): Promise<QueryEvent[]> {
  const questions = new FakeQuestions(dumps);
  const events: QueryEvent[] = [];
  for await (const each of questions.findings(undefined)) events.push({ type: 'found', ...each });
  return [...events, await end(questions, 1)];
}

const repeated: QueryEvent = {
  ...{ type: 'repeated', secret: foundKey.secret, contents: 11, dumps: 12, hosts: ['web-1', 'web-2'] },
  ...{ firstAt: at(1), lastAt: at(20) },
};

const scenes: Record<string, () => Promise<QueryEvent[]>> = {
  present: () => targetEvents(dumps, 'publicKey'),
  absent: () => targetEvents([{ answers: [answer('value', 'absent')] }], 'value'),
  'not-found': () => targetEvents([{}, {}], 'digest'),
  'public-only': () => targetEvents([{ answers: [answer('publicKey', 'public-only')] }, {}], 'publicKey'),
  found: foundEvents,
  repeated: async () => [repeated, await end(new FakeQuestions(dumps), 1)],
  nothing: async () => [await end(new FakeQuestions([]), 2)],
};

const listOf = (scene: string) =>
  scene === 'repeated' ? 'repeated' : scene === 'found' || scene === 'nothing' ? 'found' : 'targets';

async function written(scene: string, format: 'pretty' | 'json' | 'csv'): Promise<string> {
  const events = await scenes[scene]!();
  const parts: string[] = [];
  const write = (text: string): void => void parts.push(text);
  if (format === 'csv') {
    const report = new ReportEvents();
    for (const event of events) report.add(event);
    const reporter = host.reporters.csv(write, { color: false });
    for await (const event of report.events({ version: '0.1.0', command: ['hunt'], startedAt: at(30) })) {
      validateEvent(JSON.parse(JSON.stringify(event)));
      reporter.event(event);
    }
    reporter.end();
  } else {
    const writer =
      format === 'pretty'
        ? new PrettyAnswers(write)
        : new JsonAnswers(write, { version: '0.1.0', list: listOf(scene) });
    for (const event of events) writer.event(event);
    writer.end();
  }
  return parts.join('');
}

describe.each(Object.keys(scenes))('the answer %s', (scene) => {
  test.each(['pretty', 'json', 'csv'] as const)('as %s', async (format) => {
    const text = await written(scene, format);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expectGolden(`hunt/${scene}.${format}.golden.txt`, text);
  });
});

test('JSON of each scene is one document, with how it ended', async () => {
  for (const scene of Object.keys(scenes)) {
    const document = JSON.parse(await written(scene, 'json')) as Record<string, unknown>;
    expect(document).toMatchObject({ schemaVersion: 1, tool: { name: 'dumpsieve' }, store: 'hunt.db' });
    expect(document.exit).toEqual(expect.any(Number));
  }
});

test('an answer that was stopped is a document without an end', () => {
  const parts: string[] = [];
  const writer = new JsonAnswers((text) => parts.push(text), { version: '0.1.0', list: 'repeated' });
  writer.event(repeated);
  writer.end();
  const document = JSON.parse(parts.join('')) as Record<string, unknown>;
  expect(document).toMatchObject({ repeated: [{ dumps: 12 }] });
  expect(document).not.toHaveProperty('exit');
});

test('no more than 200 dumps of a target are listed for people', async () => {
  const many = Array.from({ length: 250 }, (): FakeDump => ({ found: [foundKey] }));
  const [event] = await targetEvents(many, 'publicKey');
  const parts: string[] = [];
  new PrettyAnswers((text) => parts.push(text)).event(event!);
  const text = parts.join('');
  expect(text.match(/file:\/\/here/g)).toHaveLength(200);
  expect(text).toContain('PRESENT in 250 dumps');
  expect(text).toContain('and 50 more');
});
