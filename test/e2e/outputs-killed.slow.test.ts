import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { validateReport } from '../support/reports.js';

const KILLS = 24;
/** Milliseconds: from before the first output is opened to after the end of the scan. */
const LATEST = 1_500;
const SIGNALS: readonly NodeJS.Signals[][] = [
  ['SIGINT'],
  ['SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGHUP', 'SIGTERM'],
];

test('a scan that is stopped at any time leaves the old reports or whole ones, and no other file', () =>
  withTempDir(async (cwd) => {
    const random = new SeededRandom('killed');
    const tokens = Array.from({ length: 8_000 }, () => githubToken(random));
    writeFileSync(join(cwd, 'core'), tokens.join('\n'));
    const args = [
      'scan',
      '-q',
      '--jobs',
      '1',
      '--output',
      'json=r.json',
      '--output',
      'ndjson=r.ndjson',
      'core',
    ];
    const ended = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      for (const name of ['r.json', 'r.ndjson']) writeFileSync(join(cwd, name), 'old');
      const { child, result } = startCli(args, { cwd });
      await sleep((kill * LATEST) / KILLS);
      for (const signal of SIGNALS[kill % SIGNALS.length]!) child.kill(signal);
      await result;
      expect(readdirSync(cwd).sort()).toEqual(['core', 'r.json', 'r.ndjson']);
      const [json, ndjson] = ['r.json', 'r.ndjson'].map((name) => readFileSync(join(cwd, name), 'utf8'));
      if (json !== 'old') validateReport(JSON.parse(json!));
      if (ndjson !== 'old') expect(ndjson!.trimEnd().split('\n').at(-1)).toMatch(/^\{"type":"summary"/);
      ended.add(json === 'old' ? 'old' : 'new');
    }
    expect([...ended].sort()).toEqual(['new', 'old']);
  }));
