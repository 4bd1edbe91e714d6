import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliResult, runCli } from '../support/cli.js';
import { leaks, plantedToken } from '../support/planted.js';
import { Planter } from './planter.js';

/** One rule with `field` set by the caller in YAML's flow style; the other fields are valid. */
function rule(field: string, value: string): string {
  const fields: Record<string, string> = {
    id: 'planted',
    name: 'Planted',
    kind: 'token',
    severity: 'high',
    signing: 'false',
    impact: 'none',
    rotate: 'no need',
    anchors: '[planted]',
    pattern: "'(?P<secret>planted[a-z]{8})'",
    [field]: value,
  };
  return `- {${Object.entries(fields)
    .map(([name, text]) => `${name}: ${text}`)
    .join(', ')}}\n`;
}

/** Invalid rule files, each with a secret in a wrong place. */
const wrongRules: [string, (secret: string) => string][] = [
  ['id', (s) => rule('id', s)],
  ['kind', (s) => rule('kind', s)],
  ['severity', (s) => rule('severity', s)],
  ['signing', (s) => rule('signing', s)],
  ['detector', (s) => rule('detector', s)],
  ['pattern', (s) => rule('pattern', `'(?P<secret>${s}'`)],
  ['pattern without a secret group', (s) => rule('pattern', `'${s}'`)],
  ['checks', (s) => rule('checks', `[${s}]`)],
  ['encodings', (s) => rule('encodings', `[${s}]`)],
  ['boundary', (s) => rule('boundary', s)],
  ['window', (s) => rule('window', s)],
  ['near', (s) => rule('near', s)],
  ['entropy', (s) => rule('entropy', s)],
  ['caseless', (s) => rule('caseless', s)],
  ['references', (s) => rule('references', s)],
  ['hex anchor', (s) => rule('anchors', `[{hex: ${s}}]`)],
  ['unknown field', (s) => rule(s, 'true')],
  ['syntax of YAML', (s) => `- id: "${s}\n  name: [`],
  ['not a list', (s) => `${s}\n`],
  ['example that does not match', (s) => rule('examples', `[[${s}]]`)],
];

/** Wrong calls, each with a secret at the mistake. */
const wrongCalls: ((secret: string) => string[])[] = [
  (s) => ['scan', `/missing/${s}`],
  (s) => ['scan', '--if-no-files', 'error', `/missing/*${s}*`],
  (s) => ['scan', '--format', s, '.'],
  (s) => ['scan', '--fail-on', s, '.'],
  (s) => ['scan', '--fail-on-kind', s, '.'],
  (s) => ['scan', '--min-confidence', s, '.'],
  (s) => ['scan', '--if-no-files', s, '.'],
  (s) => ['scan', '--jobs', s, '.'],
  (s) => ['scan', '--only', s, '.'],
  (s) => ['scan', '--skip', s, '.'],
  (s) => ['scan', '--rules', `/missing/${s}`, '.'],
  (s) => ['scan', '--effort', s, '.'],
  (s) => ['scan', '--accept-limits', s, '.'],
  (s) => ['scan', '--output', s, '.'],
  (s) => ['scan', '--output', `${s}=out`, '.'],
  (s) => ['scan', '--output', `json=/missing/${s}/out`, '.'],
  (s) => ['scan', '--spool-dir', `/missing/${s}`, '-'],
  (s) => ['scan', `--${s}`, '.'],
  (s) => ['scan', `--format=${s}`, '.'],
  (s) => [s],
  (s) => ['rules', s],
  (s) => ['rules', 'show', s],
];

const planter = new Planter('wrong calls');
const home = mkdtempSync(join(tmpdir(), 'dumpsieve-leak-'));
afterAll(() => rmSync(home, { recursive: true }));

const outputOf = ({ stdout, stderr }: CliResult): string => `${stdout}\n\n${stderr}`;

describe('no secret of a rule file', () => {
  let results: CliResult[];

  beforeAll(async () => {
    const folders = wrongRules.map(([place, yaml], i) => {
      const folder = join(home, `rules ${i}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'planted.yaml'), yaml(planter.github(place)));
      return folder;
    });
    const calls = folders.flatMap((folder) => [
      ['rules', 'check', '--rules', folder],
      ['scan', '--debug', '--rules', folder, folder],
    ]);
    results = await Promise.all(calls.map((args) => runCli(args, { cwd: home })));
  });

  test.each(wrongRules.map(([place], i) => [place, i] as const))('is in the message about its %s', (_, i) => {
    const [check, scan] = results.slice(2 * i, 2 * i + 2) as [CliResult, CliResult];
    for (const result of [check, scan]) expect(leaks(planter.planted, outputOf(result))).toEqual([]);
    expect(check.status).toBe(3);
    expect(outputOf(check)).toContain('planted.yaml'); // the message is still useful
    expect(outputOf(scan)).toMatch(/\S/);
  });
});

describe('no secret of a wrong call', () => {
  let results: CliResult[];

  beforeAll(async () => {
    const calls = wrongCalls.map((call, i) => call(planter.github(`call ${i}`)));
    results = await Promise.all(calls.map((args) => runCli(args, { cwd: home })));
  });

  test.each(wrongCalls.map((call, i) => [call('SECRET').join(' '), i] as const))(
    'is in its message: %s',
    (_, i) => {
      const result = results[i]!;
      expect(leaks(planter.planted, outputOf(result))).toEqual([]);
      expect(result.status).toBeGreaterThanOrEqual(2);
      expect(outputOf(result)).toMatch(/\S/);
    },
  );
});

/** No rule matches a part of such a token: a message that quotes one has to quote it whole. */
test.each([
  (s: string) => ['scan', '--accept-limits', s, '.'],
  (s: string) => ['scan', '--effort', s, '.'],
  (s: string) => ['scan', '--only', s, '.'],
  (s: string) => ['scan', '--skip', s, '.'],
  (s: string) => ['scan', '--config', `/missing/${s}`, '.'],
  (s: string) => ['rules', 'show', s],
])('no part of a long token is in a message: %s', async (call) => {
  const half = () => createHash('sha512').update(`half ${call}`).digest('hex').slice(0, 74);
  const token = ['sk-proj-', half(), 'T3Blbk', 'FJ', half()].join('');
  const result = await runCli(call(token), { cwd: home });
  expect(leaks([plantedToken('call', token, 'sk-proj-')], outputOf(result))).toEqual([]);
  expect(outputOf(result)).toContain('[masked: ');
});

test('42 secrets are planted, in addition to those of dumps', () => {
  expect(planter.planted).toHaveLength(42);
});
