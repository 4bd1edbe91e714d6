import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { pkcs8Pem } from '../../fixtures/keys.js';
import { hasReadInput, PIPE_FULL, runCli, scanJson, startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { freshSecrets } from '../support/secrets.js';

const { ec, ed25519, openssh, github, npm } = freshSecrets();

/** A dump with a key and a token. */
function withDump(body: (cwd: string) => Promise<void>): Promise<void> {
  return withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'dump'), `${pkcs8Pem(ec)}\0\0\0${github}\0`);
    await body(cwd);
  });
}

const encoded = Buffer.from(github).toString('base64');
const secretManifest = `apiVersion: v1\nkind: Secret\ndata:\n  t: ${encoded}\n`;

describe('--allow', () => {
  test.each<[string, string | Buffer, string[]]>([
    ['a private key', pkcs8Pem(ec), ['private-key']],
    ['a public key', createPublicKey(ec).export({ type: 'spki', format: 'pem' }) as string, ['private-key']],
    ['a JWKS', JSON.stringify({ keys: [ec.export({ format: 'jwk' })] }), ['private-key']],
    ['DER', ec.export({ type: 'sec1', format: 'der' }), ['private-key']],
    ['an .env', `# tokens\nexport GITHUB_TOKEN='${github}'\n`, ['token']],
    ['a Kubernetes Secret', secretManifest, ['token']],
    ['keys of others', `${pkcs8Pem(ed25519)}${openssh}`, []],
  ])('%s: the secrets in it do not count', async (_, contents, allowed) => {
    await withDump(async (cwd) => {
      writeFileSync(join(cwd, 'known'), contents);
      const { status, report } = await scanJson(['--allow', 'known', 'dump'], { cwd });
      const hidden = report.findings.filter(({ reason }) => reason === 'allowed').map(({ kind }) => kind);
      expect({ status, hidden }).toEqual({ status: 1, hidden: allowed });
    });
  });

  test('takes files that begin with a byte order mark', async () => {
    await withDump(async (cwd) => {
      writeFileSync(join(cwd, 'a'), `\ufeff${JSON.stringify({ keys: [ec.export({ format: 'jwk' })] })}`);
      writeFileSync(join(cwd, 'b'), `\ufeffT=${github}\n`);
      await runCli(['scan', '--write-baseline', 'c', 'dump'], { cwd });
      writeFileSync(join(cwd, 'c'), `\ufeff${readFileSync(join(cwd, 'c'), 'utf8')}`);
      for (const args of [['--allow=a', '--allow=b'], ['--baseline=c']])
        expect((await runCli(['scan', ...args, 'dump'], { cwd })).status).toBe(0);
    });
  });

  test('may be repeated; then no finding counts', async () => {
    await withDump(async (cwd) => {
      writeFileSync(join(cwd, 'a'), pkcs8Pem(ec));
      writeFileSync(join(cwd, 'b'), `T=${github}\n`);
      const { status, report } = await scanJson(['--allow=a', '--allow=b', 'dump'], { cwd });
      expect({ status, counted: report.summary.notCounted }).toEqual({ status: 0, counted: { allowed: 2 } });
    });
  });
});

describe('a wrong call is exit 3, before anything is read', () => {
  test.each<[string, string[], string]>([
    ['a baseline that is missing', ['--baseline', 'none'], 'baseline-unreadable'],
    ['a baseline that is a folder', ['--baseline', '.'], 'baseline-unreadable'],
    ['a baseline that is no baseline', ['--baseline', 'dump'], 'baseline-invalid'],
    ['an allow list that is missing', ['--allow', 'none'], 'allow-unreadable'],
    ['an allow list that holds nothing', ['--allow', 'empty'], 'known-secrets-unreadable'],
    ['a folder that is missing', ['--write-baseline', 'none/b.json'], 'baseline-not-writable'],
    ['a dump as the file for the next baseline', ['--write-baseline', 'dump'], 'output-is-read'],
  ])('%s', async (_, args, code) => {
    await withDump(async (cwd) => {
      writeFileSync(join(cwd, 'empty'), '');
      const before = readFileSync(join(cwd, 'dump'));
      const { status, stdout, stderr } = await runCli(['scan', ...args, 'dump'], { cwd });
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr).toContain(code);
      expect(stderr).not.toContain(github.slice(8));
      expect(readFileSync(join(cwd, 'dump'))).toEqual(before);
    });
  });
});

