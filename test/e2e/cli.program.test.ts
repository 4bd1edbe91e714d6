import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { hasReadInput, PIPE_FULL, reportOf, runCli, scanJson, startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { validateReport, validateText } from '../support/reports.js';
import { fixtures, withCauses } from './causes.js';

describe('the exit status', () => {
  const rows: [status: number, args: string][] = [
    // One cause.
    [0, 'idle.core'],
    [1, 'signer.core'],
    [1, 'wide.raw'],
    [2, 'unread.rar'],
    [2, 'missing.core'],
    [3, '--rules rules idle.core'],
    [3, '--no-such-flag idle.core'],
    [3, '--format no-such-format idle.core'],
    [3, '--fail-on no-such-severity idle.core'],
    [3, '--only no-such-rule idle.core'],
    [3, ''],
    // Two causes: 3 outranks 1, 1 outranks 2.
    [1, 'signer.core unread.rar'],
    [1, 'signer.core missing.core'],
    [1, 'signer.core idle.core'],
    [2, 'idle.core unread.rar'],
    [2, 'idle.core missing.core'],
    [2, 'unread.rar missing.core'],
    [3, '--rules rules signer.core'],
    [3, '--rules rules unread.rar'],
    [3, '--rules rules missing.core'],
    [3, '--no-such-flag signer.core missing.core'],
    // --exit-zero removes findings before causes are ranked.
    [0, '--exit-zero signer.core'],
    [2, '--exit-zero signer.core unread.rar'],
    [2, '--exit-zero signer.core missing.core'],
    [2, '--exit-zero --strict signer.core cut.core'],
    [3, '--exit-zero --rules rules signer.core'],
    // Only --strict reacts.
    [0, 'cut.core'],
    [2, '--strict cut.core'],
    [1, '--strict cut.core signer.core'],
    [2, 'cut.hprof'],
    [2, 'unwritten.dmp'],
    [1, 'unwritten.dmp signer.core'],
    [0, 'unparsed.vmss'],
    [2, '--strict unparsed.vmss'],
    [1, '--strict unparsed.vmss signer.core'],
    [3, '--strict --rules rules unparsed.vmss'],
    // Thresholds.
    [0, '--fail-on critical wide.raw'],
    [1, '--fail-on high wide.raw'],
    [1, '--fail-on critical signer.core'],
    [0, '--fail-on-kind private-key wide.raw'],
    [1, '--fail-on-kind private-key signer.core'],
    [1, '--fail-on-kind private-key,token wide.raw'],
    [0, '--min-confidence proven wide.raw'],
    [1, '--min-confidence proven signer.core'],
    [0, '--only-signing wide.raw'],
    [1, '--only-signing signer.core'],
    [0, '--skip github-token,named-secret:* wide.raw'],
    [1, '--only github-token wide.raw'],
    // No input, and unreadable input.
    [0, 'empty'],
    [0, '--if-no-files warn empty'],
    [0, '--if-no-files ignore empty'],
    [2, '--if-no-files error empty'],
    [2, '--if-no-files error *.none'],
    [0, '*.none'],
    [2, '--strict *.none'],
    [2, '--strict --if-no-files ignore empty'],
    [2, '--if-no-files ignore missing.core'],
    [1, '--if-no-files error empty signer.core'],
  ];

  test.each(rows)('is %d for scan %s', async (status, args) => {
    await withCauses(async (cwd) => {
      const words = args.split(' ').filter((word) => word !== '');
      const result = await runCli(['scan', '--format', 'json', ...words], { cwd });
      expect(result).toMatchObject({ status, signal: null });
      if (status === 3) {
        expect(result.stdout).toBe('');
        expect(result.stderr).toMatch(/\S/);
        return;
      }
      const report = reportOf(result);
      const read = !report.artifacts.some((artifact) => artifact.coverage.file.unread.length > 0);
      const counts = report.findings.some((finding) => finding.counts);
      expect(report.verdict === 'findings').toBe(counts);
      if (status === 0) expect({ complete: report.complete, read }).toEqual({ complete: true, read: true });
      if (status === 2) expect(report.complete).toBe(false);
      if (/unread|missing/.test(args)) expect(report.complete).toBe(false);
    });
  });

  test.each([
    [0, 'idle.core'],
    [1, 'signer.core'],
    [2, 'unread.rar'],
    [3, '--no-such-flag idle.core'],
  ])('is %d of the process itself for scan %s', async (status, args) => {
    await withCauses(async (cwd) => {
      expect(await startCli(['scan', ...args.split(' ')], { cwd }).result).toMatchObject({
        status,
        signal: null,
      });
    });
  });

  test('is 3 for an unknown verb, with a hint at --help', async () => {
    const result = await runCli(['no-such-verb']);
    expect(result).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('--help') });
  });

  test('states why a finding does not count', async () => {
    await withCauses(async (cwd) => {
      const { report } = await scanJson(['--fail-on', 'critical', 'wide.raw'], { cwd });
      expect(report.findings.map(({ ruleId, counts, reason }) => ({ ruleId, counts, reason }))).toEqual([
        { ruleId: 'github-token', counts: false, reason: 'below-threshold' },
      ]);
      expect(report.summary.notCounted).toMatchObject({ 'below-threshold': 1 });
    });
  });

  test('is 2 for a device, which is rejected', async () => {
    const result = await runCli(['scan', '/dev/zero'], { timeout: 300_000 });
    expect(result.status).toBe(2);
    expect(`${result.stdout}${result.stderr}`).toContain('/dev/zero');
  });
});

