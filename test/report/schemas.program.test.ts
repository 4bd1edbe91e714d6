import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { RUNS } from './event-streams.js';
import { artifact, finding, run, summary } from './events.js';
import { render } from './render.js';
import { junitProblems, sarifProblems } from './schemas.js';

/** Hostile names and texts. */
const HOSTILE = [
  run(),
  artifact({
    path: 'a b%c#d?e<>"&\'[]{}|^`é\\x1b.core!..\\..\\x',
    warnings: [{ code: 'odd', message: ']]>', offset: 0 }],
  }),
  finding({ title: '<script>&"]]>\u0001\ufffe', proof: ['<!--', '\u{1f511}'] }),
  summary(),
];

const runs = Object.entries({ ...RUNS, hostile: HOSTILE });

describe('SARIF', () => {
  test.each(runs)('run %s is valid by the schema', (_, events) => {
    expect(sarifProblems(render('sarif', events))).toEqual([]);
  });

  test('the schema is used: it rejects a wrong level and a missing message', () => {
    const log = JSON.parse(render('sarif', RUNS.findings!));
    log.runs[0].results[0].level = 'fatal';
    delete log.runs[0].results[1].message;
    expect(sarifProblems(JSON.stringify(log))).toHaveLength(2);
  });
});

describeWith(['xmllint'], 'JUnit', () => {
  test.each(runs)('run %s is valid by the schema', async (_, events) => {
    await withTempDir((folder) => expect(junitProblems(render('junit', events), folder)).toBe(''));
  });

  test('the schema is used: it rejects an unknown attribute', async () => {
    const report = render('junit', RUNS.findings!).replace('<testsuite ', '<testsuite certainty="1" ');
    await withTempDir((folder) => expect(junitProblems(report, folder)).toContain("'certainty'"));
  });
});

describeWith(['xmllint'], 'a dump with 10,000 tokens', () => {
  test('the reports are valid and within the limits of GitHub', async () => {
    await withTempDir(async (cwd) => {
      const random = new SeededRandom('ten thousand');
      const tokens = Array.from({ length: 10_000 }, () => githubToken(random));
      writeFileSync(join(cwd, 'many.raw'), tokens.join('\0'));
      const outputs = ['--output=junit=out.xml', '--output=markdown=out.md'];
      const { status, stdout } = await runCli(['scan', '--format=sarif', ...outputs, 'many.raw'], { cwd });
      expect(status).toBe(1);
      expect(sarifProblems(stdout)).toEqual([]);
      const { results } = JSON.parse(stdout).runs[0];
      expect(results).toHaveLength(10_000);
      const prints = results.map((each: { partialFingerprints: object }) =>
        JSON.stringify(each.partialFingerprints),
      );
      expect(new Set(prints).size).toBe(10_000);
      // Uploads of code scanning: at most 10 MB gzipped; of a step's summary: 1 MiB.
      expect(gzipSync(stdout).length).toBeLessThan(10e6);
      expect(statSync(join(cwd, 'out.md')).size).toBeLessThan(2 ** 20);
      const junit = readFileSync(join(cwd, 'out.xml'), 'utf8');
      expect(junit.match(/<failure /g)).toHaveLength(10_000);
      expect(junitProblems(junit, cwd)).toBe('');
    });
  });
});