describe('--write-baseline', () => {
  const entries = (cwd: string): { fingerprint: string }[] =>
    JSON.parse(readFileSync(join(cwd, 'b.json'), 'utf8')).entries;

  test('writes a file that --baseline accepts, without secrets and places', async () => {
    await withDump(async (cwd) => {
      expect((await runCli(['scan', '--write-baseline', 'b.json', 'dump'], { cwd })).status).toBe(1);
      const text = readFileSync(join(cwd, 'b.json'), 'utf8');
      expect(text).not.toMatch(/dump|offset|0x/);
      expect(text).not.toContain(github.slice(8));
      expect((await runCli(['scan', '--baseline', 'b.json', 'dump'], { cwd })).status).toBe(0);
    });
  });

  test('again: the same bytes; notes written by people are kept, also without --baseline', async () => {
    await withDump(async (cwd) => {
      const write = ['scan', '--exit-zero', '--write-baseline', 'b.json', 'dump'];
      await runCli(write, { cwd });
      const noted = entries(cwd).map((entry) => ({ ...entry, reason: 'rotated', owner: 'ops' }));
      writeFileSync(join(cwd, 'b.json'), JSON.stringify({ schemaVersion: 1, entries: noted }));
      await runCli(write, { cwd });
      const once = readFileSync(join(cwd, 'b.json'), 'utf8');
      expect(entries(cwd)).toMatchObject([{ reason: 'rotated' }, { reason: 'rotated' }]);
      await runCli([...write, '--baseline', 'b.json'], { cwd });
      expect(readFileSync(join(cwd, 'b.json'), 'utf8')).toBe(once);
    });
  });

  test('masks a secret in a reason, an owner or an expiry, wherever it is shown', async () => {
    await withDump(async (cwd) => {
      await runCli(['scan', '--write-baseline', 'b.json', 'dump'], { cwd });
      const noted = entries(cwd).map((entry) => ({
        ...entry,
        reason: `known\n(${github})`,
        owner: `ops ${npm}`,
        expires: '2020-01-01',
      }));
      writeFileSync(join(cwd, 'a.json'), JSON.stringify({ schemaVersion: 1, entries: noted }));
      const args = ['scan', '--baseline', 'a.json', '--write-baseline', 'b.json', 'dump'];
      for (const format of ['pretty', 'json', 'sarif', 'markdown', 'junit', 'ndjson']) {
        const { stdout, stderr } = await runCli([...args, '--format', format], { cwd });
        for (const secret of [github, npm]) expect(`${stdout}${stderr}`).not.toContain(secret.slice(8));
      }
      expect(entries(cwd)).toMatchObject(
        Array(2).fill({ reason: 'known\n([masked: github-token])', owner: 'ops [masked: npm-token]' }),
      );
      const [first] = noted;
      const odd = [{ ...first, expires: '2020-01-01 (hunter2hunter2)' }];
      writeFileSync(join(cwd, 'a.json'), JSON.stringify({ schemaVersion: 1, entries: odd }));
      const { status, stderr } = await runCli(args, { cwd });
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('is not a date') });
      expect(stderr).not.toContain('hunter2');
    });
  });

  test('writes through a link, and leaves no other file', async () => {
    await withDump(async (cwd) => {
      mkdirSync(join(cwd, 'real'));
      writeFileSync(join(cwd, 'real', 'b.json'), '{"schemaVersion":1,"entries":[]}');
      symlinkSync(join('real', 'b.json'), join(cwd, 'b.json'));
      await runCli(['scan', '--write-baseline', 'b.json', 'dump'], { cwd });
      expect(JSON.parse(readFileSync(join(cwd, 'real', 'b.json'), 'utf8')).entries).toHaveLength(2);
    });
  });

  test('an expired entry counts again and is reported', async () => {
    await withDump(async (cwd) => {
      await runCli(['scan', '--write-baseline', 'b.json', 'dump'], { cwd });
      const old = entries(cwd).map((entry) => ({ ...entry, expires: '2020-01-01' }));
      writeFileSync(join(cwd, 'b.json'), JSON.stringify({ schemaVersion: 1, entries: old }));
      const { status, report } = await scanJson(['--baseline', 'b.json', 'dump'], { cwd });
      expect(status).toBe(1);
      expect(report.summary.warnings.map(({ code }) => code)).toEqual([
        'baseline-expired',
        'baseline-expired',
      ]);
    });
  });

  test.each<[string, string[], number]>([
    ['a file is missing', ['missing'], 2],
    ['nothing was there to scan', ['empty'], 0],
    ['the file has no byte', ['zero'], 2],
  ])('forgets nothing where %s, and says so', async (_, paths, exit) => {
    await withDump(async (cwd) => {
      mkdirSync(join(cwd, 'empty'));
      writeFileSync(join(cwd, 'zero'), '');
      await runCli(['scan', '--write-baseline', 'b.json', 'dump'], { cwd });
      const noted = entries(cwd).map((entry) => ({ ...entry, reason: 'rotated' }));
      writeFileSync(join(cwd, 'b.json'), JSON.stringify({ schemaVersion: 1, entries: noted }));
      const { status, report } = await scanJson(['--write-baseline', 'b.json', ...paths], { cwd });
      expect({ status, entries: entries(cwd) }).toEqual({ status: exit, entries: noted });
      expect(report.summary.warnings.map(({ code }) => code)).toContain('baseline-kept');
      writeFileSync(join(cwd, 'dump'), 'nothing of it is left');
      await runCli(['scan', '--write-baseline', 'b.json', 'dump'], { cwd });
      expect(entries(cwd)).toEqual([]);
    });
  });

  test('is not written if the scan was stopped', async () => {
    await withDump(async (cwd) => {
      const input = new PassThrough();
      const args = ['scan', '--format', 'json', '--write-baseline', 'b.json', 'dump', '-'];
      const run = startCli(args, { cwd, input });
      input.write(npm);
      input.write(Buffer.alloc(PIPE_FULL));
      await hasReadInput(run);
      run.child.kill('SIGTERM');
      const { status, stdout } = await run.result;
      input.destroy();
      expect(status).toBe(143);
      const codes = JSON.parse(stdout).summary.warnings.map(({ code }: { code: string }) => code);
      expect(codes).toContain('baseline-not-written');
      expect(existsSync(join(cwd, 'b.json'))).toBe(false);
    });
  });
});

describe('--hash', () => {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

  test('adds the SHA-256 of each file and of its unpacked contents', async () => {
    await withTempDir(async (cwd) => {
      const inner = Buffer.alloc(3 * 2 ** 20 + 77, 'dump');
      const outer = gzipSync(inner);
      writeFileSync(join(cwd, 'core.gz'), outer);
      writeFileSync(join(cwd, 'none'), '');
      const { report } = await scanJson(['--hash', 'core.gz', 'none'], { cwd });
      const hashes = Object.fromEntries(report.artifacts.map(({ size, sha256: hash }) => [size, hash]));
      expect(hashes).toEqual({
        [outer.length]: sha256(outer),
        [inner.length]: sha256(inner),
        0: sha256(Buffer.alloc(0)),
      });
    });
  });

  test('is absent without the option', async () => {
    await withDump(async (cwd) => {
      const { report } = await scanJson(['dump'], { cwd });
      expect(report.artifacts[0]).not.toHaveProperty('sha256');
    });
  });
});
