import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { listRules } from '../../src/api/check.js';
import { type CorpusCheck, checkCorpus } from '../../src/api/corpus.js';
import { corpusLines } from '../../src/cli/rules-corpus.js';
import { withTempDir } from '../support/folder.js';

const ONLY = ['github-token', 'slack-token', 'stripe-live-key'];
const [github] = await listRules({ only: ['github-token'] });
const token = github!.examples[0]!;

/** Too few for the pattern: the hit filter drops the anchor before them. */
const LETTERS = 'y'.repeat(20);

async function checked(files: Readonly<Record<string, string>>): Promise<CorpusCheck> {
  return withTempDir(async (folder) => {
    mkdirSync(join(folder, 'sub'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, 'latin1');
    return checkCorpus([folder], { only: ONLY });
  });
}

test('counts hits, matches and findings, the dearest rule and anchor first', async () => {
  const report = await checked({
    'a.txt': `${`ghp_${LETTERS} `.repeat(50)}ghs_${LETTERS} ${token}`,
    'sub/b.txt': [
      ...[token, '\n', Buffer.from(`ghp_${LETTERS}`, 'utf16le').toString('latin1')],
      `ghp_${'x'.repeat(36)}`,
    ].join(''),
  });
  expect(report).toMatchObject({ artifacts: 2, complete: true });
  const [first, ...others] = report.rules;
  expect(first).toMatchObject({
    ruleId: 'github-token',
    candidates: 3,
    findings: { 'high high': 1, 'info low': 1 },
  });
  expect(first!.milliseconds).toBeGreaterThan(0);
  expect(first!.millisecondsPerGb).toBeCloseTo((first!.milliseconds * 1e9) / report.bytes, 3);
  expect(others.map(({ hits, candidates }) => [hits, candidates])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  const [dearest, next] = report.literals;
  expect(dearest).toMatchObject({ literal: '"ghp_"', rules: ['github-token'], hits: 54 });
  expect(dearest!.examined).toBe(first!.hits);
  expect(dearest!.examined).toBeLessThan(10);
  expect(next).toMatchObject({ literal: '"ghs_"', hits: 1, examined: 0 });
  const shown = `${JSON.stringify(report)}\n${corpusLines(report).join('\n')}`;
  expect(shown).not.toContain(token.slice(4, 12));
  expect(corpusLines(report, 60).every((line) => line.length <= 60)).toBe(true);
});

test('a corpus without a byte is a wrong call', async () => {
  await expect(checked({ empty: '' })).rejects.toMatchObject({ code: 'empty-corpus', exit: 3 });
});