describe('the fixtures', () => {
  test('yield the secrets put into them, and exit 1', async () => {
    await withCauses(async (cwd) => {
      const { report } = await scanJson(['signer.core'], { cwd });
      const { keys, tokens, bytes } = fixtures['signer.core'];
      const counted = report.findings.filter((finding) => finding.counts);
      expect(counted.filter((f) => f.kind === 'private-key').map((f) => f.confidence)).toEqual(
        Object.keys(keys).map(() => 'proven'),
      );
      const places = counted.map((f) => f.location.offset);
      expect(places).toContain(bytes.indexOf(tokens.github!));
      expect(places).toContain(bytes.indexOf(tokens.npm!));
      const regions = counted.map((f) => f.location.region);
      expect(regions).toContainEqual({ kind: 'environment', name: 'GITHUB_TOKEN' });
      expect(regions).toContainEqual({ kind: 'environment', name: 'NPM_TOKEN' });
      const rsa = counted.find((f) => f.key?.algorithm === 'RSA');
      expect(rsa).toMatchObject({ severity: 'critical', location: { region: { kind: 'heap' } } });
      expect(rsa?.proof.join()).toMatch(/JWT/);
      expect(report.artifacts[0]?.process).toMatchObject({ pid: 4242, name: 'signer', signal: 11 });
    });
  });

  test('yield the same for any number of jobs', async () => {
    await withCauses(async (cwd) => {
      const [one, two] = await Promise.all(
        ['1', '2'].map((jobs) => scanJson(['--jobs', jobs, 'signer.core', 'wide.raw'], { cwd })),
      );
      expect(two!.report.findings).toEqual(one!.report.findings);
    });
  });
});

describe('the text output', () => {
  test('names every verb, and every verb shows examples', async () => {
    const help = await runCli(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    const commands = /^Commands:\n((?: {2}.*\n)+)/m.exec(help.stdout)?.[1] ?? '';
    const verbs = [...commands.matchAll(/^ {2}(\w+)/gm)]
      .map(([, verb]) => verb!)
      .filter((verb) => verb !== 'help');
    expect(verbs).toEqual(expect.arrayContaining(['scan', 'rules']));
    for (const verb of verbs) {
      const { status, stdout } = await runCli([verb, '--help']);
      expect({ verb, status, example: stdout.match(/\$ .*dumpsieve (\w+)/)?.[1] }).toEqual({
        verb,
        status: 0,
        example: verb,
      });
    }
  });

  test('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(asset('package.json'), 'utf8'));
    expect(await runCli(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  const ESCAPE = '\u001b[';
  test.each([
    ['no colour into a pipe', {}, false],
    ['colour with FORCE_COLOR', { FORCE_COLOR: '1' }, true],
    ['no colour with NO_COLOR', { NO_COLOR: '1' }, false],
  ])('has %s', async (_, env, coloured) => {
    await withCauses(async (cwd) => {
      const { stdout, stderr } = await runCli(['scan', 'signer.core'], { cwd, env });
      expect({ coloured: stdout.includes(ESCAPE), stderr }).toEqual({ coloured, stderr: '' });
    });
  });

  test('names the secret, its place and the next steps', async () => {
    await withCauses(async (cwd) => {
      const { stdout } = await runCli(['scan', 'signer.core', 'idle.core'], { cwd });
      for (const word of ['signer.core', '0x', 'heap', 'GITHUB_TOKEN', 'x/32xb'])
        expect(stdout).toContain(word);
      expect(stdout.toLowerCase()).not.toMatch(/\bclean\b/);
    });
  });

  test('escapes control and bidirectional characters of a dump', async () => {
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'a\u001b[2J\u202eb.core'), fixtures['signer.core'].bytes);
      const { stdout, stderr } = await runCli(['scan', '.'], { cwd });
      expect(`${stdout}${stderr}`).not.toMatch(/\u001b|\u202e/);
      expect(stdout).toMatch(/a\S*\[2J\S*b\.core/);
    });
  });
});

describe('SIGINT and SIGTERM', () => {
  test.each([['SIGINT', 130] as const, ['SIGTERM', 143] as const])(
    '%s yields a partial report and status %d',
    async (signal, status) => {
      await withCauses(async (cwd) => {
        const input = new PassThrough();
        const run = startCli(['scan', '--format', 'json', 'signer.core', '-'], { cwd, input });
        input.write(Buffer.alloc(PIPE_FULL));
        await hasReadInput(run);
        run.child.kill(signal);
        const result = await run.result;
        input.destroy();
        expect(result).toMatchObject({ status, signal: null });
        const report = reportOf(result);
        expect(report.complete).toBe(false);
        expect(report.artifacts.map(({ path, format }) => `${path} ${format}`)).toEqual([
          'signer.core elf-core',
          '- not-opened',
        ]);
        expect(report.findings.filter((finding) => finding.counts).length).toBeGreaterThan(0);
      });
    },
  );
});

describe('reports', () => {
  test('of all formats are written in one run', async () => {
    await withCauses(async (cwd) => {
      const args = [
        '--output',
        'ndjson=a.ndjson',
        '--output',
        'json=b.json',
        '--output',
        'pretty=c.txt',
        '--quiet',
      ];
      const { status, stdout } = await runCli(['scan', ...args, 'signer.core'], { cwd });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      const written = readFileSync(join(cwd, 'a.ndjson'), 'utf8');
      validateText('ndjson', written);
      const events = written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(events.map(({ type }) => type)).toEqual([
        'run',
        'artifact',
        ...events.slice(2, -1).map(() => 'finding'),
        'summary',
      ]);
      const report = validateReport(JSON.parse(readFileSync(join(cwd, 'b.json'), 'utf8')));
      expect(events.slice(2, -1).map(({ type, ...finding }) => finding)).toEqual(report.findings);
      expect(readFileSync(join(cwd, 'c.txt'), 'utf8')).toContain('signer.core');
    });
  });
});
