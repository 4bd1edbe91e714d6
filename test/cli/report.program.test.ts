import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FORMATS } from '../../src/core/model/report.js';
import { Planter } from '../e2e/planter.js';
import { runCli, startCli } from '../support/cli.js';
import { leaks } from '../support/planted.js';

const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-report-'));
const cwd = { cwd: folder };
const planter = new Planter();
const report = (...args: string[]) => runCli(['report', ...args], cwd);
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

beforeAll(async () => {
  planter.dump(folder, 1);
  planter.dump(folder, 2);
  const [one, two] = readdirSync(folder).sort();
  const outputs = FORMATS.flatMap((format) => ['--output', `${format}=scan.${format}`]);
  const scan = (name: string, ...args: string[]) => runCli(['scan', ...args, name], cwd);
  expect((await scan(one!, ...outputs)).status).toBe(1);
  await scan(two!, '--output', 'json=two.json', '--quiet');
  await scan('scan.junit', '--output', 'json=nothing.json', '--quiet');
});

afterAll(() => rmSync(folder, { recursive: true }));

const shortIds = (name: string): string[] =>
  JSON.parse(text(name)).findings.map(({ fingerprint }: { fingerprint: string }) => fingerprint.slice(3, 11));

describe.each(['json', 'ndjson'])('the report that scan saved as %s', (saved) => {
  test.each(FORMATS)('is the same %s as that of the scan', async (format) => {
    const { status, stdout, stderr } = await report(`scan.${saved}`, '--format', format);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    // It names the file from which one finding is explained.
    expect(stdout).toBe(text(`scan.${format}`).replaceAll('report scan.json', `report scan.${saved}`));
  });
});

