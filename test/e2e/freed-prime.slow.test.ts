import { createPublicKey, type KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parts } from '../search/harness.js';
import { LAYOUTS } from '../search/memory.js';
import { rsaFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { writePrivate } from '../support/secrets.js';
import { dumpFreed } from './holders/freed-prime.js';

const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

describeWith(['gcc', 'gdb'], 'a prime in a freed block', () => {
  test.each([
    [2048, 'limbs-le'],
    [2048, 'bytes-be'],
    [4096, 'limbs-le'],
    [4096, 'bytes-be'],
  ])('of an RSA key of %d bits, as %s, yields the target', async (bits, layout) => {
    await withTempDir(async (folder) => {
      const key = rsaFrom('freed', bits);
      const number = LAYOUTS[layout]!(parts(key).p!);
      const core = await dumpFreed(folder, number);
      writePrivate(folder, 'key.pub', publicPem(key));
      const { status, report } = await scanJson(['--find', 'key.pub', core], { cwd: folder });
      expect(status).toBe(1);
      expect(report.find[0]?.results.map((each) => each.status)).toEqual(['present']);
      const [finding, ...more] = report.findings.filter(({ counts }) => counts);
      expect(more).toEqual([]);
      expect(finding).toMatchObject({
        confidence: 'proven',
        occurrences: [
          {
            component: 'p',
            encoding: layout,
            partial: true,
            length: number.length - 16,
            region: { kind: 'heap' },
          },
        ],
      });
      expect(JSON.stringify(finding)).toContain('the first 16 bytes of p are lost and were computed');
    });
  });
});
