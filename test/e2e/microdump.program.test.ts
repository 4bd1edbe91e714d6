import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { scanJson } from '../support/cli.js';

import { withTempDir } from '../support/folder.js';
import { describeWithSamples } from '../support/samples.js';
import { freshSecrets, writePrivate } from '../support/secrets.js';

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(16, '0');

describe('a microdump in a log', () => {
  test('yields the secrets of its stack, by address', async () => {
    const { github, rsa } = freshSecrets();
    const start = 0x7fe2ba6000;
    const stack = Buffer.alloc(8192);
    stack.write(github, 1000, 'latin1'); // across the end of a line
    const der = rsa.export({ type: 'pkcs1', format: 'der' });
    der.copy(stack, 3000);
    const lines = Array.from({ length: Math.ceil(stack.length / 384) }, (_, i) => {
      const bytes = stack
        .subarray(i * 384, (i + 1) * 384)
        .toString('hex')
        .toUpperCase();
      return `S ${hex(start + i * 384)} ${bytes}`;
    });
    const text = [
      '-----BEGIN BREAKPAD MICRODUMP-----',
      `S 0 ${hex(start + 16)} ${hex(start)} ${hex(stack.length)}`,
      ...lines,
      '-----END BREAKPAD MICRODUMP-----',
    ];
    await withTempDir(async (folder) => {
      const log = text.map((line) => `08-17 19:45:06.579 F/google-breakpad(25655): ${line}\n`).join('');
      const path = writePrivate(folder, 'logcat.txt', log);
      const { report, status } = await scanJson([path]);
      expect(status).toBe(1);
      expect(report.artifacts).toMatchObject([
        { path, format: 'breakpad-microdump', coverage: { file: { unread: [] } } },
        { path: `${path}!stack`, format: 'breakpad-microdump', warnings: [] },
      ]);
      // The hexadecimal text itself also contains pieces of the key: those have no address.
      const places = report.findings.map(({ kind, confidence, occurrences }) => {
        const whole = occurrences.filter(
          ({ artifact, component }) => artifact === 1 && component === undefined,
        );
        return {
          kind,
          confidence,
          places: whole.map(({ address, region }) => [Number(address), region.kind]),
        };
      });
      expect(places).toEqual([
        { kind: 'private-key', confidence: 'proven', places: [[start + 3000, 'stack']] },
        { kind: 'token', confidence: 'high', places: [[start + 1000, 'stack']] },
      ]);
    });
  });
});

describeWithSamples('microdumps of other programs', (samples) => {
  test('have no finding of severity medium or above', async () => {
    const { report } = await scanJson([join(samples, 'microdump')]);
    expect(report.artifacts).toHaveLength(4);
    expect(report.findings.filter(({ severity }) => !['info', 'low'].includes(severity))).toEqual([]);
  });
});