test('files are written as those of a scan, all at once', async () => {
  const args = FORMATS.flatMap((format) => ['--output', `${format}=copy.${format}`]);
  const { status, stdout } = await report('scan.json', '--quiet', ...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  for (const format of FORMATS) expect(text(`copy.${format}`)).toBe(text(`scan.${format}`));
});

test('standard input is a report too', async () => {
  const { result } = startCli(['report', '-', '--format', 'ndjson'], {
    ...cwd,
    input: readFileSync(join(folder, 'scan.json')),
  });
  expect((await result).stdout).toBe(text('scan.ndjson'));
});

test('several reports are one', async () => {
  const { status, stdout } = await report('nothing.json', 'scan.ndjson', 'two.json', '--format', 'json');
  const whole = JSON.parse(stdout);
  expect(status).toBe(1);
  expect(whole.artifacts).toHaveLength(3);
  expect(whole.summary.artifacts).toBe(3);
  const ids = new Set([...shortIds('scan.json'), ...shortIds('two.json')]);
  expect(
    new Set(whole.findings.map((each: { fingerprint: string }) => each.fingerprint.slice(3, 11))),
  ).toEqual(ids);
});

describe('one finding', () => {
  test('is explained by its short id, by a prefix, and by its fingerprint', async () => {
    const [{ fingerprint, title }] = JSON.parse(text('scan.json')).findings;
    const all = await Promise.all(
      [fingerprint.slice(3, 11), fingerprint.slice(3, 9), fingerprint, fingerprint.slice(3)].map((id) =>
        report('scan.json', id),
      ),
    );
    expect(all[0]!.stdout).toContain(title);
    expect(all[0]!.stdout).toContain('What to do, in this order');
    expect(all[0]!.stdout.trimEnd().endsWith('--expect-absent')).toBe(true);
    for (const each of all) expect(each).toEqual(all[0]);
  });

  test('in other formats is a report of it alone', async () => {
    const [id] = shortIds('scan.json');
    const { stdout } = await report('scan.json', id!, '--format', 'json');
    expect(JSON.parse(stdout).findings).toHaveLength(1);
  });

  const wrong: [string, string[], string][] = [
    ['an unknown id', ['scan.json', '0123456789ab'], 'unknown-id'],
    ['an id that is too short', ['scan.json', 'abc'], 'unknown-id'],
    ['a missing file', ['scan.json', 'gone.json'], 'report-unreadable'],
    ['a folder', ['.'], 'report-unreadable'],
    ['a report of another format', ['scan.junit'], 'report-invalid'],
    ['a comparison as CSV', ['scan.json', '--since', 'two.json', '--format', 'csv'], 'wrong-call'],
    ['an id with --since', ['scan.json', 'abcd', '--since', 'two.json'], 'wrong-call'],
  ];
  test.each(wrong)('%s is exit 3', async (_, args, code) => {
    const { status, stdout, stderr } = await report(...args);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^dumpsieve: ${code}: `));
  });
});

describe('--since', () => {
  test('the same report has nothing new', async () => {
    const { status, stdout } = await report('scan.json', '--since', 'scan.ndjson');
    expect(status).toBe(0);
    expect(stdout).toContain('0 new, 0 failing now, 0 moved, 0 gone: nothing new fails the gate (exit 0)');
  });

  test('a finding that was not there is exit 1, in JSON too', async () => {
    const { status, stdout } = await report('two.json', '--since', 'scan.json', '--format', 'json');
    const { summary, ...changes } = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(summary).toMatchObject({ exit: 1, complete: true });
    for (const kind of ['new', 'failing', 'moved', 'gone']) expect(changes[kind]).toHaveLength(summary[kind]);
    expect(summary.new).toBe(shortIds('two.json').length);
  });

  test('only what is gone is exit 0', async () => {
    const { status, stdout } = await report('nothing.json', '--since', 'scan.json');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Gone: /);
  });
});

test('a report that is cut says so, and is exit 2', async () => {
  const half = text('scan.json').slice(0, text('scan.json').indexOf('"find":'));
  writeFileSync(join(folder, 'cut.json'), half);
  const { status, stdout, stderr } = await report('cut.json', '--format', 'json');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^dumpsieve: report-cut: cut\.json is cut/);
  expect(JSON.parse(stdout).complete).toBe(false);
});

test('a report is never written over one that is read', async () => {
  for (const args of [['scan.json'], ['two.json', '--since', 'scan.json']]) {
    const before = text('scan.json');
    const { status, stderr } = await report(...args, '--output', 'json=scan.json');
    expect(status).toBe(3);
    expect(stderr).toContain('bad-output');
    expect(text('scan.json')).toBe(before);
  }
});

test('the baseline is that of the configuration', async () => {
  writeFileSync(join(folder, '.dumpsieve.yaml'), 'baseline: accepted.json\n');
  const [id] = shortIds('scan.json');
  const words = ['--reason', 'a test', '--owner', 'qa', '--expires', '30d', '--from', 'scan.json'];
  const add = await runCli(['baseline', 'add', id!, ...words], cwd);
  expect({ status: add.status, out: add.stdout.slice(0, 14) }).toEqual({ status: 0, out: `added ${id}` });
  const list = await runCli(['baseline', 'list'], cwd);
  expect(list.stdout).toMatch(new RegExp(`^${id}  until \\d{4}-\\d\\d-\\d\\d  .*qa  a test\\n$`));
  const wrong = await runCli(['baseline', 'remove', 'ffffffff'], cwd);
  expect(wrong).toMatchObject({ status: 3, stderr: expect.stringContaining('unknown-id') });
  const remove = await runCli(['baseline', 'remove', id!], cwd);
  expect(remove.stdout).toMatch(new RegExp(`^removed ${id}  until .*\\n0 left\\n$`));
  await runCli(['baseline', 'add', id!, ...words], cwd);
  const prune = await runCli(['baseline', 'prune', '--from', 'nothing.json'], cwd);
  expect(prune.stdout).toContain(`removed ${id}`);
  expect((await runCli(['baseline', 'list'], cwd)).stdout).toBe('no entries\n');
  rmSync(join(folder, '.dumpsieve.yaml'));
  const none = await runCli(['baseline', 'list'], cwd);
  expect(none).toMatchObject({ status: 3, stderr: expect.stringContaining('--baseline is missing') });
});

/** A report with secrets in every text, and with what a terminal or a browser would act on. */
function spoilt(): { saved: string; planted: Planter } {
  const planted = new Planter('written into a report');
  const saved = JSON.parse(text('scan.json'));
  const [finding] = saved.findings;
  const at = (place: string) => `${planted.github(place)} \u001b]0;x\u0007 \u202e </script>`;
  for (const name of ['title', 'impact', 'rotate']) finding[name] = at(name);
  finding.notes = [at('notes')];
  finding.proof = [at('proof')];
  finding.claims = { [at('claim name')]: at('claim') };
  finding.location.path = at('location');
  finding.occurrences[0].region = { kind: 'module', name: at('region') };
  finding.occurrences[0].owner = { kind: 'field', name: at('owner'), of: at('class') };
  saved.artifacts[0].path = at('path');
  saved.artifacts[0].process = { name: at('process'), command: at('command') };
  saved.artifacts[0].warnings = [{ code: 'x', message: at('warning'), hint: at('hint') }];
  saved.options = { [at('option')]: at('value') };
  saved.find = [
    {
      ...{ name: at('target'), askedBy: 'value', alsoNamed: [at('further name')] },
      results: [{ artifact: 0, status: 'present', forms: [at('form')], complete: true }],
    },
  ];
  saved.summary.warnings = [{ code: 'y', message: at('summary') }];
  return { saved: JSON.stringify(saved), planted };
}

describe('a report into which secrets were written', () => {
  const files = ['spoilt.json'];
  let planted: Planter;

  beforeAll(() => {
    const made = spoilt();
    planted = made.planted;
    writeFileSync(join(folder, 'spoilt.json'), made.saved);
  });

  const calls: [string, string[]][] = [
    ...FORMATS.flatMap((format): [string, string[]][] => [
      [format, [...files, '--format', format]],
      [`${format} of two`, [...files, 'two.json', '--format', format]],
    ]),
    ...['pretty', 'json'].flatMap((format): [string, string[]][] => [
      [`${format} of what is new`, [...files, '--since', 'nothing.json', '--format', format]],
      [`${format} of what is gone`, ['nothing.json', '--since', ...files, '--format', format]],
    ]),
    ['an explanation', files],
  ];
  test.each(calls)('%s shows none of them, and no control character', async (name, args) => {
    const [id] = shortIds('spoilt.json');
    const { status, stdout, stderr } = await report(...args, ...(name === 'an explanation' ? [id!] : []));
    expect([0, 1]).toContain(status);
    expect(leaks(planted.planted, stdout + stderr)).toEqual([]);
    expect(stdout).not.toMatch(/[\0-\x09\x0b-\x1f\x7f\u202e]/);
  });
});

test('a cut or spoilt file leaves no report behind', async () => {
  appendFileSync(join(folder, 'two.json'), 'x');
  const { status } = await report('two.json', '--output', 'sarif=left.sarif');
  expect(status).toBe(3);
  expect(existsSync(join(folder, 'left.sarif'))).toBe(false);
});
