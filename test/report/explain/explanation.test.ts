import { describe, expect, test } from '@jest/globals';
import type { ArtifactReport, Finding } from '../../../src/core/model/report.js';
import { explain, proofInWords } from '../../../src/report/explain/explanation.js';
import { explanationText } from '../../../src/report/explain/text.js';
import { measures } from '../../../src/report/prevention/measures.js';
import { artifact, finding, keyFinding, notCounted } from '../events.js';
import { expectGolden } from '../golden.js';

const node = artifact({ process: { pid: 7, name: 'node', executable: '/usr/bin/node' } });
const java = artifact({ path: 'dumps/java.hprof', format: 'hprof', process: {} });
const ARTIFACTS: readonly ArtifactReport[] = [node, java];

const shown = (found: Finding, width?: number): string =>
  explanationText(
    explain(found, (number) => ARTIFACTS[number], measures()),
    width,
  );

const signer = keyFinding({
  key: {
    ...keyFinding().key!,
    keyIds: ['2026-01'],
    accounts: ['robot@acme.example'],
    tokens: [
      {
        artifact: 0,
        offset: 1,
        issuer: 'https://acme.example',
        subject: 'jo',
        expires: '2026-05-01T00:00:00Z',
      },
    ],
    tokenCount: 12,
  },
});

const cases: [string, Finding][] = [
  ['key', signer],
  ['token', finding()],
  ['accepted', notCounted('baseline', { severity: 'high', fingerprint: null })],
];

test.each(cases)('the explanation of a %s', (name, found) => {
  expectGolden(`explain/${name}.golden.txt`, shown(found));
  expectGolden(`explain/${name}.80.golden.txt`, shown(found, 80));
});

describe('an explanation', () => {
  test.each(cases)('of a %s ends with the scan that proves it', (_, found) => {
    for (const width of [undefined, 40, 80, 120]) {
      const last = shown(found, width).trimEnd().split('\n').at(-1);
      expect(last).toMatch(/^ {2}dumpsieve scan NEW --find (key\.pem|secret\.env) --expect-absent$/);
    }
  });

  test.each(cases)('of a %s keeps to the terminal, but for words that are wider', (_, found) => {
    for (const line of shown(found, 80).split('\n'))
      if (line.length > 80) expect(line.trim().split(' ').length).toBeLessThan(4);
  });

  test('has the order: stop using it, contain the dump, keep it out, prove it', () => {
    const text = shown(signer);
    const steps = ['1. Stop using it', '2. Contain', '3. Keep it out', '4. Make a new dump', 'does NOT help'];
    const places = steps.map((step) => text.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('says which measures were verified and which are documented alone', () => {
    const text = shown(signer);
    for (const line of text.split('\n').filter((each) => /^ {2}- (helps|does NOT)/.test(each)))
      expect(line).toMatch(/\[(documented: .+|depends: .+|verified by test\/report\/prevention\/.+)\]\.$/);
  });

  test('of a report that was cut names its artifacts by number', () => {
    expect(explanationText(explain(signer, () => undefined, measures()))).toContain('artifact 0: offset');
  });
});

test.each([
  ['n = p*q', /product of the two primes/],
  ['e*d = 1 mod lcm(p-1, q-1, …)', /decrypts/],
  ['verifies the JWT at 0x10', /signed with it/],
  ['Base58Check checksum matches', /checksum/],
])('%s in words', (statement, words) => {
  const text = proofInWords(statement);
  expect(text.startsWith(`${statement}: `)).toBe(true);
  expect(text).toMatch(words);
});

test('a statement without words is itself', () => expect(proofInWords('holds')).toBe('holds'));
