import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { runCli, startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

const { bytes: core, tokens } = fixtureDumps().find(({ name }) => name === 'signer.core')!;
const secrets = Object.values(tokens);
const args = (folder: string, ...more: string[]) => [
  ...['redact', join(folder, 'dump'), '-o', join(folder, 'copy'), ...more],
];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('dumpsieve redact', () => {
  test('fills what it finds, and a scan of the copy finds nothing', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      const { status, stdout, stderr } = await runCli(args(folder));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(
        /^elf-core: filled [\d,]+ of [\d,]+ bytes\n {2}github-token: 1 place, 40 bytes\n/,
      );
      expect(stdout).toMatch(
        /\nscans of the filled dump until one found nothing: 1\na debugger prints .*\nsha256: /,
      );
      expect(stdout).toMatch(/\nsha256: [0-9a-f]{64}\nmanifest: .*\nnot signed: .*\n$/);
      expect(stdout).toContain(sha256(readFileSync(join(folder, 'copy'))));
      expect(await runCli(['scan', '--strict', '-q', join(folder, 'copy')])).toMatchObject({ status: 0 });
      const again = ['redact', join(folder, 'copy'), '-o', join(folder, 'again')];
      expect((await runCli(again)).stdout).toMatch(/^elf-core: nothing found, an equal copy/);
      expect(readFileSync(join(folder, 'again')).equals(readFileSync(join(folder, 'copy')))).toBe(true);
    }));

  test('leaves nothing unproven when it is killed', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      const started = performance.now();
      await runCli(args(folder, '--quiet'));
      const whole = performance.now() - started;
      const proven = readFileSync(join(folder, 'copy'));
      for (const share of [0.3, 0.6, 0.8, 0.9, 0.95]) {
        const output = join(folder, `copy-${share}`);
        const { child, result } = startCli(['redact', join(folder, 'dump'), '-o', output, '--quiet']);
        await sleep(whole * share);
        child.kill('SIGKILL');
        await result;
        if (existsSync(output)) expect(readFileSync(output).equals(proven)).toBe(true);
        for (const name of readdirSync(folder).filter((each) => each.startsWith('.dumpsieve-'))) {
          const left = readFileSync(join(folder, name));
          expect(secrets.some((secret) => left.includes(secret))).toBe(false);
        }
        expect(readFileSync(join(folder, 'dump')).equals(core)).toBe(true);
      }
    }));
});
