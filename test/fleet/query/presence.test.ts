import { expect, test } from '@jest/globals';
import type { Presence } from '../../../fleet/src/model/answers.js';
import { presenceOf } from '../../../fleet/src/query/presence.js';
import { answer, type FakeDump, FakeQuestions, foundKey, foundValue, TARGETS } from './fake-questions.js';

type Row = [
  name: string,
  target: keyof typeof TARGETS,
  dumps: FakeDump[],
  presence: Presence,
  isProvenAbsent: boolean,
];

const absent = (target: keyof typeof TARGETS): FakeDump => ({ answers: [answer(target, 'absent')] });

test.each<Row>([
  ['no dump was asked about', 'publicKey', [], 'not-found-by-rules', false],
  ['a rule has found it', 'publicKey', [{}, { found: [foundKey] }], 'present', false],
  ['a rule has found it by its SSH fingerprint', 'ssh', [{ found: [foundKey] }], 'present', false],
  ['a rule has found the value', 'value', [{ found: [foundValue] }], 'present', false],
  ['a rule has found something else', 'value', [{ found: [foundKey] }], 'not-found-by-rules', false],
  [
    '--find alone has found it',
    'publicKey',
    [{ answers: [answer('publicKey', 'present')] }],
    'present',
    false,
  ],
  [
    '--find with the private key has found it',
    'publicKey',
    [{ answers: [answer('privateKey', 'present')] }],
    'present',
    false,
  ],
  [
    '--find with a digest has found it',
    'privateKey',
    [{ answers: [answer('digest', 'present', false)] }],
    'present',
    false,
  ],
  ['all were searched', 'publicKey', [absent('publicKey'), absent('publicKey')], 'absent', true],
  ['all were searched for the private key', 'publicKey', [absent('privateKey')], 'absent', true],
  [
    'all were searched by its public half, which is less than asked',
    'privateKey',
    [absent('publicKey')],
    'not-found-by-rules',
    false,
  ],
  ['a digest is looked for by any search', 'digest', [absent('publicKey')], 'absent', true],
  ['of one no search is known', 'publicKey', [absent('publicKey'), {}], 'not-found-by-rules', false],
  [
    'one is not scanned',
    'publicKey',
    [absent('publicKey'), { state: 'not-scanned' }],
    'not-found-by-rules',
    false,
  ],
  [
    'one search was not complete',
    'publicKey',
    [absent('publicKey'), { answers: [answer('publicKey', 'absent', false)] }],
    'not-found-by-rules',
    false,
  ],
  [
    'its public half alone was seen by complete searches',
    'publicKey',
    [absent('publicKey'), { answers: [answer('publicKey', 'public-only')] }],
    'public-only',
    true,
  ],
  [
    'its public half alone was seen, and not all was searched',
    'publicKey',
    [{}, { answers: [answer('publicKey', 'public-only')] }],
    'public-only',
    false,
  ],
  ['a value was searched for', 'value', [absent('value')], 'absent', true],
  [
    'one search says absent, and a rule under other rules has found it',
    'publicKey',
    [{ ...absent('publicKey'), found: [foundKey] }],
    'present',
    false,
  ],
])('%s (%s)', async (_name, target, dumps, presence, isProvenAbsent) => {
  const found = await presenceOf(TARGETS[target], new FakeQuestions(dumps), {});
  expect({ presence: found.presence, isProvenAbsent: found.isProvenAbsent }).toEqual({
    presence,
    isProvenAbsent,
  });
});

test('a dump with a finding has one line: its answer by --find says no more', async () => {
  const dumps: FakeDump[] = [
    { found: [foundKey], answers: [answer('publicKey', 'present')] },
    { answers: [answer('publicKey', 'present')] },
  ];
  const { found, answers } = await presenceOf(TARGETS.publicKey, new FakeQuestions(dumps), {});
  expect(found.map(({ dump }) => dump.id)).toEqual([0]);
  expect(answers.map(({ dump }) => dump.id)).toEqual([1]);
});
