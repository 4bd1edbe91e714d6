import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pkcs8Pem } from '../../fixtures/keys.js';
import type { Finding } from '../../src/core/model/report.js';
import { runCli, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget } from '../support/processes.js';
import { PYTHON } from '../support/programs.js';
import { freshSecrets, writePem, writePrivate } from '../support/secrets.js';

/** Holds the contents of the files given, and a token in its environment. */
const HOLDER = `
import sys
held = [open(name).read() for name in sys.argv[1:]]
print('ready', flush=True)
sys.stdin.read()
`;

describeWith(['gdb', 'python3'], 'a baseline over cores of a program that runs again', () => {
  const secrets = freshSecrets();

  /** Starts the program again, dumps it and returns the path of the core. */
  async function core(folder: string, files: string[]): Promise<string> {
    const target = await startTarget(PYTHON, ['-c', HOLDER, ...files], {
      cwd: folder,
      env: { GITHUB_TOKEN: secrets.github },
      ready: 'ready',
    });
    try {
      return await gcore(target.pid, folder);
    } finally {
      await target.stop();
    }
  }

  const counting = (findings: Finding[]) => findings.filter((finding) => finding.counts);
  const addresses = (findings: Finding[]) =>
    Object.fromEntries(findings.map(({ fingerprint, location }) => [fingerprint, location.address]));

  test('suppresses known secrets at any address, counts one new key, and warns of proven keys', async () => {
    await withTempDir(async (cwd) => {
      writePem(cwd, 'rsa.pem', secrets.rsa);
      writePem(cwd, 'ec.pem', secrets.ec);
      writePrivate(cwd, 'rsa.pub', pkcs8Pem(secrets.rsa));
      const first = await core(cwd, ['rsa.pem']);
      const before = await scanJson(['--write-baseline', 'accepted.json', first], { cwd });
      const known = counting(before.report.findings);
      expect(known.map(({ kind }) => kind).sort()).toEqual(['private-key', 'token']);
      rmSync(first);

      const second = await core(cwd, ['rsa.pem']);
      const again = await scanJson(['--baseline', 'accepted.json', second], { cwd });
      expect({ status: again.status, counting: counting(again.report.findings) }).toEqual({
        status: 0,
        counting: [],
      });
      expect(again.report.summary.notCounted.baseline).toBe(2);
      const codes = again.report.summary.warnings.map(({ code }) => code);
      expect(codes).toEqual(['baseline-hides-proven-key']);
      const { fingerprint } = again.report.findings.find(({ kind }) => kind === 'private-key')!;
      expect(again.report.summary.warnings[0]?.message).toContain(fingerprint);
      // Equal secrets at other addresses.
      const [old, young] = [addresses(known), addresses(again.report.findings)];
      for (const print of Object.keys(old)) expect(young[print]).not.toBe(old[print]);
      rmSync(second);

      const third = await core(cwd, ['rsa.pem', 'ec.pem']);
      const more = await scanJson(['--baseline', 'accepted.json', third], { cwd });
      expect(more.status).toBe(1);
      expect(counting(more.report.findings).map(({ key }) => key?.curve)).toEqual(['P-256']);

      // The new key is suppressed: allowed by its public half, the rest by the baseline.
      const allow = ['--allow', 'ec.pem', '--baseline', 'accepted.json', '--quiet'];
      expect((await runCli(['scan', ...allow, third], { cwd })).status).toBe(0);
      rmSync(join(cwd, 'accepted.json'));
    });
  });
});
